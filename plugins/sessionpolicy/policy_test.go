package sessionpolicy_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessionpolicy"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	ada      = "ada@example.com"
	passcode = "correct horse battery"
)

// ranks is the smallest thing that knows roles: a column on the user.
type ranks struct{ rank *store.Column[string] }

func (r *ranks) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	r.rank = store.Extend[string](app.DB, "user", store.Field{Name: "rank", Default: "user", Required: true, Hidden: true})
	return gatehouse.Parts{ID: "ranks", Authority: r}, nil
}

func (r *ranks) HasRole(_ context.Context, u *gatehouse.User, roles ...string) (bool, error) {
	rank, err := r.rank.Of(u)
	for _, role := range roles {
		if role == rank {
			return true, err
		}
	}
	return false, err
}

func (r *ranks) Can(context.Context, *gatehouse.User, string, string) (bool, error) {
	return false, nil
}

func plugins(o sessionpolicy.Options) []gatehouse.Plugin {
	passwords := password.New(password.Options{Enabled: true, SendResetPassword: true})
	return []gatehouse.Plugin{
		passwords, sessions.New(), email.New(), gatehousetest.Door(), bearer.New(bearer.Options{}), &ranks{}, sessionpolicy.New(o),
	}
}

func newHouse(t *testing.T, o sessionpolicy.Options) *gatehousetest.House {
	t.Helper()
	return gatehousetest.New(t, plugins(o)...)
}

// twin is a second App on the database of house: another process. It tells the
// same time.
func twin(t *testing.T, house *gatehousetest.House, o sessionpolicy.Options) *gatehousetest.House {
	t.Helper()
	return gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		c.DB = house.DB.Sibling(store.Options{})
		c.Now = house.Clock.Now
	}, plugins(o)...)
}

func isIn(b *gatehousetest.Browser) bool {
	return string(b.Get("/get-session").ExpectStatus(http.StatusOK).Body) != "null"
}

func live(t *testing.T, house *gatehousetest.House, email string) []*gatehouse.Session {
	t.Helper()
	user, err := house.Users.ByEmail(context.Background(), email)
	if err != nil {
		t.Fatal(err)
	}
	all, err := house.Sessions.Active(context.Background(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestIdleSessionEnds: use keeps a session, silence ends it, and its row is
// gone. Looking on without refreshing is no use.
func TestIdleSessionEnds(t *testing.T) {
	o := sessionpolicy.Options{Limits: sessionpolicy.Limits{IdleLifetime: 30 * time.Minute}}
	for _, tt := range []struct {
		name string
		path string
		want bool
	}{
		{"used", "/get-session", true},
		{"looked on", "/get-session?disableRefresh=true", false},
		{"another operation", "/list-sessions", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			house := newHouse(t, o)
			b := house.Enter(ada)
			for range 4 {
				house.Clock.Advance(12 * time.Minute)
				b.Get(tt.path)
			}
			if got := isIn(b); got != tt.want {
				t.Errorf("signed in after 48 minutes: %v, want %v", got, tt.want)
			}
			house.Clock.Advance(30 * time.Minute)
			b.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
			if n := len(live(t, house, ada)); n != 0 {
				t.Errorf("%d rows of sessions that are over", n)
			}
		})
	}
}

// TestUseIsNotedOnceAMinute: not every request writes.
func TestUseIsNotedOnceAMinute(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{Limits: sessionpolicy.Limits{IdleLifetime: 30 * time.Minute}})
	b := house.Enter(ada)
	writes := func() (n int) {
		for _, sql := range house.Statements(func() { isIn(b) }) {
			if strings.HasPrefix(sql, "UPDATE") {
				n++
			}
		}
		return n
	}
	for i, want := range []int{0, 0, 1, 0} {
		if i == 1 {
			house.Clock.Advance(59 * time.Second)
		}
		if i == 2 {
			house.Clock.Advance(time.Second)
		}
		if got := writes(); got != want {
			t.Errorf("request %d: %d writes, want %d", i, got, want)
		}
	}
}

// TestAbsoluteLifetime: no use prolongs it.
func TestAbsoluteLifetime(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{Limits: sessionpolicy.Limits{AbsoluteLifetime: 12 * time.Hour}})
	b := house.Enter(ada)
	for range 11 {
		house.Clock.Advance(time.Hour)
		if !isIn(b) {
			t.Fatal("signed out early")
		}
	}
	house.Clock.Advance(time.Hour - time.Millisecond)
	if !isIn(b) {
		t.Error("signed out a millisecond early")
	}
	house.Clock.Advance(time.Millisecond)
	b.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrUnauthorized))
}

