package maildomain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/maildomain"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"ada@example.com", "example.com"},
		{"ada@EXAMPLE.Com", "example.com"},
		{"ada@example.com.", "example.com"},
		{`"a@b"@example.com`, "example.com"},
		{"ada@bücher.example", "xn--bcher-kva.example"},
		{"ada@XN--BCHER-KVA.example", "xn--bcher-kva.example"},
		{"ada@ｅｘａｍｐｌｅ.com", "example.com"},
		{"ada@example。com", "example.com"},
		{"ada@ma_il.example", "ma_il.example"},
		{"ada@straße.example", "xn--strae-oqa.example"},
		{"ada", ""}, {"@example.com", ""}, {"ada@", ""}, {"ada@.", ""}, {"ada@a..b", ""}, {"ada@.b", ""},
		{"ada@xn--a", ""}, {"ada@*.b", ""}, {"ada@" + strings.Repeat("a.", 127) + "com", ""},
	} {
		got, err := maildomain.Of(tt.address)
		if got != tt.want || (err != nil) != (tt.want == "") || (err != nil && !errors.Is(err, maildomain.ErrNoDomain)) {
			t.Errorf("Of(%q) = %q, %v; want %q", tt.address, got, err, tt.want)
		}
	}
}

func TestHas(t *testing.T) {
	list, err := maildomain.Compile([]string{"Example.com", "*.corp.test", "bücher.example"})
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]bool{
		"example.com": true, "mail.example.com": false, "notexample.com": false, "example.com.evil.test": false,
		"corp.test": false, "a.corp.test": true, "b.a.corp.test": true, "evilcorp.test": false, "test": false,
		"xn--bcher-kva.example": true,
	} {
		if got := list.Has(domain); got != want {
			t.Errorf("Has(%q) = %v, want %v", domain, got, want)
		}
	}
	var none *maildomain.List
	if !none.Empty() || none.Has("example.com") {
		t.Error("a nil list lists something")
	}
}

func TestRead(t *testing.T) {
	list, err := maildomain.Read(strings.NewReader("\ufeff# disposable\nTrash.test # a comment\n\n*.bin.test\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]bool{"trash.test": true, "x.trash.test": true, "bin.test": true, "x.bin.test": true, "example.com": false} {
		if got := list.Has(domain); got != want {
			t.Errorf("Has(%q) = %v, want %v", domain, got, want)
		}
	}
	for _, tt := range []struct{ text, want string }{
		{"a.test\nnot a domain", `line 2: "not a domain" is no domain`},
		{strings.Repeat("a", 2000), "line 1: bufio.Scanner: token too long"},
	} {
		if _, err := maildomain.Read(strings.NewReader(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	if _, err := maildomain.Compile([]string{"a@b.test"}); err == nil || err.Error() != `"a@b.test" is no domain: write example.com, or *.example.com for its subdomains` {
		t.Errorf("got %v", err)
	}
}

func FuzzOf(f *testing.F) {
	for _, seed := range []string{"ada@example.com", "a@bücher.example", "a@xn--bcher-kva.example", "a@。", "a@\u202e.x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		domain, err := maildomain.Of(address)
		if err != nil {
			return
		}
		if again, err := maildomain.Canonical(domain); err != nil || again != domain {
			t.Fatalf("%q is %q, then %q, %v", address, domain, again, err)
		}
	})
}
