// Package standard is the default set of plugins behind one Options struct,
// whose names are the protocol's: the server's configuration file, and the
// shortest way to embed the whole product.
package standard

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/oauth"
	"github.com/gatehouse-auth/gatehouse/oauth/provider"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
	"github.com/gatehouse-auth/gatehouse/plugins/lastlogin"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/passwordpolicy"
	"github.com/gatehouse-auth/gatehouse/plugins/sessionpolicy"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
	"github.com/gatehouse-auth/gatehouse/plugins/social/onetap"
	"github.com/gatehouse-auth/gatehouse/plugins/social/popup"
	"github.com/gatehouse-auth/gatehouse/plugins/social/proxy"
	"github.com/gatehouse-auth/gatehouse/plugins/stepup"
)

// Options is everything one can set: the core's options and each plugin's.
type Options struct {
	gatehouse.Config
	EmailAndPassword password.Options
	// SocialProviders are the identity providers that people may sign in with.
	SocialProviders provider.Set
	// Outbound bounds our own requests to providers.
	Outbound OutboundOptions
	// Features are the optional plugins; one that is set is on.
	Features Features `option:"plugins"`
	// Server is what the console shows of the program around the library.
	Server console.Server `option:"-"`
}

// OutboundOptions bound the requests we make to identity providers.
type OutboundOptions struct {
	// AllowPrivate lets providers live at addresses that are not public:
	// loopback, 10.0.0.0/8 and such. Default: a request there is refused when it
	// is dialled, whatever name led there.
	AllowPrivate bool
	// Timeout bounds one request. Default 10 seconds.
	Timeout time.Duration
}

// Features are the optional plugins.
type Features struct {
	Admin  *admin.Options
	Bearer *bearer.Options
	// GenericOAuth are identity providers that are described, not named.
	GenericOAuth *GenericOAuthOptions `option:"generic-oauth"`
	// PasswordPolicy judges new passwords: strength, breaches, reuse.
	PasswordPolicy *passwordpolicy.Options
	// SessionPolicy bounds how long and how many sessions live.
	SessionPolicy *sessionpolicy.Options
	// StepUp asks for a fresh proof before operations that matter.
	StepUp *stepup.Options
	// Approval is who may have an account; without it, anybody.
	Approval *approval.Options
	// FirstAdmin is the link by which a new server gets its administrator.
	FirstAdmin *firstadmin.Options
	Audit      *audit.Options
	Lockout    *lockout.Options
	// Console is the API of the admin console beside the protocol's. Without
	// admin it is off.
	Console *console.Options
	// LastLoginMethod remembers how a person signed in last.
	LastLoginMethod *lastlogin.Options `option:"last-login-method"`
	// OneTap is sign-in with Google One Tap.
	OneTap *onetap.Options `option:"one-tap"`
	// OAuthPopup is sign-in by a provider in a window of its own.
	OAuthPopup *popup.Options `option:"oauth-popup"`
	// OAuthProxy signs people in to previews through a production server.
	OAuthProxy *proxy.Options `option:"oauth-proxy"`
}

// GenericOAuthOptions are providers of OAuth 2.0 and OpenID Connect that
// SocialProviders does not know. One of the same id as one of SocialProviders
// takes its place; two of the same id here are refused.
type GenericOAuthOptions struct {
	Config []provider.Generic
}

// House is a running App with the plugins that programs talk to.
type House struct {
	*gatehouse.App
	Passwords *password.Passwords
	Social    *social.Social
	// Approvals and FirstAdmin are nil where those plugins are off.
	Approvals  *approval.Approvals
	FirstAdmin *firstadmin.FirstAdmin
	// Audit is nil where the feature is off.
	Audit *audit.Log
	// Admin is nil where that plugin is off.
	Admin *admin.Admin
	// Lockouts is nil unless the feature is on.
	Lockouts *lockout.Lockouts
	// Console is nil unless the feature and admin are on.
	Console *console.Console
}