// TestSessionThatIsOverIsOverEverywhere: row 35. Another process, one's own
// routes and bearer tokens hold to it, with the cookie cache on.
func TestSessionThatIsOverIsOverEverywhere(t *testing.T) {
	o := sessionpolicy.Options{Limits: sessionpolicy.Limits{IdleLifetime: 30 * time.Minute}}
	house := gatehousetest.NewWith(t, func(c *gatehouse.Config) { c.Session.CookieCache.Enabled = true }, plugins(o)...)
	other := twin(t, house, o)
	b := house.Enter(ada)
	token := live(t, house, ada)[0].Token
	elsewhere := other.Browser()
	elsewhere.SetCookie("better-auth.session_token", b.Cookie("better-auth.session_token"))
	if !isIn(elsewhere) {
		t.Fatal("the other process does not know the session")
	}
	house.Clock.Advance(30 * time.Minute)
	members := other.RequireSession(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in") }))
	r, _ := http.NewRequest(http.MethodGet, "/members", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Cookie", "better-auth.session_token="+b.Cookie("better-auth.session_token"))
	w := &status{}
	members.ServeHTTP(w, r)
	if w.code != http.StatusUnauthorized {
		t.Errorf("one's own route: %d", w.code)
	}
	if isIn(elsewhere) || isIn(b) {
		t.Error("still signed in")
	}
	native := other.Browser()
	native.Header.Set("Authorization", "Bearer "+token)
	if isIn(native) {
		t.Error("bearer token still good")
	}
}

type status struct{ code int }

func (s *status) Header() http.Header         { return http.Header{} }
func (s *status) Write(b []byte) (int, error) { return len(b), nil }
func (s *status) WriteHeader(code int)        { s.code = code }

// TestLimitsFollowTheRole: from the next request on, also of sessions that are
// there already.
func TestLimitsFollowTheRole(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{
		Limits: sessionpolicy.Limits{IdleLifetime: 24 * time.Hour},
		Roles:  []sessionpolicy.RoleLimits{{Role: "admin", Limits: sessionpolicy.Limits{IdleLifetime: 10 * time.Minute, MaxSessions: 1}}},
	})
	b, bea := house.Enter(ada), house.Enter("bea@example.com")
	house.Clock.Advance(20 * time.Minute)
	if !isIn(b) || !isIn(bea) {
		t.Fatal("signed out early")
	}
	house.Clock.Advance(20 * time.Minute)
	user, err := house.Users.ByEmail(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := house.Users.Update(t.Context(), user.ID, store.Change{Field: "rank", Value: "admin"}); err != nil {
		t.Fatal(err)
	}
	if isIn(b) || !isIn(bea) {
		t.Error("the limits of the role do not count, or count for everybody")
	}
	house.Enter(ada)
	house.Enter(ada)
	house.Enter("bea@example.com")
	if a, b := len(live(t, house, ada)), len(live(t, house, "bea@example.com")); a != 1 || b != 2 {
		t.Errorf("%d sessions of the admin, %d of the user; want 1 and 2", a, b)
	}
}

// TestLimitsByFunction: an embedder decides by what the user carries, and an
// error is no permission.
func TestLimitsByFunction(t *testing.T) {
	var fault error
	house := newHouse(t, sessionpolicy.Options{For: func(_ context.Context, u *gatehouse.User) (sessionpolicy.Limits, error) {
		if u.Email == ada {
			return sessionpolicy.Limits{AbsoluteLifetime: time.Hour}, fault
		}
		return sessionpolicy.Limits{}, fault
	}})
	b, bea := house.Enter(ada), house.Enter("bea@example.com")
	fault = fmt.Errorf("directory away: %w", store.ErrUnavailable)
	bea.Get("/list-sessions").Expect(gatehousetest.Fails(gatehouse.ErrUnavailable))
	fault = nil
	house.Clock.Advance(time.Hour)
	if isIn(b) || !isIn(bea) {
		t.Error("the function does not decide")
	}
}

// TestOldestSessionMakesRoom: the default.
func TestOldestSessionMakesRoom(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 2}})
	var browsers []*gatehousetest.Browser
	for range 4 {
		browsers = append(browsers, house.Enter(ada))
		house.Clock.Advance(time.Minute)
	}
	for i, want := range []bool{false, false, true, true} {
		if got := isIn(browsers[i]); got != want {
			t.Errorf("browser %d signed in: %v, want %v", i, got, want)
		}
	}
	// Signing in again in a browser replaces its own session, not another's.
	browsers[3].Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusOK)
	if !isIn(browsers[2]) || !isIn(browsers[3]) || len(live(t, house, ada)) != 2 {
		t.Error("the other browser was signed out")
	}
}

