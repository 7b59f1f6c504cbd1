package server_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/web"
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

// administered are the defaults of a new server.
func administered(o *server.Options) {
	o.Features.Admin = nil
	o.Plugins = []gatehouse.Plugin{&roles{}}
	o.Features.Approval.Mode = approval.Approval
	limited := false
	o.RateLimit.Enabled = &limited
}

func (p *product) claim(fields url.Values, header map[string]string) reply {
	p.t.Helper()
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, value := range header {
		all[name] = value
	}
	return p.do(http.MethodPost, server.FirstAdminPath, fields.Encode(), all)
}

// TestFirstAdminComesInByTheLink walks from the start of a new server to the
// first administrator and the first approval.
func TestFirstAdminComesInByTheLink(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database, administered))
		started := p.Started()
		if started.Registration != "closed until there is an administrator, then by approval of an administrator" {
			t.Errorf("registration is %q", started.Registration)
		}
		eve := map[string]string{"name": "Eve", "email": "eve@example.com", "password": password}
		if got := p.post("/api/auth/sign-up/email", eve); got.Status != http.StatusForbidden || !strings.Contains(got.Body, "REGISTRATION_CLOSED") {
			t.Errorf("sign up: %d %s", got.Status, got.Body)
		}
		link, ok := strings.CutPrefix(started.FirstAdmin, started.BaseURL)
		page, query, _ := strings.Cut(link, "?")
		if !ok || page != web.FirstAdminPath && page != server.FirstAdminPath || !strings.HasPrefix(query, "token=") {
			t.Fatalf("link %q", started.FirstAdmin)
		}
		link = server.FirstAdminPath + "?" + query // the same page without script
		if strings.Contains(p.Log.String(), link) {
			t.Error("the link is in the log")
		}
		for range 2 { // a look consumes nothing
			p.do(http.MethodHead, link, "", nil)
			p.get(link)
		}
		found := tokenField.FindStringSubmatch(p.get(link).Body)
		if found == nil {
			t.Fatal("no form")
		}
		form := url.Values{"token": {html.UnescapeString(found[1])}, "name": {"Root"}, "email": {"root@example.com"}, "password": {"short"}}
		if got := p.claim(form, nil); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "Password too short.") || !strings.Contains(got.Body, `value="root@example.com"`) {
			t.Errorf("short: %d\n%s", got.Status, got.Body)
		}
		form.Set("password", password)
		claimed := p.claim(form, map[string]string{"Origin": "null", "Cookie": "a=b"})
		if claimed.Status != http.StatusOK || !strings.Contains(claimed.Body, "You are the administrator") || strings.Contains(claimed.Body, form.Get("token")) {
			t.Fatalf("claim: %d\n%s", claimed.Status, claimed.Body)
		}
		session := p.do(http.MethodGet, "/api/auth/get-session", "", map[string]string{"Cookie": cookies(claimed)})
		if !strings.Contains(session.Body, `"role":"admin"`) {
			t.Errorf("session: %s", session.Body)
		}
		form.Set("email", "eve@example.com")
		if again := p.claim(form, nil); again.Status != http.StatusForbidden || again.Header.Get("Set-Cookie") != "" {
			t.Errorf("used twice: %d\n%s", again.Status, again.Body)
		}
		if got := p.post("/api/auth/sign-up/email", eve); got.Status != http.StatusOK || !strings.Contains(got.Body, `"token":null`) {
			t.Errorf("sign up: %d %s", got.Status, got.Body)
		}
	})
}

func TestSecondStartOffersNoLink(t *testing.T) {
	o := options(t, administered)
	first := serve(t, o)
	token := func(link string) string { return link[strings.IndexByte(link, '=')+1:] }
	old := token(first.Started().FirstAdmin)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := serve(t, o)
	form := url.Values{"token": {old}, "name": {"Root"}, "email": {"root@example.com"}, "password": {password}}
	if got := second.claim(form, nil); got.Status != http.StatusForbidden {
		t.Errorf("the link of a process that ended: %d", got.Status)
	}
	form.Set("token", token(second.Started().FirstAdmin))
	if got := second.claim(form, nil); got.Status != http.StatusOK {
		t.Fatalf("%d\n%s", got.Status, got.Body)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	third := serve(t, o)
	if s := third.Started(); s.FirstAdmin != "" || s.Registration != "by approval of an administrator" {
		t.Errorf("%+v", s)
	}
}

func TestFirstAdminPageTakesNothingElse(t *testing.T) {
	p := serve(t, options(t, administered))
	if got := p.get(server.FirstAdminPath); got.Status != http.StatusOK || strings.Contains(got.Body, "<form") || !strings.Contains(got.Body, "incomplete") {
		t.Errorf("%d\n%s", got.Status, got.Body)
	}
	if got := p.get(server.FirstAdminPath + `?token="><script>alert(1)</script>`); strings.Contains(got.Body, "<script") {
		t.Errorf("markup is not escaped:\n%s", got.Body)
	}
	if got := p.do(http.MethodPut, server.FirstAdminPath, "{}", nil); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got.Status)
	}
	if got := p.claim(url.Values{}, nil); got.Status != http.StatusBadRequest {
		t.Errorf("empty form: %d\n%s", got.Status, got.Body)
	}
}
