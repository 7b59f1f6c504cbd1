package gatehouse

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Config is everything an App is built from. Only BaseURL, a secret and DB
// are required; the zero value of everything else is the safe default.
type Config struct {
	// AppName is shown to people. Default "Gatehouse".
	AppName string
	// BaseURL is the public origin people reach us at, such as
	// "https://auth.example.com". Every link in a mail starts with it; request
	// headers never do. A path in it replaces BasePath.
	BaseURL string
	// BasePath is where the protocol lives below BaseURL. Default "/api/auth".
	BasePath string
	// Secret signs cookies and tokens: at least 32 random characters.
	Secret string `secret:"true"`
	// Secrets rotates: the first signs and encrypts, the others still decrypt.
	// Secret then only opens what was encrypted before versions existed. As
	// text: "2:new,1:old".
	Secrets Secrets `secret:"true"`
	// TrustedOrigins may call us from a browser and be redirected to, besides
	// the origin of BaseURL: exact origins, wildcards ("https://*.example.com")
	// and application schemes ("myapp://").
	TrustedOrigins []string
	// TrustedOriginsFunc adds origins per request.
	TrustedOriginsFunc func(*http.Request) []string `option:"-"`
	// DisabledPaths answer 404, such as "/update-user".
	DisabledPaths []string

	// DB holds everything. Open it with store/sqlite or store/postgres.
	DB *store.DB `option:"-"`
	// Migrate says what New does when the database lacks tables or columns.
	// Default: refuse with an error that lists what is missing.
	Migrate MigrateMode `option:"-"`
	// Plugins are the features, in the order their hooks run.
	Plugins []Plugin `option:"-"`
	// Hooks are the embedder's own; they run before every plugin's.
	Hooks Hooks `option:"-"`

	Session           SessionOptions
	User              UserOptions
	EmailVerification EmailVerificationOptions
	Account           AccountOptions
	Verification      VerificationOptions
	RateLimit         RateLimitOptions
	Advanced          AdvancedOptions
	OnAPIError        APIErrorOptions

	// Described is the struct of options that the audit log lists at the start,
	// without its secrets. Default: this Config.
	Described any `option:"-"`

	// Mailer delivers mails from the outbox. Without one they wait there.
	Mailer Mailer `option:"-"`
	// Log receives events. Default slog.Default().
	Log *slog.Logger `option:"-"`
	// Now and Rand are the clock and the source of secrets, for tests.
	Now  func() time.Time `option:"-"`
	Rand io.Reader        `option:"-"`
}

// MigrateMode says what New may do to the schema.
type MigrateMode int

const (
	// MigrateRefuse stops New when the database is not ready. The default.
	MigrateRefuse MigrateMode = iota
	// MigrateApply applies the additive difference first.
	MigrateApply
	// MigrateSkip builds an App that can only plan: for migrate commands.
	MigrateSkip
)

// FillDefaults sets what is unset, as New does, for programs that show the
// options in force.
func (c *Config) FillDefaults() { c.defaults() }

// defaults fills in what is unset; it does not judge.
func (c *Config) defaults() {
	setDefault(&c.AppName, "Gatehouse")
	setDefault(&c.BasePath, "/api/auth")
	setDefault(&c.Session.ExpiresIn, 7*24*time.Hour)
	setDefault(&c.Session.UpdateAge, 24*time.Hour)
	setDefault(&c.Session.FreshAge, 24*time.Hour)
	setDefault(&c.Session.CookieCache.MaxAge, 5*time.Minute)
	setDefault(&c.Session.CookieCache.Strategy, "compact")
	setDefault(&c.Session.CookieCache.Version, "1")
	setDefault(&c.User.DeleteUser.DeleteTokenExpiresIn, 24*time.Hour)
	setDefault(&c.EmailVerification.ExpiresIn, time.Hour)
	setDefault(&c.Account.StoreStateStrategy, "database")
	setDefault(&c.Verification.StoreIdentifier, "plain")
	setDefault(&c.RateLimit.Window, 10*time.Second)
	setDefault(&c.RateLimit.Max, 100)
	setDefault(&c.RateLimit.Storage, "memory")
	setDefault(&c.Advanced.CookiePrefix, "better-auth")
	setDefault(&c.Advanced.IPAddress.IPv6Subnet, 64)
	setDefault(&c.Log, slog.Default())
	if len(c.Advanced.IPAddress.IPAddressHeaders) == 0 {
		c.Advanced.IPAddress.IPAddressHeaders = []string{"x-forwarded-for"}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Check reports every mistake that can be seen without a database.
func (c *Config) Check() error {
	var problems []error
	fail := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	base, err := url.Parse(c.BaseURL)
	switch {
	case c.BaseURL == "":
		fail("baseURL is missing: set it to the address people reach this server at, such as https://auth.example.com")
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		fail("baseURL %q is not an http or https address", c.BaseURL)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		fail("baseURL %q has more than an origin and a path", c.BaseURL)
	}
	if c.BasePath != "" && !strings.HasPrefix(c.BasePath, "/") {
		fail("basePath %q does not start with a slash", c.BasePath)
	}
	if err := c.checkSecrets(); err != nil {
		problems = append(problems, err)
	}
	oneOf := func(option, value string, allowed ...string) {
		for _, a := range append(allowed, "") {
			if value == a {
				return
			}
		}
		fail("%s is %q: use one of %s", option, value, strings.Join(allowed, ", "))
	}
	oneOf("session.cookieCache.strategy", c.Session.CookieCache.Strategy, "compact", "jwt", "jwe")
	oneOf("account.storeStateStrategy", c.Account.StoreStateStrategy, "database", "cookie")
	oneOf("verification.storeIdentifier", c.Verification.StoreIdentifier, "plain", "hashed")
	oneOf("rateLimit.storage", c.RateLimit.Storage, "memory", "database")
	oneOf("advanced.database.generateId", c.Advanced.Database.GenerateID, "text", "uuid", "serial", "database")
	oneOf("advanced.defaultCookieAttributes.sameSite", strings.ToLower(c.Advanced.DefaultCookieAttributes.SameSite), "lax", "strict", "none")
	if c.Session.ExpiresIn < 0 {
		fail("session.expiresIn is negative")
	}
	if c.Session.ExpiresIn > 400*24*time.Hour {
		fail("session.expiresIn is over 400 days, the longest life a browser gives a cookie")
	}
	return errors.Join(problems...)
}
