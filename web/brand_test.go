package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/web"
)

func TestBrandIsChecked(t *testing.T) {
	for _, tt := range []struct {
		name  string
		brand web.Brand
		want  string // in the error; "": none
	}{
		{"nothing", web.Brand{}, ""},
		{"our own", web.Brand{Accent: "#2750c7", AccentDark: "#7ca2f6"}, ""},
		{"three digits", web.Brand{Accent: "#06c"}, ""},
		{"no colour", web.Brand{Accent: "blue"}, `brand.accent "blue" is not a colour such as #2750c7`},
		{"a style", web.Brand{Accent: "#fff;}*{x:url(//evil)"}, "is not a colour"},
		{"too light", web.Brand{Accent: "#ffcc00"}, "brand.accent #ffcc00 has a contrast of 1.4 to #f1f2f6, the pages' ground, and text needs 4.5: the nearest colour that has it is #876b03"},
		{"white", web.Brand{Accent: "#fff"}, "the nearest colour that has it is #6"},
		{"too dark for dark pages", web.Brand{Accent: "#2750c7", AccentDark: "#2750c7"}, "brand.accentDark #2750c7 has a contrast of 2.4 to #1d2027, the pages' ground, and text needs 4.5: the nearest colour that has it is #4f80fb"},
		{"dark alone", web.Brand{AccentDark: "#7ca2f6"}, "brand.accentDark is set without brand.accent"},
		{"logo", web.Brand{Logo: "https://cdn.example.com/logo.svg", LogoDark: "/logo-dark.svg"}, ""},
		{"logo in the clear", web.Brand{Logo: "http://cdn.example.com/logo.svg"}, "brand.logo"},
		{"logo of no scheme", web.Brand{Logo: "//cdn.example.com/logo.svg"}, "brand.logo"},
		{"logo that breaks the policy", web.Brand{Logo: "https://a.example;script-src *"}, "brand.logo"},
		{"logo that adds to the policy", web.Brand{Logo: "https://a.example;sandbox/x.svg"}, "brand.logo"},
		{"links", web.Brand{Terms: "https://example.com/terms", Privacy: "/privacy", Support: "mailto:help@example.com"}, ""},
		{"a script", web.Brand{Terms: "javascript:alert(1)"}, "brand.terms"},
		{"a backslash", web.Brand{Privacy: `/\evil.com`}, "brand.privacy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.brand.Check()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestNearestColourPasses: whatever is refused, the colour that the error names
// is taken, on light and on dark pages.
func TestNearestColourPasses(t *testing.T) {
	named := regexp.MustCompile(`colour that has it is (#[0-9a-f]{6})`)
	tried := 0
	for value := 0; value <= 0xffffff; value += 0x01234d {
		for _, dark := range []bool{false, true} {
			brand := web.Brand{Accent: fmt.Sprintf("#%06x", value)}
			if dark {
				brand = web.Brand{Accent: "#000", AccentDark: brand.Accent}
			}
			err := brand.Check()
			if err == nil {
				continue
			}
			tried++
			colour := named.FindStringSubmatch(err.Error())[1]
			if dark {
				brand.AccentDark = colour
			} else {
				brand.Accent = colour
			}
			if err := brand.Check(); err != nil {
				t.Error(err)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d colours were refused", tried)
	}
}
