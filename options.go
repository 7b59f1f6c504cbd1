package gatehouse

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

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

// AccountOptions configure the account record and sign-in by other providers.
type AccountOptions struct {
	ModelName      string
	Fields         map[string]string
	AccountLinking AccountLinkingOptions
	// EncryptOAuthTokens stores providers' access and refresh tokens encrypted.
	EncryptOAuthTokens bool `option:"encryptOAuthTokens"`
	// UpdateAccountOnSignIn false keeps the tokens of the first sign-in.
	UpdateAccountOnSignIn *bool
	// StoreStateStrategy is where a sign-in on its way to a provider is kept:
	// "database" (default) or "cookie" (encrypted; nothing is stored, and a
	// state can be used again by the same browser within ten minutes).
	StoreStateStrategy string
	// SkipStateCookieCheck lets another browser than the one that began end a
	// sign-in: with it anyone can be signed in as somebody else by a link.
	SkipStateCookieCheck bool
	// StoreAccountCookie keeps the account's row, with its tokens, in an
	// encrypted cookie for five minutes.
	StoreAccountCookie bool
}

// AccountLinkingOptions say when a provider's account becomes another way to
// sign in for a person there is already.
type AccountLinkingOptions struct {
	// Enabled false links nothing, not even when the person asks.
	Enabled *bool
	// DisableImplicitLinking links only when the signed-in person asks.
	DisableImplicitLinking bool
	// RequireLocalEmailVerified false links at sign-in although nobody proved
	// that the address here is theirs: whoever registers with somebody's
	// address first then shares the account with its owner. Default true.
	RequireLocalEmailVerified *bool
	// TrustedProviders are believed about addresses that they do not call
	// verified.
	TrustedProviders []string
	// AllowDifferentEmails lets a signed-in person link an account with
	// another address.
	AllowDifferentEmails bool
	// UpdateUserInfoOnLink copies name and image from a provider when linked.
	UpdateUserInfoOnLink bool
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
