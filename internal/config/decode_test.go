package config_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

func TestDecode(t *testing.T) {
	t.Setenv("SHOP_HOST", "mail.example.com")
	for _, tt := range []struct {
		name, src string
		want      Shop
	}{
		{"empty", "", Shop{}},
		{"only a comment", "# nothing\n", Shop{}},
		{"byte order mark", "\ufeffappName: x", Shop{AppName: "x"}},
		{"empty JSON", "{}", Shop{}},
		{"null keeps the default", "appName:\nsession: ~\nmail: null\ntrustedOrigins:\n", Shop{}},
		{"JSON", `{"appName":"A \u00e9 \"q\" \/","emailAndPassword":{"enabled":true},"mail":{"port":25}}`,
			Shop{AppName: `A é "q" /`, EmailAndPassword: Passwords{Enabled: true}, Mail: &Mail{Port: 25}}},
		{"words", "baseURL: http://x:1/y#z\nipv6Subnet: 64\nratio: 1\nautoSignIn: false\nkind: string\ndisabledPaths: [/ok]\n",
			Shop{BaseURL: "http://x:1/y#z", IPv6Subnet: 64, Ratio: 1, AutoSignIn: ptr(false), Kind: Union{[]string{"string"}}, Embedded: Embedded{[]string{"/ok"}}}},
		{"block and folded text", "appName: |\n  a\n  b\nbaseURL: >-\n  c\n  d\n", Shop{AppName: "a\nb\n", BaseURL: "c d"}},
		{"duration in seconds", "session: {expiresIn: 1.5}", Shop{Session: Session{ExpiresIn: 1500 * time.Millisecond}}},
		{"duration with units", "session:\n  expiresIn: 1d12h\nemailAndPassword:\n  resetTTL: 2w", Shop{
			Session: Session{ExpiresIn: 36 * time.Hour}, EmailAndPassword: Passwords{ResetTTL: 14 * 24 * time.Hour}}},
		{"duration as a text of seconds", `session: {expiresIn: "90"}`, Shop{Session: Session{ExpiresIn: 90 * time.Second}}},
		{"enum", "session: {sameSite: none}", Shop{Session: Session{SameSite: "none"}}},
		{"empty section makes one", "mail: {}", Shop{Mail: &Mail{}}},
		{"true makes one", "mail: true", Shop{Mail: &Mail{}}},
		{"false makes none", "mail: false", Shop{}},
		{"lists", "trustedOrigins:\n- http://a\n- http://b\nsecrets: [{version: 2, value: new}, {version: 1}]\nproxies: [10.0.0.0/8]\n",
			Shop{TrustedOrigins: []string{"http://a", "http://b"}, Secrets: []Version{{2, "new"}, {Version: 1}},
				Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}},
		{"empty list", "trustedOrigins: []", Shop{TrustedOrigins: []string{}}},
		{"maps", "socialProviders:\n  github: {clientID: abc, scope: [a]}\nrules:\n  /list: {window: 3, max: 2}\n  /ok: false\nstatements: {user: [ban, get]}\n",
			Shop{Providers: map[string]Provider{"github": {ClientID: "abc", Scope: []string{"a"}}},
				Rules:      map[string]*Rule{"/list": {3 * time.Second, 2}, "/ok": nil},
				Statements: map[string][]string{"user": {"ban", "get"}}}},
		{"keys that are numbers", "statements: {1: [a]}", Shop{Statements: map[string][]string{"1": {"a"}}}},
		{"exponent", `{"ratio": 1e-2, "appName": "1e2"}`, Shop{Ratio: 0.01, AppName: "1e2"}},
		{"hexadecimal", "emailAndPassword: {minPasswordLength: 0x10}", Shop{EmailAndPassword: Passwords{MinPasswordLength: 16}}},
		{"environment in text", "mail: {host: '${env:SHOP_HOST}', password: 'a$${b}'}", Shop{Mail: &Mail{Host: "mail.example.com", Password: "a${b}"}}},
		{"a list as one text", "vouchers: '2:${env:SHOP_HOST}, 1:c'", Shop{Vouchers: Vouchers{{2, "mail.example.com"}, {1, "c"}}}},
		{"a list that may be one text", "vouchers: [{version: 1, value: x}]", Shop{Vouchers: Vouchers{{1, "x"}}}},
		{"union", "kind: [a, 2]", Shop{Kind: Union{[]string{"a", "2"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Shop
			if err := config.Decode([]byte(tt.src), "shop.yaml", &got); err != nil {
				t.Fatalf("Decode(%s): %v", tt.src, err)
			}
			if diff := cmp.Diff(tt.want, got, compare); diff != "" {
				t.Errorf("Decode(%s) (-want +got)\n%s", tt.src, diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"misspelt option", "emailAndPassword:\n  enabled: true\n\n\n\n\n  minPaswordLength: 8\n",
			`shop.yaml:7:3: unknown option "minPaswordLength" in emailAndPassword: did you mean minPasswordLength?`},
		{"other letter case", "app_name: x", `shop.yaml:1:1: unknown option "app_name": did you mean appName?`},
		{"nothing near", "mail:\n  zzz: 1", `shop.yaml:2:3: unknown option "zzz" in mail: expected host, port, password`},
		{"not settable", "hidden: x", `shop.yaml:1:1: unknown option "hidden"`},
		{"function", "onEvent: x", `shop.yaml:1:1: unknown option "onEvent"`},
		{"given twice", "appName: a\nbaseURL: b\nappName: c\n", `shop.yaml:3:1: option "appName" is given twice: first on line 1`},
		{"given twice in JSON", `{"mail":{"port":1,"port":2}}`, `shop.yaml:1:19: option "port" is given twice: first on line 1`},
		{"given twice in a map", "statements:\n  a: [b]\n  a: [c]", `shop.yaml:3:3: option "a" is given twice: first on line 2`},
		{"all at once", "appName: [a]\nmail:\n  port: x\n  host: 5\nnope: 1\n",
			"shop.yaml:1:10: appName: expected text, found a list\n" +
				`shop.yaml:3:9: mail.port: expected a whole number, found the text "x"` + "\n" +
				"shop.yaml:4:9: mail.host: expected text, found the number 5: put it in quotes\n" +
				`shop.yaml:5:1: unknown option "nope"`},
		{"boolean as text", "appName: true", "shop.yaml:1:10: appName: expected text, found true: put it in quotes"},
		{"version as text", "appName: 1.10", "shop.yaml:1:10: appName: expected text, found the number 1.10: put it in quotes"},
		{"yes is no boolean", "emailAndPassword: {enabled: yes}", `shop.yaml:1:29: emailAndPassword.enabled: expected true or false, found the text "yes"`},
		{"number as boolean", "autoSignIn: 1", "shop.yaml:1:13: autoSignIn: expected true or false, found the number 1"},
		{"fraction as int", "mail: {port: 1.5}", "shop.yaml:1:14: mail.port: expected a whole number, found the number 1.5"},
		{"out of range", "ipv6Subnet: 300", "shop.yaml:1:13: ipv6Subnet: expected a whole number from 0 to 255, found the number 300"},
		{"below range", "ipv6Subnet: -1", "shop.yaml:1:13: ipv6Subnet: expected a whole number from 0 to 255, found the number -1"},
		{"octal", "mail: {port: 010}", "shop.yaml:1:14: 010 is read as octal by some: write it without leading zeros, or in quotes"},
		{"not a number", "ratio: .nan", "shop.yaml:1:8: .nan is not a number that can be used here"},
		{"text as float", "ratio: a", `shop.yaml:1:8: ratio: expected a number, found the text "a"`},
		{"section as text", "session: hello", `shop.yaml:1:10: session: expected a section, found the text "hello"`},
		{"true for a plain section", "session: true", "shop.yaml:1:10: session: expected a section, found true"},
		{"list as section", "mail: [a]", "shop.yaml:1:7: mail: expected a section, found a list"},
		{"document of one word", "hello", `shop.yaml:1:1: expected a section, found the text "hello"`},
		{"document of a list", "- a", "shop.yaml:1:1: expected a section, found a list"},
		{"word as list", "trustedOrigins: http://a", `shop.yaml:1:17: trustedOrigins: expected a list of texts, found the text "http://a"`},
		{"wrong entry", "trustedOrigins: [a, 5]", "shop.yaml:1:21: trustedOrigins[1]: expected text, found the number 5: put it in quotes"},
		{"empty entry", "trustedOrigins:\n- a\n-\n", "shop.yaml:3:3: trustedOrigins[1]: an entry of a list cannot be empty"},
		{"a list as a wrong text", "vouchers: 2:hunter2,hunter3", "shop.yaml:1:11: vouchers: entry 2 has no number"},
		{"neither list nor text", "vouchers: 5", "shop.yaml:1:11: vouchers: expected a list of sections or a text, found the number"},
		{"unknown in a list that may be a text", "vouchers:\n- vesion: 2", `shop.yaml:2:3: unknown option "vesion" in vouchers[0]: did you mean version?`},
		{"unknown in a list", "secrets:\n- version: 1\n- vesion: 2", `shop.yaml:3:3: unknown option "vesion" in secrets[1]: did you mean version?`},
		{"unknown in a map", "socialProviders:\n  github:\n    clientId: x", `shop.yaml:3:5: unknown option "clientId" in socialProviders.github: did you mean clientID?`},
		{"word as map", "statements: x", `shop.yaml:1:13: statements: expected a section, found the text "x"`},
		{"negative duration", "session: {expiresIn: -5}", "shop.yaml:1:22: session.expiresIn: a duration is at least 0 and at most 290 years, found the number -5"},
		{"endless duration", `session: {expiresIn: 1e300}`, "shop.yaml:1:22: session.expiresIn: a duration is at least 0 and at most 290 years, found the number 1e300"},
		{"unit unknown", "session: {expiresIn: 5 fortnights}", `shop.yaml:1:22: session.expiresIn: expected seconds as a number, or a duration such as "90s", "15m", "12h", "7d" or "2w", found the text "5 fortnights"`},
		{"duration true", "session: {expiresIn: true}", `shop.yaml:1:22: session.expiresIn: expected seconds as a number, or a duration such as "90s", "15m", "12h", "7d" or "2w", found true`},
		{"enum", "session: {sameSite: stict}", `shop.yaml:1:21: session.sameSite: expected one of lax, strict, none, found "stict": did you mean strict?`},
		{"text unmarshaler", "proxies: [10.0.0.0]", `shop.yaml:1:11: proxies[0]: netip.ParsePrefix("10.0.0.0"): no '/'`},
		{"setter", "kind: 5", "shop.yaml:1:7: kind: expected a type or a list of values, found 5"},
		{"rule between options", "appName: x\nemailAndPassword:\n  minPasswordLength: 9\n  maxPasswordLength: 8", "shop.yaml:2:1: emailAndPassword: minPasswordLength is above maxPasswordLength"},
		{"rule of a map entry", "socialProviders:\n  github:\n    scope: [a]", "shop.yaml:2:3: socialProviders.github: clientID is missing"},
		{"rule of an optional section", "mail: {port: -1}", "shop.yaml:1:1: mail: port is below 0"},
		{"rules wait for right values", "socialProviders:\n  github:\n    scope: a", `shop.yaml:3:12: socialProviders.github.scope: expected a list of texts, found the text "a"`},
		{"missing variable", "appName: a\nbaseURL: ${env:SHOP_UNSET}", "shop.yaml:2:10: baseURL: the environment variable SHOP_UNSET is not set"},
		{"unknown source", "baseURL: ${vault:x}", "shop.yaml:1:10: baseURL: unknown source ${vault:x}: use ${file:PATH} or ${env:NAME}, or $${ for a literal ${"},
		{"unclosed source", "baseURL: ${env:x", "shop.yaml:1:10: baseURL: ${ without a closing }; write $${ for a literal ${"},
		{"anchor", "appName: &a x", "shop.yaml:1:10: anchors (&) are not supported here"},
		{"alias", "appName: *a", "shop.yaml:1:10: aliases (*) are not supported here"},
		{"merge key", "<<: {appName: x}", "shop.yaml:1:1: merge keys (<<) are not supported here"},
		{"tag", "appName: !!str 5", "shop.yaml:1:10: tags (!) are not supported here"},
		{"complex key", "? appName\n: x", "shop.yaml:1:1: keys marked with ? are not supported here"},
		{"directive", "%YAML 1.2\n---\nappName: x", "shop.yaml:1:1: directives (%) are not supported here"},
		{"second document", "appName: x\n---\nappName: y", "shop.yaml:2:1: expected one document, found a second"},
		{"syntax", "appName: [a", "shop.yaml:1:10: sequence end token ']' not found"},
		{"not UTF-8", "appName: \xff", "shop.yaml: the document is not UTF-8 text"},
		{"UTF-16", "\xff\xfea\x00", "shop.yaml: the document is not UTF-8 text"},
		{"too large", strings.Repeat("#", config.MaxBytes+1), "shop.yaml: the document is larger than 1024 KiB"},
		{"a secret is not repeated", "secrets: [{value: 12345}]\nmail: {password: [hunter2]}\nsecret: '${env:SHOP_UNSET}'",
			"shop.yaml:1:19: secrets[0].value: expected text, found the number: put it in quotes\n" +
				"shop.yaml:2:18: mail.password: expected text, found a list\n" +
				"shop.yaml:3:9: secret: the environment variable SHOP_UNSET is not set"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Shop
			err := config.Decode([]byte(tt.src), "shop.yaml", &got)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode\n%s\ngot:  %v\nwant: %s", tt.src, err, tt.want)
			}
		})
	}
}

func TestErrorsHavePositions(t *testing.T) {
	err := config.Decode([]byte("mail:\n  prt: 1"), "shop.yaml", &Shop{})
	var all *config.Errors
	if !errors.As(err, &all) {
		t.Fatalf("Decode: %T, want *config.Errors", err)
	}
	want := []config.Error{{File: "shop.yaml", Line: 2, Column: 3, Path: "mail.prt",
		Message: `unknown option "prt" in mail: did you mean port?`}}
	if diff := cmp.Diff(want, all.List); diff != "" {
		t.Errorf("errors (-want +got)\n%s", diff)
	}
	var one config.Error
	if !errors.As(err, &one) || one != want[0] {
		t.Errorf("errors.As found %+v, want %+v", one, want[0])
	}
}

func TestValuesFromFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	absolute := write("secret", "hush\r\n")
	write("two", "a\n\n")
	write("literal", "${env:HOME}")
	write("binary", "\xff")
	write("large", strings.Repeat("x", 64<<10+1))
	for _, tt := range []struct{ name, value, want, err string }{
		{"absolute", "${file:" + absolute + "}", "hush", ""},
		{"relative to the document", "a ${file:secret} b", "a hush b", ""},
		{"one newline is trimmed", "${file:two}", "a\n", ""},
		{"not expanded again", "${file:literal}", "${env:HOME}", ""},
		{"missing", "${file:none}", "", "cannot read the value: stat " + filepath.Join(dir, "none") + ": no such file or directory"},
		{"folder", "${file:.}", "", "cannot read the value: " + dir + " is not a regular file"},
		{"binary", "${file:binary}", "", filepath.Join(dir, "binary") + " is not UTF-8 text"},
		{"large", "${file:large}", "", filepath.Join(dir, "large") + " holds more than 64 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Shop
			file := filepath.Join(dir, "shop.yaml")
			err := config.Decode([]byte("secret: '"+tt.value+"'"), file, &got)
			if tt.err != "" {
				if want := file + ":1:9: secret: " + tt.err; err == nil || err.Error() != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				return
			}
			if err != nil || got.Secret != tt.want {
				t.Errorf("got %q, %v, want %q", got.Secret, err, tt.want)
			}
		})
	}
}

func TestDefaultsAreKeptAndNotShared(t *testing.T) {
	mail := &Mail{Host: "localhost", Port: 25}
	rules := map[string]*Rule{"/a": {Max: 1}}
	got := Shop{AppName: "Gatehouse", Mail: mail, Rules: rules, TrustedOrigins: []string{"a", "b"}}
	err := config.Decode([]byte("mail: {port: 26}\nrules: {/a: {window: 2}, /b: {max: 3}}\ntrustedOrigins: [c]"), "", &got)
	if err != nil {
		t.Fatal(err)
	}
	want := Shop{AppName: "Gatehouse", Mail: &Mail{Host: "localhost", Port: 26}, TrustedOrigins: []string{"c"},
		Rules: map[string]*Rule{"/a": {2 * time.Second, 1}, "/b": {Max: 3}}}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if mail.Port != 25 || len(rules) != 1 || rules["/a"].Window != 0 {
		t.Errorf("Decode changed the caller's defaults: %+v %+v", mail, rules["/a"])
	}
}

func TestSectionForLater(t *testing.T) {
	var shop Shop
	src := "plugins:\n- id: mail\n  options:\n    host: h\n    prt: 5\n- id: other\n"
	if err := config.Decode([]byte(src), "shop.yaml", &shop); err != nil {
		t.Fatal(err)
	}
	var mail Mail
	err := shop.Plugins[0].Options.Decode(&mail)
	want := `shop.yaml:5:5: unknown option "prt" in plugins[0].options: did you mean port?`
	if err == nil || err.Error() != want || mail.Host != "h" {
		t.Errorf("Section.Decode: %v, %+v\nwant: %s", err, mail, want)
	}
	if shop.Plugins[1].Options.Given() || !shop.Plugins[0].Options.Given() {
		t.Error("Given: want true for the first plugin only")
	}
	if err := shop.Plugins[1].Options.Decode(&mail); err != nil {
		t.Errorf("an absent section: %v", err)
	}
}

func TestIntoMustBePointerToStruct(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Decode into a struct by value: want a panic")
		}
	}()
	_ = config.Decode(nil, "", Shop{})
}
