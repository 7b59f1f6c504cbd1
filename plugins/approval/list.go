package approval

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// ErrCursor answers a cursor that no page gave.
var ErrCursor = gatehouse.NewError(http.StatusBadRequest, "INVALID_CURSOR", "Invalid cursor")

// Page says which part of a list is wanted.
type Page struct {
	// Cursor is Next of the page before; "" is the first page.
	Cursor string
	// Limit is how many at most. Default 50, at most 100.
	Limit int
}

func (p Page) limit() int {
	if p.Limit < 1 || p.Limit > 100 {
		return 50
	}
	return p.Limit
}

// Registration is a request with who made it.
type Registration struct {
	ID        string          `json:"id"`
	State     State           `json:"state"`
	Method    string          `json:"method"`
	Reason    string          `json:"reason"`
	Answers   json.RawMessage `json:"answers"` // []Answer
	CreatedAt time.Time       `json:"createdAt"`
	User      *gatehouse.User `json:"user"`
}

// Registrations are one page of who waits.
type Registrations struct {
	Registrations []Registration `json:"registrations"`
	// Next is the cursor of the next page, null after the last.
	Next *string `json:"next"`
}

func registration(r *Request, u *gatehouse.User) Registration {
	return Registration{
		ID: r.ID, State: r.State, Method: r.Method, Reason: r.Reason, Answers: r.Answers, CreatedAt: r.CreatedAt, User: u,
	}
}

// Pending lists who waits, the oldest first, by index and without counting.
func (a *Approvals) Pending(ctx context.Context, page Page) (Registrations, error) {
	answer := Registrations{Registrations: []Registration{}}
	limit := page.limit()
	var found []*Request
	var users []*gatehouse.User
	var err error
	if page.Cursor == "" {
		found, users, err = a.requests.first.All(ctx, limit+1)
	} else {
		since, id, bad := readCursor(page.Cursor)
		if bad != nil {
			return answer, ErrCursor.Because(bad)
		}
		found, users, err = a.requests.next.All(ctx, since, since, id, limit+1)
	}
	if err != nil {
		return answer, fmt.Errorf("list registrations: %w", err)
	}
	for i, request := range found[:min(limit, len(found))] {
		answer.Registrations = append(answer.Registrations, registration(request, users[i]))
	}
	if len(found) > limit {
		last := found[limit-1]
		next := writeCursor(*last.PendingSince, last.ID)
		answer.Next = &next
	}
	return answer, nil
}

// A cursor is a place in a list that is ordered by time and id.
func writeCursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMilli(), 10) + "." + id))
}

func readCursor(cursor string) (at time.Time, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return at, "", err
	}
	ms, id, _ := strings.Cut(string(raw), ".")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err == nil && (n < 0 || n > maxCursorTime || id == "") {
		err = strconv.ErrRange
	}
	return time.UnixMilli(n).UTC(), id, err
}

// maxCursorTime is the end of the year 9999 in milliseconds: what every store
// can compare with.
const maxCursorTime = 253402300799999

var (
	listOp = gatehouse.Op{
		ID: "listRegistrations", Method: http.MethodGet, Path: "/registration/list",
		Doc:    "Lists who waits for approval, the oldest first.",
		Access: gatehouse.Can("user", "list"), OwnerOnly: true,
		Errors: []*gatehouse.Error{ErrCursor},
	}
	lookOp = gatehouse.Op{
		ID: "registrationOfLink", Method: http.MethodGet, Path: "/registration/request",
		Doc:    "Shows the registration that a mailed link is about. Consumes nothing.",
		Access: gatehouse.Can("user", "create"), OwnerOnly: true,
		Errors: []*gatehouse.Error{ErrNoRequest, gatehouse.ErrInvalidToken, gatehouse.ErrTokenExpired},
	}
)

// List is the query of GET /registration/list.
type List struct {
	Cursor *string `query:"cursor"`
	Limit  *int    `query:"limit" check:"min=1,max=100"`
}

func (a *Approvals) list(c *gatehouse.Call, in List) (Registrations, error) {
	answer, err := a.Pending(c, in.page())
	if err != nil {
		return answer, err
	}
	event := gatehouse.Event{Action: "registration.list", Details: map[string]any{"count": len(answer.Registrations)}}
	return answer, a.app.Record(c, event)
}

func (l List) page() Page {
	var page Page
	if l.Cursor != nil {
		page.Cursor = *l.Cursor
	}
	if l.Limit != nil {
		page.Limit = *l.Limit
	}
	return page
}

// Look is the query of GET /registration/request.
type Look struct {
	Token string `query:"token"`
}

func (a *Approvals) look(c *gatehouse.Call, in Look) (Registration, error) {
	id, err := a.readLink(in.Token)
	if err != nil {
		return Registration{}, err
	}
	request, user, err := a.requests.one.One(c, id)
	if isNotFound(err) {
		return Registration{}, ErrNoRequest
	}
	if err != nil {
		return Registration{}, err
	}
	return registration(request, user), a.app.Record(c, gatehouse.Event{Action: "registration.read", TargetType: "user", Target: user.ID})
}
