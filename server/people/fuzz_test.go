package people_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/server/people"
)

// Whatever a file holds: no panic, rows that count up, and nothing admitted
// that a store could not keep.
func FuzzFiles(f *testing.F) {
	for _, seed := range []string{
		"email,name\nada@example.com,'=1\n", "email\n\"", "email,accounts\na@b.de,[{}]\n",
		`{"email":"ada@example.com","tags":["\u0000"],"age":1e999}`, "{}\n\n[]", "\xEF\xBB\xBFemail\r\n\xff\r\n",
	} {
		f.Add([]byte(seed))
	}
	house := newHouse(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		sources := []people.Source{people.JSONLines(house, bytes.NewReader(text))}
		if source, err := people.CSV(house, bytes.NewReader(text)); err == nil {
			sources = append(sources, source)
		}
		for _, source := range sources {
			last := 0
			for {
				row, err := source.Next()
				if err != nil {
					break
				}
				if row.Number <= last {
					t.Fatalf("row %d after %d", row.Number, last)
				}
				last = row.Number
				kept := row.Email + row.Name + row.ID
				if row.Refusal == "" && (row.Email == "" || !utf8.ValidString(kept) || strings.Contains(kept, "\x00")) {
					t.Fatalf("admitted %+v", row)
				}
			}
		}
	})
}
