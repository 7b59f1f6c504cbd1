// Package gatehouse is authentication and user management as a library: it
// speaks the better-auth HTTP protocol, so that the official TypeScript
// clients work with it unmodified.
//
//	db, err := sqlite.Open("app.db", store.Options{})
//	…
//	auth, err := gatehouse.New(gatehouse.Config{
//		BaseURL: "https://app.example.com",
//		Secret:  os.Getenv("GATEHOUSE_SECRET"),
//		DB:      db,
//		Migrate: gatehouse.MigrateApply,
//		Plugins: …,
//	})
//	…
//	http.Handle("/api/auth/", auth)
//	http.Handle("/members", auth.RequireSession(members))
//
// The package holds types and seams only; every feature, the built-in ones
// too, is a plugin in plugins/…. It refuses to know about database drivers,
// providers and pages. Read Config, then Plugin, then Call.Admit: the only way
// to a session.
package gatehouse

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/clientip"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/internal/ratelimit"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/sessiondata"
	"github.com/gatehouse-auth/gatehouse/store"
)

// App is a running Gatehouse: an http.Handler for the protocol's routes and
// the verbs that embedders and plugins use. Safe for concurrent use.
type App struct {
	// DB is where plugins declare their tables.
	DB            *store.DB
	Users         *Users
	Sessions      *Sessions
	Accounts      *Accounts
	Verifications *Verifications
	Outbox        *Outbox
	// Rand is the source of every secret.
	Rand io.Reader

	config  Config
	secret  string
	keys    seal.Keys
	baseURL string // origin and path of the protocol's root, no trailing slash
	origin  string

	cookies       cookieNames
	sessionCodec  sessionCodec
	trusted       origin.Patterns
	addresses     *clientip.Resolver
	limiter       limiter
	limits        []Limit
	userFields    fieldSet
	sessionFields fieldSet

	routes    *routeTable
	gates     []Gate
	hooks     []Hooks
	carriers  []Carrier
	authority Authority
	auditor   Auditor
	registrar Registrar
	errors    []*Error // of gates and hooks
	guards    []AttemptGuard
	rules     []PasswordRule
	checks    []SessionCheck
	exits     []Exit
	factors   []Factor
	stepUp    StepUp
	overload  sampler
	jobs      []Job

	jobRecords []*jobRecord
	closers    []func() error
	pluginIDs  []string
	stopJobs   context.CancelFunc
	jobsDone   chan struct{}
}

// New builds an App from config and starts its background jobs; Close stops
// them. Every mistake in the wiring is reported here, not at a request.
func New(ctx context.Context, config Config) (*App, error) {
	if err := config.Check(); err != nil {
		return nil, fmt.Errorf("gatehouse: %w", err)
	}
	if config.DB == nil {
		return nil, errors.New("gatehouse: Config.DB is missing: open one with store/sqlite or store/postgres")
	}
	config.defaults()
	app := &App{DB: config.DB, Rand: config.Rand, config: config}
	if app.Rand == nil {
		app.Rand = rand.Reader
	}
	for _, step := range []func() error{app.setKeys, app.setAddresses, app.declare, app.plug} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("gatehouse: %w", err)
		}
	}
	if err := app.load(ctx); err != nil {
		return nil, fmt.Errorf("gatehouse: %w", err)
	}
	if config.Migrate != MigrateSkip {
		if err := app.recordStart(ctx); err != nil {
			return nil, fmt.Errorf("gatehouse: %w", err)
		}
		app.startJobs()
	}
	return app, nil
}

func (a *App) setKeys() error {
	a.secret, a.keys.Legacy = a.config.Secret, a.config.Secret
	for i, s := range a.config.Secrets {
		key := seal.Key{Version: s.Version, Value: s.Value}
		if i == 0 {
			a.secret, a.keys.Current = s.Value, key
			continue
		}
		a.keys.Old = append(a.keys.Old, key)
	}
	switch a.config.Session.CookieCache.Strategy {
	case "jwt":
		a.sessionCodec = sessiondata.JWT{Secret: a.secret}
	case "jwe":
		a.sessionCodec = sessiondata.JWE{Secrets: a.keys}
	default:
		a.sessionCodec = sessiondata.Compact{Secret: a.secret}
	}
	return nil
}

func (a *App) setAddresses() (err error) {
	base, err := url.Parse(a.config.BaseURL)
	if err != nil {
		return err
	}
	if p := strings.TrimRight(base.Path, "/"); p != "" {
		a.config.BasePath = p
	}
	a.config.BasePath = strings.TrimRight(a.config.BasePath, "/")
	a.origin = strings.ToLower(base.Scheme) + "://" + strings.ToLower(base.Host)
	a.baseURL = a.origin + a.config.BasePath
	a.trusted = append(origin.Patterns{a.origin}, a.config.TrustedOrigins...)
	ip := a.config.Advanced.IPAddress
	a.addresses, err = clientip.Compile(clientip.Config{
		Headers: ip.IPAddressHeaders, TrustedProxies: ip.TrustedProxies, IPv6Subnet: ip.IPv6Subnet,
		Disable: ip.DisableIPTracking, TrustAll: ip.InsecureTrustAnyProxy,
	})
	if err != nil {
		return fmt.Errorf("advanced.ipAddress: %w", err)
	}
	a.nameCookies()
	return nil
}

