package audit

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

var mayRead = gatehouse.Can(Resource, ActionRead)

var listOp = gatehouse.Op{
	ID: "listAuditEntries", Method: http.MethodGet, Path: "/admin/audit/list",
	Doc:    "Returns a page of the audit log, newest first.",
	Access: mayRead, OwnerOnly: true,
}

var followOp = gatehouse.Op{
	ID: "followAuditEntries", Method: http.MethodGet, Path: "/admin/audit/follow",
	Doc:    "Returns the numbered entries after a place, in order; ask again with the last one's seq.",
	Access: mayRead, OwnerOnly: true,
}

var exportOp = gatehouse.Op{
	ID: "exportAuditLog", Method: http.MethodGet, Path: "/admin/audit/export",
	Doc:    "Sends the numbered entries as a file, oldest first. That somebody took them is recorded before the first is sent.",
	Access: mayRead, OwnerOnly: true,
}

var verifyOp = gatehouse.Op{
	ID: "verifyAuditLog", Method: http.MethodPost, Path: "/admin/audit/verify",
	Doc:    "Verifies the whole audit log and says what is wrong with it, and where.",
	Access: mayRead, OwnerOnly: true, Body: gatehouse.Body{Optional: true},
	Errors: []*gatehouse.Error{ErrVerifying},
}

// ErrVerifying answers a second verification while one runs: it reads
// everything.
var ErrVerifying = gatehouse.NewError(http.StatusConflict, "AUDIT_VERIFICATION_RUNNING", "The audit log is being verified. Please try again later.")

func (l *Log) routes() []gatehouse.Route {
	return []gatehouse.Route{
		gatehouse.Endpoint(listOp, l.list),
		gatehouse.Endpoint(followOp, l.follow),
		gatehouse.Endpoint(exportOp, l.exportNow),
		gatehouse.Endpoint(verifyOp, l.verifyNow),
	}
}

// List is the query of GET /admin/audit/list.
type List struct {
	Actor      *string `query:"actor" doc:"Who did it: a user's id."`
	TargetType *string `query:"targetType"`
	Target     *string `query:"target" doc:"To whom or what: an id."`
	Action     *string `query:"action" doc:"Such as sign-in.fail."`
	Outcome    *string `query:"outcome" doc:"success, or the code of the refusal."`
	From       *string `query:"from" doc:"RFC 3339, included."`
	To         *string `query:"to" doc:"RFC 3339, not included."`
	After      *string `query:"after" doc:"next of the page before."`
	Limit      *string `query:"limit" doc:"1 to 500. Default 50."`
}

func (in *List) query() (q Query, err error) {
	q = Query{
		Actor: value(in.Actor), TargetType: value(in.TargetType), Target: value(in.Target),
		Action: value(in.Action), Outcome: value(in.Outcome), After: value(in.After),
	}
	if q.From, err = moment("from", in.From); err != nil {
		return q, err
	}
	if q.To, err = moment("to", in.To); err != nil {
		return q, err
	}
	q.Limit, err = number("limit", in.Limit)
	return q, err
}

func (l *Log) list(c *gatehouse.Call, in List) (*Page, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	page, err := l.Find(c, q)
	if errors.Is(err, ErrCursor) || errors.Is(err, ErrLimit) {
		return nil, gatehouse.ErrValidation.Saying("[query] %s", err)
	}
	if err != nil {
		return nil, err
	}
	return page, l.app.Record(c, gatehouse.Event{Action: readAction, TargetType: "audit", Details: q.details()})
}

