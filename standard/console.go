package standard

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/store"
)

// sources tells the console what it shows of the plugins beside it, which do
// not know each other.
func (h *House) sources(server console.Server) console.Sources {
	sources := console.Sources{Server: server, Hashing: h.hashing}
	if h.Admin != nil {
		sources.Admin = h.Admin
	}
	if h.Approvals != nil {
		sources.Approvals = &console.Approvals{
			States: h.Approvals.States, In: h.Approvals.In, Out: h.Approvals.Out, Pending: h.Approvals.Waiting,
			Request: h.request, Decide: h.Approvals.DecideUser,
		}
	}
	if h.Audit != nil {
		sources.Audit = &console.Audit{Count: h.countEvents, Actors: h.Audit.Actors, SignIns: h.signIns, Invitation: h.invitation}
	}
	if h.Lockouts != nil {
		sources.Locks = h.locks
	}
	return sources
}

func (h *House) hashing() console.Hashing {
	stats := h.Passwords.HashStats()
	return console.Hashing{Size: stats.Workers, Running: stats.Running, Waiting: stats.Waiting, Limit: stats.Queue}
}

func (h *House) request(ctx context.Context, userID string) (*console.Request, error) {
	r, err := h.Approvals.RequestOf(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &console.Request{
		ID: r.ID, State: r.State, Method: r.Method, Reason: r.Reason, Answers: r.Answers,
		CreatedAt: r.CreatedAt, DecidedAt: r.DecidedAt, DecidedBy: r.DecidedBy, Note: r.Note,
	}, nil
}

func (h *House) countEvents(ctx context.Context, action string, from, to time.Time) (int64, error) {
	return h.Audit.Count(ctx, audit.Query{Action: action, From: from, To: to})
}

// signIns are the sessions that began and the attempts that failed, merged.
func (h *House) signIns(ctx context.Context, userID string, limit int) ([]console.SignIn, error) {
	found := []console.SignIn{}
	for _, query := range []audit.Query{
		{Action: "session.create", Actor: userID, Limit: limit}, {Action: "sign-in.fail", Target: userID, Limit: limit},
	} {
		page, err := h.Audit.Find(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			found = append(found, console.SignIn{At: e.Time, Outcome: e.Outcome, Method: methodIn(e.Details), Address: e.Address, UserAgent: e.UserAgent})
		}
	}
	slices.SortStableFunc(found, func(a, b console.SignIn) int { return b.At.Compare(a.At) })
	return found[:min(limit, len(found))], nil
}

func methodIn(details string) *string {
	var members struct {
		Method *string `json:"method"`
	}
	_ = json.Unmarshal([]byte(details), &members) // an entry that is none has no method
	return members.Method
}

func (h *House) invitation(ctx context.Context, userID string) (*console.Invitation, error) {
	page, err := h.Audit.Find(ctx, audit.Query{Action: "invitation.accept", Actor: userID, Limit: 1})
	if err != nil || len(page.Entries) == 0 || h.Approvals == nil {
		return nil, err
	}
	e := page.Entries[0]
	by, err := h.Approvals.Inviter(ctx, e.Target)
	if err != nil {
		return nil, err
	}
	return &console.Invitation{ID: e.Target, InvitedBy: by, AcceptedAt: e.Time}, nil
}

// locks are those on the account itself and on browsers of its owner.
func (h *House) locks(ctx context.Context, userID string) ([]console.Lock, error) {
	all, err := h.Lockouts.LocksOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	locks := make([]console.Lock, len(all))
	for i, l := range all {
		locks[i] = console.Lock{ID: l.ID, Kind: l.Kind, Method: l.Method, Failures: l.Failures, LastAt: l.LastAt, Until: l.Until}
	}
	return locks, nil
}
