package lockout

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

var openOp = gatehouse.Op{
	ID: "openUnlock", Method: http.MethodGet, Path: "/lockout/unlock",
	Doc:    "Leads from the mailed link to the page that unlocks. Consumes nothing, for programs that look at mails follow links too.",
	Access: gatehouse.Public,
}

var unlockOp = gatehouse.Op{
	ID: "unlockAccount", Method: http.MethodPost, Path: "/lockout/unlock",
	Doc:    "Ends a lock with the token of a mailed link, and makes the browser known to the account's owner.",
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{gatehouse.ErrInvalidToken},
}

const (
	// MailKind is the kind of the mail that tells the owner of a lock.
	MailKind = "account-locked"
	// passwordMethod is the one method whose lock a mailbox may end: a second
	// factor must not be worth less than the mailbox.
	passwordMethod = "password"
	// unlockPurpose starts the identifier of unlock tokens.
	unlockPurpose = "unlock-account:"
	// decided is how long the last try may take before it counts as failed
	// for the owner too: the hash and the queue in front of it.
	decided = 10 * time.Second
)

// stored is where the verification of a token is found. The token itself is
// nowhere in the database.
func stored(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return unlockPurpose + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Notify records the locks that were set and mails their owners, once for each
// lock, however many nodes do it. A job does it, not the request that was
// refused, whose time would tell that there is an owner.
func (l *Lockouts) Notify(ctx context.Context) error {
	for {
		rows, err := l.untold.All(ctx, l.app.Now().Add(-decided).UnixMilli())
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := l.notify(ctx, row); err != nil {
				return err
			}
		}
		if len(rows) < 100 {
			return nil
		}
	}
}

func (l *Lockouts) notify(ctx context.Context, row *counter) error {
	return l.app.Tx(ctx, func(ctx context.Context) error {
		won, err := l.tell.Run(ctx, row.ID, row.LastAt)
		if err != nil || won == 0 {
			return err
		}
		if err := l.app.Record(ctx, row.event("lock.set", "")); err != nil {
			return err
		}
		if row.Kind != kindName || row.Method != passwordMethod || row.UserID == nil || l.options.DisableMail || row.wait(l.app.Now()) == 0 {
			return nil
		}
		user, err := l.app.Users.ByID(ctx, *row.UserID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return l.mail(ctx, user, row)
	})
}

func (l *Lockouts) mail(ctx context.Context, user *gatehouse.User, row *counter) error {
	secret := token.Alphanumeric(l.app.Rand, 24)
	if err := l.app.Verifications.Create(ctx, stored(secret), user.ID, l.options.UnlockTTL); err != nil {
		return err
	}
	return l.app.Outbox.Put(ctx, gatehouse.Mail{Kind: MailKind, To: user.Email, Data: map[string]any{
		"user": user, "token": secret, "url": l.app.URL("/lockout/unlock?token=" + secret),
		"expiresIn": int(l.options.UnlockTTL / time.Second), "failures": row.Tries,
	}})
}

// event is what is recorded of a counter. reason is why a lock ended.
func (c *counter) event(action, reason string) gatehouse.Event {
	e := gatehouse.Event{Action: action, TargetType: "lock", Target: c.ID, Details: map[string]any{"kind": c.Kind, "failures": c.Tries}}
	switch {
	case c.UserID != nil:
		e.TargetType, e.Target = "user", *c.UserID
	case c.Address != nil:
		e.TargetType, e.Target = "address", *c.Address
	}
	if c.Method != "" {
		e.Details["method"] = c.Method
	}
	if reason != "" {
		e.Details["reason"] = reason
	} else {
		e.Actor = gatehouse.System
		e.Details["until"] = time.UnixMilli(c.OpensAt).UTC().Format(time.RFC3339)
	}
	return e
}

// Open is the query of GET /lockout/unlock.
type Open struct {
	Token string `query:"token"`
}

func (l *Lockouts) open(c *gatehouse.Call, in Open) (gatehouse.Status, error) {
	// The address has the token in it: it is to be told to nobody.
	c.Header().Set("Referrer-Policy", "no-referrer")
	_, err := l.app.Verifications.Find(c, stored(in.Token))
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.Status{}, gatehouse.Redirect(l.page("error", gatehouse.ErrInvalidToken.Code))
	}
	if err != nil {
		return gatehouse.Status{}, err
	}
	return gatehouse.Status{}, gatehouse.Redirect(l.page("token", in.Token))
}

// page is the unlock page's whole address, with one more parameter.
func (l *Lockouts) page(name, value string) string {
	target := l.options.UnlockURL
	if page, err := url.Parse(target); err == nil && page.Host == "" {
		target = l.app.Origin() + target
	}
	return gatehouse.AddQuery(target, name, value)
}

// Unlock is the body of POST /lockout/unlock.
type Unlock struct {
	Token string `json:"token" check:"max=256"`
}

func (l *Lockouts) unlock(c *gatehouse.Call, in Unlock) (gatehouse.Status, error) {
	err := c.Tx(func() error {
		proof, err := l.app.Verifications.Consume(c, stored(in.Token))
		if errors.Is(err, store.ErrNotFound) {
			return gatehouse.ErrInvalidToken
		}
		if err != nil {
			return err
		}
		user, err := l.app.Users.ByID(c, proof.Value)
		if errors.Is(err, store.ErrNotFound) {
			return gatehouse.ErrInvalidToken
		}
		if err != nil {
			return err
		}
		// Whoever locked the account may do it again at once: only a known
		// browser gets in under a lasting attack.
		l.remember(c, user.ID)
		return l.clearPassword(c, user, "unlock-link")
	})
	return gatehouse.Status{Status: err == nil}, err
}
