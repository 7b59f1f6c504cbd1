package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
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
	// Secret then only opens what was encrypted before versions existed.
	Secrets []Secret `secret:"true"`
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

// Secret is one version of a rotated secret.
type Secret struct {
	// Version is unique and not negative; it is stored beside ciphertexts.
	Version int
	Value   string `secret:"true"`
}

// SessionOptions set how long sessions live.
type SessionOptions struct {
	// ExpiresIn is a session's life. Default 7 days.
	ExpiresIn time.Duration
	// UpdateAge is how old a session may grow before a request extends it.
	// Default 1 day; negative: extend on every request.
	UpdateAge time.Duration
	// FreshAge is how long a session counts as fresh for sensitive
	// operations. Default 1 day; negative: for ever.
	FreshAge time.Duration
	// DisableSessionRefresh keeps a session's expiry where it began.
	DisableSessionRefresh bool
	// DeferSessionRefresh keeps GET /get-session free of writes; the client
	// then extends with POST.
	DeferSessionRefresh bool
	CookieCache         CookieCacheOptions
	// AdditionalFields are columns of your own on the session.
	AdditionalFields map[string]FieldOptions
	// ModelName renames the table; Fields rename columns.
	ModelName string
	Fields    map[string]string
}

// CookieCacheOptions keep a signed copy of the session in a second cookie.
// It spares edge middleware the lookup; the price is that a revoked session
// passes harmless operations until MaxAge ends. Off by default.
type CookieCacheOptions struct {
	Enabled bool
	// MaxAge is the copy's life. Default 5 minutes.
	MaxAge time.Duration
	// Strategy is "compact" (signed, default), "jwt" (HS256) or "jwe" (encrypted).
	Strategy string
	// Version invalidates all copies when changed. Default "1".
	Version string
}

// UserOptions configure the user record.
type UserOptions struct {
	// AdditionalFields are columns of your own on the user.
	AdditionalFields map[string]FieldOptions
	// ModelName renames the table; Fields rename columns.
	ModelName   string
	Fields      map[string]string
	ChangeEmail ChangeEmailOptions
	DeleteUser  DeleteUserOptions
}

// ChangeEmailOptions configures changing one's e-mail address.
type ChangeEmailOptions struct {
	Enabled bool
	// UpdateEmailWithoutVerification changes an address that was never proved
	// at once.
	UpdateEmailWithoutVerification bool
	// SendChangeEmailConfirmation asks the old address first, if it was proved.
	SendChangeEmailConfirmation bool
}

// DeleteUserOptions configures deleting one's own account.
type DeleteUserOptions struct {
	Enabled bool
	// SendDeleteAccountVerification asks by mail before anything is deleted.
	SendDeleteAccountVerification bool
	// DeleteTokenExpiresIn is how long that link lives. Default 1 day.
	DeleteTokenExpiresIn time.Duration

	// BeforeDelete may refuse; it runs inside the transaction.
	BeforeDelete func(context.Context, *User) error `option:"-"`
	AfterDelete  func(context.Context, *User) error `option:"-"`
}

// AccountOptions configure the account record.
type AccountOptions struct {
	ModelName      string
	Fields         map[string]string
	AccountLinking AccountLinkingOptions
}

// AccountLinkingOptions configure what a person may do with their accounts.
type AccountLinkingOptions struct {
	// AllowUnlinkingAll lets a person unlink their last account.
	AllowUnlinkingAll bool
}

// VerificationOptions configure stored verification tokens.
type VerificationOptions struct {
	// StoreIdentifier is "plain" (the protocol's default, readable by a
	// better-auth server beside us) or "hashed" (SHA-256: a stolen table opens
	// nothing).
	StoreIdentifier string
	ModelName       string
	Fields          map[string]string
}

// FieldOptions declare a column of your own on user or session.
type FieldOptions struct {
	// Type is "string", "number", "boolean", "date", "string[]", "number[]" or "json".
	Type string
	// Required: creation without it is refused. Default true.
	Required *bool
	// DefaultValue is stored when creation does not say.
	DefaultValue any
	// Input: clients may set it. Default true.
	Input *bool
	// Returned: it is part of every answer. Default true.
	Returned *bool
	Unique   bool
	Index    bool
	// FieldName is the column's name where it differs.
	FieldName string
}

// RateLimitOptions bound requests per client address and path.
type RateLimitOptions struct {
	// Enabled is on by default; false switches it off.
	Enabled *bool
	// Window and Max: at most Max requests within Window. Default 100 in 10 s.
	Window time.Duration
	Max    int
	// Storage is "memory" (per process, default) or "database" (over all nodes).
	Storage string
	// CustomRules replace the rule of a path ("/list-sessions") or of a
	// pattern ("/two-factor/*"). Nil (false in a file) lifts the limit.
	CustomRules map[string]*RateLimitRule
	// ModelName renames the table.
	ModelName string
	Fields    map[string]string
}

// RateLimitRule is the limit of one path.
type RateLimitRule struct {
	Window time.Duration
	Max    int
}

// APIErrorOptions say where people are sent when a flow fails.
type APIErrorOptions struct {
	// ErrorURL replaces the built-in error page.
	ErrorURL string
}

