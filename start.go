package gatehouse

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"time"
	"unicode"
)

// recordStart puts the configuration in force into the audit log, so that a
// change of it is seen by comparing one start with the next.
func (a *App) recordStart(ctx context.Context) error {
	if a.auditor == nil {
		return nil
	}
	described := a.config.Described
	if described == nil {
		described = a.config
	}
	return a.Record(ctx, Event{Action: "app.start", Actor: System, TargetType: "app", Target: a.baseURL, Details: map[string]any{
		"plugins": a.pluginIDs, "options": describe(described),
	}})
}

// describe lists the options that are set, as "session.expiresIn=168h0m0s".
// Options tagged secret are named without their value; functions, and what
// configuration files cannot say (option:"-"), are left out.
func describe(options any) []string {
	lines := []string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if !v.IsValid() || v.IsZero() {
			return
		}
		if d, ok := v.Interface().(time.Duration); ok {
			lines = append(lines, path+"="+d.String())
			return
		}
		switch v.Kind() {
		case reflect.Pointer:
			if v.Elem().Kind() == reflect.Struct {
				lines = append(lines, path+"=on")
				walk(path, v.Elem())
				return
			}
			lines = append(lines, fmt.Sprintf("%s=%v", path, v.Elem().Interface()))
		case reflect.Struct:
			eachOption(v, func(name string, secret bool, field reflect.Value) {
				switch under := join(path, name); {
				case !secret:
					walk(under, field)
				case !field.IsZero():
					lines = append(lines, under+"=…")
				}
			})
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(join(path, fmt.Sprint(key.Interface())), v.MapIndex(key))
			}
		case reflect.Func, reflect.Interface, reflect.Chan:
		default:
			lines = append(lines, fmt.Sprintf("%s=%v", path, v.Interface()))
		}
	}
	walk("", reflect.ValueOf(options))
	sort.Strings(lines)
	return lines
}

func eachOption(v reflect.Value, do func(name string, secret bool, field reflect.Value)) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, given := field.Tag.Lookup("option")
		switch {
		case !field.IsExported() || name == "-":
			continue
		case field.Anonymous:
			name = ""
		case !given:
			name = lowerFirst(field.Name)
		}
		do(name, field.Tag.Get("secret") == "true", v.Field(i))
	}
}

// lowerFirst is baseURL for BaseURL and ipAddress for IPAddress.
func lowerFirst(name string) string {
	runes := []rune(name)
	for i := range runes {
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) || unicode.IsLower(runes[i]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}

func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}
