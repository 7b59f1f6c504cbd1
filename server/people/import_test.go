package people_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// hostile has a good row around each bad one.
var hostile = strings.Join([]string{
	"email,name,emailVerified,role,age,tags,passwordHash,password",
	"Ada@Example.com,Ada,true,admin,36,\"[\"\"x\"\"]\",\"" + argonHash + "\",",
	"bad address,Bob,,,,,,",
	"ADA@example.com,Twin,,,,,,",
	"nul@example.com,a\x00b,,,,,,",
	"bytes@example.com,a\xffb,,,,,,",
	"big@example.com," + strings.Repeat("x", 1<<20) + ",,,,,,",
	"few@example.com,Few",
	"yes@example.com,,perhaps,,,,,",
	"old@example.com,,,,many,,,",
	"tag@example.com,,,,,x,,",
	"md5@example.com,,,,,,5f4dcc3b5aa765d61d8327deb882cf99,",
	"both@example.com,,,,,," + bcryptHash + ",correct horse",
	"short@example.com,,,,,,,short",
	"quote@example.com,a\"b,,,,,,",
	"\"'); DROP TABLE \"\"user\"\"; --@example.com\",,,,,,,",
	"eve@example.com,\"'=cmd|' /C calc'!A0\",,,,,,",
	"sql@example.com,\"'); DROP TABLE \"\"user\"\"; --\",,,,,,",
	"cy@example.com,Cy,1,,,," + scryptHash + ",",
	"dee@example.com,Dee,,,,,,correct horse battery",
}, "\r\n")

var hostileReport = []string{
	"2 refused bad address: the e-mail address is not one",
	"3 refused ada@example.com: row 1 has the same e-mail address",
	"4 refused nul@example.com: name: a value has a NUL",
	"5 refused bytes@example.com: name: a value is not UTF-8",
	"6 refused big@example.com: name: a value is longer than 65536 bytes",
	"7 refused few@example.com: has 2 cells where the header has 8",
	"8 refused yes@example.com: emailVerified is not true or false",
	"9 refused old@example.com: age is not a number",
	"10 refused tag@example.com: tags is not a string[]",
	"11 refused md5@example.com: passwordHash is of no known format: argon2id, bcrypt and better-auth's scrypt are",
	"12 refused both@example.com: there are both a password and a passwordHash",
	"13 refused short@example.com: Password too short",
	`14 refused : not CSV: bare " in non-quoted-field`,
	`15 refused '); drop table "user"; --@example.com: the e-mail address is not one`,
}

