package server_test

import (
	"net/http"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server"
)

const (
	healthy  = "ok\n"
	ready    = "ready\n"
	away     = "the database does not answer\n"
	outdated = "the database is not up to date: run `gatehouse migrate apply`\n"
)

func TestHealthAndReadiness(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database))
		p.expect(p.get("/healthz"), http.StatusOK, healthy)
		p.expect(p.get("/readyz"), http.StatusOK, ready)
		p.expect(p.do(http.MethodHead, "/readyz", "", nil), http.StatusOK, "")
		p.expect(p.do(http.MethodPost, "/readyz", "{}", nil), http.StatusMethodNotAllowed, "method not allowed\n")
		p.expectHeaders(p.get("/readyz"), map[string]string{
			"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8",
		}, "Cache-Control", "Content-Type", "Retry-After")
	})
}

func TestReadinessSeesAnOutdatedDatabase(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database))
		if _, err := p.House.DB.SQL().ExecContext(t.Context(), `ALTER TABLE "user" DROP COLUMN "image"`); err != nil {
			t.Fatal(err)
		}
		p.expect(p.get("/readyz"), http.StatusServiceUnavailable, outdated)
		p.expect(p.get("/healthz"), http.StatusOK, healthy)
		if _, err := p.House.DB.SQL().ExecContext(t.Context(), `ALTER TABLE "user" ADD COLUMN "image" text`); err != nil {
			t.Fatal(err)
		}
		p.expect(p.get("/readyz"), http.StatusOK, ready)
	})
}

// TestDatabaseAway: nobody is told "not signed in" because of it.
func TestDatabaseAway(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database))
		cookie := p.signUp("ada@example.com")
		if err := p.House.DB.Close(); err != nil {
			t.Fatal(err)
		}
		p.expect(p.get("/readyz"), http.StatusServiceUnavailable, away)
		p.expect(p.get("/healthz"), http.StatusOK, healthy)
		got := p.do(http.MethodGet, "/api/auth/get-session", "", map[string]string{"Cookie": cookie})
		if got.Status != http.StatusServiceUnavailable && got.Status != http.StatusInternalServerError {
			t.Errorf("get-session: %d %s", got.Status, got.Body)
		}
	})
}
