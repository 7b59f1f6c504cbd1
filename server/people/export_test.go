package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// crowd is more than a page, with everything that can be said of a person.
func crowd() string {
	lines := []string{
		`{"id":"ada","email":"ada@example.com","name":"=1+1","emailVerified":true,"image":"https://example.com/a.png","createdAt":"2020-02-29T12:30:00.123Z","role":"admin","age":36,"tags":["a,b","\"c\""],"secret":"hidden","passwordHash":"` + argonHash + `","accounts":[{"providerId":"github","accountId":"-7","scope":"a,b","createdAt":"2020-03-01T00:00:00Z"}]}`,
		`{"id":"bob","email":"bob@example.com","name":"'=quoted'","passwordHash":"` + bcryptHash + `"}`,
		`{"id":"cy","email":"cy@example.com","name":"@ü\n\"line\" two","passwordHash":"` + scryptHash + `"}`,
	}
	for i := range 250 {
		lines = append(lines, fmt.Sprintf(`{"email":"user%d@example.com","name":"User %d"}`, i, i))
	}
	return strings.Join(lines, "\n")
}

func TestWhatIsExportedComesBackEqual(t *testing.T) {
	first := newHouse(t)
	if got := importAll(t, first, people.JSONLines(first, strings.NewReader(crowd())), people.ImportOptions{}); got.Created != 253 {
		t.Fatalf("%+v\n%v", got.Summary, got.report)
	}
	for _, asCSV := range []bool{false, true} {
		text := export(t, first, asCSV, true)
		second := newHouse(t)
		var source people.Source = people.JSONLines(second, strings.NewReader(text))
		if asCSV {
			source = fromCSV(t, second, text)
		}
		if got := importAll(t, second, source, people.ImportOptions{}); got.Created != 253 {
			t.Fatalf("csv %v: %+v\n%v", asCSV, got.Summary, got.report)
		}
		if again := export(t, second, asCSV, true); again != text {
			t.Errorf("csv %v: the second export differs\n%s\n%s", asCSV, text[:600], again[:600])
		}
	}
}

func TestExportKeepsSecretsAndFormulasBack(t *testing.T) {
	house := newHouse(t)
	importAll(t, house, people.JSONLines(house, strings.NewReader(crowd())), people.ImportOptions{})
	for _, asCSV := range []bool{true, false} {
		text := export(t, house, asCSV, false)
		for _, secret := range []string{argonHash, bcryptHash, scryptHash, "hidden", "passwordHash"} {
			if strings.Contains(text, secret) {
				t.Errorf("csv %v: the export holds %s", asCSV, secret)
			}
		}
	}
	lines := strings.Split(export(t, house, true, false), "\n")
	if want := "id,email,name,emailVerified,image,createdAt,age,role,tags,accounts"; lines[0] != want {
		t.Errorf("header %s, want %s", lines[0], want)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{
		`ada,ada@example.com,'=1+1,true,https://example.com/a.png,2020-02-29T12:30:00.123Z,36,admin,"[""a,b"",""\""c\""""]",` +
			`"[{""providerId"":""github"",""accountId"":""-7"",""scope"":""a,b"",""createdAt"":""2020-03-01T00:00:00Z""}]"`,
		`bob,bob@example.com,''=quoted',false,,2026-01-02T12:00:00.000Z,,user,,` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no line\n%s\nin\n%s", want, text)
		}
	}
}

// passkey is a plugin's table.
type passkey struct {
	ID        string `db:"id"`
	UserID    string `db:"userId,references=user.id,index"`
	Label     string `db:"label"`
	PublicKey string `db:"publicKey"`
	Inner     string `db:"inner,hidden"`
}

type passkeys struct{ table *store.Table[passkey] }

func (p *passkeys) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	p.table = store.Define[passkey](app.DB, "passkey")
	return gatehouse.Parts{ID: "passkeys"}, nil
}

func TestDataOfOnePersonHoldsNoSecretAndNobodyElse(t *testing.T) {
	plugin := &passkeys{}
	house := newHouse(t, func(o *standard.Options) { o.Plugins = append(o.Plugins, plugin) })
	ctx := t.Context()
	importAll(t, house, people.JSONLines(house, strings.NewReader(crowd())), people.ImportOptions{})
	ada, err := house.Users.ByEmail(ctx, "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []*passkey{{UserID: "ada", Label: "phone", PublicKey: "pk-ada", Inner: "in-ada"}, {UserID: "bob", Label: "bob's"}} {
		if err := plugin.table.Insert(ctx, row); err != nil {
			t.Fatal(err)
		}
	}
	sessions := store.Define[gatehouse.Session](house.DB, "session")
	if err := sessions.Insert(ctx, &gatehouse.Session{ID: "s1", UserID: "ada", Token: "session-token", ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}); err != nil {
		t.Fatal(err)
	}
	if err := house.Passwords.MailReset(ctx, ada, "/reset"); err != nil {
		t.Fatal(err)
	}
	record, err := people.Data(ctx, house, "ADA@example.com")
	if err != nil {
		t.Fatal(err)
	}
	got := encode(t, record)
	want := `{"exportedAt":"2026-01-02T12:00:00.000Z",` +
		`"user":{"name":"=1+1","email":"ada@example.com","emailVerified":true,"image":"https://example.com/a.png","createdAt":"2020-02-29T12:30:00.123Z","updatedAt":"2026-01-02T12:00:00.000Z","age":36,"role":"admin","tags":["a,b","\"c\""],"id":"ada"},` +
		`"accounts":[ACCOUNTS],` +
		`"sessions":[{"id":"s1","createdAt":"2026-01-02T12:00:00Z","updatedAt":"2026-01-02T12:00:00Z","expiresAt":"2026-01-02T12:00:00Z","ipAddress":null,"userAgent":null}],` +
		`"verifications":1,` +
		`"mails":[{"kind":"reset-password","state":"pending","createdAt":"2026-01-02T12:00:00Z","sentAt":null}],` +
		`"related":{"passkey":[{"id":"ID","label":"phone","userId":"ada"}]},` +
		`"withheld":["passkey.publicKey"]}`
	accounts := encode(t, record.Accounts)
	want = strings.Replace(want, "[ACCOUNTS]", accounts, 1)
	want = strings.Replace(want, `"id":"ID"`, fmt.Sprintf(`"id":%q`, record.Related["passkey"][0]["id"]), 1)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, secret := range []string{argonHash, "session-token", "pk-ada", "in-ada", "bob"} {
		if strings.Contains(got, secret) {
			t.Errorf("the data hold %s", secret)
		}
	}
}