// A dry run and the real one tell the same, and only one of them writes.
func TestHostileRowsAreRefusedAndTheOthersStored(t *testing.T) {
	house := newHouse(t)
	for _, dry := range []bool{true, false} {
		got := importAll(t, house, fromCSV(t, house, hostile), people.ImportOptions{DryRun: dry})
		expectLines(t, got.report, hostileReport...)
		if want := (people.Summary{Rows: 19, Created: 5, Refused: 14}); got.Summary != want {
			t.Errorf("dry run %v: %+v, want %+v", dry, got.Summary, want)
		}
		if users, accounts := count(t, house); dry && users+accounts != 0 || !dry && (users != 5 || accounts != 3) {
			t.Errorf("dry run %v: %d users, %d accounts", dry, users, accounts)
		}
	}
	ada, err := house.Users.ByEmail(t.Context(), "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	role, _ := ada.Get("role")
	age, _ := ada.Get("age")
	tags, _ := ada.Get("tags")
	if got := fmt.Sprintf("%v %v %v %v %v", ada.Name, ada.EmailVerified, role, age, tags); got != "Ada true admin 36 [x]" {
		t.Errorf("ada is %q", got)
	}
	eve, err := house.Users.ByEmail(t.Context(), "eve@example.com")
	if err != nil || eve.Name != "=cmd|' /C calc'!A0" {
		t.Errorf("eve is %+v, %v", eve, err)
	}
	dee, err := house.Users.ByEmail(t.Context(), "dee@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := house.Passwords.CheckPassword(t.Context(), dee.ID, "correct horse battery"); err != nil {
		t.Errorf("the hashed password: %v", err)
	}
}

func TestHostileLines(t *testing.T) {
	house := newHouse(t)
	text := "\xEF\xBB\xBF" + strings.Join([]string{
		`{"email":"ada@example.com","name":"","age":36,"tags":["x"],"accounts":[{"providerId":"github","accountId":"1"}]}`,
		`[]`,
		`{"email":"cut@example.com"`,
		"{\"email\":\"bytes@example.com\",\"name\":\"\xff\"}",
		``,
		`{"email":"nul@example.com","name":"a\u0000b"}`,
		`{"email":"more@example.com","isAdmin":true}`,
		`{"email":7}`,
		`{"name":"nobody"}`,
		`{"email":"twin@example.com","accounts":[{"providerId":"github","accountId":"1"}]}`,
		`{"email":"cred@example.com","accounts":[{"providerId":"credential","accountId":"1"}]}`,
		`{"email":"list@example.com","accounts":[{"providerId":"github"}]}`,
		`{"email":"run@example.com","image":"javascript:alert(1)"}`,
		`{"email":"time@example.com","createdAt":"yesterday"}`,
		`{"email":"role@example.com","role":null}`,
		`{"email":"deep@example.com","tags":[["x"]]}`,
	}, "\n")
	got := importAll(t, house, people.JSONLines(house, strings.NewReader(text)), people.ImportOptions{})
	expectLines(t, got.report,
		"2 refused : not a JSON object",
		"3 refused : not a JSON object",
		"4 refused : a value is not UTF-8",
		"6 refused nul@example.com: name: a value has a NUL",
		`7 refused more@example.com: unknown field "isAdmin"`,
		"8 refused : email is not a text",
		"9 refused : there is no e-mail address",
		"10 refused twin@example.com: row 1 has the same account",
		"11 refused cred@example.com: a password comes as password or passwordHash, not as an account",
		"12 refused list@example.com: an account needs a providerId and an accountId of at most 255 bytes",
		"13 refused run@example.com: image must be an http or https address, or a path",
		"14 refused time@example.com: createdAt is not a time such as 2026-11-23T12:00:00Z",
		"16 refused deep@example.com: tags is not a string[]",
	)
	if got.Created != 2 {
		t.Errorf("created %d", got.Created)
	}
	// Somebody else's account at a provider is nobody's to bring along.
	again := importAll(t, house, people.JSONLines(house, strings.NewReader(
		`{"email":"thief@example.com","accounts":[{"providerId":"github","accountId":"1"}]}`)), people.ImportOptions{})
	expectLines(t, again.report, `1 refused thief@example.com: account "github" belongs to another user`)
}

func TestHeadersThatCannotBeRead(t *testing.T) {
	house := newHouse(t)
	for text, want := range map[string]string{
		"":                       "the file is empty: its first row names the columns",
		"name\nAda\n":            "header: there is no column email",
		"email,isAdmin\n":        `header: unknown field "isAdmin"`,
		"email,name,email\n":     "header: email is there twice",
		"email,\"na\nme\nb@x.de": `read the header: parse error on line 1`,
	} {
		if _, err := people.CSV(house, strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			if want[0] == 'r' && err != nil {
				continue
			}
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// endless is a quote that is never closed, with no end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestRowsWithoutEndEndTheImport(t *testing.T) {
	house := newHouse(t)
	source, err := people.CSV(house, io.MultiReader(strings.NewReader("email\nada@example.com\n\""), endless{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []people.Source{source, people.JSONLines(house, io.MultiReader(strings.NewReader(`{"email":"bob@example.com"}`+"\n"), endless{}))} {
		summary, err := people.Import(t.Context(), house, source, people.ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), "row 2: a row is longer than 8388608 bytes") || summary.Created != 1 {
			t.Errorf("%+v, %v", summary, err)
		}
	}
}

// failing stops as a killed process does: in the middle.
type failing struct {
	people.Source
	left int
}

var errKilled = errors.New("killed")

func (f *failing) Next() (*people.Row, error) {
	if f.left--; f.left < 0 {
		return nil, errKilled
	}
	return f.Source.Next()
}

func manyRows(n int) string {
	var text strings.Builder
	text.WriteString("email,name,passwordHash\n")
	for i := range n {
		fmt.Fprintf(&text, "user%d@example.com,User %d,\"%s\"\n", i, i, argonHash)
	}
	return text.String()
}

func TestAnImportThatEndedMidwayGoesOn(t *testing.T) {
	house := newHouse(t)
	text := manyRows(1500)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := people.Import(ctx, house, &failing{fromCSV(t, house, text), 700}, people.ImportOptions{Progress: func(people.Summary) {}})
	if !errors.Is(err, errKilled) {
		t.Fatalf("got %v", err)
	}
	cancel()
	if _, err := people.Import(ctx, house, fromCSV(t, house, text), people.ImportOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	users, accounts := count(t, house)
	if users != accounts || users != 700 {
		t.Fatalf("half-way: %d users, %d accounts", users, accounts)
	}
	got := importAll(t, house, fromCSV(t, house, text), people.ImportOptions{})
	if want := (people.Summary{Rows: 1500, Created: 800, Skipped: 700}); got.Summary != want {
		t.Errorf("%+v, want %+v", got.Summary, want)
	}
	if got.report[0] != "1 skipped user0@example.com: a user with this e-mail address is already there" {
		t.Errorf("report begins %q", got.report[0])
	}
	if users, accounts := count(t, house); users != 1500 || accounts != 1500 {
		t.Errorf("at the end: %d users, %d accounts", users, accounts)
	}
}

// A row that only the database or a hook refuses is left out of its batch.
func TestABadRowDoesNotSinkItsBatch(t *testing.T) {
	refusal := gatehouse.NewError(403, "NO", "not that one")
	house := newHouse(t, func(o *standard.Options) {
		o.Hooks.User.BeforeCreate = func(_ context.Context, u *gatehouse.User) error {
			if strings.HasPrefix(u.Email, "user7") {
				return refusal
			}
			u.Name += "!"
			return nil
		}
		o.User.AdditionalFields["badge"] = gatehouse.FieldOptions{Type: "string", Required: new(bool), Unique: true}
	})
	text := "email,name,badge\n"
	for i := range 20 {
		text += fmt.Sprintf("user%d@example.com,User,%d\n", i, i%19)
	}
	want := []string{
		"8 refused user7@example.com: not that one",
		"20 refused user19@example.com: row 1 has the same badge",
	}
	for _, dry := range []bool{true, false} {
		got := importAll(t, house, fromCSV(t, house, text), people.ImportOptions{DryRun: dry})
		expectLines(t, got.report, want...)
	}
	later := importAll(t, house, fromCSV(t, house, "email,badge\nlate@example.com,3\nlast@example.com,30\n"), people.ImportOptions{})
	expectLines(t, later.report, "1 refused late@example.com: badge is taken")
	user, err := house.Users.ByEmail(t.Context(), "user3@example.com")
	if err != nil || user.Name != "User!" {
		t.Errorf("the hook ran more than once on a record: %+v, %v", user, err)
	}
}

func BenchmarkImport(b *testing.B) {
	house := newHouse(b)
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		text := strings.ReplaceAll(manyRows(10_000), "user", fmt.Sprintf("run%d-", n))
		b.StartTimer()
		importAll(b, house, fromCSV(b, house, text), people.ImportOptions{})
	}
	b.ReportMetric(float64(10_000*b.N)/b.Elapsed().Seconds(), "rows/s")
}