// TestFullHouseRefuses: the new one stays out, until there is room or a session
// is over by itself.
func TestFullHouseRefuses(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 2, WhenFull: "refuse", IdleLifetime: time.Hour}})
	user := house.AddUser(ada, passcode)
	one := house.SignIn(ada, passcode)
	again := house.Browser()
	knock := func(b *gatehousetest.Browser) *gatehousetest.Answer {
		return b.Post("/sign-in/email", map[string]any{"email": ada, "password": passcode})
	}
	knock(again).Expect(gatehousetest.Fails(sessionpolicy.ErrLimitReached))
	if len(again.Cookie("better-auth.session_token")) != 0 {
		t.Error("a refused sign-in set a cookie")
	}
	knock(one).ExpectStatus(http.StatusOK) // the same browser
	if n := len(live(t, house, ada)); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	one.Post("/sign-out", map[string]any{}).ExpectStatus(http.StatusOK)
	knock(again).ExpectStatus(http.StatusOK)
	house.Clock.Advance(time.Hour)
	knock(house.Browser()).ExpectStatus(http.StatusOK)
	if n := len(live(t, house, ada)); n != 1 {
		t.Errorf("%d sessions after the others were over, want 1", n)
	}
	if err := house.Users.Delete(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
}

// TestLoweredLimitHoldsAtTheNextSignIn: whoever has far more than allowed.
func TestLoweredLimitHoldsAtTheNextSignIn(t *testing.T) {
	before := newHouse(t, sessionpolicy.Options{})
	for range 230 {
		before.Enter(ada)
	}
	after := twin(t, before, sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 3}})
	after.Enter(ada)
	if n := len(live(t, after, ada)); n != 3 {
		t.Errorf("%d sessions, want 3", n)
	}
}

// TestParallelSignInsNeverExceedTheLimit: 50 at once, in two processes.
func TestParallelSignInsNeverExceedTheLimit(t *testing.T) {
	for _, when := range []string{"revokeOldest", "refuse"} {
		t.Run(when, func(t *testing.T) {
			o := sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 3, WhenFull: when}}
			house := newHouse(t, o)
			nodes := []*gatehousetest.House{house, twin(t, house, o)}
			house.Invite(ada)
			var start, done sync.WaitGroup
			start.Add(1)
			answers := make([]int, 50)
			for i := range answers {
				done.Add(1)
				b := nodes[i%2].Browser()
				go func() {
					defer done.Done()
					start.Wait()
					answers[i] = b.Post("/door", gatehousetest.Knock{Email: ada}).Status
				}()
			}
			start.Done()
			done.Wait()
			admitted := 0
			for _, code := range answers {
				if code == http.StatusOK {
					admitted++
				} else if when != "refuse" || code != http.StatusForbidden {
					t.Errorf("answered %d", code)
				}
			}
			if n := len(live(t, house, ada)); n != 3 || (when == "refuse") != (admitted == 3) {
				t.Errorf("%d live sessions after %d were admitted, want 3", n, admitted)
			}
		})
	}
}

// TestSignInsBesideARevocation: a changed password revokes and admits, while
// others sign in. Whoever waits for whom, nobody is turned away.
func TestSignInsBesideARevocation(t *testing.T) {
	house := newHouse(t, sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 2}})
	house.AddUser(ada, passcode)
	for round := range 3 {
		b := house.SignIn(ada, passcode)
		var done sync.WaitGroup
		for range 8 {
			other := house.Browser()
			done.Go(func() {
				if a := other.Post("/door", gatehousetest.Knock{Email: ada}); a.Status != http.StatusOK {
					t.Errorf("round %d: sign-in answers %d %s", round, a.Status, a.Body)
				}
			})
		}
		done.Go(func() {
			a := b.Post("/change-password", map[string]any{"currentPassword": passcode, "newPassword": passcode, "revokeOtherSessions": true})
			if a.Status != http.StatusOK && a.Status != http.StatusUnauthorized { // another sign-in may have ended b's session
				t.Errorf("round %d: change answers %d %s", round, a.Status, a.Body)
			}
		})
		done.Wait()
		if n := len(live(t, house, ada)); n > 2 {
			t.Errorf("round %d: %d sessions, want 2 at most", round, n)
		}
	}
}

