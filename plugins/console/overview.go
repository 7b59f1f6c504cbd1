package console

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var overviewOp = gatehouse.Op{
	ID: "consoleOverview", Method: http.MethodGet, Path: "/console/overview",
	Doc:    "Returns figures and series, at most a minute old, and what is left to set up.",
	Access: gatehouse.Can("user", "list"), OwnerOnly: true,
}

// Range is how far back the series go.
type Range string

// ranges say in which steps, and how many.
var ranges = map[Range]struct {
	step  time.Duration
	steps int
}{
	"24h": {time.Hour, 24}, "7d": {6 * time.Hour, 28}, "30d": {24 * time.Hour, 30}, "90d": {24 * time.Hour, 90},
}

// Look is the query of GET /console/overview.
type Look struct {
	Range *string `query:"range" check:"enum=24h|7d|30d|90d" doc:"Default 24h."`
}

// Overview are the figures of the first page.
type Overview struct {
	At               time.Time `json:"at"`
	Users            Count     `json:"users"`
	NewToday         *int64    `json:"newToday"`
	Active24h        *int64    `json:"active24h"`
	SignIns24h       *int64    `json:"signIns24h"`
	FailedSignIns24h *int64    `json:"failedSignIns24h"`
	Pending          *int64    `json:"pending"`
	Sessions         Count     `json:"sessions"`
	Series           *Series   `json:"series"`
	Checklist        []Finding `json:"checklist"`
}

// Series are numbers over time.
type Series struct {
	Range  Range   `json:"range"`
	Step   int     `json:"step"` // seconds
	Points []Point `json:"points"`
}

// Point is one step. A number is nil as long as it is not counted.
type Point struct {
	At       time.Time `json:"at"`
	SignUps  *int64    `json:"signUps"`
	SignIns  *int64    `json:"signIns"`
	Failures *int64    `json:"failures"`
}

// The actions that are counted.
const (
	signUpAction  = "user.create"
	signInAction  = "session.create"
	refreshAction = "session.refresh"
	failureAction = "sign-in.fail"
)

// figures are what was counted, for a minute; a step that is over, for good.
type figures struct {
	mu    sync.Mutex
	kept  map[Range]Overview
	steps map[step]int64
}

type step struct {
	action string
	begin  int64
	length time.Duration
}

// figuresAge is how old an overview may be.
const figuresAge = time.Minute

// stepsKept bounds the memory of steps: three actions over the ranges, and
// what has moved out of them meanwhile.
const stepsKept = 4096

func (k *Console) overview(c *gatehouse.Call, in Look) (Overview, error) {
	view, err := k.Overview(c, Range(or(in.Range, "24h")))
	if err != nil {
		return Overview{}, err
	}
	view.Checklist, err = k.checklist(c)
	return view, err
}

// checklist is what a look at the configuration found, for who may see that.
func (k *Console) checklist(c *gatehouse.Call) ([]Finding, error) {
	if k.sources.Server.Findings == nil {
		return nil, nil
	}
	may, err := k.sources.Admin.Can(c, c.User(), "system", "read")
	if err != nil || !may {
		return nil, err
	}
	return k.sources.Server.Findings(c)
}

