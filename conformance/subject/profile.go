package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

var errUnsupported = errors.New("profile not supported")

// supported are the plugins that there are.
var supported = map[string]bool{
	"bearer": true, "admin": true, "generic-oauth": true,
	"last-login-method": true, "one-tap": true, "oauth-popup": true, "oauth-proxy": true,
}

type profile struct {
	options standard.Options
	seeds   []seed
}

type seed struct {
	Email         string `json:"email"`
	Password      string `json:"password"`
	Name          string `json:"name"`
	EmailVerified bool   `json:"emailVerified"`
	Role          string `json:"role"`
}

// readProfile turns a profile's options, which are in the protocol's form,
// into ours: plugins are a list there and sections here, callbacks say true
// there and are functions here.
func readProfile(file string, deliver *outbox) (*profile, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Options map[string]any `json:"options"`
		Seed    []seed         `json:"seed"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	p := &profile{options: standard.Defaults(), seeds: doc.Seed}
	if err := nameplugins(doc.Options); err != nil {
		return nil, err
	}
	limits := section(doc.Options, "rateLimit")
	if limits["enabled"] == nil {
		doc.Options["rateLimit"] = map[string]any{"enabled": false}
	}
	p.hook(doc.Options, deliver)
	src, err := json.Marshal(doc.Options)
	if err != nil {
		return nil, err
	}
	_, err = config.Load(&p.options, config.Input{Source: src, File: file, Flags: map[string]string{
		"baseURL": os.Getenv("CONFORMANCE_BASE_URL"), "secret": os.Getenv("CONFORMANCE_SECRET"),
	}})
	p.options.ZeroMeansOff()
	return p, err
}

func nameplugins(options map[string]any) error {
	list, _ := options["plugins"].([]any)
	named := map[string]any{}
	for _, entry := range list {
		plugin, _ := entry.(map[string]any)
		id, _ := plugin["id"].(string)
		if !supported[id] {
			return fmt.Errorf("%w: there is no plugin %s", errUnsupported, id)
		}
		named[id] = map[string]any{}
		if plugin["options"] != nil {
			named[id] = plugin["options"]
		}
	}
	delete(options, "plugins")
	if len(named) > 0 {
		options["plugins"] = named
	}
	return nil
}

func section(options map[string]any, name string) map[string]any {
	s, _ := options[name].(map[string]any)
	return s
}

// hook takes the callbacks out of the options and sets functions that deliver.
func (p *profile) hook(options map[string]any, deliver *outbox) {
	take := func(s map[string]any, name string) bool {
		on := s[name] == true
		delete(s, name)
		return on
	}
	record := func(kind string) func(context.Context, *gatehouse.User) error {
		return func(_ context.Context, u *gatehouse.User) error { return deliver.post(kind, u.Email, u) }
	}
	wrapped := func(kind string) func(context.Context, *gatehouse.User) error {
		return func(_ context.Context, u *gatehouse.User) error {
			return deliver.post(kind, u.Email, map[string]any{"user": u})
		}
	}
	passwords := section(options, "emailAndPassword")
	if take(passwords, "onPasswordReset") {
		p.options.EmailAndPassword.OnPasswordReset = wrapped("password-was-reset")
	}
	if take(passwords, "onExistingUserSignUp") {
		p.options.EmailAndPassword.OnExistingUserSignUp = wrapped("existing-user-sign-up")
	}
	verification := section(options, "emailVerification")
	if take(verification, "beforeEmailVerification") {
		p.options.EmailVerification.BeforeEmailVerification = record("before-email-verification")
	}
	if take(verification, "afterEmailVerification") {
		p.options.EmailVerification.AfterEmailVerification = record("after-email-verification")
	}
	deletion := section(section(options, "user"), "deleteUser")
	if take(deletion, "beforeDelete") {
		p.options.User.DeleteUser.BeforeDelete = record("before-delete")
	}
	if take(deletion, "afterDelete") {
		p.options.User.DeleteUser.AfterDelete = record("after-delete")
	}
}

func (p *profile) seed(ctx context.Context, app *standard.House) error {
	for _, s := range p.seeds {
		if _, err := app.Users.ByEmail(ctx, s.Email); !errors.Is(err, store.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		user := &gatehouse.User{Email: s.Email, Name: s.Name, EmailVerified: s.EmailVerified}
		if s.Role != "" {
			user.Set("role", s.Role)
		}
		if err := app.Users.Create(ctx, user); err != nil {
			return err
		}
		if err := app.Passwords.Reset(ctx, user.ID, s.Password); err != nil {
			return err
		}
	}
	return nil
}