// AdvancedOptions rarely need a change.
type AdvancedOptions struct {
	// CookiePrefix starts every cookie's name. Default "better-auth".
	CookiePrefix string
	// UseSecureCookies forces the Secure attribute and the __Secure- prefix on
	// or off. Default: on when BaseURL is https.
	UseSecureCookies        *bool
	CrossSubDomainCookies   CrossSubDomainOptions
	DefaultCookieAttributes CookieAttributes
	// Cookies overrides single cookies by key: "session_token", "session_data", ….
	Cookies map[string]CookieOptions
	// DisableCSRFCheck drops the Origin check of requests with cookies.
	// Insecure: any site may then act as the signed-in person.
	DisableCSRFCheck bool
	// DisableOriginCheck drops the check of redirect targets.
	// Insecure: links of ours may then lead anywhere.
	DisableOriginCheck bool
	// SkipTrailingSlashes answers "/path/" like "/path".
	SkipTrailingSlashes bool
	IPAddress           IPAddressOptions
	Database            DatabaseOptions
}

// CrossSubDomainOptions share cookies over the subdomains of Domain.
type CrossSubDomainOptions struct {
	Enabled bool
	// Domain defaults to the host of BaseURL.
	Domain string
}

// CookieOptions override one cookie.
type CookieOptions struct {
	Name       string
	Attributes CookieAttributes
}

// CookieAttributes override attributes; what is unset keeps its default.
type CookieAttributes struct {
	Domain string
	Path   string
	// SameSite is "lax" (default), "strict" or "none".
	SameSite    string
	HTTPOnly    *bool
	Secure      *bool
	Partitioned *bool
	// MaxAge replaces the cookie's life where it has one.
	MaxAge *time.Duration
}

// IPAddressOptions say how a client's address is found behind proxies.
type IPAddressOptions struct {
	// TrustedProxies are addresses or CIDR ranges whose headers count. From
	// anyone else the header is ignored and the connection's address is taken.
	TrustedProxies []string
	// IPAddressHeaders are read in order. Default "x-forwarded-for".
	IPAddressHeaders []string
	// IPv6Subnet is the prefix length that counts as one client. Default 64.
	IPv6Subnet int
	// DisableIPTracking stores no address and limits no rate by it.
	DisableIPTracking bool
	// InsecureTrustAnyProxy takes the header from anyone, as the protocol's
	// reference does: a client may then choose its own address, and so its own
	// rate limit.
	InsecureTrustAnyProxy bool
}

// DatabaseOptions configure row ids.
type DatabaseOptions struct {
	// GenerateID is "text" (32 characters, default), "uuid", "serial" (the
	// database counts) or "database" (the column's own default).
	GenerateID string
}

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

// checkSecrets refuses secrets that can be guessed. The bound is the
// protocol's: 32 characters and 120 bits by the naive measure.
func (c *Config) checkSecrets() error {
	seen := map[int]bool{}
	for _, s := range c.Secrets {
		if s.Version < 0 || seen[s.Version] {
			return fmt.Errorf("secrets: version %d is negative or used twice", s.Version)
		}
		seen[s.Version] = true
		if err := checkSecret(fmt.Sprintf("secrets, version %d", s.Version), s.Value); err != nil {
			return err
		}
	}
	if len(c.Secrets) > 0 && c.Secret == "" {
		return nil
	}
	return checkSecret("secret", c.Secret)
}

func checkSecret(name, value string) error {
	if value == "" {
		return fmt.Errorf("%s is missing: run `gatehouse secret` to make one", name)
	}
	distinct := map[rune]bool{}
	for _, r := range value {
		distinct[r] = true
	}
	if value == "better-auth-secret-12345678901234567890" {
		return fmt.Errorf("%s is the well-known development value: run `gatehouse secret` to make one", name)
	}
	if len(value) < 32 || float64(len(value))*math.Log2(float64(len(distinct))) < 120 {
		return fmt.Errorf("%s is too weak (32 random characters at least): run `gatehouse secret` to make one", name)
	}
	return nil
}

// StoreOptions gives the names and ids that the options ask of the database;
// base is what else you want. Open the store with the result.
func (c *Config) StoreOptions(base store.Options) store.Options {
	tables := map[string]store.TableNaming{}
	for name, t := range base.Naming.Tables {
		tables[name] = t
	}
	rename := func(table, name string, fields map[string]string, additional map[string]FieldOptions) {
		naming := tables[table]
		if name != "" {
			naming.Name = name
		}
		merged := map[string]string{}
		for k, v := range naming.Fields {
			merged[k] = v
		}
		for k, v := range fields {
			merged[k] = v
		}
		for field, o := range additional {
			if o.FieldName != "" {
				merged[field] = o.FieldName
			}
		}
		naming.Fields = merged
		if naming.Name != "" || len(merged) > 0 {
			tables[table] = naming
		}
	}
	rename("user", c.User.ModelName, c.User.Fields, c.User.AdditionalFields)
	rename("session", c.Session.ModelName, c.Session.Fields, c.Session.AdditionalFields)
	rename("account", c.Account.ModelName, c.Account.Fields, nil)
	rename("verification", c.Verification.ModelName, c.Verification.Fields, nil)
	rename("rateLimit", c.RateLimit.ModelName, c.RateLimit.Fields, nil)
	base.Naming.Tables = tables
	switch c.Advanced.Database.GenerateID {
	case "uuid":
		base.IDs = store.IDUUID
	case "serial":
		base.IDs = store.IDSerial
	case "database":
		base.IDs = store.IDDatabase
	}
	return base
}
