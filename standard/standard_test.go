package standard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// TestTheDefaultSet: every core operation is there, and what is optional only
// when it is asked for.
func TestTheDefaultSet(t *testing.T) {
	for _, withBearer := range []bool{false, true} {
		db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o := standard.Defaults()
		o.BaseURL, o.Secret, o.DB, o.Migrate = gatehousetest.BaseURL, gatehousetest.Secret, db, gatehouse.MigrateApply
		o.EmailAndPassword.Enabled = true
		if withBearer {
			o.Features.Bearer = &bearer.Options{}
		}
		house, err := standard.New(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		paths := map[string]bool{}
		for _, route := range house.Routes() {
			paths[route.Op.Path] = true
		}
		for _, path := range []string{"/sign-up/email", "/get-session", "/verify-email", "/update-user", "/sign-in/social", "/ok"} {
			if !paths[path] {
				t.Errorf("there is no %s", path)
			}
		}
		r := httptest.NewRequest("POST", "/api/auth/sign-up/email", strings.NewReader(`{"email":"ada@example.com","password":"correct horse","name":"Ada"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		house.ServeHTTP(w, r)
		if w.Code != http.StatusOK || (w.Header().Get("set-auth-token") != "") != withBearer {
			t.Errorf("sign-up answers %d, set-auth-token %q; bearer is on: %v", w.Code, w.Header().Get("set-auth-token"), withBearer)
		}
		if err := house.Close(); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	}
}

// TestZeroMeansOff: a file that sets an age to 0 switches it off, and one that
// is silent keeps the default.
func TestZeroMeansOff(t *testing.T) {
	o := standard.Defaults()
	o.Session.FreshAge = 0
	o.ZeroMeansOff()
	if o.Session.FreshAge >= 0 || o.Session.UpdateAge != 24*time.Hour {
		t.Errorf("freshAge %v, updateAge %v", o.Session.FreshAge, o.Session.UpdateAge)
	}
}
