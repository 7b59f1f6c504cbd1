package cookie_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/internal/cookie"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

type attributes struct {
	MaxAge                        *int
	Path, Domain, SameSite        string
	HTTPOnly, Secure, Partitioned bool
}

func (a attributes) of() cookie.Attributes {
	return cookie.Attributes{MaxAge: a.MaxAge, Path: a.Path, Domain: a.Domain, SameSite: a.SameSite,
		HTTPOnly: a.HTTPOnly, Secure: a.Secure, Partitioned: a.Partitioned}
}

func TestSignedCookieVectors(t *testing.T) {
	for _, v := range append(vectors.All(t, "signed-cookie-"), vectors.All(t, "cookie-secure-domain")...) {
		var in struct {
			Name, Value, Secret string
			Attributes          attributes
		}
		var want struct{ SetCookie, Signature string }
		v.Decode(t, &in, &want)
		signed := cookie.Sign(in.Secret, in.Value)
		if want.Signature != "" && signed != in.Value+"."+want.Signature {
			t.Errorf("%s: signed %q", v.ID, signed)
		}
		got := cookie.Cookie{Name: in.Name, Value: signed, Attributes: in.Attributes.of()}.String()
		if got != want.SetCookie {
			t.Errorf("%s:\ngot  %s\nwant %s", v.ID, got, want.SetCookie)
		}
		pair, _, _ := strings.Cut(got, ";")
		received, ok := cookie.Parse(pair).First(in.Name)
		if value, valid := cookie.Verify(in.Secret, received); !ok || !valid || value != in.Value {
			t.Errorf("%s: reads back as %q, %v", v.ID, value, valid)
		}
	}
}

func TestExpireVector(t *testing.T) {
	for _, v := range vectors.All(t, "cookie-expire") {
		var in struct {
			Name       string
			Attributes attributes
		}
		var want struct{ SetCookie string }
		v.Decode(t, &in, &want)
		c := cookie.Cookie{Name: in.Name, Value: "old", Attributes: in.Attributes.of()}
		c.MaxAge = cookie.Seconds(300)
		if got := c.Expired().String(); got != want.SetCookie {
			t.Errorf("got %s, want %s", got, want.SetCookie)
		}
	}
}

func TestParseVectors(t *testing.T) {
	for _, v := range vectors.All(t, "parse-cookies-") {
		var in struct{ Header string }
		var want map[string]string
		v.Decode(t, &in, &want)
		jar, got := cookie.Parse(in.Header), map[string]string{}
		for _, name := range jar.Names() {
			got[name], _ = jar.Last(name)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", v.ID, got, want)
		}
	}
}

// TestForgedCookies is row 25 of the attack list.
func TestForgedCookies(t *testing.T) {
	const secret = "gatehouse-spec-secret-0123456789abcdefghijklmnop"
	good := cookie.Sign(secret, "token")
	signature := good[len("token."):]
	for name, forged := range map[string]string{
		"other value":         "tokem." + signature,
		"signature of other":  "token." + cookie.Sign(secret, "tokem")[6:],
		"other secret":        cookie.Sign(secret+"x", "token"),
		"cut":                 good[:len(good)-1],
		"cut in front":        "token." + signature[1:],
		"extended":            good + "=",
		"no signature":        "token.",
		"no dot":              "token",
		"no value":            "." + signature,
		"empty":               "",
		"base64url":           strings.NewReplacer("+", "-", "/", "_").Replace(cookie.Sign(secret, "v3"))[:0] + "v3." + strings.Repeat("-", 43) + "=",
		"double encoded":      "token." + cookie.Escape(signature),
		"last bits not zero":  "token." + lastBits(signature),
		"space in signature":  "token." + " " + signature[1:],
		"NUL behind":          good + "\x00",
		"value with a dot":    "to.ken." + signature,
		"signature twice":     good + "." + signature,
		"upper-case variants": "token." + strings.ToUpper(signature),
	} {
		if value, ok := cookie.Verify(secret, forged); ok || value != "" {
			t.Errorf("%s: %q passes as %q", name, forged, value)
		}
	}
	if value, ok := cookie.Verify(secret, cookie.Sign(secret, "a.b.c")); !ok || value != "a.b.c" {
		t.Errorf("a value with dots reads as %q, %v", value, ok)
	}
}

// lastBits spells the same 32 bytes with the unused bits of base64 set.
func lastBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.IndexByte(alphabet, signature[42])
	return signature[:42] + alphabet[i|1:i|1+1] + "="
}

