package gatehouse_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// feature is a plugin made of its parts.
type feature func(*gatehouse.App) (gatehouse.Parts, error)

func (f feature) Plug(app *gatehouse.App) (gatehouse.Parts, error) { return f(app) }

// parts is a feature that needs no App.
func parts(p gatehouse.Parts) feature {
	return func(*gatehouse.App) (gatehouse.Parts, error) { return p, nil }
}

func route(op gatehouse.Op) gatehouse.Route {
	return gatehouse.Endpoint(op, func(*gatehouse.Call, struct{}) (struct{}, error) { return struct{}{}, nil })
}

type nobodyMay struct{}

func (nobodyMay) HasRole(context.Context, *gatehouse.User, ...string) (bool, error) {
	return false, nil
}
func (nobodyMay) Can(context.Context, *gatehouse.User, string, string) (bool, error) {
	return false, nil
}

func TestMistakesStopNew(t *testing.T) {
	op := gatehouse.Op{ID: "x", Method: "POST", Path: "/x", Access: gatehouse.Public}
	with := func(change func(*gatehouse.Op)) gatehouse.Op {
		o := op
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name    string
		plugins []gatehouse.Plugin
		change  func(*gatehouse.Config)
		want    string
	}{
		{"an operation without Access", []gatehouse.Plugin{
			parts(gatehouse.Parts{ID: "a", Routes: []gatehouse.Route{route(with(func(o *gatehouse.Op) { o.Access = gatehouse.Access{} }))}}),
		}, nil, "operation x (POST /x) has no Access"},
		{"two owners of a route", []gatehouse.Plugin{
			parts(gatehouse.Parts{ID: "a", Routes: []gatehouse.Route{route(op)}}),
			parts(gatehouse.Parts{ID: "b", Routes: []gatehouse.Route{route(op)}}),
		}, nil, "plugins a and b both have POST /x"},
		{"a plugin twice", []gatehouse.Plugin{sessions.New(), sessions.New()}, nil, "both have GET /get-session"},
		{"a permission that nobody grants", []gatehouse.Plugin{
			parts(gatehouse.Parts{ID: "a", Routes: []gatehouse.Route{route(with(func(o *gatehouse.Op) { o.Access = gatehouse.Can("user", "ban") }))}}),
		}, nil, "needs permission user:ban, but no plugin answers"},
		{"two authorities", []gatehouse.Plugin{
			parts(gatehouse.Parts{ID: "a", Authority: nobodyMay{}}), parts(gatehouse.Parts{ID: "b", Authority: nobodyMay{}}),
		}, nil, "plugin b: another plugin already answers"},
		{"a plugin without an ID", []gatehouse.Plugin{parts(gatehouse.Parts{})}, nil, "has no ID"},
		{"a path parameter that the path lacks", []gatehouse.Plugin{
			parts(gatehouse.Parts{ID: "a", Routes: []gatehouse.Route{gatehouse.Endpoint(op, func(*gatehouse.Call, struct {
				ID string `path:"id"`
			}) (struct{}, error) {
				return struct{}{}, nil
			})}}),
		}, nil, "path /x has no parameter :id"},
		{"an unknown column in a statement", []gatehouse.Plugin{feature(func(app *gatehouse.App) (gatehouse.Parts, error) {
			store.Define[struct {
				ID string `db:"id"`
			}](app.DB, "thing").Select("{nmae} = ?")
			return gatehouse.Parts{ID: "a"}, nil
		})}, nil, "nmae"},
		{"a column on a table that does not exist", []gatehouse.Plugin{feature(func(app *gatehouse.App) (gatehouse.Parts, error) {
			store.Extend[bool](app.DB, "usr", store.Field{Name: "banned"})
			return gatehouse.Parts{ID: "a"}, nil
		})}, nil, "usr"},
		{"an additional field of no type", nil, func(c *gatehouse.Config) {
			c.User.AdditionalFields = map[string]gatehouse.FieldOptions{"age": {Type: "int"}}
		}, `additional field user.age has type "int"`},
		{"no base URL", nil, func(c *gatehouse.Config) { c.BaseURL = "" }, "baseURL is missing"},
		{"a base URL with a query", nil, func(c *gatehouse.Config) { c.BaseURL = "https://example.com/?a=b" }, "more than an origin and a path"},
		{"a base URL with a password", nil, func(c *gatehouse.Config) { c.BaseURL = "https://a:b@example.com" }, "more than an origin and a path"},
		{"a base URL of another scheme", nil, func(c *gatehouse.Config) { c.BaseURL = "ftp://example.com" }, "not an http or https address"},
		{"a base path without a slash", nil, func(c *gatehouse.Config) { c.BasePath = "auth" }, "does not start with a slash"},
		{"an unknown cache form", nil, func(c *gatehouse.Config) { c.Session.CookieCache.Strategy = "xml" }, "session.cookieCache.strategy"},
		{"an unknown identifier form", nil, func(c *gatehouse.Config) { c.Verification.StoreIdentifier = "md5" }, "verification.storeIdentifier"},
		{"an unknown limit store", nil, func(c *gatehouse.Config) { c.RateLimit.Storage = "redis" }, "rateLimit.storage"},
		{"unknown ids", nil, func(c *gatehouse.Config) { c.Advanced.Database.GenerateID = "snowflake" }, "advanced.database.generateId"},
		{"an unknown SameSite", nil, func(c *gatehouse.Config) { c.Advanced.DefaultCookieAttributes.SameSite = "sometimes" }, "sameSite"},
		{"a session of a century", nil, func(c *gatehouse.Config) { c.Session.ExpiresIn = 1e18 }, "400 days"},
		{"a proxy that is no address", nil, func(c *gatehouse.Config) { c.Advanced.IPAddress.TrustedProxies = []string{"proxy"} }, "advanced.ipAddress"},
		{"no database", nil, func(c *gatehouse.Config) { c.DB = nil }, "Config.DB is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			config := gatehouse.Config{
				BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: db,
				Migrate: gatehouse.MigrateApply, Plugins: tt.plugins,
			}
			if tt.change != nil {
				tt.change(&config)
			}
			app, err := gatehouse.New(context.Background(), config)
			if err == nil {
				_ = app.Close()
				t.Fatal("New succeeded")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New says %q, which does not contain %q", err, tt.want)
			}
		})
	}
}

// TestRefusesADatabaseThatIsNotReady: by default nothing is changed.
func TestRefusesADatabaseThatIsNotReady(t *testing.T) {
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	config := gatehouse.Config{BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, DB: db}
	if _, err := gatehouse.New(context.Background(), config); err == nil || !strings.Contains(err.Error(), "outdated") {
		t.Errorf("New on an empty database says %v", err)
	}
}
