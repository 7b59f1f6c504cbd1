package audit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Query selects entries; what is "" or zero selects all.
type Query struct {
	// Actor and Target are ids.
	Actor, TargetType, Target string
	Action, Outcome           string
	// From is included, To is not.
	From, To time.Time
	// After is the Next of the page before.
	After string
	// Limit is how many to return. Default 50, at most 500.
	Limit int
}

// Page is one page of entries, newest first. Those without a place are among
// them.
type Page struct {
	Entries []*Entry `json:"entries"`
	// Next is the cursor of the next page, "" on the last one.
	Next string `json:"next"`
}

// ErrCursor is returned for a Query.After that no Page gave out.
var ErrCursor = errors.New("audit: not a cursor of a page")

// ErrLimit is returned for a Query.Limit that is negative or above 500.
var ErrLimit = errors.New("audit: limit must be from 1 to 500")

const maxLimit = 500

// Find returns a page of entries. Pages are by key: the thousandth costs what
// the first does, and entries that come in between shift nothing.
func (l *Log) Find(ctx context.Context, q Query) (*Page, error) {
	setDefault(&q.Limit, 50)
	if q.Limit < 0 || q.Limit > maxLimit {
		return nil, ErrLimit
	}
	entries, err := l.find(ctx, q, q.Limit+1)
	if err != nil {
		return nil, err
	}
	page := &Page{Entries: entries}
	if len(entries) > q.Limit {
		page.Entries = entries[:q.Limit]
		page.Next = cursorAfter(page.Entries[q.Limit-1]).String()
	}
	return page, nil
}

// find reads what is left at the cursor's millisecond, then what is before it.
func (l *Log) find(ctx context.Context, q Query, limit int) ([]*Entry, error) {
	where := q.conditions()
	entries := make([]*Entry, 0, limit)
	if q.After != "" {
		at, err := parseCursor(q.After)
		if err != nil {
			return nil, err
		}
		same := append([]store.Condition{{Field: "time", Value: at.time}, {Field: "id", Op: store.Less, Value: at.id}}, where...)
		if entries, err = l.page(ctx, same, limit); err != nil {
			return nil, err
		}
		where = append(where, store.Condition{Field: "time", Op: store.Less, Value: at.time})
	}
	if limit -= len(entries); limit == 0 {
		return entries, nil
	}
	older, err := l.page(ctx, where, limit)
	return append(entries, older...), err
}

func (l *Log) page(ctx context.Context, where []store.Condition, limit int) ([]*Entry, error) {
	entries, err := l.entries.Find(ctx, store.Search{Where: where, OrderBy: "time", Descending: true, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("find audit entries: %w", err)
	}
	return entries, nil
}

// Count counts the entries that q selects, along an index of time; its After and
// Limit are not looked at.
func (l *Log) Count(ctx context.Context, q Query) (int64, error) {
	n, err := l.entries.CountWhere(ctx, q.conditions())
	if err != nil {
		return 0, fmt.Errorf("count audit entries: %w", err)
	}
	return n, nil
}

// Actors counts who did one of some actions, with success, since a time.
func (l *Log) Actors(ctx context.Context, since time.Time, actions ...string) (int64, error) {
	n, err := l.entries.CountDistinct(ctx, "actor", []store.Condition{
		{Field: "action", Op: store.In, Value: actions}, {Field: "time", Op: store.GreaterOrEqual, Value: since},
		{Field: "outcome", Value: gatehouse.Succeeded},
	})
	if err != nil {
		return 0, fmt.Errorf("count actors: %w", err)
	}
	return n, nil
}

func (q *Query) conditions() []store.Condition {
	var where []store.Condition
	for _, term := range []struct{ field, value string }{
		{"actor", q.Actor}, {"targetType", q.TargetType}, {"target", q.Target}, {"action", q.Action}, {"outcome", q.Outcome},
	} {
		if term.value != "" {
			where = append(where, store.Condition{Field: term.field, Value: term.value})
		}
	}
	from := q.From
	if from.IsZero() {
		from = time.UnixMilli(0) // so that SQLite, which guesses, reads along the index on time
	}
	where = append(where, store.Condition{Field: "time", Op: store.GreaterOrEqual, Value: from})
	if !q.To.IsZero() {
		where = append(where, store.Condition{Field: "time", Op: store.Less, Value: q.To})
	}
	return where
}

// cursor is the key of the last entry of a page.
type cursor struct {
	time time.Time
	id   string
}

func cursorAfter(e *Entry) cursor { return cursor{e.Time, e.ID} }

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.time.UnixMilli(), 10) + "." + c.id))
}

func parseCursor(text string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	millis, id, ok := strings.Cut(string(raw), ".")
	at, bad := strconv.ParseInt(millis, 10, 64)
	if err != nil || bad != nil || !ok || id == "" || len(id) > 36 || strings.ContainsFunc(id, notOfID) || at < 0 || at > maxMillis {
		return cursor{}, ErrCursor
	}
	return cursor{time.UnixMilli(at).UTC(), id}, nil
}

// maxMillis is the end of the year 9999, which every store can keep.
const maxMillis = 253402300799999

func notOfID(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'f')
}
