package origin_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

// stricter lists the pairs of address and pattern that we refuse and the
// reference takes, each with the reason.
var stricter = map[[2]string]string{
	{"file://trusted.com/x", "*"}:             "a file has no origin",
	{"https://xn--trusted-.com", "*"}:         "not Punycode of anything; the current URL standard refuses it too",
	{"https://xn--trusted-.com", "https://*"}: "as above",
}

// TestMatchAgreesWithReference holds every pair of address and pattern in
// the two files, more than 17 000 of them, against what the reference's own
// function said (better-auth 1.7.25, Node 20).
func TestMatchAgreesWithReference(t *testing.T) {
	for _, file := range []string{"testdata/matches.json", "testdata/globs.json"} {
		t.Run(file, func(t *testing.T) { agree(t, file) })
	}
}

func agree(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var data struct {
		Patterns []string
		Rows     []struct {
			URL      string
			Relative bool
			Matches  []int // indices of Patterns
		}
	}
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	for _, row := range data.Rows {
		for i, pattern := range data.Patterns {
			want := slices.Contains(row.Matches, i)
			if _, refused := stricter[[2]string{row.URL, pattern}]; refused {
				want = false
			}
			if got := origin.Match(row.URL, pattern, row.Relative); got != want {
				t.Errorf("Match(%q, %q, %v) = %v, want %v", row.URL, pattern, row.Relative, got, want)
			}
		}
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.All(t, "origin-") {
		var in struct {
			URL, Pattern       string
			AllowRelativePaths bool
		}
		var want struct{ Match bool }
		v.Decode(t, &in, &want)
		if got := origin.Match(in.URL, in.Pattern, in.AllowRelativePaths); got != want.Match {
			t.Errorf("%s: Match(%q, %q, %v) = %v", v.ID, in.URL, in.Pattern, in.AllowRelativePaths, got)
		}
	}
}

// TestRedirectCannotLeave is rows 1 to 4 and 6 of the attack list.
func TestRedirectCannotLeave(t *testing.T) {
	trusted := origin.Compile("https://trusted.com", "https://*.trusted.com", "*.trusted.com", "myapp://callback")
	for _, url := range []string{
		"//evil.com", `/\evil.com`, `\\evil.com`, "/%5cevil.com", "/%2f%2fevil.com", "/\t/evil.com", "/a%2F..%2F/evil.com",
		" //evil.com", "\x00//evil.com", "https://trusted.com.evil.com", "https://eviltrusted.com",
		"https://trusted.com@evil.com", "https://trusted.com%40evil.com", "https://evil.com#trusted.com",
		"https://evil.com#.trusted.com", "https://trusted.com:443@evil.com", `https://evil.com\.trusted.com`,
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://a.trusted.com@x/%0aalert(1)", "data:text/html,x", "vbscript:x",
		"blob:https://trusted.com/x", "myapp://callback.attacker.tld", "myapp://callback@attacker.tld", "null", "",
	} {
		if trusted.Match(url, true) {
			t.Errorf("%q is trusted", url)
		}
	}
	for _, url := range []string{"/", "/dash?next=//x", "https://trusted.com/x", "https://a.b.trusted.com", "myapp://callback/x"} {
		if !trusted.Match(url, true) {
			t.Errorf("%q is not trusted", url)
		}
	}
	if (origin.Trusted{}).Match("/dash", false) || !(origin.Trusted{}).Match("/dash", true) {
		t.Error("a relative path depends on allowRelative alone")
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://a.trusted.com:8443/x", "https://*.trusted.com:*"}, {"http://0x7f.1", "127.*"}, {"exp://a/--/b", "exp://*/--/?"},
		{"https://[::ffff:1.2.3.4]", "*"}, {"https://xn--a.b", "https://xn--a.b"}, {"/%5c", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, url, pattern string) {
		origin.Match(url, pattern, true)
		if origin.Match(url, pattern, false) && url[0] == '/' {
			t.Errorf("relative %q matches", url)
		}
	})
}
