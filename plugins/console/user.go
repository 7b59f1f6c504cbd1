package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var userOp = gatehouse.Op{
	ID: "consoleUser", Method: http.MethodGet, Path: "/console/user/:id",
	Doc:    "Shows one person with what belongs to them: accounts, locks, last sign-ins, the request for approval, the invitation.",
	Access: gatehouse.Can("user", "get"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrUserNotFound},
}

// OneUser names a person in the path.
type OneUser struct {
	ID string `path:"id"`
}

// Panel is one person with what belongs to them. What is nil no plugin keeps.
type Panel struct {
	User        User           `json:"user"`
	Fields      map[string]any `json:"fields"` // added columns that may be shown
	Accounts    []Account      `json:"accounts"`
	HasPassword bool           `json:"hasPassword"`
	Sessions    int            `json:"sessions"` // alive, at most 100
	LastSignIns []SignIn       `json:"lastSignIns"`
	Locks       []Lock         `json:"locks"`
	Request     *Request       `json:"request"`
	Invitation  *Invitation    `json:"invitation"`
	// Can is what the asker may do to this person.
	Can []string `json:"can"`
}

// Account is a way to sign in, without its secrets.
type Account struct {
	ID         string    `json:"id"`
	ProviderID string    `json:"providerId"`
	AccountID  string    `json:"accountId"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"`
	Scope      *string   `json:"scope"`
}

// lastSignIns is how many the panel shows.
const lastSignIns = 10

func (k *Console) user(c *gatehouse.Call, in OneUser) (Panel, error) {
	panel, user, err := k.panel(c, in.ID)
	if err != nil {
		return Panel{}, err
	}
	panel.Can, err = k.can(c, user)
	return panel, err
}

// User shows a person, or returns ErrUserNotFound, and records that somebody
// looked. Can stays empty.
func (k *Console) User(ctx context.Context, id string) (Panel, error) {
	panel, _, err := k.panel(ctx, id)
	return panel, err
}

func (k *Console) find(ctx context.Context, id string) (*gatehouse.User, error) {
	user, err := k.app.Users.ByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrUserNotFound
	}
	return user, err
}

func (k *Console) panel(ctx context.Context, id string) (Panel, *gatehouse.User, error) {
	user, err := k.find(ctx, id)
	if err != nil {
		return Panel{}, nil, err
	}
	panel := Panel{Fields: k.fields(user), Accounts: []Account{}, Can: []string{}}
	for _, step := range []func(context.Context, *gatehouse.User, *Panel) error{k.addStanding, k.addAccounts, k.addSessions, k.addTraces} {
		if err := step(ctx, user, &panel); err != nil {
			return Panel{}, nil, err
		}
	}
	return panel, user, k.record(ctx, gatehouse.Event{Action: "user.read", TargetType: "user", Target: user.ID})
}

// fields are the columns that plugins and options added, but for hidden ones
// and those that User has.
func (k *Console) fields(user *gatehouse.User) map[string]any {
	fields := map[string]any{}
	for _, field := range k.app.DB.AddedFields("user") {
		switch field.Name {
		case "role", "banned", "banReason", "banExpires", "twoFactorEnabled":
			continue
		}
		if !field.Hidden {
			fields[field.Name], _ = user.Get(field.Name)
		}
	}
	return fields
}

func (k *Console) addStanding(ctx context.Context, user *gatehouse.User, panel *Panel) (err error) {
	state := ""
	if k.sources.Approvals != nil {
		if panel.Request, err = k.sources.Approvals.Request(ctx, user.ID); err != nil {
			return err
		}
		if panel.Request != nil {
			state = panel.Request.State
		}
	}
	panel.User, err = k.showOne(user, state)
	return err
}

func (k *Console) addAccounts(ctx context.Context, user *gatehouse.User, panel *Panel) error {
	accounts, err := k.app.Accounts.OfUser(ctx, user.ID)
	for _, a := range accounts {
		panel.HasPassword = panel.HasPassword || a.ProviderID == gatehouse.CredentialProvider && a.PasswordHash != nil
		panel.Accounts = append(panel.Accounts, Account{a.ID, a.ProviderID, a.AccountID, a.CreatedAt, a.UpdatedAt, a.Scope})
	}
	return err
}

func (k *Console) addSessions(ctx context.Context, user *gatehouse.User, panel *Panel) error {
	sessions, err := k.app.Sessions.Active(ctx, user.ID)
	panel.Sessions = len(sessions)
	return err
}

// addTraces adds what other plugins keep.
func (k *Console) addTraces(ctx context.Context, user *gatehouse.User, panel *Panel) (err error) {
	if k.sources.Locks != nil {
		if panel.Locks, err = k.sources.Locks(ctx, user.ID); err != nil {
			return err
		}
	}
	if k.sources.Audit == nil {
		return nil
	}
	if panel.LastSignIns, err = k.sources.Audit.SignIns(ctx, user.ID, lastSignIns); err != nil {
		return err
	}
	for i := range panel.LastSignIns {
		panel.LastSignIns[i].Device = deviceOf(panel.LastSignIns[i].UserAgent)
	}
	panel.Invitation, err = k.sources.Audit.Invitation(ctx, user.ID)
	return err
}

// deeds are what the panel has buttons for, with their permissions.
var deeds = []struct{ name, resource, action string }{
	{"update", "user", "update"}, {"ban", "user", "ban"}, {"set-role", "user", "set-role"}, {"set-password", "user", "set-password"},
	{"impersonate", "user", "impersonate"}, {"revoke-sessions", "session", "revoke"}, {"delete", "user", "delete"}, {"export", "people", "export"},
}

// notOneself cannot be done by a person to themselves.
var notOneself = map[string]bool{"ban": true, "delete": true, "impersonate": true}

func (k *Console) can(c *gatehouse.Call, user *gatehouse.User) ([]string, error) {
	names := []string{}
	touches, err := k.sources.Admin.MayTouch(c, user)
	if err != nil {
		return nil, err
	}
	for _, deed := range deeds {
		may, err := k.sources.Admin.Can(c, c.User(), deed.resource, deed.action)
		if err != nil {
			return nil, err
		}
		if may && (touches || deed.name == "export") && !(notOneself[deed.name] && user.ID == c.User().ID) {
			names = append(names, deed.name)
		}
	}
	return names, nil
}