// Overview counts what the first page shows, but for the checklist. Whoever
// asks while others count waits for them.
func (k *Console) Overview(ctx context.Context, r Range) (Overview, error) {
	if _, known := ranges[r]; !known {
		r = "24h"
	}
	k.figures.mu.Lock()
	defer k.figures.mu.Unlock()
	now := k.app.Now()
	if view, ok := k.figures.kept[r]; ok && now.Sub(view.At) < figuresAge && !now.Before(view.At) {
		return view, nil
	}
	view := Overview{At: now}
	if err := k.countLists(ctx, now, &view); err != nil {
		return Overview{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, k.options.CountTimeout)
	defer cancel()
	if err := k.countFigures(ctx, now, &view); err != nil {
		return Overview{}, err
	}
	whole := ctx.Err() == nil
	if k.sources.Audit != nil {
		series, err := k.series(ctx, r, now)
		if err != nil {
			return Overview{}, err
		}
		view.Series, whole = &series, whole && ctx.Err() == nil
	}
	if whole {
		if k.figures.kept == nil {
			k.figures.kept = map[Range]Overview{}
		}
		k.figures.kept[r] = view
	}
	return view, nil
}

// countLists counts what costs the same however many there are.
func (k *Console) countLists(ctx context.Context, now time.Time, view *Overview) (err error) {
	if view.Users, err = k.count(ctx, "users", UserQuery{}, k.users, nil, true); err != nil {
		return err
	}
	alive := []store.Condition{{Field: "expiresAt", Op: store.Greater, Value: now}}
	view.Sessions, err = k.count(ctx, "sessions", "alive", k.sessions, alive, true)
	return err
}

// countFigures fills in the single numbers, as far as there is time.
func (k *Console) countFigures(ctx context.Context, now time.Time, view *Overview) error {
	type figure struct {
		into  **int64
		count func() (int64, error)
	}
	today := []store.Condition{{Field: "createdAt", Op: store.GreaterOrEqual, Value: now.Truncate(24 * time.Hour)}}
	wanted := []figure{{&view.NewToday, func() (int64, error) { return k.users.CountWhere(ctx, today) }}}
	if a := k.sources.Approvals; a != nil {
		wanted = append(wanted, figure{&view.Pending, func() (int64, error) { return a.Pending(ctx) }})
	}
	if a := k.sources.Audit; a != nil {
		dayAgo, end := now.Add(-24*time.Hour), now.Add(time.Millisecond)
		wanted = append(wanted,
			figure{&view.Active24h, func() (int64, error) { return a.Actors(ctx, dayAgo, signInAction, refreshAction) }},
			figure{&view.SignIns24h, func() (int64, error) { return a.Count(ctx, signInAction, dayAgo, end) }},
			figure{&view.FailedSignIns24h, func() (int64, error) { return a.Count(ctx, failureAction, dayAgo, end) }})
	}
	for _, one := range wanted {
		var err error
		if *one.into, err = inTime(ctx, one.count); err != nil {
			return err
		}
	}
	return nil
}

// inTime is nil where there was no time left to count.
func inTime(ctx context.Context, count func() (int64, error)) (*int64, error) {
	n, err := count()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &n, nil
}

// series counts the steps of a range, the newest first, so that what there is
// no time for is what matters least.
func (k *Console) series(ctx context.Context, r Range, now time.Time) (Series, error) {
	of := ranges[r]
	last := now.Truncate(of.step)
	series := Series{Range: r, Step: int(of.step / time.Second), Points: make([]Point, of.steps+1)}
	for i := of.steps; i >= 0; i-- {
		begin := last.Add(-time.Duration(of.steps-i) * of.step)
		point := &series.Points[i]
		point.At = begin
		for _, one := range []struct {
			action string
			into   **int64
		}{{signUpAction, &point.SignUps}, {signInAction, &point.SignIns}, {failureAction, &point.Failures}} {
			var err error
			if *one.into, err = inTime(ctx, func() (int64, error) { return k.countStep(ctx, one.action, begin, of.step, now) }); err != nil {
				return series, err
			}
		}
	}
	return series, nil
}

// settled is how long after its end a step may still grow: an entry has the
// time of its event, and comes when the transaction commits.
const settled = time.Minute

func (k *Console) countStep(ctx context.Context, action string, begin time.Time, length time.Duration, now time.Time) (int64, error) {
	key := step{action, begin.UnixMilli(), length}
	if n, ok := k.figures.steps[key]; ok {
		return n, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := k.sources.Audit.Count(ctx, action, begin, begin.Add(length))
	if err == nil && now.Sub(begin.Add(length)) > settled {
		if k.figures.steps == nil || len(k.figures.steps) >= stepsKept {
			k.figures.steps = map[step]int64{}
		}
		k.figures.steps[key] = n
	}
	return n, err
}
