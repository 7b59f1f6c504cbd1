package console

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Status is where a person stands: the first of these that holds.
type Status string

// The statuses.
const (
	Banned     Status = "banned"     // now: a ban that is over is none
	Pending    Status = "pending"    // waits for approval
	Rejected   Status = "rejected"   // was turned down
	Unverified Status = "unverified" // the address is not proved
	Active     Status = "active"
)

// nobody is a condition that holds for no row.
var nobody = store.Condition{Any: []store.Condition{}}

// inStatus are the conditions for a status; "" has none.
func (k *Console) inStatus(s Status) []store.Condition {
	now := k.app.Now()
	banned := []store.Condition{
		{Field: "banned", Value: true},
		{Any: []store.Condition{{Field: "banExpires"}, {Field: "banExpires", Op: store.GreaterOrEqual, Value: now}}},
	}
	free := store.Condition{Any: []store.Condition{
		{Field: "banned"}, {Field: "banned", Value: false}, {Field: "banExpires", Op: store.Less, Value: now},
	}}
	requests := k.sources.Approvals
	decided := []store.Condition{free}
	if requests != nil {
		decided = append(decided, requests.Out(string(Pending), string(Rejected)))
	}
	switch s {
	case Banned:
		return banned
	case Pending, Rejected:
		if requests == nil {
			return []store.Condition{nobody}
		}
		return []store.Condition{requests.In(string(s)), free}
	case Unverified, Active:
		return append(decided, store.Condition{Field: "emailVerified", Value: s == Active})
	case "":
		return nil
	}
	return []store.Condition{nobody}
}

// show makes users fit to be shown. It asks for the requests of all of them at
// once.
func (k *Console) show(ctx context.Context, found []*gatehouse.User) ([]User, error) {
	states := map[string]string{}
	if k.sources.Approvals != nil && len(found) > 0 {
		ids := make([]string, len(found))
		for i, user := range found {
			ids[i] = user.ID
		}
		var err error
		if states, err = k.sources.Approvals.States(ctx, ids); err != nil {
			return nil, err
		}
	}
	shown := make([]User, len(found))
	for i, user := range found {
		var err error
		if shown[i], err = k.showOne(user, states[user.ID]); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func (k *Console) showOne(user *gatehouse.User, state string) (User, error) {
	roles, err := k.sources.Admin.Roles(user)
	if err != nil {
		return User{}, err
	}
	banned, err := k.sources.Admin.IsBanned(user)
	if err != nil {
		return User{}, err
	}
	shown := User{
		ID: user.ID, Name: user.Name, Email: user.Email, EmailVerified: user.EmailVerified, Image: user.Image,
		CreatedAt: user.CreatedAt, UpdatedAt: user.UpdatedAt, Role: added[string](user, "role"), Roles: roles, Status: Active,
	}
	if _, there := user.Get("twoFactorEnabled"); there {
		on := added[bool](user, "twoFactorEnabled")
		shown.TwoFactor = &on
	}
	switch {
	case banned:
		shown.Status = Banned
		if reason := added[string](user, "banReason"); reason != "" {
			shown.BanReason = &reason
		}
		if until := added[time.Time](user, "banExpires"); !until.IsZero() {
			shown.BanExpires = &until
		}
	case state == string(Pending) || state == string(Rejected):
		shown.Status = Status(state)
	case !user.EmailVerified:
		shown.Status = Unverified
	}
	return shown, nil
}

// added is a column that a plugin added, the zero value where it is NULL or not
// there.
func added[V any](user *gatehouse.User, name string) V {
	value, _ := user.Get(name)
	v, _ := value.(V)
	return v
}
