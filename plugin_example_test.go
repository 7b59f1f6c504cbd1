package gatehouse_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Note is a row of the plugin below: what a third party writes to add a
// feature with a table, a column on the user, two routes and a gate.
type Note struct {
	ID     string `db:"id"`
	UserID string `db:"userId,references=user.id,index"`
	Text   string `db:"text"`
}

var (
	errTooManyNotes = gatehouse.NewError(http.StatusConflict, "TOO_MANY_NOTES", "You have enough notes")
	errOnHoliday    = gatehouse.NewError(http.StatusForbidden, "ON_HOLIDAY", "Enjoy your holiday")
)

type notes struct {
	table   *store.Table[Note]
	mine    *store.Query[Note]
	holiday *store.Column[bool]
}

var _ gatehouse.Plugin = (*notes)(nil)

func (n *notes) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	n.table = store.Define[Note](app.DB, "note")
	n.mine = n.table.Select("{userId} = ?")
	n.holiday = store.Extend[bool](app.DB, "user", store.Field{Name: "onHoliday", Required: true, Default: false, Hidden: true})
	return gatehouse.Parts{
		ID: "notes",
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(gatehouse.Op{ID: "addNote", Method: "POST", Path: "/notes/add", Access: gatehouse.SignedIn,
				Doc: "Writes a note.", Errors: []*gatehouse.Error{errTooManyNotes}}, n.add),
			gatehouse.Endpoint(gatehouse.Op{ID: "listNotes", Method: "GET", Path: "/notes", Access: gatehouse.SignedIn, Doc: "Lists your notes."}, n.list),
		},
		Gates: []gatehouse.Gate{{Kind: gatehouse.Refuse, Ask: n.refuseOnHoliday}},
	}, nil
}

type addNote struct {
	Text string `json:"text" check:"nonempty,max=10"`
}

func (n *notes) add(c *gatehouse.Call, in addNote) (gatehousetest.Admitted, error) {
	have, err := n.mine.All(c, c.User().ID)
	if err == nil && len(have) == 2 {
		err = errTooManyNotes
	}
	if err == nil {
		err = n.table.Insert(c, &Note{UserID: c.User().ID, Text: in.Text})
	}
	return gatehousetest.Admitted{User: c.User()}, err
}

func (n *notes) list(c *gatehouse.Call, _ struct{}) ([]string, error) {
	have, err := n.mine.All(c, c.User().ID)
	texts := []string{}
	for _, note := range have {
		texts = append(texts, note.Text)
	}
	return texts, err
}

func (n *notes) refuseOnHoliday(_ *gatehouse.Call, p gatehouse.Proof) error {
	away, err := n.holiday.Of(p.User)
	if err == nil && away {
		return errOnHoliday
	}
	return err
}

func TestAThirdPartysPlugin(t *testing.T) {
	house := newHouse(t, nil, &notes{})
	house.Allow(errOnHoliday)
	b, other := house.Enter(ada), house.Enter(eve)
	house.Get("/notes").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
	b.Post("/notes/add", addNote{Text: "one"}).Expect(gatehousetest.OK(`{"token":"","user":{"name":"Guest","email":"ada@example.com","emailVerified":true,"image":null,"createdAt":"…","updatedAt":"…","id":"…"}}`))
	b.Post("/notes/add", addNote{Text: "far too long a text"}).ExpectStatus(http.StatusBadRequest)
	b.Post("/notes/add", addNote{Text: "two"}).ExpectStatus(http.StatusOK)
	b.Post("/notes/add", addNote{Text: "three"}).Expect(gatehousetest.Fails(errTooManyNotes))
	b.Get("/notes").Expect(gatehousetest.OK(`["one","two"]`))
	other.Get("/notes").Expect(gatehousetest.OK(`[]`))
	user, _ := house.Users.ByEmail(t.Context(), ada)
	if _, err := house.Users.Update(t.Context(), user.ID, store.Change{Field: "onHoliday", Value: true}); err != nil {
		t.Fatal(err)
	}
	house.Post("/door", gatehousetest.Knock{Email: ada}).Expect(gatehousetest.Fails(errOnHoliday))
	if err := house.Users.Delete(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	if left := rows(t, house, `SELECT * FROM "note"`); len(left) != 0 {
		t.Errorf("notes outlive their user: %v", left)
	}
}

// TestAFlagThatIsNoFlagKeepsPeopleOut (row 129): a stored flag that is no
// boolean is an error, never "false".
func TestAFlagThatIsNoFlagKeepsPeopleOut(t *testing.T) {
	house := newHouse(t, nil, &notes{})
	house.Allow(errOnHoliday)
	house.Invite(ada)
	if house.DB.Kind() != "sqlite" {
		// PostgreSQL keeps the column's type: what remains is NULL.
		if _, err := house.DB.SQL().Exec(`ALTER TABLE "user" ALTER COLUMN "onHoliday" DROP NOT NULL; UPDATE "user" SET "onHoliday" = NULL`); err != nil {
			t.Fatal(err)
		}
		house.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusInternalServerError)
		return
	}
	for _, stored := range []string{"'yes, away'", "x'01'", "2.5", "''", "'maybe'"} {
		if _, err := house.DB.SQL().Exec(`UPDATE "user" SET "onHoliday" = ` + stored); err != nil {
			t.Fatal(err)
		}
		if got := house.Post("/door", gatehousetest.Knock{Email: ada}); got.Status != http.StatusInternalServerError || len(got.Cookies) != 0 {
			t.Errorf("with %s stored the answer is %d %s", stored, got.Status, got.Body)
		}
	}
	for stored, want := range map[string]int{"0": 200, "1": 403, "'true'": 403} {
		if _, err := house.DB.SQL().Exec(`UPDATE "user" SET "onHoliday" = ` + stored); err != nil {
			t.Fatal(err)
		}
		house.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(want)
	}
	// A record that never met the store knows nothing, and says so.
	if _, err := (&store.Column[bool]{}).Of(&gatehouse.User{}); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("reading a flag of an unsaved user says %v", err)
	}
}
