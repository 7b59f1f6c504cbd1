package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server"
)

// sound is a configuration that is fit for production, on a database that is
// up to date.
func sound(t *testing.T, database func(*server.Options)) *server.Loaded {
	t.Helper()
	o := options(t, database, func(o *server.Options) {
		o.BaseURL, o.Secret, o.Log.Level = "https://auth.example.com", server.NewSecret(), "info"
		o.Advanced.IPAddress.TrustedProxies = []string{"127.0.0.1"}
		o.EmailAndPassword.RequireEmailVerification = true
		o.Mail.From, o.Mail.SMTP.Host = "auth@example.com", "mail.example.com"
		o.RateLimit.Storage = "database"
		o.TrustedOrigins = []string{"https://app.example.com", "myapp://"}
	})
	house, err := server.Open(t.Context(), o, server.ToMigrate, o.NewLogger(&logBuffer{}, false))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := house.DB.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := house.Close(); err != nil {
		t.Fatal(err)
	}
	return &server.Loaded{Options: o}
}

func TestDoctorFindsNothingInASoundConfiguration(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		var checks []string
		for _, f := range server.Diagnose(t.Context(), sound(t, database)) {
			if f.Status != server.Good || f.Fix != "" {
				t.Errorf("%+v", f)
			}
			checks = append(checks, f.Check)
		}
		const want = "baseURL cookies trustedOrigins rateLimit proxies verification mail secret files database schema clock"
		if got := strings.Join(checks, " "); got != want {
			t.Errorf("checked %s\nwant    %s", got, want)
		}
	})
}

func TestDoctorFindsWhatIsUnsafe(t *testing.T) {
	off := false
	for _, tt := range []struct {
		name    string
		change  func(*server.Loaded)
		check   string
		verdict server.Verdict
		message string
	}{
		{"no address", func(o *server.Loaded) { o.BaseURL = "" }, "baseURL", server.Unsafe, "this machine"},
		{"local address", func(o *server.Loaded) { o.BaseURL = "https://127.0.0.1:8443" }, "baseURL", server.Unsafe, "this machine"},
		{"plain address", func(o *server.Loaded) { o.BaseURL = "http://auth.example.com" }, "baseURL", server.Unsafe, "not encrypted"},
		{"plain cookies", func(o *server.Loaded) { o.BaseURL = "http://auth.example.com" }, "cookies", server.Unsafe, "not Secure"},
		{"cookies forced plain", func(o *server.Loaded) { o.Advanced.UseSecureCookies = &off }, "cookies", server.Unsafe, "unencrypted"},
		{"scripts see cookies", func(o *server.Loaded) { o.Advanced.DefaultCookieAttributes.HTTPOnly = &off }, "cookies", server.Unsafe, "HttpOnly"},
		{"plain origin", func(o *server.Loaded) { o.TrustedOrigins = []string{"http://app.example.com"} }, "trustedOrigins", server.Unsafe, "not encrypted"},
		{"other site", func(o *server.Loaded) { o.TrustedOrigins = []string{"https://app.example.org"} }, "trustedOrigins", server.Look, "SameSite=Lax"},
		{"wildcard of another site", func(o *server.Loaded) { o.TrustedOrigins = []string{"https://*.example.org"} }, "trustedOrigins", server.Look, "SameSite=Lax"},
		{"developer", func(o *server.Loaded) { o.TrustedOrigins = []string{"http://localhost:5173"} }, "trustedOrigins", server.Look, "developer"},
		{"no CORS", func(o *server.Loaded) { o.CORS = false }, "trustedOrigins", server.Look, "cors is off"},
		{"CSRF", func(o *server.Loaded) { o.Advanced.DisableCSRFCheck = true }, "csrf", server.Unsafe, "any site"},
		{"redirects", func(o *server.Loaded) { o.Advanced.DisableOriginCheck = true }, "redirects", server.Unsafe, "anywhere"},
		{"no limit", func(o *server.Loaded) { o.RateLimit.Enabled = &off }, "rateLimit", server.Unsafe, "guessed"},
		{"no addresses", func(o *server.Loaded) { o.Advanced.IPAddress.DisableIPTracking = true }, "rateLimit", server.Unsafe, "addresses"},
		{"no proxy", func(o *server.Loaded) { o.Advanced.IPAddress.TrustedProxies = nil }, "proxies", server.Look, "share one address"},
		{"any proxy", func(o *server.Loaded) { o.Advanced.IPAddress.InsecureTrustAnyProxy = true }, "proxies", server.Unsafe, "choose its own"},
		{"the world as proxy", func(o *server.Loaded) { o.Advanced.IPAddress.TrustedProxies = []string{"0.0.0.0/0"} }, "proxies", server.Unsafe, "everybody"},
		{"no verification", func(o *server.Loaded) { o.EmailVerification.SendVerificationEmail = false }, "verification", server.Unsafe, "prove"},
		{"late verification", func(o *server.Loaded) { o.EmailAndPassword.RequireEmailVerification = false }, "verification", server.Look, "before they prove"},
		{"no reset", func(o *server.Loaded) { o.EmailAndPassword.SendResetPassword = false }, "reset", server.Look, "forgets"},
		{"no mail", func(o *server.Loaded) { o.Mail.SMTP.Host = "" }, "mail", server.Unsafe, "waits in the outbox"},
		{"developer's mail", func(o *server.Loaded) { o.Mail.SMTP.Host, o.BaseURL = "", "" }, "mail", server.Unsafe, "developers"},
		{"plain mail", func(o *server.Loaded) { o.Mail.SMTP.InsecurePlain = true }, "mail", server.Unsafe, "unencrypted"},
		{"mail without sender", func(o *server.Loaded) { o.Mail.From = "" }, "mail", server.Unsafe, "from"},
		{"database away", func(o *server.Loaded) { o.Database.URL = "postgres://x@127.0.0.1:1/x?connect_timeout=2" }, "database", server.Unsafe, ""},
		{"no secret on many nodes", func(o *server.Loaded) {
			o.Secret, o.Database.URL = "", "postgres://x@127.0.0.1:1/x?connect_timeout=2"
		}, "secret", server.Unsafe, "each node"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := sound(t, func(*server.Options) {})
			tt.change(o)
			expectFinding(t, server.Diagnose(t.Context(), o), tt.check, tt.verdict, tt.message)
		})
	}
}

