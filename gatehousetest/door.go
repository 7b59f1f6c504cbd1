package gatehousetest

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Door is a plugin that admits whoever asks, without a password: for tests
// about what comes after signing in, which then cost no password hash. Its
// gates are the real ones, for it too goes through Call.Admit.
func Door() gatehouse.Plugin { return &door{} }

type door struct{ app *gatehouse.App }

// Knock is the body of POST /door.
type Knock struct {
	Email    string `json:"email"`
	Remember *bool  `json:"rememberMe,omitempty"`
}

// Admitted is the answer of POST /door.
type Admitted struct {
	Token string          `json:"token"`
	User  *gatehouse.User `json:"user"`
}

// Plug declares the door.
func (d *door) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	d.app = app
	return gatehouse.Parts{ID: "door", Routes: []gatehouse.Route{gatehouse.Endpoint(gatehouse.Op{
		ID: "door", Method: http.MethodPost, Path: "/door", Access: gatehouse.Public,
		Doc:    "Signs anybody in.",
		Errors: []*gatehouse.Error{gatehouse.ErrUserNotFound},
	}, d.open)}}, nil
}

func (d *door) open(c *gatehouse.Call, in Knock) (Admitted, error) {
	user, err := d.app.Users.ByEmail(c, in.Email)
	if errors.Is(err, store.ErrNotFound) {
		return Admitted{}, gatehouse.ErrUserNotFound
	}
	if err != nil {
		return Admitted{}, err
	}
	session, err := c.Admit(gatehouse.Proof{User: user, Method: "door", Remember: in.Remember})
	if err != nil {
		return Admitted{}, err
	}
	return Admitted{Token: session.Token, User: user}, nil
}

// Invite stores a person without a password, whose address is proved.
func (h *House) Invite(email string) *gatehouse.User {
	h.t.Helper()
	user := &gatehouse.User{Name: "Guest", Email: email, EmailVerified: true}
	if err := h.Users.Create(context.Background(), user); err != nil {
		h.t.Fatalf("invite %s: %v", email, err)
	}
	return user
}

// Enter returns a browser in which the person is signed in, who is invited
// first if nobody has the address. The house needs the plugin Door.
func (h *House) Enter(email string) *Browser {
	h.t.Helper()
	if _, err := h.Users.ByEmail(context.Background(), email); errors.Is(err, store.ErrNotFound) {
		h.Invite(email)
	}
	b := h.Browser()
	b.Post("/door", Knock{Email: email}).ExpectStatus(http.StatusOK)
	return b
}

// For is k for an address.
func (k Knock) For(email string) Knock {
	k.Email = email
	return k
}
