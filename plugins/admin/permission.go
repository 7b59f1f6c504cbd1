package admin

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var hasPermissionOp = gatehouse.Op{
	ID: "userHasPermission", Method: http.MethodPost, Path: "/admin/has-permission",
	Doc: "Tells whether the signed-in person may do all that is asked for.",
	// The question is judged before who asks, as on the wire; the handler
	// looks for the session.
	Access: gatehouse.Public,
	Errors: []*gatehouse.Error{ErrNoPermissions, ErrNobody},
}

// HasPermission is the body of POST /admin/has-permission. Of the last two
// members exactly one is needed, and only Permissions is understood. Whose
// permissions are asked about is always the session's person, whatever UserID
// and Role say.
type HasPermission struct {
	UserID      *string `json:"userId,omitempty" check:"coerce"`
	Role        *string `json:"role,omitempty"`
	Permission  any     `json:"permission,omitempty" check:"optional"`
	Permissions any     `json:"permissions,omitempty" check:"optional"`
}

// Permitted is the answer.
type Permitted struct {
	Error   *string `json:"error"`
	Success bool    `json:"success"`
}

func (a *Admin) hasPermission(c *gatehouse.Call, in HasPermission) (Permitted, error) {
	_, old := actionLists(in.Permission)
	asked, ok := actionLists(in.Permissions)
	switch {
	case old && ok:
		return Permitted{}, gatehouse.ErrValidation.Saying("[body] Invalid input: more than one option matched")
	case !old && !ok:
		return Permitted{}, gatehouse.ErrValidation.Saying("[body] Invalid input")
	case !ok:
		return Permitted{}, ErrNoPermissions
	}
	session, user, err := c.Session()
	if err != nil {
		return Permitted{}, err
	}
	if session == nil {
		return Permitted{}, ErrNobody
	}
	allowed, err := a.Permits(user, asked)
	return Permitted{Success: allowed}, err
}

// actionLists reads resource → actions.
func actionLists(value any) (lists map[string][]string, ok bool) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	lists = make(map[string][]string, len(members))
	for resource, value := range members {
		actions, ok := value.([]any)
		if !ok {
			return nil, false
		}
		lists[resource] = make([]string, len(actions))
		for i, action := range actions {
			if lists[resource][i], ok = action.(string); !ok {
				return nil, false
			}
		}
	}
	return lists, true
}