// declare sets up the records, their additional fields and the rate limiter.
func (a *App) declare() (err error) {
	a.Users = newUsers(a)
	a.Sessions = newSessions(a, a.Users)
	a.Accounts = newAccounts(a)
	a.Verifications = newVerifications(a)
	a.Outbox = newOutbox(a)
	if a.userFields, err = a.addFields("user", a.config.User.AdditionalFields); err != nil {
		return err
	}
	if a.sessionFields, err = a.addFields("session", a.config.Session.AdditionalFields); err != nil {
		return err
	}
	if !isTrue(a.config.RateLimit.Enabled, true) {
		return nil
	}
	if a.config.RateLimit.Storage == "database" {
		a.limiter = newDatabaseLimiter(a.DB)
	} else {
		a.limiter = memoryLimiter{ratelimit.NewMemory(maxLimitKeys)}
	}
	return nil
}

// plug asks every plugin for its parts and checks that they fit together.
func (a *App) plug() error {
	a.hooks = []Hooks{a.config.Hooks}
	a.routes = newRouteTable()
	if err := a.routes.add("gatehouse", a.builtInRoutes()); err != nil {
		return err
	}
	var deferred []Gate
	var policies policies
	for _, plugin := range a.config.Plugins {
		parts, err := plugin.Plug(a)
		if err != nil {
			return fmt.Errorf("plugin %T: %w", plugin, err)
		}
		if parts.ID == "" {
			return fmt.Errorf("plugin %T has no ID", plugin)
		}
		a.pluginIDs = append(a.pluginIDs, parts.ID)
		if err := a.routes.add(parts.ID, parts.Routes); err != nil {
			return err
		}
		for _, gate := range parts.Gates {
			if gate.Kind == Refuse {
				a.gates = append(a.gates, gate)
			} else {
				deferred = append(deferred, gate)
			}
		}
		if parts.Authority != nil {
			if a.authority != nil {
				return fmt.Errorf("plugin %s: another plugin already answers role and permission questions", parts.ID)
			}
			a.authority = parts.Authority
		}
		if parts.Auditor != nil {
			if a.auditor != nil {
				return fmt.Errorf("plugin %s: another plugin already keeps the audit log", parts.ID)
			}
			a.auditor = parts.Auditor
		}
		if parts.Registrar != nil {
			if a.registrar != nil {
				return fmt.Errorf("plugin %s: another plugin already decides who may register", parts.ID)
			}
			a.registrar = parts.Registrar
		}
		a.errors = append(a.errors, parts.Errors...)
		a.guards = append(a.guards, parts.Attempts...)
		a.rules = append(a.rules, parts.PasswordRules...)
		if err := policies.add(a, parts); err != nil {
			return err
		}
		a.hooks = append(a.hooks, parts.Hooks)
		a.carriers = append(a.carriers, parts.Carriers...)
		a.exits = append(a.exits, parts.Exits...)
		a.limits = append(a.limits, parts.Limits...)
		a.jobs = append(a.jobs, parts.Jobs...)
		if parts.Close != nil {
			a.closers = append(a.closers, parts.Close)
		}
	}
	a.gates = append(a.gates, deferred...)
	if err := policies.settle(a); err != nil {
		return err
	}
	return a.routes.check(a.authority != nil)
}

func (a *App) load(ctx context.Context) error {
	var err error
	switch a.config.Migrate {
	case MigrateApply:
		_, err = a.DB.Apply(ctx)
	case MigrateSkip:
		if err = a.DB.Load(ctx); errors.Is(err, store.ErrOutdated) {
			err = nil
		}
	default:
		err = a.DB.Load(ctx)
	}
	for _, note := range a.DB.Notes() {
		a.config.Log.WarnContext(ctx, "database is slower than it could be", "note", note)
	}
	return err
}

// Close stops background jobs and releases what plugins hold. The database
// stays open: whoever opened it closes it.
func (a *App) Close() error {
	if a.stopJobs != nil {
		a.stopJobs()
		<-a.jobsDone
	}
	var problems []error
	for _, closer := range a.closers {
		problems = append(problems, closer())
	}
	return errors.Join(problems...)
}

// Config is the configuration with its defaults filled in. Do not change it.
func (a *App) Config() *Config { return &a.config }

// SharedErrors are the errors with which the gates and hooks of plugins answer
// any operation that they look at.
func (a *App) SharedErrors() []*Error { return slices.Clone(a.errors) }

// Plugins lists the ids of the plugins, in their order.
func (a *App) Plugins() []string { return slices.Clone(a.pluginIDs) }

// URL is the public address of a path below BasePath: link targets in mails.
func (a *App) URL(path string) string { return a.baseURL + path }

// Origin is the public origin, such as "https://auth.example.com".
func (a *App) Origin() string { return a.origin }

// Secret is the current signing secret, for plugins that sign tokens.
func (a *App) Secret() string { return a.secret }

// Now is the current time in UTC, to the millisecond: what every store keeps.
func (a *App) Now() time.Time { return a.config.Now().UTC().Truncate(time.Millisecond) }

// Tx runs fn in a transaction carried by the context it is given; a nested Tx
// joins the outer one. An error rolls back. Hashing, mail and HTTP do not
// belong inside.
func (a *App) Tx(ctx context.Context, fn func(context.Context) error) error {
	return a.DB.Tx(ctx, fn)
}

// CheckPassword asks every plugin's rules about a new password. user is whose
// it will be, without an ID where the account is not made yet; nil is somebody
// who registers with the address.
func (a *App) CheckPassword(ctx context.Context, user *User, email, password string) error {
	if user == nil {
		user = &User{Email: NormalizeEmail(email)}
		if f, ok := a.registrar.(Foreseer); ok {
			if err := f.Foresee(ctx, user); err != nil {
				return fmt.Errorf("foresee the account: %w", err)
			}
		}
	}
	for _, rule := range a.rules {
		if err := rule(ctx, user, email, password); err != nil {
			return err
		}
	}
	return nil
}

func isConflict(err error) bool { return errors.Is(err, store.ErrConflict) }
