package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var bulkOp = gatehouse.Op{
	ID: "consoleBulk", Method: http.MethodPost, Path: "/console/users/bulk",
	Doc: "Does one thing to many people, each by itself, with a report for each.",
	// Each action takes its own permission besides, which the handler asks for.
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{gatehouse.ErrForbidden, ErrNoRole, ErrNotHere},
}

// Action is what a bulk request does.
type Action string

// The actions.
const (
	BanAll      Action = "ban"
	UnbanAll    Action = "unban"
	ApproveAll  Action = "approve"
	RejectAll   Action = "reject"
	SetRoles    Action = "role"
	RevokeAll   Action = "revoke-sessions"
	RemoveUsers Action = "remove"
)

// permissionOf is what each action takes.
var permissionOf = map[Action][2]string{
	BanAll: {"user", "ban"}, UnbanAll: {"user", "ban"}, ApproveAll: {"user", "create"}, RejectAll: {"user", "create"},
	SetRoles: {"user", "set-role"}, RevokeAll: {"session", "revoke"}, RemoveUsers: {"user", "delete"},
}

// Bulk is the body of POST /console/users/bulk.
type Bulk struct {
	IDs       []string `json:"ids" check:"min=1,max=500"`
	Action    string   `json:"action" check:"enum=ban|unban|approve|reject|role|revoke-sessions|remove"`
	Reason    *string  `json:"reason,omitempty" check:"max=500" doc:"Of a ban or a rejection; mailed to who is rejected."`
	ExpiresIn *float64 `json:"expiresIn,omitempty" check:"min=0,max=3153600000" doc:"Of a ban, in seconds; absent: as the options say."`
	Role      []string `json:"role,omitempty" check:"single,union,optional,max=20" doc:"For the action role: in place of what they had."`
}

// BulkReport is the answer.
type BulkReport struct {
	Results []RowResult `json:"results"`
	Done    int         `json:"done"`
	Refused int         `json:"refused"`
	// Left is how many were not begun; then Stopped says why.
	Left    int      `json:"left"`
	Stopped *Stopped `json:"stopped"`
}

// RowResult is what became of one person.
type RowResult struct {
	ID      string  `json:"id"`
	OK      bool    `json:"ok"`
	Code    *string `json:"code"`
	Message *string `json:"message"`
}

// Stopped is why a run ended early.
type Stopped struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (k *Console) bulk(c *gatehouse.Call, in Bulk) (BulkReport, error) {
	action := Action(in.Action)
	permission := permissionOf[action]
	may, err := k.sources.Admin.Can(c, c.User(), permission[0], permission[1])
	if err != nil {
		return BulkReport{}, err
	}
	if !may {
		denied := gatehouse.Event{Action: "access.deny", TargetType: "permission", Target: permission[0] + ":" + permission[1]}
		return BulkReport{}, c.Refused(denied, gatehouse.ErrForbidden)
	}
	ids := distinct(in.IDs)
	switch {
	case len(ids) > k.options.MaxBulk:
		return BulkReport{}, gatehouse.ErrValidation.Saying("[body.ids] At most %d at once: send the others in a request of their own", k.options.MaxBulk)
	case action == SetRoles && len(in.Role) == 0:
		return BulkReport{}, ErrNoRole
	case (action == ApproveAll || action == RejectAll) && k.sources.Approvals == nil:
		return BulkReport{}, ErrNotHere.Saying("Nobody waits for approval here: plugins.approval is off")
	}
	return k.run(c, ids, func(id string) error { return k.act(c, action, id, in) })
}

// act does one thing to one person, in a transaction of its own.
func (k *Console) act(c *gatehouse.Call, action Action, id string, in Bulk) error {
	a, reason := k.sources.Admin, or(in.Reason, "")
	switch action {
	case BanAll:
		var life time.Duration
		if in.ExpiresIn != nil {
			life = time.Duration(*in.ExpiresIn * float64(time.Second))
		}
		return a.BanFor(c, id, reason, life)
	case UnbanAll:
		return a.UnbanFor(c, id)
	case SetRoles:
		return a.SetRolesFor(c, id, in.Role)
	case RevokeAll:
		return a.RevokeSessionsFor(c, id)
	case RemoveUsers:
		return a.RemoveFor(c, id)
	}
	return k.sources.Approvals.Decide(c, c.User().ID, id, action == ApproveAll, reason)
}

// run does each row and reports it. A refusal is the row's own; a fault, and a
// client that is gone, end the run. What is done until then stays.
func (k *Console) run(ctx context.Context, ids []string, act func(id string) error) (BulkReport, error) {
	report := BulkReport{Results: []RowResult{}}
	for i, id := range ids {
		err := ctx.Err()
		if err == nil {
			err = act(id)
		}
		var refusal *gatehouse.Error
		switch {
		case err == nil:
			report.Done++
			report.Results = append(report.Results, RowResult{ID: id, OK: true})
		case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError:
			report.Refused++
			report.Results = append(report.Results, RowResult{ID: id, Code: &refusal.Code, Message: &refusal.Message})
		default:
			report.Left = len(ids) - i
			report.Stopped = k.stopped(ctx, err)
			return report, nil
		}
	}
	return report, nil
}

func (k *Console) stopped(ctx context.Context, err error) *Stopped {
	switch {
	case ctx.Err() != nil:
		return &Stopped{"CANCELLED", "The request was cancelled: what is listed was done"}
	case errors.Is(err, store.ErrUnavailable):
		return &Stopped{"UNAVAILABLE", "The database is away: do the others again in a minute"}
	}
	k.app.Config().Log.ErrorContext(ctx, "bulk action stopped", "err", err)
	return &Stopped{"INTERNAL", "Something went wrong with the next person: the server's log says what"}
}

// distinct drops repetitions and keeps the order.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	var once []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}
