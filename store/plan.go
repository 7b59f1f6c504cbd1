package store

import "context"

// Plan is the difference between what is declared and what the database has.
type Plan struct {
	// Statements add what is missing: CREATE TABLE, ADD COLUMN, CREATE INDEX.
	Statements []string
	// Refused are the differences that need a human, one sentence each.
	Refused []string
}

// Empty reports whether the database fits.
func (p *Plan) Empty() bool { return len(p.Statements) == 0 && len(p.Refused) == 0 }

func (db *DB) Load(ctx context.Context) error           { return errSkeleton }
func (db *DB) Plan(ctx context.Context) (*Plan, error)  { return nil, errSkeleton }
func (db *DB) Apply(ctx context.Context) (*Plan, error) { return nil, errSkeleton }
