package firstadmin_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	root     = "root@example.com"
	eve      = "eve@example.com"
	passcode = "correct horse battery"
)

// roles is a small real authority that knows one role.
type roles struct{ app *gatehouse.App }

func (r *roles) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	r.app = app
	store.Extend[*string](app.DB, "user", store.Field{Name: "role"})
	return gatehouse.Parts{ID: "roles", Authority: r}, nil
}

func (r *roles) HasRole(_ context.Context, user *gatehouse.User, wanted ...string) (bool, error) {
	role, _ := user.Get("role")
	return role == wanted[0], nil
}

func (r *roles) Can(ctx context.Context, user *gatehouse.User, _, _ string) (bool, error) {
	return r.HasRole(ctx, user, "admin")
}

func (r *roles) Administrators(ctx context.Context, limit int) ([]*gatehouse.User, error) {
	return store.Define[gatehouse.User](r.app.DB, "user").Find(ctx, store.Search{
		Where: []store.Condition{{Field: "role", Value: "admin"}}, Limit: limit,
	})
}

func (r *roles) Appoint(user *gatehouse.User) { user.Set("role", "admin") }

type house struct {
	*gatehousetest.House
	first *firstadmin.FirstAdmin
}

// open is a house in which registration is closed until the first admin exists.
func open(t testing.TB, db *store.DB) *house {
	t.Helper()
	h := &house{}
	h.House = gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		if db != nil {
			c.DB = db.Sibling(c.StoreOptions(store.Options{}))
		}
		passwords := password.New(password.Options{Enabled: true, RequireEmailVerification: true})
		h.first = firstadmin.New(firstadmin.Options{}, passwords.HashNew)
		c.Plugins = []gatehouse.Plugin{
			passwords, sessions.New(), &roles{},
			approval.New(approval.Options{Mode: approval.Approval, ClosedUntilFirstAdmin: true}), h.first,
		}
	})
	return h
}

// offer is the secret of a new link.
func (h *house) offer(t testing.TB) string {
	t.Helper()
	link, err := h.first.Offer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	secret, ok := strings.CutPrefix(link, gatehousetest.BaseURL+"/first-admin?token=")
	if !ok {
		t.Fatalf("link %q", link)
	}
	secret, _ = url.QueryUnescape(secret)
	return secret
}

func claim(secret, address string) map[string]string {
	return map[string]string{"token": secret, "email": address, "password": passcode, "name": "Root"}
}

var invalid = gatehousetest.Fails(firstadmin.ErrLink)

func TestFirstAdmin(t *testing.T) {
	h := open(t, nil)
	h.Post("/sign-up/email", map[string]string{"name": "Eve", "email": eve, "password": passcode}).Expect(gatehousetest.Fails(approval.ErrClosed))
	secret := h.offer(t)
	for _, wrong := range []string{"x", strings.Repeat("a", 32), secret[:31]} {
		h.Post("/first-admin", claim(wrong, eve)).Expect(invalid)
	}
	h.Browser().Send(http.MethodHead, "/first-admin?token="+secret, "", "").ExpectStatus(http.StatusNotFound)
	h.Get("/first-admin?token=" + secret).ExpectStatus(http.StatusNotFound)

	// A slip costs nothing.
	short := claim(secret, root)
	short["password"] = "short"
	h.Post("/first-admin", short).Expect(gatehousetest.Fails(password.ErrTooShort))

	b := h.Browser()
	b.Post("/first-admin", claim(secret, root)).Expect(gatehousetest.OK(`{"token":…,"user":{"email":"root@example.com","emailVerified":true,"role":"admin",…}}`))
	b.Get("/get-session").Expect(gatehousetest.OK(`{"session":…,"user":{"role":"admin",…}}`))
	h.SignIn(root, passcode)

	h.Post("/first-admin", claim(secret, eve)).Expect(invalid)
	if link, err := h.first.Offer(context.Background()); link != "" || err != nil {
		t.Errorf("offered %q, %v", link, err)
	}
	h.Post("/sign-up/email", map[string]string{"name": "Eve", "email": eve, "password": passcode}).Expect(gatehousetest.OK(`{"token":null,"user":…}`))
}

func TestForeignSiteCannotClaim(t *testing.T) {
	h := open(t, nil)
	b := h.Browser()
	b.Header.Set("Origin", "https://evil.test")
	b.SetCookie("better-auth.session_token", "x")
	b.Post("/first-admin", claim(h.offer(t), eve)).Expect(gatehousetest.Fails(gatehouse.ErrInvalidOrigin))
}

func TestLinkEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*testing.T, *house)
	}{
		{"after 24 hours", func(_ *testing.T, h *house) { h.Clock.Advance(24 * time.Hour) }},
		{"with a newer link", func(t *testing.T, h *house) { h.offer(t) }},
		{"with an administrator made in another way", func(t *testing.T, h *house) {
			user := &gatehouse.User{Name: "CLI", Email: "cli@example.com"}
			user.Set("role", "admin")
			if err := h.Users.Create(context.Background(), user); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, nil)
			secret := h.offer(t)
			tt.end(t, h)
			h.Post("/first-admin", claim(secret, eve)).Expect(invalid)
			if _, err := h.Users.ByEmail(context.Background(), eve); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("an account was made: %v", err)
			}
		})
	}
}

func TestLinkEndsWithTheProcess(t *testing.T) {
	h := open(t, nil)
	other := open(t, h.DB)
	secret := other.offer(t)
	if err := other.App.Close(); err != nil {
		t.Fatal(err)
	}
	h.Post("/first-admin", claim(secret, eve)).Expect(invalid)
}

func TestLinkIsStoredAsHash(t *testing.T) {
	h := open(t, nil)
	secret := h.offer(t)
	var stored string
	column := `"tokenHash"`
	if err := h.DB.SQL().QueryRowContext(context.Background(), `SELECT `+column+` FROM "firstAdmin"`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if len(stored) != 64 || strings.Contains(stored, secret) {
		t.Errorf("stored %q", stored)
	}
	h.Post("/first-admin", claim(stored, eve)).Expect(invalid)
}

// Of 30 who claim at once, in two processes with the link of either, while a
// third link is made, one at most is the first administrator: none if the new
// link ended theirs.
func TestOneClaimWins(t *testing.T) {
	h := open(t, nil)
	nodes := []*house{h, open(t, h.DB)}
	secrets := []string{nodes[0].offer(t), nodes[1].offer(t)}
	var won atomic.Int32
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			a := nodes[i%2].Post("/first-admin", claim(secrets[i/2%2], "p"+string(rune('a'+i%26))+string(rune('a'+i/26))+"@example.com"))
			switch {
			case a.Status == http.StatusOK:
				won.Add(1)
			case a.Text("code") != firstadmin.ErrLink.Code:
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	group.Go(func() {
		if _, err := nodes[1].first.Offer(context.Background()); err != nil {
			t.Error(err)
		}
	})
	group.Wait()
	users, err := store.Define[gatehouse.User](h.DB, "user").CountWhere(context.Background(), nil)
	if err != nil || users != int64(won.Load()) || users > 1 {
		t.Errorf("%d won, %d users, %v", won.Load(), users, err)
	}
}
