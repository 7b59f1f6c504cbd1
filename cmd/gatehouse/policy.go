package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/server"
)

type policyCommand struct {
	Show showPolicyCommand `cmd:"" help:"Print the rules in force for registration, passwords, sessions, fresh proofs and lockout."`
}

type showPolicyCommand struct {
	JSON bool `help:"Print JSON; times are in seconds."`
}

// Run prints every rule with its default filled in.
func (s *showPolicyCommand) Run(ctx context.Context, c *console) error {
	return c.manage(ctx, func(h *server.House) error {
		policies, err := h.Policies(ctx)
		if err != nil {
			return err
		}
		if s.JSON {
			return c.json(policies)
		}
		text, err := json.Marshal(policies)
		if err != nil {
			return err
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &tree); err != nil {
			return err
		}
		var rows [][]string
		for _, part := range []string{"registration", "password", "session", "stepUp", "lockout"} {
			rows = append(rows, ruleRows(part, tree[part])...)
		}
		return c.table([]string{"RULE", "IN FORCE"}, rows)
	})
}

// ruleRows are the lines of a part of the policies. An item of a list that has
// a name of its own is a part.
func ruleRows(name string, rule any) [][]string {
	switch rule := rule.(type) {
	case map[string]any:
		var rows [][]string
		for _, key := range slices.Sorted(maps.Keys(rule)) {
			rows = append(rows, ruleRows(name+"."+key, rule[key])...)
		}
		return rows
	case []any:
		var rows [][]string
		var texts []string
		for _, item := range rule {
			if part, named := nameOf(item); named != "" {
				rows = append(rows, ruleRows(name+"."+named, part)...)
			} else {
				texts = append(texts, fmt.Sprint(item))
			}
		}
		if rows != nil {
			return rows
		}
		return [][]string{{name, orNone(strings.Join(texts, ", "))}}
	case float64:
		text := strconv.FormatFloat(rule, 'f', -1, 64)
		short, isTime := strings.CutSuffix(name, "Seconds")
		switch {
		case rule == 0:
			text = ""
		case isTime:
			text = (time.Duration(rule) * time.Second).String()
		}
		return [][]string{{short, orNone(text)}}
	case bool:
		return [][]string{{name, map[bool]string{true: "yes", false: "no"}[rule]}}
	case nil:
		return [][]string{{name, "off"}}
	}
	return [][]string{{name, orNone(fmt.Sprint(rule))}}
}

// nameOf is the name of an item of a list, and the rest of it.
func nameOf(item any) (rest map[string]any, name string) {
	rest, _ = item.(map[string]any)
	for _, key := range []string{"role", "operation"} {
		if text, ok := rest[key].(string); ok {
			delete(rest, key)
			return rest, text
		}
	}
	return nil, ""
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
