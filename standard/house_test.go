package standard_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
	"github.com/gatehouse-auth/gatehouse/plugins/sessionpolicy"
	"github.com/gatehouse-auth/gatehouse/plugins/stepup"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	passcode = "correct horse battery"
	cookie   = "better-auth.session_token"
)

// house is the whole standard set on the store under test, with everything
// switched on that has an operation.
type house struct {
	*standard.House
	t     *testing.T
	mails *letters
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, mails: &letters{}}
	off := false
	o := standard.Defaults()
	o.BaseURL, o.Secret, o.Migrate = gatehousetest.BaseURL, gatehousetest.Secret, gatehouse.MigrateApply
	o.Mailer, o.RateLimit.Enabled = h.mails, &off
	o.EmailAndPassword.Enabled, o.EmailAndPassword.SendResetPassword = true, true
	o.EmailVerification.SendVerificationEmail, o.EmailVerification.AutoSignInAfterVerification = true, true
	o.EmailVerification.SendOnSignUp = new(bool)
	*o.EmailVerification.SendOnSignUp = true
	o.User.ChangeEmail.Enabled, o.User.DeleteUser.Enabled = true, true
	o.Features = standard.Features{
		Admin: &admin.Options{AllowImpersonatingAdmins: true},
		// The routes to walk are many more tries than people make.
		Lockout:        &lockout.Options{AdminRoutes: true, DelayAfter: -1, MaxFailures: 100, MaxFailuresPerAddress: -1},
		Audit:          &audit.Options{Routes: true, Activity: true},
		Approval:       &approval.Options{Mode: approval.Approval},
		FirstAdmin:     &firstadmin.Options{},
		PasswordPolicy: &passwordpolicy.Options{},
		SessionPolicy:  &sessionpolicy.Options{},
		StepUp:         &stepup.Options{},
		Bearer:         &bearer.Options{},
	}
	o.Plugins = []gatehouse.Plugin{gatehousetest.Door()}
	o.DB = gatehousetest.OpenStore(t, o.StoreOptions(store.Options{}))
	var err error
	if h.House, err = standard.New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// enrol makes a person of a role, whom an administrator let in.
func (h *house) enrol(address, role string) *gatehouse.User {
	h.t.Helper()
	user, err := h.Admin.CreateUser(h.t.Context(), admin.NewUser{Email: address, Name: "Guest", Roles: []string{role}})
	if err != nil {
		h.t.Fatalf("enrol %s: %v", address, err)
	}
	return user
}

// enter signs a person in whom the house knows.
func (h *house) enter(address string) *visitor {
	h.t.Helper()
	v := &visitor{house: h, email: address, cookies: map[string]string{}}
	if got := v.send("POST", "/door", gatehousetest.Knock{Email: address}); got.Code != http.StatusOK {
		h.t.Fatalf("enter %s: %d %s", address, got.Code, got.Body)
	}
	return v
}

// visitor is a browser and who sits before it.
type visitor struct {
	house   *house
	email   string // "" for nobody
	cookies map[string]string
	tokens  map[string]string // by operation: what was mailed to them
}

func (v *visitor) send(method, path string, body any) *httptest.ResponseRecorder {
	v.house.t.Helper()
	text := ""
	if method == "POST" {
		raw, err := json.Marshal(body)
		if err != nil {
			v.house.t.Fatal(err)
		}
		text = string(raw)
	}
	r := httptest.NewRequest(method, "/api/auth"+path, strings.NewReader(text))
	r.Header.Set("Origin", gatehousetest.BaseURL)
	if text != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range v.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	w := httptest.NewRecorder()
	v.house.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// secret is the session token in the visitor's cookie.
func (v *visitor) secret() string {
	value, _ := url.PathUnescape(v.cookies[cookie])
	secret, _, _ := strings.Cut(value, ".")
	return secret
}

// letters keeps the mails.
type letters struct {
	mu   sync.Mutex
	sent []gatehouse.Mail
}

func (l *letters) Send(_ context.Context, m gatehouse.Mail) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

// token is what the newest mail of a kind to an address has.
func (h *house) token(kind, to string) string {
	h.t.Helper()
	for range 200 { // the house's own worker may be at it
		if _, err := h.Outbox.Deliver(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.mails.mu.Lock()
		found := ""
		for _, m := range h.mails.sent {
			if text, ok := m.Data["token"].(string); ok && m.Kind == kind && m.To == to {
				found = text
			}
		}
		h.mails.mu.Unlock()
		if found != "" {
			return found
		}
	}
	h.t.Fatalf("no %s mail to %s", kind, to)
	return ""
}
