package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

var activityOp = gatehouse.Op{
	ID: "listOwnActivity", Method: http.MethodGet, Path: "/account/activity",
	Doc:    "Returns a page of what the signed-in person did and what happened to their account, newest first. It tells nothing of other people.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
}

// ActivityQuery is the query of GET /account/activity.
type ActivityQuery struct {
	After *string `query:"after" doc:"next of the page before."`
	Limit *string `query:"limit" doc:"1 to 100. Default 25."`
}

// Activities is one page, newest first.
type Activities struct {
	Entries []Activity `json:"entries"`
	// Next is the cursor of the next page, "" on the last one.
	Next string `json:"next"`
}

// Activity is an entry as the person may see it whom it concerns.
type Activity struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Action  string    `json:"action"`
	Outcome string    `json:"outcome"` // success, or the code of the refusal
	// By is self, other (also one who acts as the person), system, or unknown:
	// somebody who was not signed in.
	By string `json:"by"`
	// About is own, or other for what was done to somebody else.
	About string `json:"about"`
	// Address and UserAgent are "" where By is other.
	Address   string         `json:"address"`
	UserAgent string         `json:"userAgent"`
	Details   map[string]any `json:"details"` // method, provider, mail, fields
}

const (
	usualActivities = 25
	mostActivities  = 100
)

func (l *Log) activity(c *gatehouse.Call, in ActivityQuery) (Activities, error) {
	limit, err := number("limit", in.Limit)
	if err != nil {
		return Activities{}, err
	}
	setDefault(&limit, usualActivities)
	if limit > mostActivities {
		return Activities{}, gatehouse.ErrValidation.Saying("[query.limit] at most %d", mostActivities)
	}
	id := c.User().ID
	entries, err := l.concerning(c, id, value(in.After), limit+1)
	if errors.Is(err, ErrCursor) {
		return Activities{}, gatehouse.ErrValidation.Saying("[query.after] %s", err)
	}
	if err != nil {
		return Activities{}, err
	}
	page := Activities{Entries: []Activity{}}
	if len(entries) > limit {
		entries = entries[:limit]
		page.Next = cursorAfter(entries[limit-1]).String()
	}
	for _, e := range entries {
		page.Entries = append(page.Entries, e.seenBy(id))
	}
	return page, nil
}

// concerning reads along both indexes, by who did it and to whom, and joins
// what they give: one condition with an OR would read neither in order.
func (l *Log) concerning(ctx context.Context, id, after string, limit int) ([]*Entry, error) {
	did, err := l.find(ctx, Query{Actor: id, After: after}, limit)
	if err != nil {
		return nil, err
	}
	met, err := l.find(ctx, Query{TargetType: "user", Target: id, After: after}, limit)
	if err != nil {
		return nil, err
	}
	all := append(did, met...)
	slices.SortFunc(all, newestFirst)
	all = slices.CompactFunc(all, func(x, y *Entry) bool { return x.ID == y.ID })
	return all[:min(limit, len(all))], nil
}

// newestFirst is the order of pages. Ids are numbers or all of one length.
func newestFirst(x, y *Entry) int {
	return cmp.Or(y.Time.Compare(x.Time), cmp.Compare(len(y.ID), len(x.ID)), cmp.Compare(y.ID, x.ID))
}

// seenBy leaves out who else was there, and where they were.
func (e *Entry) seenBy(id string) Activity {
	a := Activity{ID: e.ID, Time: e.Time.UTC(), Action: e.Action, Outcome: e.Outcome, By: "self", About: "own", Details: map[string]any{}}
	switch {
	case e.Actor == "":
		a.By = "unknown"
	case e.Actor == gatehouse.System:
		a.By = "system"
	case e.Actor != id || e.Impersonator != "":
		a.By = "other"
	}
	if e.TargetType == "user" && e.Target != id {
		a.About = "other"
	}
	if a.By != "other" {
		a.Address, a.UserAgent = e.Address, e.UserAgent
	}
	var details map[string]any
	if json.Unmarshal([]byte(e.Details), &details) != nil {
		return a // somebody changed the row: the rest is there
	}
	for _, name := range []string{"method", "provider", "mail", "fields"} {
		if detail, known := details[name]; known {
			a.Details[name] = detail
		}
	}
	return a
}
