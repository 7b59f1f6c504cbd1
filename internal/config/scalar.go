package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// scalar writes one word. Its error says what was expected and what was found.
func (d *decoder) scalar(n *node, v reflect.Value, k kind, secret bool) error {
	switch k {
	case boolKind:
		return setBool(n, v, secret)
	case intKind:
		return setInt(n, v, secret)
	case floatKind:
		return setFloat(n, v, secret)
	case durationKind:
		return setDuration(n, v, secret)
	}
	if n.shape != text && n.shape != raw {
		return expectText(n, secret)
	}
	value, err := expand(n.text, d.dir)
	if err != nil {
		return err
	}
	if k == textKind {
		return setText(value, v, secret)
	}
	if e, ok := v.Interface().(enum); ok && !slices.Contains(e.Options(), value) {
		return expectOneOf(e.Options(), value, secret)
	}
	v.SetString(value)
	return nil
}

func expectText(n *node, secret bool) error {
	if n.shape == list || n.shape == mapping {
		return fmt.Errorf("expected text, found %s", n.found(secret))
	}
	return fmt.Errorf("expected text, found %s: put it in quotes", n.found(secret))
}

func expectOneOf(options []string, value string, secret bool) error {
	message := "expected " + expectation(options)
	if !secret {
		message += ", found" + quoted(value, false)
	}
	if near := nearest(value, options); near != "" {
		message += ": did you mean " + near + "?"
	}
	return errors.New(message)
}

func expectation(options []string) string { return "one of " + strings.Join(options, ", ") }

func setText(value string, v reflect.Value, secret bool) error {
	err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(value))
	return withoutValue(err, secret)
}

// withoutValue hides the text of a foreign error about a secret: it may quote it.
func withoutValue(err error, secret bool) error {
	if err == nil || !secret {
		return err
	}
	return errors.New("the value cannot be used")
}

func setBool(n *node, v reflect.Value, secret bool) error {
	is := strings.ToLower(n.text)
	if n.shape != boolean && n.shape != raw || is != "true" && is != "false" {
		return fmt.Errorf("expected true or false, found %s", n.found(secret))
	}
	v.SetBool(is == "true")
	return nil
}

func setInt(n *node, v reflect.Value, secret bool) error {
	number := n.number
	if n.shape == raw {
		if whole, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			number = whole
		} else if large, err := strconv.ParseUint(n.text, 10, 64); err == nil {
			number = large
		}
	}
	switch whole := number.(type) {
	case int64:
		return setWhole(v, whole, n, secret)
	case uint64:
		if whole <= math.MaxInt64 {
			return setWhole(v, int64(whole), n, secret)
		}
		if !v.CanUint() || v.OverflowUint(whole) {
			return outOfRange(v, n, secret)
		}
		v.SetUint(whole)
		return nil
	}
	return fmt.Errorf("expected a whole number, found %s", n.found(secret))
}

func setWhole(v reflect.Value, whole int64, n *node, secret bool) error {
	switch {
	case v.CanInt() && !v.OverflowInt(whole):
		v.SetInt(whole)
	case v.CanUint() && whole >= 0 && !v.OverflowUint(uint64(whole)):
		v.SetUint(uint64(whole))
	default:
		return outOfRange(v, n, secret)
	}
	return nil
}

func outOfRange(v reflect.Value, n *node, secret bool) error {
	least, most := "0", strconv.FormatUint(math.MaxUint64>>(64-v.Type().Bits()), 10)
	if v.CanInt() {
		least = strconv.FormatInt(math.MinInt64>>(64-v.Type().Bits()), 10)
		most = strconv.FormatInt(math.MaxInt64>>(64-v.Type().Bits()), 10)
	}
	return fmt.Errorf("expected a whole number from %s to %s, found %s", least, most, n.found(secret))
}

func setFloat(n *node, v reflect.Value, secret bool) error {
	var number float64
	switch n.shape {
	case integer, floating:
		number = reflect.ValueOf(n.number).Convert(reflect.TypeFor[float64]()).Float()
	case raw:
		parsed, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			return fmt.Errorf("expected a number, found %s", n.found(secret))
		}
		number = parsed
	default:
		return fmt.Errorf("expected a number, found %s", n.found(secret))
	}
	if math.IsInf(number, 0) || math.IsNaN(number) || v.OverflowFloat(number) {
		return fmt.Errorf("%s is out of range", n.found(secret))
	}
	v.SetFloat(number)
	return nil
}

func setDuration(n *node, v reflect.Value, secret bool) error {
	if n.shape != integer && n.shape != floating && n.shape != text && n.shape != raw {
		return fmt.Errorf("%w, found %s", errDuration, n.found(secret))
	}
	var number any = n.text
	if n.shape == integer || n.shape == floating {
		number = n.number // 1_000 and 0x10 are numbers too
	}
	d, err := ParseDuration(fmt.Sprint(number))
	if err != nil {
		return fmt.Errorf("%w, found %s", err, n.found(secret))
	}
	v.SetInt(int64(d))
	return nil
}
