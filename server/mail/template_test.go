package mail_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/server/mail"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

var coreKinds = []string{
	"account-approved", "account-locked", "account-rejected", "approval-requested", "change-email", "delete-account", "existing-user-sign-up",
	"invitation", "password-was-reset", "reset-password", "set-password", "verification-email",
}

// person is a user as the root package would hand it over: a struct.
type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func full(kind string) mail.Message {
	return mail.Message{ID: "1", Kind: kind, To: "ada@example.com", Data: map[string]any{
		"user": &person{"u1", "Ada Lovelace", "ada@example.com"}, "url": "https://shop.test/x?token=abc&callbackURL=%2F",
		"token": "abc", "newEmail": "ada@example.org", "expiresIn": 3600,
		"reason": "I bought a <b>telescope</b> at evil.test", "applicant": &person{"u2", "Eve", "eve@example.com"},
		"answers": []map[string]string{{"name": "company", "label": "Where do you work?", "value": "ACME https://evil.test"}},
	}}
}

func TestRenderCoreKinds(t *testing.T) {
	made := templates(t)
	if diff := cmp.Diff(coreKinds, made.Kinds()); diff != "" {
		t.Errorf("Kinds (-want +got)\n%s", diff)
	}
	for _, kind := range coreKinds {
		t.Run(kind, func(t *testing.T) {
			subject, text, html, err := made.Render(full(kind))
			if err != nil {
				t.Fatal(err)
			}
			got := subject + "\n----\n" + text + "----\n" + html
			file := filepath.Join("testdata", kind+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRenderWithLittleData(t *testing.T) {
	made, err := mail.NewTemplates(mail.TemplateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	subject, text, _, err := made.Render(mail.Message{Kind: "password-was-reset", To: "ada@example.com"})
	want := `Hello,

The password of your account at Gatehouse was just reset with a link that was sent to you.

If it was not you, somebody can read your mail: change the password of your mailbox first, then reset your password for Gatehouse again and sign out all other devices.

--
Sent to ada@example.com by Gatehouse.
`
	if err != nil || subject != "Your password for Gatehouse was changed" || text != want {
		t.Errorf("%v, %q\n%s", err, subject, cmp.Diff(want, text))
	}
}

func TestExpiryInWords(t *testing.T) {
	for _, tt := range []struct {
		seconds any
		want    string
	}{
		{1, "1 second"}, {90, "90 seconds"}, {60, "1 minute"}, {600, "10 minutes"}, {3600, "1 hour"}, {5400, "90 minutes"},
		{86400, "1 day"}, {7 * 86400, "7 days"}, {3600.0, "1 hour"},
	} {
		m := full("reset-password")
		m.Data["expiresIn"] = tt.seconds
		_, text, _, err := templates(t).Render(m)
		if want := "\nThe link works for " + tt.want + ".\n"; err != nil || !strings.Contains(text, want) {
			t.Errorf("expiresIn %v: want %q in\n%s (%v)", tt.seconds, want, text, err)
		}
	}
	for _, none := range []any{nil, 0, -5, "3600", 1e12} {
		m := full("reset-password")
		m.Data["expiresIn"] = none
		if _, text, _, err := templates(t).Render(m); err != nil || strings.Contains(text, "The link works for") {
			t.Errorf("expiresIn %v: %v, want no sentence in\n%s", none, err, text)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*mail.Message)
		want   string
	}{
		{"unknown kind", func(m *mail.Message) { m.Kind = "lottery" }, `permanent failure: no template for mails of kind "lottery"`},
		{"layout is no kind", func(m *mail.Message) { m.Kind = "layout" }, `permanent failure: no template for mails of kind "layout"`},
		{"script as link", func(m *mail.Message) { m.Data["url"] = "javascript:alert(1)" }, "permanent failure: mail reset-password: its url is not an http or https address"},
		{"no host", func(m *mail.Message) { m.Data["url"] = "/reset" }, "permanent failure: mail reset-password: its url is not an http or https address"},
		{"link of two lines", func(m *mail.Message) { m.Data["url"] = "https://a.test/x\ny" }, "permanent failure: mail reset-password: its url is not an http or https address"},
		{"link with user", func(m *mail.Message) { m.Data["url"] = "https://shop.test@evil.test/" }, "permanent failure: mail reset-password: its url is not an http or https address"},
		{"data without JSON", func(m *mail.Message) { m.Data["x"] = make(chan int) }, "permanent failure: mail reset-password: encode the data: json: unsupported type: chan int"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := full("reset-password")
			tt.change(&m)
			_, _, _, err := templates(t).Render(m)
			if err == nil || err.Error() != tt.want || !errors.Is(err, mail.ErrPermanent) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// ATTACKS 61: what a stranger calls himself stays a name.
func TestNamesCannotHoldLinksOrMarkup(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"Ada Lovelace", " Ada Lovelace"},
		{"  Ada \t Lovelace ", " Ada Lovelace"},
		{"José Ñandú 李小龙 😀", " José Ñandú 李小龙 😀"},
		{"J.R.R. O'Brien-Smith, Jr.", " J. R. R. O'Brien-Smith, Jr."},
		{"https://evil.test/win", " https: evil. test win"},
		{"Win at evil.test", " Win at evil. test"},
		{"evil。test/x", " evil。 test x"},
		{"evil．test", " evil． test"},
		{"www.evil.test", " www. evil. test"},
		{"eve@evil.test", " eve at evil. test"},
		{`\\evil\share`, " evil share"},
		{"<a href=//evil.test>x</a>", " a href= evil. testx a"},
		{"[x](https://evil.test)", " x(https: evil. test)"},
		{"{{.Token}}", " {{. Token}}"},
		{"a\r\nBcc: b", " a Bcc: b"},
		{"gpj\u202eexe\u200b.x", " gpjexe. x"},
		{"Call +1 900 555 0199 now", ""},
		{"\u202e\u200b", ""},
		{strings.Repeat("a", 80), " " + strings.Repeat("a", 63) + "…"},
	} {
		m := full("reset-password")
		m.Data["user"] = person{Name: tt.name}
		_, text, html, err := templates(t).Render(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(text, ",\n\nSomeone"); got != "Hello"+tt.want {
			t.Errorf("name %q is shown as %q, want %q", tt.name, got, "Hello"+tt.want)
		}
		if n := strings.Count(html, "<a "); n != 3 {
			t.Errorf("name %q: %d links in the HTML, want 3\n%s", tt.name, n, html)
		}
	}
}

func TestAddressesThatAreNoneAreNeutralised(t *testing.T) {
	m := full("change-email")
	m.Data["newEmail"] = "<b>https://evil.test</b>@x"
	_, text, html, err := templates(t).Render(m)
	if err != nil || !strings.Contains(text, "to bhttps: evil. test b at x. It stays") || strings.Contains(html, "<b>") {
		t.Errorf("%v\n%s\n%s", err, text, html)
	}
}

func TestOverrides(t *testing.T) {
	made, err := mail.NewTemplates(mail.TemplateOptions{AppName: "Shop", Folder: fstest.MapFS{
		"reset-password.subject": {Data: []byte("{{.Name}}:\r\n new password {{.Data.user.id}}\n")},
		"reset-password.txt":     {Data: []byte("{{.URL}} {{.Data.note}} {{.Data.list}}")},
		"welcome.subject":        {Data: []byte("Hi")}, "welcome.txt": {Data: []byte("Hi {{.Name}}")},
		"welcome.html": {Data: []byte(`{{template "top" .}}<b>{{.Code}}</b>`)},
		"README.md":    {Data: []byte("{{")}, "parts/x.txt": {Data: []byte("{{")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	m := full("reset-password")
	m.Data["note"], m.Data["list"] = "see evil.test", []string{"a.b"}
	subject, text, html, err := made.Render(m)
	if err != nil || subject != "Ada Lovelace: new password u1" ||
		text != "https://shop.test/x?token=abc&callbackURL=%2F see evil. test [a. b]\n" || !strings.Contains(html, "Choose a new password") {
		t.Errorf("%v\n%q\n%q\n%s", err, subject, text, html)
	}
	subject, text, html, err = made.Render(mail.Message{Kind: "welcome", Data: map[string]any{"otp": "123456"}})
	if err != nil || subject != "Hi" || text != "Hi\n" || !strings.HasSuffix(html, "<b>123456</b>") {
		t.Errorf("%v\n%q\n%q\n%s", err, subject, text, html)
	}
}

func TestBadOverrideStopsTheStart(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"syntax", "reset-password.txt", "{{.URL", "mail templates: reset-password.txt (of the template folder): template: reset-password.txt:1: unclosed action"},
		{"unknown field", "reset-password.html", "{{.Link}}", `mail templates: reset-password.html (of the template folder): template: reset-password.html:1:2: executing "reset-password.html" at <.Link>: can't evaluate field Link in type mail.View`},
		{"unknown field in the subject", "reset-password.subject", "{{.Kind}}", `mail templates: reset-password.subject (of the template folder): template: reset-password.subject:1:2: executing "reset-password.subject" at <.Kind>: can't evaluate field Kind in type mail.View`},
		{"empty", "reset-password.subject", " \n", "mail templates: reset-password.subject (of the template folder): it makes nothing"},
		{"endless", "reset-password.txt", `{{define "x"}}x{{template "x"}}{{end}}{{template "x"}}`, "mail templates: reset-password.txt (of the template folder): template: reset-password.txt:1:26: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100000)"},
		{"layout", "layout.html", "{{define `top`}}{{end}}", `mail templates: layout.html (of the template folder): it does not define "button"`},
		{"layout syntax", "layout.html", "{{end}}", "mail templates: layout.html (of the template folder): template: layout.html:1: unexpected {{end}}"},
		{"misspelt kind", "resetpassword.txt", "x", `mail templates: resetpassword.subject is missing; there is no built-in mail of kind "resetpassword"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := mail.NewTemplates(mail.TemplateOptions{Folder: fstest.MapFS{tt.file: {Data: []byte(tt.text)}}})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	if _, err := mail.NewTemplates(mail.TemplateOptions{Folder: os.DirFS(filepath.Join(t.TempDir(), "none"))}); err == nil {
		t.Error("a template folder that does not exist: want an error")
	}
	_, err := mail.NewTemplates(mail.TemplateOptions{AppURL: "shop.test"})
	if want := `mail templates: appURL "shop.test" is not an http or https address`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func FuzzRender(f *testing.F) {
	for _, name := range []string{"Ada", "https://evil.test", "a\r\nb", "<script>", "\u202e\xff", "1234567", "evil。test"} {
		f.Add(name, "ada@example.com")
	}
	made, err := mail.NewTemplates(mail.TemplateOptions{AppName: "Shop"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, address string) {
		m := full("change-email")
		m.To = address
		m.Data["user"] = person{Name: name, Email: address}
		subject, text, html, err := made.Render(m)
		if err != nil {
			t.Fatalf("Render: %v", err)
		}
		if strings.ContainsAny(subject, "\r\n") || strings.Count(html, "<a ") != 2 || strings.Count(html, "<script") != 0 {
			t.Fatalf("name %q address %q:\n%s\n%s", name, address, subject, html)
		}
		if strings.Count(text, "://") != 1 {
			t.Fatalf("name %q address %q: another link in\n%s", name, address, text)
		}
		if lines := strings.Count(text, "\n"); lines != 14 {
			t.Fatalf("name %q address %q: %d lines in\n%s", name, address, lines, text)
		}
	})
}

func clock() time.Time { return time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC) }
