package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/gatehouse-auth/gatehouse"
)

var accessOp = gatehouse.Op{
	ID: "consoleAccess", Method: http.MethodGet, Path: "/console/access",
	Doc: "Tells what the signed-in person may do, and what is switched on.",
	// Whoever has one of the permissions; the handler sees to that.
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{gatehouse.ErrForbidden},
}

var rolesOp = gatehouse.Op{
	ID: "consoleRoles", Method: http.MethodGet, Path: "/console/roles",
	Doc:    "Lists the roles and what each allows.",
	Access: gatehouse.Can("user", "list"), OwnerOnly: true,
}

// Access is the answer of GET /console/access.
type Access struct {
	Permissions map[string][]string `json:"permissions"`
	Features    Features            `json:"features"`
	Limits      Limits              `json:"limits"`
	Version     *string             `json:"version"`
}

// Features say what is switched on.
type Features struct {
	Approval bool `json:"approval"`
	Audit    bool `json:"audit"`
	Lockout  bool `json:"lockout"`
	Mail     bool `json:"mail"` // mails can be shown
	Server   bool `json:"server"`
	Import   bool `json:"import"`
	Export   bool `json:"export"`
	StepUp   bool `json:"stepUp"`
}

// Limits are those of the options.
type Limits struct {
	Page        int   `json:"page"`
	Bulk        int   `json:"bulk"`
	ImportBytes int64 `json:"importBytes"`
}

// needed are the permissions of the console, and those of what its pages call
// besides.
var needed = []string{"user", "session", "audit", "mail", "system", "people"}

func (k *Console) access(c *gatehouse.Call, _ struct{}) (Access, error) {
	held := map[string][]string{}
	statements, _, _, _, _ := k.sources.Admin.RoleTable()
	for _, resource := range needed {
		for _, action := range statements[resource] {
			may, err := k.sources.Admin.Can(c, c.User(), resource, action)
			if err != nil {
				return Access{}, err
			}
			if may {
				held[resource] = append(held[resource], action)
			}
		}
	}
	if len(held) == 0 {
		return Access{}, gatehouse.ErrForbidden
	}
	s := &k.sources.Server
	answer := Access{
		Permissions: held,
		Features: Features{
			Approval: k.sources.Approvals != nil, Audit: k.sources.Audit != nil, Lockout: k.sources.Locks != nil,
			Mail: s.RenderMail != nil, Server: s.Settings != nil, Import: s.Import != nil, Export: s.Export != nil,
			StepUp: slices.Contains(k.app.Plugins(), "step-up"),
		},
		Limits: Limits{k.options.MaxPage, k.options.MaxBulk, k.options.MaxImportBytes},
	}
	if s.Version != "" {
		answer.Version = &s.Version
	}
	return answer, nil
}

// RoleList is the answer of GET /console/roles.
type RoleList struct {
	Statements map[string][]string `json:"statements"`
	Roles      []RoleShown         `json:"roles"`
	Custom     bool                `json:"custom"`
}

// RoleShown is one role.
type RoleShown struct {
	Name        string              `json:"name"`
	Permissions map[string][]string `json:"permissions"`
	Admin       bool                `json:"admin"`
	Default     bool                `json:"default"`
}

func (k *Console) roles(*gatehouse.Call, struct{}) (RoleList, error) {
	statements, roles, admins, usual, custom := k.sources.Admin.RoleTable()
	list := RoleList{Statements: statements, Roles: []RoleShown{}, Custom: custom}
	for name, permissions := range roles {
		list.Roles = append(list.Roles, RoleShown{name, permissions, slices.Contains(admins, name), name == usual})
	}
	slices.SortFunc(list.Roles, func(a, b RoleShown) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}
