package server_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

func TestFirstStartMakesEverythingAndASecondKeepsIt(t *testing.T) {
	data := filepath.Join(t.TempDir(), "made", "data")
	o := options(t, func(o *server.Options) { o.Data = data })
	first := serve(t, o)
	cookie := first.signUp("ada@example.com")
	for name, want := range map[string]fs.FileMode{
		".": fs.ModeDir | 0o700, "secret": 0o600, "gatehouse.db": 0o600,
	} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	secret, err := os.ReadFile(filepath.Join(data, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}

	second := serve(t, o)
	session := second.do(http.MethodGet, "/api/auth/get-session", "", map[string]string{"Cookie": cookie})
	if session.Status != http.StatusOK || !strings.Contains(session.Body, `"email":"ada@example.com"`) {
		t.Errorf("the session did not survive: %d %s", session.Status, session.Body)
	}
	again, err := os.ReadFile(filepath.Join(data, "secret"))
	if err != nil || string(again) != string(secret) {
		t.Errorf("the secret changed (%v)", err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStartTellsWhereEverythingIs(t *testing.T) {
	o := options(t)
	started := serve(t, o).Started()
	_, port, _ := strings.Cut(started.Listen, ":")
	want := server.Started{
		Listen: "127.0.0.1:" + port, BaseURL: "http://localhost:" + port,
		Database: "sqlite " + filepath.Join(o.Data, "gatehouse.db"), Mail: "http://localhost:" + port + "/dev/mailbox",
		Registration: "open to anybody", FirstAdmin: started.FirstAdmin, // see TestFirstAdminComesInByTheLink
	}
	if started != want {
		t.Errorf("got  %+v\nwant %+v", started, want)
	}
}

func TestProcessesThatStartAtOnceShareOneSecret(t *testing.T) {
	o := options(t)
	var wait sync.WaitGroup
	secrets := make([]string, 8)
	for i := range secrets {
		wait.Go(func() {
			house, err := server.Open(t.Context(), o, server.ToManage, o.NewLogger(&logBuffer{}, false))
			if err != nil {
				t.Error(err)
				return
			}
			secrets[i] = house.Options.Secret
			if err := house.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, secret := range secrets {
		if secret == "" || secret != secrets[0] {
			t.Fatalf("secrets differ or are empty: %q", secrets)
		}
	}
}

func TestSecretThatOthersCanReadIsRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o601} {
		o := options(t)
		name := filepath.Join(o.Data, "secret")
		if err := os.WriteFile(name, []byte(server.NewSecret()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		_, err := server.New(t.Context(), o, o.NewLogger(&logBuffer{}, false))
		if err == nil || !strings.Contains(err.Error(), "can be read by others") || !strings.Contains(err.Error(), "chmod 600 "+name) {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestSecretOfTheConfigurationLeavesNoFile(t *testing.T) {
	o := options(t, func(o *server.Options) { o.Secret = server.NewSecret() })
	p := serve(t, o)
	p.expect(p.get("/api/auth/ok"), http.StatusOK, `{"ok":true}`)
	if _, err := os.Stat(filepath.Join(o.Data, "secret")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("secret file: %v", err)
	}
}

func TestStartIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*server.Options)
		want   string
	}{
		{"short secret", func(o *server.Options) { o.Secret = "short" }, "secret is too weak"},
		{"known secret", func(o *server.Options) { o.Secret = "better-auth-secret-12345678901234567890" }, "well-known"},
		{"no port", func(o *server.Options) { o.Listen = "localhost" }, "is not an address and a port"},
		{"named port", func(o *server.Options) { o.Listen = "localhost:http" }, "is not an address and a port"},
		{"database", func(o *server.Options) { o.Database.URL = "mysql://root:hunter2@db/x" }, "database.url is neither"},
		{"memory", func(o *server.Options) { o.Database.URL = "sqlite::memory:" }, "database.url is neither"},
		{"limit", func(o *server.Options) { o.Limits.ReadTimeout = 0 }, "limits.readTimeout must be more than 0"},
		{"size", func(o *server.Options) { o.Limits.MaxBodyBytes = -1 }, "must be more than 0"},
		{"two ways for mail", func(o *server.Options) {
			o.Mail.SMTP.Host, o.Mail.From, o.Mail.Webhook.URL = "mail.example.com", "a@example.com", "https://example.com"
		}, "both set"},
		{"sender", func(o *server.Options) { o.Mail.SMTP.Host = "mail.example.com" }, "from"},
		{"templates", func(o *server.Options) { o.Mail.Templates = "none" }, "mail.templates"},
		{"proxy", func(o *server.Options) { o.Advanced.IPAddress.TrustedProxies = []string{"proxy"} }, "trusted proxy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, tt.change)
			_, err := server.New(t.Context(), o, o.NewLogger(&logBuffer{}, false))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOutdatedPostgresIsRefusedUnlessItMayBeMigrated(t *testing.T) {
	url := storetest.Postgres(t)
	o := options(t, func(o *server.Options) { o.Database.URL = url })
	_, err := server.New(t.Context(), o, o.NewLogger(&logBuffer{}, false))
	if !errors.Is(err, store.ErrOutdated) || !strings.Contains(err.Error(), "run `gatehouse migrate apply`, or serve with --migrate") {
		t.Fatalf("got %v", err)
	}
	o.Database.Migrate = true
	if err := serve(t, o).stop(); err != nil {
		t.Fatal(err)
	}
	o.Database.Migrate = false
	p := serve(t, o)
	p.expect(p.get("/readyz"), http.StatusOK, "ready\n")
	if strings.Contains(p.Started().Database, "@") {
		t.Errorf("%s may hold a password", p.Started().Database)
	}
}

func TestNamingStylesServe(t *testing.T) {
	for _, naming := range []server.NamingStyle{"camel", "snake", "snakePlural"} {
		onBothStores(t, func(t *testing.T, database func(*server.Options)) {
			p := serve(t, options(t, database, func(o *server.Options) { o.Database.Naming = naming }))
			cookie := p.signUp("ada@example.com")
			got := p.do(http.MethodGet, "/api/auth/list-sessions", "", map[string]string{"Cookie": cookie})
			if got.Status != http.StatusOK {
				t.Errorf("%s: %d %s", naming, got.Status, got.Body)
			}
			p.expect(p.get("/readyz"), http.StatusOK, "ready\n")
		})
	}
}
