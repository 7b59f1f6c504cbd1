// Package standard is the default set of plugins behind one Options struct,
// whose names are the protocol's: the server's configuration file, and the
// shortest way to embed the whole product.
package standard

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/account"
	"github.com/gatehouse-auth/gatehouse/plugins/bearer"
	"github.com/gatehouse-auth/gatehouse/plugins/email"
	"github.com/gatehouse-auth/gatehouse/plugins/lockout"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/plugins/sessions"
	"github.com/gatehouse-auth/gatehouse/plugins/social"
)

// Options is everything one can set: the core's options and each plugin's.
type Options struct {
	gatehouse.Config
	EmailAndPassword password.Options
	// Features are the optional plugins; one that is set is on.
	Features Features `option:"plugins"`
}

// Features are the optional plugins.
type Features struct {
	Bearer  *bearer.Options
	Lockout *lockout.Options
}

// House is a running App with the plugins that programs talk to.
type House struct {
	*gatehouse.App
	Passwords *password.Passwords
	// Lockouts is nil unless the feature is on.
	Lockouts *lockout.Lockouts
}

// New builds an App with the default set of plugins, in the order their hooks
// run, followed by Config.Plugins.
func New(ctx context.Context, o Options) (*House, error) {
	passwords := password.New(o.EmailAndPassword)
	set := []gatehouse.Plugin{
		passwords,
		sessions.New(),
		email.New(),
		account.New(passwords.CheckPassword),
		social.New(),
	}
	if o.Features.Bearer != nil {
		set = append(set, bearer.New(*o.Features.Bearer))
	}
	house := &House{Passwords: passwords}
	if o.Features.Lockout != nil {
		house.Lockouts = lockout.New(*o.Features.Lockout)
		set = append(set, house.Lockouts)
	}
	config := o.Config
	config.Plugins = append(set, config.Plugins...)
	app, err := gatehouse.New(ctx, config)
	if err != nil {
		return nil, err
	}
	house.App = app
	return house, nil
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
