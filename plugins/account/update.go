package account

import (
	"errors"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var updateOp = gatehouse.Op{
	ID: "updateUser", Method: http.MethodPost, Path: "/update-user",
	Doc:    "Changes the signed-in person's name, picture and additional fields.",
	Access: gatehouse.SignedInCached,
	Errors: []*gatehouse.Error{ErrEmailHere, gatehouse.ErrFieldNotAllowed, gatehouse.ErrNothingToUpdate, gatehouse.ErrImage},
}

// Update is the body of POST /update-user: any of name, image and the user's
// additional fields.
type Update struct {
	Fields map[string]any `json:"*"`
}

func (o *Own) update(c *gatehouse.Call, in Update) (gatehouse.Status, error) {
	if email := in.Fields["email"]; email != nil && email != "" && email != false && email != 0.0 {
		return gatehouse.Status{}, ErrEmailHere
	}
	changes, err := o.app.UserFieldsOnUpdate(in.Fields)
	if err != nil {
		return gatehouse.Status{}, err
	}
	for _, name := range []string{"image", "name"} {
		value, given := in.Fields[name]
		switch value.(type) {
		case nil, string, float64: // a number is as loose as the protocol has it
		default:
			return gatehouse.Status{}, gatehouse.ErrValidation.Saying("[body.%s] Invalid input: expected string", name)
		}
		if given {
			changes = append([]store.Change{{Field: name, Value: value}}, changes...)
		}
	}
	if len(changes) == 0 {
		return gatehouse.Status{}, gatehouse.ErrNothingToUpdate
	}
	if image, ok := in.Fields["image"].(string); ok && !gatehouse.SafeImage(image) {
		return gatehouse.Status{}, gatehouse.ErrImage
	}
	user, err := o.app.Users.Update(c, c.User().ID, changes...)
	if errors.Is(err, store.ErrNotFound) {
		return gatehouse.Status{}, gatehouse.ErrUnauthorized
	}
	if err != nil {
		return gatehouse.Status{}, err
	}
	return gatehouse.Status{Status: true}, c.SetSession(c.CurrentSession(), user)
}
