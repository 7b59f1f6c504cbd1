package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

type migrateCommand struct {
	Plan  planCommand  `cmd:"" help:"Print the SQL that brings the database up to date. Changes nothing."`
	Apply applyCommand `cmd:"" help:"Run that SQL, in one transaction and under a lock."`
	Check checkCommand `cmd:"" help:"Exit with 1 if the database is not up to date. Changes nothing."`
}

type planCommand struct{}

// Run prints the plan. What needs a person is a comment, and exits with 1.
func (planCommand) Run(ctx context.Context, c *console) error {
	return c.with(ctx, server.ToPlan, func(h *server.House) error {
		plan, err := h.DB.Plan(ctx)
		if err != nil {
			return err
		}
		if plan.Empty() {
			_, err := fmt.Fprintf(c.out, "-- %s %s is up to date\n", h.Kind, h.Place)
			return err
		}
		for _, statement := range plan.Statements {
			fmt.Fprintf(c.out, "%s;\n", statement)
		}
		return c.refusals(plan)
	})
}

// refusals prints what no migration will do.
func (c *console) refusals(plan *store.Plan) error {
	for _, refused := range plan.Refused {
		fmt.Fprintln(os.Stderr, "gatehouse: refused: "+refused)
	}
	if len(plan.Refused) > 0 {
		return errSaid
	}
	return nil
}

type applyCommand struct{}

// Run applies the plan and says what was done.
func (applyCommand) Run(ctx context.Context, c *console) error {
	return c.with(ctx, server.ToMigrate, func(h *server.House) error {
		plan, err := h.DB.Apply(ctx)
		if plan != nil && len(plan.Refused) > 0 {
			return c.refusals(plan)
		}
		if err != nil {
			return err
		}
		for _, statement := range plan.Statements {
			fmt.Fprintf(c.out, "%s;\n", statement)
		}
		_, err = fmt.Fprintf(c.out, "-- %s %s is up to date: %d statements were run\n", h.Kind, h.Place, len(plan.Statements))
		return err
	})
}

type checkCommand struct{}

// Run compares and says the result in one line.
func (checkCommand) Run(ctx context.Context, c *console) error {
	return c.with(ctx, server.ToPlan, func(h *server.House) error {
		plan, err := h.DB.Plan(ctx)
		switch {
		case err != nil:
			return err
		case plan.Empty():
			_, err = fmt.Fprintf(c.out, "%s %s is up to date\n", h.Kind, h.Place)
			return err
		}
		fmt.Fprintf(os.Stderr, "gatehouse: %s %s is not up to date: %d statements to run, %d differences that need a person; see `gatehouse migrate plan`\n",
			h.Kind, h.Place, len(plan.Statements), len(plan.Refused))
		return errSaid
	})
}
