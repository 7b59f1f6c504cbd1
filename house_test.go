package gatehouse_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	ada      = "ada@example.com"
	eve      = "eve@example.com"
	passcode = "correct horse battery"

	sessionCookie = "better-auth.session_token"
	cacheCookie   = "better-auth.session_data"
)

// newHouse is a house with every core feature on and a door; change, which
// may be nil, sets its options, and more are plugins that come last.
func newHouse(t testing.TB, change func(*standard.Options), more ...gatehouse.Plugin) *gatehousetest.House {
	t.Helper()
	return gatehousetest.NewWith(t, configure(change, more...))
}

// twin is a second App on the database of house: another node.
func twin(t testing.TB, house *gatehousetest.House, change func(*standard.Options), more ...gatehouse.Plugin) *gatehousetest.House {
	t.Helper()
	return newHouse(t, func(o *standard.Options) {
		if change != nil {
			change(o)
		}
		o.DB = house.DB.Sibling(o.StoreOptions(store.Options{}))
	}, more...)
}

func configure(change func(*standard.Options), more ...gatehouse.Plugin) func(*gatehouse.Config) {
	return func(c *gatehouse.Config) {
		o := standard.Options{Config: *c, EmailAndPassword: password.Options{Enabled: true, SendResetPassword: true}}
		o.EmailVerification.SendVerificationEmail = true
		o.User.ChangeEmail.Enabled = true
		o.User.DeleteUser.Enabled = true
		if change != nil {
			change(&o)
		}
		*c = o.Config
		c.Plugins = append(features(o), more...)
	}
}

// features are the plugins of the standard set, and the door.
func features(o standard.Options) []gatehouse.Plugin {
	passwords := password.New(o.EmailAndPassword)
	set := []gatehouse.Plugin{
		passwords, sessions.New(), email.New(), account.New(passwords.CheckPassword), social.New(social.Options{}), gatehousetest.Door(),
	}
	if o.Features.Bearer != nil {
		set = append(set, bearer.New(*o.Features.Bearer))
	}
	return set
}

// at is a pointer to any value, for options whose unset is not their zero.
func at[T any](v T) *T { return &v }

// together runs fn on n goroutines that start at once.
func together(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			fn(i)
		})
	}
	ready.Done()
	done.Wait()
}

// rows reads a query's rows as texts, columns joined by "|", NULL as "NULL".
func rows(t testing.TB, house *gatehousetest.House, query string) []string {
	t.Helper()
	found, err := house.DB.SQL().QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer found.Close()
	columns, _ := found.Columns()
	var all []string
	for found.Next() {
		values, targets := make([]*string, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := found.Scan(targets...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		texts := make([]string, len(columns))
		for i, v := range values {
			if texts[i] = "NULL"; v != nil {
				texts[i] = *v
			}
		}
		all = append(all, strings.Join(texts, "|"))
	}
	return all
}

// tokenIn is the secret of the newest mail of a kind.
func tokenIn(t testing.TB, house *gatehousetest.House, kind, to string) string {
	t.Helper()
	secret, _ := house.Mail(kind, to).Data["token"].(string)
	if secret == "" {
		t.Fatalf("the %s mail has no token", kind)
	}
	return secret
}

// nobody reports whether the browser has no session now.
func nobody(b *gatehousetest.Browser) bool {
	return string(b.Get("/get-session").ExpectStatus(http.StatusOK).Body) == "null"
}

// decodeBase64 is what anybody can read in a signed token's part.
func decodeBase64(s string) string {
	plain, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(plain)
}

// serve sends a request to any handler.
func serve(h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, http.NoBody)
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