// TestVerifiedAddressOnEveryWayIn: not only by password; and who signs up keeps
// the account and can prove the address.
func TestVerifiedAddressOnEveryWayIn(t *testing.T) {
	passwords := password.New(password.Options{Enabled: true})
	house := gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		c.EmailVerification.SendVerificationEmail = true
		c.EmailVerification.SendOnSignIn = true
	}, passwords, email.New(), sessions.New(), gatehousetest.Door(), sessionpolicy.New(sessionpolicy.Options{RequireVerifiedEmail: true}))
	refusal := gatehousetest.Fails(gatehouse.ErrEmailNotVerified)
	b := house.Browser()
	b.Post("/sign-up/email", map[string]any{"email": ada, "name": "Ada", "password": passcode}).Expect(refusal)
	if _, err := house.Users.ByEmail(t.Context(), ada); err != nil {
		t.Fatalf("the account is gone, so the address can never be proved: %v", err)
	}
	b.Post("/sign-in/email", map[string]any{"email": ada, "password": passcode}).Expect(refusal)
	b.Post("/door", gatehousetest.Knock{Email: ada}).Expect(refusal)
	if b.Cookie("better-auth.session_token") != "" || len(live(t, house, ada)) != 0 {
		t.Error("a session was made")
	}
	url, _ := house.Mail("verification-email", ada).Data["url"].(string)
	b.Get(url)
	b.Post("/door", gatehousetest.Knock{Email: ada}).ExpectStatus(http.StatusOK)
	if !isIn(b) {
		t.Error("not signed in after the address was proved")
	}
}

// TestStandardSetSignsUpWithoutASession: the setting reaches the password
// feature, so that signing up answers as the protocol does.
func TestStandardSetSignsUpWithoutASession(t *testing.T) {
	house := gatehousetest.NewWith(t, func(c *gatehouse.Config) {
		o := standard.Options{Config: *c, EmailAndPassword: password.Options{Enabled: true}}
		o.DB = gatehousetest.New(t).DB.Sibling(store.Options{})
		o.Features.SessionPolicy = &sessionpolicy.Options{RequireVerifiedEmail: true}
		full, err := standard.New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = full.Close() })
		c.DB, c.Plugins = o.DB, nil
		r, _ := http.NewRequest(http.MethodPost, gatehousetest.BaseURL+"/api/auth/sign-up/email",
			strings.NewReader(`{"email":"ada@example.com","name":"Ada","password":"correct horse battery"}`))
		r.Header.Set("Content-Type", "application/json")
		w := &status{}
		full.ServeHTTP(w, r)
		if w.code != http.StatusOK {
			t.Errorf("sign-up answers %d", w.code)
		}
	})
	if n := len(live(t, house, ada)); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestMistakesInTheOptionsStopNew(t *testing.T) {
	hour := sessionpolicy.Limits{IdleLifetime: time.Hour}
	for _, tt := range []struct {
		name string
		o    sessionpolicy.Options
		want string
	}{
		{"idle", sessionpolicy.Options{Limits: sessionpolicy.Limits{IdleLifetime: time.Second}}, "idleLifetime"},
		{"absolute", sessionpolicy.Options{Limits: sessionpolicy.Limits{AbsoluteLifetime: -time.Hour}}, "absoluteLifetime"},
		{"sessions", sessionpolicy.Options{Limits: sessionpolicy.Limits{MaxSessions: 100}}, "maxSessions"},
		{"when full", sessionpolicy.Options{Limits: sessionpolicy.Limits{WhenFull: "explode"}}, "whenFull"},
		{"nameless role", sessionpolicy.Options{Roles: []sessionpolicy.RoleLimits{{Limits: hour}}}, "no name"},
		{"role", sessionpolicy.Options{Roles: []sessionpolicy.RoleLimits{{Role: "admin", Limits: sessionpolicy.Limits{MaxSessions: -1}}}}, "admin"},
		{"both", sessionpolicy.Options{Limits: hour, For: func(context.Context, *gatehouse.User) (sessionpolicy.Limits, error) { return hour, nil }}, "not both"},
		{"cookie cache", sessionpolicy.Options{Limits: sessionpolicy.Limits{IdleLifetime: 6 * time.Minute}}, "cookieCache"},
		{"roles without a plugin that knows them", sessionpolicy.Options{Roles: []sessionpolicy.RoleLimits{{Role: "admin", Limits: hour}}}, "knows roles"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := gatehouse.New(t.Context(), gatehouse.Config{
				BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, Migrate: gatehouse.MigrateApply,
				DB:      gatehousetest.New(t).DB.Sibling(store.Options{}),
				Session: gatehouse.SessionOptions{CookieCache: gatehouse.CookieCacheOptions{Enabled: true}},
				Plugins: []gatehouse.Plugin{sessionpolicy.New(tt.o)},
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %s", err, tt.want)
			}
		})
	}
}