func expectFinding(t *testing.T, findings []server.Finding, check string, verdict server.Verdict, message string) {
	t.Helper()
	for _, f := range findings {
		if f.Check != check {
			continue
		}
		if f.Status != verdict || !strings.Contains(f.Message, message) || f.Fix == "" {
			t.Errorf("got %+v, want %s: …%s…, and how to mend it", f, verdict, message)
		}
		return
	}
	t.Errorf("no finding about %s in %+v", check, findings)
}

func TestDoctorLooksAtFileModes(t *testing.T) {
	o := sound(t, func(*server.Options) {})
	if err := os.Chmod(filepath.Join(o.Data, "gatehouse.db"), 0o644); err != nil {
		t.Fatal(err)
	}
	expectFinding(t, server.Diagnose(t.Context(), o), "files", server.Unsafe, "gatehouse.db can be read by others (mode 0644)")

	o = sound(t, func(*server.Options) {})
	o.File = write(t, "secret: "+o.Secret+"\n")
	if err := os.Chmod(o.File, 0o644); err != nil {
		t.Fatal(err)
	}
	expectFinding(t, server.Diagnose(t.Context(), o), "files", server.Unsafe, "the configuration file "+o.File)
	if err := os.WriteFile(o.File, []byte("secret: ${env:SECRET}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, f := range server.Diagnose(t.Context(), o) {
		if f.Check == "files" && f.Status != server.Good {
			t.Errorf("a file that holds no secret: %+v", f)
		}
	}

	o = sound(t, func(*server.Options) {})
	if err := os.WriteFile(filepath.Join(o.Data, "secret"), []byte(o.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Secret = ""
	if err := os.Chmod(filepath.Join(o.Data, "secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	expectFinding(t, server.Diagnose(t.Context(), o), "secret", server.Unsafe, "can be read by others")
}

func TestDoctorSeesAnOutdatedSchema(t *testing.T) {
	for _, mayMigrate := range []bool{false, true} {
		onBothStores(t, func(t *testing.T, database func(*server.Options)) {
			o := sound(t, database)
			o.Database.Migrate = mayMigrate
			house, err := server.Open(t.Context(), o.Options, server.ToMigrate, o.NewLogger(&logBuffer{}, false))
			if err != nil {
				t.Fatal(err)
			}
			_, err = house.DB.SQL().ExecContext(t.Context(), `ALTER TABLE "user" DROP COLUMN "image"`)
			if err != nil {
				t.Fatal(err)
			}
			verdict := server.Look
			if house.Kind == "postgres" && !mayMigrate {
				verdict = server.Unsafe
			}
			if err := house.Close(); err != nil {
				t.Fatal(err)
			}
			expectFinding(t, server.Diagnose(t.Context(), o), "schema", verdict, "1 statements are to be applied")
		})
	}
}

// TestDoctorAndPlanChangeNothing: neither files nor folders.
func TestDoctorAndPlanChangeNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "none")
	o := &server.Loaded{Options: options(t, func(o *server.Options) { o.Data = data })}
	server.Diagnose(t.Context(), o)
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data folder: %v", err)
	}
}