// New builds an App with the default set of plugins, in the order their hooks
// run, followed by Config.Plugins.
func New(ctx context.Context, o Options) (*House, error) {
	house, set, err := Plugins(o)
	if err != nil {
		return nil, err
	}
	config := o.Config
	if config.Described == nil {
		config.Described = o
	}
	config.Plugins = append(set, config.Plugins...)
	if house.App, err = gatehouse.New(ctx, config); err != nil {
		return nil, err
	}
	return house, nil
}

// Plugins makes the default set of plugins, in the order their hooks run, for
// who builds the App: that goes into the House, which is not usable before.
func Plugins(o Options) (*House, []gatehouse.Plugin, error) {
	if policy := o.Features.SessionPolicy; policy != nil && policy.RequireVerifiedEmail {
		o.EmailAndPassword.RequireEmailVerification = true // so that signing up mails, and signs nobody in
	}
	providers, err := o.providers()
	if err != nil {
		return nil, nil, err
	}
	passwords := password.New(o.EmailAndPassword)
	socials := social.New(social.Options{
		Providers: providers, Client: oauth.Options{AllowPrivate: o.Outbound.AllowPrivate, Timeout: o.Outbound.Timeout},
	})
	set := []gatehouse.Plugin{
		passwords,
		sessions.New(),
		email.New(),
		account.New(passwords.CheckPassword),
		socials,
	}
	set = append(set, o.Features.aroundSignIn(socials)...)
	house := &House{Passwords: passwords, Social: socials}
	if o.Features.Admin != nil {
		house.Admin = admin.New(*o.Features.Admin, passwords)
		set = append(set, house.Admin)
	}
	if o.Features.Bearer != nil {
		set = append(set, bearer.New(*o.Features.Bearer))
	}
	if o.Features.PasswordPolicy != nil {
		set = append(set, passwordpolicy.New(*o.Features.PasswordPolicy, passwords.Verify))
	}
	if o.Features.SessionPolicy != nil {
		set = append(set, sessionpolicy.New(*o.Features.SessionPolicy))
	}
	if o.Features.StepUp != nil {
		set = append(set, stepup.New(*o.Features.StepUp, passwords.CheckPassword))
	}
	// After the plugin that answers permission questions.
	if o.Features.Approval != nil {
		house.Approvals = approval.New(*o.Features.Approval)
		set = append(set, house.Approvals)
	}
	if o.Features.FirstAdmin != nil {
		house.FirstAdmin = firstadmin.New(*o.Features.FirstAdmin, passwords.HashNew)
		set = append(set, house.FirstAdmin)
	}
	if o.Features.Audit != nil {
		house.Audit = audit.New(*o.Features.Audit)
		set = append(set, house.Audit)
	}
	if o.Features.Lockout != nil {
		house.Lockouts = lockout.New(*o.Features.Lockout)
		set = append(set, house.Lockouts)
	}
	// After the plugins that it shows.
	if o.Features.Console != nil && house.Admin != nil {
		house.Console = console.New(*o.Features.Console, house.sources(o.Server))
		set = append(set, house.Console)
	}
	return house, set, nil
}

// aroundSignIn are the plugins that stand around sign-in by a provider.
func (f *Features) aroundSignIn(socials *social.Social) (set []gatehouse.Plugin) {
	if f.LastLoginMethod != nil {
		set = append(set, lastlogin.New(*f.LastLoginMethod))
	}
	if f.OneTap != nil {
		set = append(set, onetap.New(*f.OneTap, socials))
	}
	if f.OAuthPopup != nil {
		set = append(set, popup.New(*f.OAuthPopup, socials))
	}
	if f.OAuthProxy != nil {
		set = append(set, proxy.New(*f.OAuthProxy, socials))
	}
	return set
}

// Defaults returns Options whose session ages hold their defaults, so that a
// configuration file can set them to 0, which the protocol takes for "off".
func Defaults() Options {
	var o Options
	o.Session.UpdateAge = 24 * time.Hour
	o.Session.FreshAge = 24 * time.Hour
	return o
}

// ZeroMeansOff turns an age that a file set to 0 into what Go options call off.
func (o *Options) ZeroMeansOff() {
	for _, age := range []*time.Duration{&o.Session.UpdateAge, &o.Session.FreshAge} {
		if *age == 0 {
			*age = -1
		}
	}
}
