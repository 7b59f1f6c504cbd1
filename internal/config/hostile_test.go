package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

// A small document must not become a large one, nor a deep one end the process.
func TestHostileDocuments(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"billion laughs", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "1:4: anchors (&) are not supported here"},
		{"brackets", strings.Repeat("[", 1<<19), "1:101: nested deeper than 100 levels"},
		{"braces", strings.Repeat("{a: ", 1<<18), "1:401: nested deeper than 100 levels"},
		{"dashes", strings.Repeat("- ", 1<<19), "1:201: nested deeper than 100 levels"},
		{"options", strings.Repeat("k: v\n", 10_001), "10001:2: more than 10000 options"},
		{"indentation", stairs(300), "202:202: nested deeper than 100 levels"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := config.Decode([]byte(tt.src), "", &Shop{})
			if err == nil || err.Error() != "line "+tt.want {
				t.Errorf("Decode: %v, want: line %s", err, tt.want)
			}
		})
	}
}

func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"appName: x", `{"mail":{"port":1}}`, "secrets: [{version: 1}]", "a: &a [*a]", "- - - x", "? a\n: b",
		"session: {expiresIn: 1d}", "kind: [a, {b: c}]", "|\n x", "\"\\ud800\"", "rules: {/a: false}", "%A\n---\n", "a: b: c", "'",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var got Shop
		err := config.Decode(src, "f", &got)
		var all *config.Errors
		if err != nil && (!errors.As(err, &all) || len(all.List) == 0) {
			t.Fatalf("Decode(%q): %T %v, want *config.Errors with a list", src, err, err)
		}
		if err != nil {
			return
		}
		// What was read is printed so that it reads the same.
		printed := config.Print(&got, nil)
		var again Shop
		if err := config.Decode(printed, "f", &again); err != nil {
			t.Fatalf("Decode(%q) printed\n%s\nwhich cannot be read: %v", src, printed, err)
		}
		for _, shop := range []*Shop{&got, &again} { // what is not printed
			shop.Secret = ""
			if shop.Mail != nil {
				shop.Mail.Password = ""
			}
			for i := range shop.Secrets {
				shop.Secrets[i].Value = ""
			}
		}
		if diff := cmp.Diff(got, again, compare, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("Decode(%q) printed\n%s\nwhich reads (-first +again)\n%s", src, printed, diff)
		}
	})
}