func TestFirstAndLast(t *testing.T) {
	for _, tt := range []struct {
		header, first, last string
	}{
		{"s=1", "1", "1"},
		{"s=1; s=2", "1", "2"},
		{`s="q v"; x=1`, "q v", "q v"},
		{`s="open`, "ope", ""},
		{`s="`, "", ""},
		{"a;b; s = 1 ;;c=2", "1", "1"},
		{"s=%41%zz; s=%41", "%41%zz", "A"},
		{"s=a%2Bb%3D%3D", "a+b==", "a+b=="},
		{"s=%ff", "%ff", "%ff"},
		{"s=a=b", "a=b", "a=b"},
		{"s=é", "é", ""},
		{"ss=1; xs=2", "", ""},
		{"", "", ""},
		{strings.Repeat("x=y; ", 200) + "s=1", "1", "1"},
	} {
		jar := cookie.Parse(tt.header)
		if got, _ := jar.First("s"); got != tt.first {
			t.Errorf("%.40q: First is %q, want %q", tt.header, got, tt.first)
		}
		if got, _ := jar.Last("s"); got != tt.last {
			t.Errorf("%.40q: Last is %q, want %q", tt.header, got, tt.last)
		}
	}
	split := cookie.From(http.Header{"Cookie": {"a=1", "b=2"}})
	if b, ok := split.First("b"); !ok || b != "2" || split.Empty() || !cookie.From(nil).Empty() {
		t.Error("a header that HTTP/2 split is not read as one")
	}
}

func TestEscape(t *testing.T) {
	for plain, want := range map[string]string{
		"":                "",
		"azAZ09-_.!~*'()": "azAZ09-_.!~*'()",
		"a b+c/d=e":       "a%20b%2Bc%2Fd%3De",
		"é𝒳":              "%C3%A9%F0%9D%92%B3",
		"\x00\"%;,":       "%00%22%25%3B%2C",
		"\xff":            "%EF%BF%BD",
	} {
		if got := cookie.Escape(plain); got != want {
			t.Errorf("Escape(%q) = %q, want %q", plain, got, want)
		}
	}
	for escaped, want := range map[string]string{
		"%41%c3%A9": "Aé", "%": "%", "%4": "%4", "%zz%41": "%zz%41", "%C3": "%C3", "%C3x%A9": "%C3x%A9", "%ED%A0%80": "%ED%A0%80", "a+b": "a+b",
	} {
		if got := cookie.Unescape(escaped); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", escaped, got, want)
		}
	}
}

