package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// table prints rows under a head, in columns.
func (c *console) table(head []string, rows [][]string) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, row := range rows {
		for i := range row {
			row[i] = printable(row[i])
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// did says what was done: in words, or as JSON of what it was done to.
func (c *console) did(asJSON bool, to any, words string, args ...any) error {
	if asJSON {
		return c.json(to)
	}
	_, err := fmt.Fprintf(c.out, words+"\n", args...)
	return err
}

// json prints any value, indented.
func (c *console) json(value any) error {
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printable makes a text that a stranger chose safe for a terminal: no
// escape sequences, no line breaks, nothing invisible, at most 60 characters.
func printable(text string) string {
	var b strings.Builder
	count := 0
	for _, r := range text {
		if count++; count > 60 {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return b.String()
}

// moment is a time in a table.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

func orDash(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}
