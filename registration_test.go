package gatehouse_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// registrar refuses or lets wait, and keeps whom it was asked about.
type registrar struct {
	waits   bool
	refusal error
	mu      sync.Mutex
	asked   []string
	origins []gatehouse.Origin
}

func (r *registrar) Register(ctx context.Context, email string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, email)
	r.origins = append(r.origins, gatehouse.OriginOf(ctx))
	return r.waits, r.refusal
}

func (r *registrar) parts() feature {
	return parts(gatehouse.Parts{ID: "registrar", Registrar: r, Errors: []*gatehouse.Error{gatehouse.ErrForbidden}})
}

func TestSignUpAsksTheRegistrarBeforeAnythingElse(t *testing.T) {
	r := &registrar{refusal: gatehouse.ErrForbidden}
	house := newHouse(t, nil, r.parts())
	house.Invite(ada)
	for _, address := range []string{ada, eve} {
		statements := house.Statements(func() {
			house.Post("/sign-up/email", map[string]string{"name": "x", "email": address, "password": "short"}).
				Expect(gatehousetest.Fails(gatehouse.ErrForbidden))
		})
		if len(statements) != 0 {
			t.Errorf("%s: the database was asked: %v", address, statements)
		}
	}
	if len(r.asked) != 2 || r.origins[0] != (gatehouse.Origin{Method: "password"}) {
		t.Errorf("asked about %v, %v", r.asked, r.origins)
	}
}

func TestWhoWaitsIsNotSignedIn(t *testing.T) {
	house := newHouse(t, nil, (&registrar{waits: true}).parts())
	house.Invite(ada)
	for _, address := range []string{ada, eve} {
		answer := house.Post("/sign-up/email", map[string]string{"name": "x", "email": address, "password": passcode}).
			Expect(gatehousetest.OK(`{"token":null,"user":{"email":"` + address + `",…}}`))
		if len(answer.Cookies) != 0 {
			t.Errorf("%s: %v", address, answer.Cookies)
		}
	}
}

// creator makes users in three ways and keeps what OriginOf said of each.
type creator struct {
	app  *gatehouse.App
	seen map[string]gatehouse.Origin
}

func (k *creator) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	k.app = app
	op := func(id string, access gatehouse.Access) gatehouse.Op {
		return gatehouse.Op{ID: id, Method: http.MethodPost, Path: "/" + id, Access: access}
	}
	create := func(c *gatehouse.Call, _ struct{}) (struct{}, error) {
		return struct{}{}, app.Users.Create(c, &gatehouse.User{Email: c.Op().ID + "@example.com"})
	}
	return gatehouse.Parts{
		ID: "creator", Authority: anybodyMay{},
		Routes: []gatehouse.Route{
			gatehouse.Endpoint(op("byAnybody", gatehouse.Public), create),
			gatehouse.Endpoint(op("bySomebody", gatehouse.SignedIn), create),
			gatehouse.Endpoint(op("byAdmin", gatehouse.Can("user", "create")), create),
		},
		Hooks: gatehouse.Hooks{User: gatehouse.RecordHooks[gatehouse.User]{
			BeforeCreate: func(ctx context.Context, u *gatehouse.User) error {
				k.seen[u.Email] = gatehouse.OriginOf(ctx)
				return nil
			},
		}},
	}, nil
}

type anybodyMay struct{}

func (anybodyMay) HasRole(context.Context, *gatehouse.User, ...string) (bool, error) {
	return true, nil
}
func (anybodyMay) Can(context.Context, *gatehouse.User, string, string) (bool, error) {
	return true, nil
}

func TestOriginOf(t *testing.T) {
	k := &creator{seen: map[string]gatehouse.Origin{}}
	house := newHouse(t, nil, k)
	b := house.Enter(ada)
	user, err := house.Users.ByEmail(context.Background(), ada)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/byAnybody", "/bySomebody", "/byAdmin"} {
		b.Post(path, struct{}{}).ExpectStatus(http.StatusOK)
	}
	house.AddUser(eve, passcode)
	said := gatehouse.Origin{Method: "import", Actor: "somebody"}
	if err := house.Users.Create(gatehouse.WithOrigin(context.Background(), said), &gatehouse.User{Email: "imported@example.com"}); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]gatehouse.Origin{
		"byanybody@example.com":  {Method: "byAnybody"},
		"bysomebody@example.com": {Method: "bySomebody"},
		"byadmin@example.com":    {Method: "byAdmin", Actor: user.ID},
		ada:                      {Method: "program", Actor: gatehouse.System},
		eve:                      {Method: "password"},
		"imported@example.com":   said,
	} {
		if got := k.seen[address]; got != want {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}

func TestOneRegistrarOnly(t *testing.T) {
	house := newHouse(t, nil)
	configured := configure(func(o *standard.Options) { o.DB = house.DB.Sibling(o.StoreOptions(store.Options{})) },
		(&registrar{}).parts(), (&registrar{}).parts())
	config := gatehouse.Config{BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret}
	configured(&config)
	_, err := gatehouse.New(context.Background(), config)
	if want := "another plugin already decides who may register"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