func TestForcedAttributes(t *testing.T) {
	for _, tt := range []struct {
		in   cookie.Cookie
		want string
	}{
		{cookie.Cookie{Name: "a"}, "a="},
		{cookie.Cookie{Name: "__Secure-a"}, "__Secure-a=; Secure"},
		{cookie.Cookie{Name: "__hoSt-a", Attributes: cookie.Attributes{Domain: "x.test", Path: "/y"}}, "__hoSt-a=; Path=/; Secure"},
		{cookie.Cookie{Name: "a", Attributes: cookie.Attributes{SameSite: "None"}}, "a=; Secure; SameSite=None"},
		{cookie.Cookie{Name: "a", Attributes: cookie.Attributes{Partitioned: true}}, "a=; Secure; Partitioned"},
		{cookie.Cookie{Name: "a", Value: "1 2", Attributes: cookie.Attributes{MaxAge: cookie.Seconds(-1), SameSite: "strict"}}, "a=1%202; SameSite=Strict"},
	} {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]cookie.Cookie{
		"no name":          {},
		"name with =":      {Name: "a=b"},
		"name with CR":     {Name: "a\r\nSet-Cookie: b"},
		"400 days and 1 s": {Name: "a", Attributes: cookie.Attributes{MaxAge: cookie.Seconds(34560001)}},
		"SameSite":         {Name: "a", Attributes: cookie.Attributes{SameSite: "sometimes"}},
		"Domain":           {Name: "a", Attributes: cookie.Attributes{Domain: "x.test; Path=/"}},
		"Path":             {Name: "a", Attributes: cookie.Attributes{Path: "/\n"}},
	} {
		if c.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
	good := cookie.Cookie{Name: "__Secure-better-auth.session_token", Attributes: cookie.Attributes{MaxAge: cookie.Seconds(34560000), SameSite: "Lax", Path: "/", Domain: "example.com"}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestChunks(t *testing.T) {
	base := cookie.Cookie{Name: "better-auth.session_data", Attributes: cookie.Attributes{MaxAge: cookie.Seconds(300), Path: "/", HTTPOnly: true, SameSite: "lax"}}
	for _, tt := range []struct {
		length int
		sizes  []int
	}{
		{0, []int{0}},
		{3977, []int{3977}},
		{3978, []int{3977, 1}},
		{8839, []int{3977, 3977, 885}},
		{397700, slices.Repeat([]int{3977}, 100)},
		{397701, nil},
	} {
		base.Value = strings.Repeat("x", tt.length)
		var sizes []int
		var header []string
		for _, c := range cookie.Split(base) {
			sizes = append(sizes, len(c.Value))
			header = append(header, c.Name+"="+c.Value)
			if n := len(c.String()); n > 4050 {
				t.Errorf("%s is %d bytes", c.Name, n)
			}
		}
		if !slices.Equal(sizes, tt.sizes) {
			t.Errorf("%d bytes are cut into %v, want %v", tt.length, sizes, tt.sizes)
		}
		slices.Reverse(header)
		if value, _ := cookie.Parse(strings.Join(header, "; ")).Join(base.Name); tt.sizes != nil && value != base.Value {
			t.Errorf("%d bytes come back as %d", tt.length, len(value))
		}
	}
}

func TestJoinAndRewrite(t *testing.T) {
	for _, tt := range []struct {
		header, value string
		chunks        []string
		rewrite       string
	}{
		{"", "", nil, "n=new"},
		{"n=whole; n.0=a", "whole", []string{"n", "n.0"}, "n=new n.0=;0"},
		{"n.1=b; n.0=a; n.10=d; n.2=c", "abcd", []string{"n.1", "n.0", "n.10", "n.2"}, "n.1=;0 n.0=;0 n.10=;0 n.2=;0 n=new"},
		{"n=; n.0=a", "a", []string{"n", "n.0"}, "n=new n.0=;0"},
		{"n.00=x; n.-1=x; n.+1=x; n.x=x; n.=x; m.0=x; n.0=a; n.0=z", "z", []string{"n.0"}, "n.0=;0 n=new"},
	} {
		value, chunks := cookie.Parse(tt.header).Join("n")
		if value != tt.value || !slices.Equal(chunks, tt.chunks) {
			t.Errorf("%q: got %q %q, want %q %q", tt.header, value, chunks, tt.value, tt.chunks)
		}
		var sent []string
		for _, c := range cookie.Rewrite(chunks, cookie.Cookie{Name: "n", Value: "new"}) {
			sent = append(sent, strings.Replace(c.String(), "; Max-Age=", ";", 1))
		}
		if got := strings.Join(sent, " "); got != tt.rewrite {
			t.Errorf("%q: sends %q, want %q", tt.header, got, tt.rewrite)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`a=1; b="q v"; c=%20x; d=a=b; e; n.0=x`)
	f.Fuzz(func(t *testing.T, header string) {
		jar := cookie.Parse(header)
		for _, name := range jar.Names() {
			if _, ok := jar.Last(name); !ok {
				t.Errorf("%q is listed and not found", name)
			}
			jar.First(name)
			jar.Join(name)
		}
	})
}

func FuzzVerify(f *testing.F) {
	f.Add("secret", "token.4oNH92B35qErLnZvz6U26+Grl5q28qnVo7R77uiH1QY=")
	f.Fuzz(func(t *testing.T, secret, signed string) {
		if value, ok := cookie.Verify(secret, signed); ok && cookie.Sign(secret, value) != signed {
			t.Errorf("%q passes", signed)
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a+b/c=%é")
	f.Fuzz(func(t *testing.T, s string) {
		if utf8.ValidString(s) && cookie.Unescape(cookie.Escape(s)) != s {
			t.Errorf("%q does not come back", s)
		}
		cookie.Unescape(s)
	})
}

func BenchmarkReadSigned(b *testing.B) {
	const secret = "gatehouse-spec-secret-0123456789abcdefghijklmnop"
	header := "theme=dark; better-auth.session_token=" + cookie.Escape(cookie.Sign(secret, "7fWwlTpLGuEcghX6v9i7KswMmrIrEUY3"))
	b.ReportAllocs()
	for b.Loop() {
		signed, _ := cookie.Parse(header).First("better-auth.session_token")
		if _, ok := cookie.Verify(secret, signed); !ok {
			b.Fatal("refused")
		}
	}
}
