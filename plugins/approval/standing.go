package approval

import (
	"context"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/store"
)

// How lists of people show and find who waits or was turned down.

// statesAtOnce is how many ids one condition takes.
const statesAtOnce = 100

// States are the states of the requests of users, by their id. Who never had to
// ask is not among them.
func (a *Approvals) States(ctx context.Context, userIDs []string) (map[string]State, error) {
	states := make(map[string]State, len(userIDs))
	for len(userIDs) > 0 {
		some := userIDs[:min(statesAtOnce, len(userIDs))]
		userIDs = userIDs[len(some):]
		found, err := a.requests.table.Find(ctx, store.Search{
			Where: []store.Condition{{Field: "userId", Op: store.In, Value: some}}, Limit: len(some),
		})
		if err != nil {
			return nil, fmt.Errorf("read requests: %w", err)
		}
		for _, request := range found {
			states[request.UserID] = request.State
		}
	}
	return states, nil
}

// In is the condition, on users, for those whose request is in one of states.
func (a *Approvals) In(states ...State) store.Condition { return standing(store.In, states) }

// Out is the condition, on users, for all others.
func (a *Approvals) Out(states ...State) store.Condition { return standing(store.NotIn, states) }

func standing(op store.Op, states []State) store.Condition {
	where := store.Condition{Field: "state", Op: store.In, Value: states}
	if len(states) == 1 {
		where = store.Condition{Field: "state", Value: states[0]}
	}
	return store.Condition{Field: "id", Op: op, Value: store.Rows{Table: "registrationRequest", Field: "userId", Where: []store.Condition{where}}}
}

// Waiting counts who waits.
func (a *Approvals) Waiting(ctx context.Context) (int64, error) {
	return a.requests.table.CountWhere(ctx, []store.Condition{{Field: "pendingSince", Op: store.NotEqual}})
}

// DecideUser approves or rejects the request of a user, as Approve and Reject
// do. It returns ErrNoRequest and ErrDecided.
func (a *Approvals) DecideUser(ctx context.Context, by, userID string, approve bool, note string) error {
	request, err := a.RequestOf(ctx, userID)
	if isNotFound(err) {
		return ErrNoRequest
	}
	if err != nil {
		return err
	}
	v := verdict{state: Rejected, by: by, note: note}
	if approve {
		v = verdict{state: Approved, by: by}
	}
	return a.decide(ctx, v, request.ID)
}

// Inviter is who made an invitation, a user's id or gatehouse.System; "" when
// it is gone.
func (a *Approvals) Inviter(ctx context.Context, invitationID string) (string, error) {
	invitation, err := a.invitations.byID.One(ctx, invitationID)
	if isNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return invitation.CreatedBy, nil
}
