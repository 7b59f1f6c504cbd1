package server

import (
	"context"
	"log/slog"
	"time"
)

const (
	// doctorTimeout bounds each question to the database.
	doctorTimeout = 5 * time.Second
	// clockSlack is the difference from the database's clock that is usual;
	// beyond clockLimit links and sessions end at the wrong time.
	clockSlack = 2 * time.Second
	clockLimit = time.Minute
)

func (d *diagnosis) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*doctorTimeout)
	defer cancel()
	house, err := Open(ctx, d.Options, ToPlan, slog.New(slog.DiscardHandler))
	if err != nil {
		d.unsafe("database", "see that it runs and that database.url is right", "%v", err)
		return
	}
	defer house.Close() // nothing was written
	if house.scratch != "" {
		d.good("database", "%s will be made at the first start", house.Place)
		return
	}
	if err := house.DB.Ping(ctx); err != nil {
		d.unsafe("database", "see that it runs and that database.url is right", "%v", err)
		return
	}
	d.good("database", "%s %s answers", house.Kind, house.Place)
	d.schema(ctx, house)
	d.clock(ctx, house)
}

func (d *diagnosis) schema(ctx context.Context, house *House) {
	plan, err := house.DB.Plan(ctx)
	switch {
	case err != nil:
		d.unsafe("schema", "see that this user may read the schema", "%v", err)
	case len(plan.Refused) > 0:
		d.unsafe("schema", "see `gatehouse migrate plan`", "%s", plan.Refused[0])
	case plan.Empty():
		d.good("schema", "up to date")
	case house.mayMigrate():
		d.look("schema", "restart the server, which applies them, or run `gatehouse migrate apply`", "%d statements are to be applied", len(plan.Statements))
	default:
		d.unsafe("schema", "run `gatehouse migrate apply`", "%d statements are to be applied", len(plan.Statements))
	}
}

// clock compares ours with the database's: sessions and links are written by
// one process and judged by another.
func (d *diagnosis) clock(ctx context.Context, house *House) {
	if house.Kind == "sqlite" {
		if year := time.Now().Year(); year < 2026 {
			d.unsafe("clock", "set the clock, and keep it with NTP", "it is set to the year %d", year)
			return
		}
		d.good("clock", "the database has no clock of its own")
		return
	}
	var theirs time.Time
	before := time.Now()
	if err := house.DB.SQL().QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&theirs); err != nil {
		d.unsafe("clock", "see that the database answers", "not read: %v", err)
		return
	}
	trip := time.Since(before)
	away := before.Add(trip / 2).Sub(theirs).Abs().Round(time.Millisecond)
	fix := "keep both clocks with NTP"
	switch {
	case away > clockLimit:
		d.unsafe("clock", fix, "%s away from the database's: links and sessions end at the wrong time", away)
	case away > clockSlack+trip:
		d.look("clock", fix, "%s away from the database's", away)
	default:
		d.good("clock", "agrees with the database's")
	}
}
