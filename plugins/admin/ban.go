package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var banOp = gatehouse.Op{
	ID: "banUser", Method: http.MethodPost, Path: "/admin/ban-user",
	Doc:    "Keeps a person out, for a time or for ever, and ends their sessions.",
	Access: gatehouse.Can("user", "ban").Answering(ErrNobody, ErrBan), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrBan, ErrUserNotFound, ErrBanOneself, ErrLastAdmin},
}

var unbanOp = gatehouse.Op{
	ID: "unbanUser", Method: http.MethodPost, Path: "/admin/unban-user",
	Doc:    "Lets a banned person in again.",
	Access: gatehouse.Can("user", "ban").Answering(ErrNobody, ErrBan), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrBan, ErrUserNotFound},
}

// BanUser is the body of POST /admin/ban-user.
type BanUser struct {
	UserID    string   `json:"userId" check:"coerce"`
	Reason    *string  `json:"banReason,omitempty"`
	ExpiresIn *float64 `json:"banExpiresIn,omitempty" check:"min=0,max=3153600000" doc:"Seconds; absent or 0: as the options say, or for ever."`
}

func (a *Admin) ban(c *gatehouse.Call, in BanUser) (One, error) {
	target, err := a.find(c, in.UserID)
	if err != nil {
		return One{}, err
	}
	if target.ID == c.User().ID {
		return One{}, ErrBanOneself
	}
	if err := a.guard(c, target, ErrBan); err != nil {
		return One{}, err
	}
	var ban Ban
	if in.Reason != nil {
		ban.Reason = *in.Reason
	}
	if in.ExpiresIn != nil {
		ban.ExpiresIn = time.Duration(*in.ExpiresIn * float64(time.Second))
	}
	user, err := a.Ban(c, target.ID, ban)
	return One{user}, err
}

// Ban says why and for how long; zero values are the options'.
type Ban struct {
	Reason    string
	ExpiresIn time.Duration
}

// Ban keeps a user out and ends all their sessions, those in which they act as
// somebody else too. It returns ErrUserNotFound and ErrLastAdmin.
func (a *Admin) Ban(ctx context.Context, id string, ban Ban) (*gatehouse.User, error) {
	if ban.Reason == "" {
		ban.Reason = a.options.DefaultBanReason
	}
	if ban.ExpiresIn == 0 {
		ban.ExpiresIn = a.options.DefaultBanExpiresIn
	}
	var until *time.Time
	details := map[string]any{"reason": ban.Reason}
	if ban.ExpiresIn != 0 {
		end := a.app.Now().Add(ban.ExpiresIn)
		until, details["until"] = &end, end
	}
	var user *gatehouse.User
	err := a.app.Tx(ctx, func(ctx context.Context) (err error) {
		user, err = a.change(ctx, id,
			store.Change{Field: "banned", Value: true}, store.Change{Field: "banReason", Value: ban.Reason},
			store.Change{Field: "banExpires", Value: until})
		if err != nil {
			return err
		}
		if err := a.app.Sessions.RevokeAll(ctx, id, ""); err != nil {
			return err
		}
		return a.record(ctx, "user.ban", id, details)
	})
	return user, err
}

// UserID is the body of operations that name a person only.
type UserID struct {
	UserID string `json:"userId" check:"coerce"`
}

func (a *Admin) unban(c *gatehouse.Call, in UserID) (One, error) {
	target, err := a.find(c, in.UserID)
	if err != nil {
		return One{}, err
	}
	if err := a.guard(c, target, ErrBan); err != nil {
		return One{}, err
	}
	user, err := a.Unban(c, target.ID)
	return One{user}, err
}

// Unban lets a user in again, or returns ErrUserNotFound.
func (a *Admin) Unban(ctx context.Context, id string) (*gatehouse.User, error) {
	var user *gatehouse.User
	err := a.app.Tx(ctx, func(ctx context.Context) (err error) {
		if user, err = a.change(ctx, id, lifted()...); err != nil {
			return err
		}
		return a.record(ctx, "user.unban", id, nil)
	})
	return user, err
}

func lifted() []store.Change {
	return []store.Change{{Field: "banned", Value: false}, {Field: "banReason"}, {Field: "banExpires"}}
}

// change is Users.Update with the protocol's words for nobody.
func (a *Admin) change(ctx context.Context, id string, changes ...store.Change) (*gatehouse.User, error) {
	user, err := a.app.Users.Update(ctx, id, changes...)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrUserNotFound
	}
	return user, err
}

// isBanned reports whether a user is banned now. NULL is "never was"; a value
// that is no boolean is an error, never "no".
func (a *Admin) isBanned(user *gatehouse.User) (bool, error) {
	banned, err := a.banned.Of(user)
	if err != nil || banned == nil || !*banned {
		return false, err
	}
	until, err := a.banExpires.Of(user)
	if err != nil {
		return false, err
	}
	return until == nil || !until.Before(a.app.Now()), nil
}

// refuseBanned is the gate at every way to sign in. It reads the user again: a
// ban may have come while the password was being hashed. A ban that is over is
// cleared.
func (a *Admin) refuseBanned(c *gatehouse.Call, p gatehouse.Proof) error {
	user, err := a.app.Users.ByID(c, p.User.ID)
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.ErrUnauthorized.Because(err) // removed meanwhile
	}
	if err != nil {
		return err
	}
	banned, err := a.isBanned(user)
	if err != nil {
		return err
	}
	if banned {
		return ErrBanned.Saying("%s", a.options.BannedUserMessage)
	}
	if flag, err := a.banned.Of(user); err != nil || flag == nil || !*flag {
		return err
	}
	_, err = a.Unban(c, user.ID)
	return err
}

// endForbidden is the check of every look-up: see stillAllowed.
func (a *Admin) endForbidden(c *gatehouse.Call, session *gatehouse.Session, user *gatehouse.User) error {
	alive, err := a.stillAllowed(c, session, user)
	if err == nil && !alive {
		return gatehouse.ErrUnauthorized
	}
	return err
}

// stillAllowed ends the sessions of banned people, and those in which somebody
// acts as another who may no longer: however that came to be in the database.
func (a *Admin) stillAllowed(ctx context.Context, session *gatehouse.Session, user *gatehouse.User) (bool, error) {
	banned, err := a.isBanned(user)
	if err != nil || banned {
		return false, err
	}
	by, err := a.impersonatedBy.Of(session)
	if err != nil || by == nil || *by == "" {
		return err == nil, err
	}
	actor, err := a.app.Users.ByID(ctx, *by)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if banned, err = a.isBanned(actor); err != nil || banned {
		return false, err
	}
	err = a.mayImpersonate(actor, user)
	if errors.Is(err, ErrImpersonate) || errors.Is(err, ErrImpersonateAdmin) {
		return false, nil
	}
	return err == nil, err
}