// details are what was asked, for the record of who looked at what.
func (q *Query) details() map[string]any {
	asked := map[string]any{}
	for name, text := range map[string]string{
		"actor": q.Actor, "targetType": q.TargetType, "target": q.Target, "action": q.Action, "outcome": q.Outcome,
	} {
		if text != "" {
			asked[name] = text
		}
	}
	for name, at := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !at.IsZero() {
			asked[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return asked
}

// Follow is the query of GET /admin/audit/follow.
type Follow struct {
	After *string `query:"after" doc:"The seq of the last entry that is known. Default 0."`
	Limit *string `query:"limit" doc:"1 to 500. Default 100."`
}

// Followed is the answer.
type Followed struct {
	Entries []*Entry `json:"entries"`
}

func (l *Log) follow(c *gatehouse.Call, in Follow) (Followed, error) {
	after, err := number("after", in.After)
	if err != nil {
		return Followed{}, err
	}
	limit, err := number("limit", in.Limit)
	if err != nil {
		return Followed{}, err
	}
	if limit > maxLimit {
		return Followed{}, gatehouse.ErrValidation.Saying("[query] %s", ErrLimit)
	}
	setDefault(&limit, 100)
	entries, err := l.After(c, int64(after), limit)
	if err != nil {
		return Followed{}, err
	}
	if entries == nil {
		entries = []*Entry{}
	}
	if l.reads.isNew(c.CurrentSession().ID, l.app.Now()) {
		err = l.app.Record(c, gatehouse.Event{Action: readAction, TargetType: "audit", Details: map[string]any{"after": after}})
	}
	return Followed{entries}, err
}

// ExportNow is the query of GET /admin/audit/export: a format, and the filters
// of List.
type ExportNow struct {
	Format     *string `query:"format" check:"enum=jsonl|csv" doc:"jsonl: one JSON object a line, the default. csv: RFC 4180 with a header; a cell that a spreadsheet would run as a formula begins with an apostrophe."`
	Actor      *string `query:"actor"`
	TargetType *string `query:"targetType"`
	Target     *string `query:"target"`
	Action     *string `query:"action"`
	Outcome    *string `query:"outcome"`
	From       *string `query:"from" doc:"RFC 3339, included."`
	To         *string `query:"to" doc:"RFC 3339, not included."`
}

var mediaTypes = map[Format]string{JSONL: "application/x-ndjson", CSV: "text/csv; charset=utf-8"}

func (l *Log) exportNow(c *gatehouse.Call, in ExportNow) (gatehouse.Stream, error) {
	filters := List{
		Actor: in.Actor, TargetType: in.TargetType, Target: in.Target,
		Action: in.Action, Outcome: in.Outcome, From: in.From, To: in.To,
	}
	q, err := filters.query()
	if err != nil {
		return gatehouse.Stream{}, err
	}
	o := ExportOptions{Format: Format(value(in.Format)), Query: q}
	setDefault(&o.Format, JSONL)
	head, err := l.beginExport(c, &o)
	if err != nil {
		return gatehouse.Stream{}, err
	}
	c.Header().Set("Cache-Control", "no-store")
	return gatehouse.Stream{
		ContentType: mediaTypes[o.Format],
		Filename:    "audit-" + l.app.Now().UTC().Format("20060102T150405Z") + "." + string(o.Format),
		Write: func(w io.Writer) error {
			_, err := l.export(c, w, o, head)
			return err
		},
	}, nil
}

// VerifyNow is the body of POST /admin/audit/verify.
type VerifyNow struct {
	Checkpoint *string `json:"checkpoint,omitempty" doc:"A checkpoint that was kept outside of the database."`
}

func (l *Log) verifyNow(c *gatehouse.Call, in VerifyNow) (*Report, error) {
	var anchors []Checkpoint
	if in.Checkpoint != nil {
		anchor, err := ParseCheckpoint(*in.Checkpoint)
		if err != nil {
			return nil, gatehouse.ErrValidation.Saying("[body.checkpoint] %s", err)
		}
		anchors = append(anchors, anchor)
	}
	if !l.reads.verifying.TryLock() {
		return nil, ErrVerifying
	}
	defer l.reads.verifying.Unlock()
	report, err := l.Verify(c, nil, anchors...)
	if err != nil {
		return nil, err
	}
	return report, l.app.Record(c, gatehouse.Event{Action: verifyAction, TargetType: "audit", Details: map[string]any{
		"entries": report.Entries, "problems": len(report.Problems),
	}})
}

// reads bounds what reading costs.
type reads struct {
	verifying sync.Mutex

	mu       sync.Mutex
	followed map[string]time.Time
}

// followedFor is how long one entry stands for a session's following: an entry
// for each look would itself be news.
const (
	followedFor  = time.Hour
	maxFollowers = 10_000
)

func (r *reads) isNew(session string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if since, known := r.followed[session]; known && now.Sub(since) < followedFor {
		return false
	}
	if r.followed == nil || len(r.followed) >= maxFollowers {
		r.followed = map[string]time.Time{}
	}
	r.followed[session] = now
	return true
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func moment(name string, text *string) (time.Time, error) {
	if value(text) == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return at, gatehouse.ErrValidation.Saying("[query.%s] Invalid time: want RFC 3339", name)
	}
	return at, nil
}

func number(name string, text *string) (int, error) {
	if value(text) == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(*text)
	if err != nil || n < 0 {
		return 0, gatehouse.ErrValidation.Saying("[query.%s] Invalid number", name)
	}
	return n, nil
}
