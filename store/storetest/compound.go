package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

type visit struct {
	ID     string    `db:"id"`
	UserID string    `db:"userId"`
	At     time.Time `db:"at"`
}

func testCompoundIndex(t *testing.T, open Open) {
	t.Run("over several fields, made once", func(t *testing.T) {
		db := open(t, store.Options{})
		store.Define[visit](db, "visit").Index("userId", "at")
		plan := must(db.Apply(t.Context()))(t)
		if made := strings.Join(plan.Statements, "\n"); !strings.Contains(made, `"visit_userId_at_idx"`) || !strings.Contains(made, `("userId", "at")`) {
			t.Fatalf("planned %s", made)
		}
		if again := must(db.Plan(t.Context()))(t); !again.Empty() {
			t.Errorf("planned again: %q", again.Statements)
		}
	})
	t.Run("added to a table that is there", func(t *testing.T) {
		db := open(t, store.Options{})
		store.Define[visit](db, "visit")
		must(db.Apply(t.Context()))(t)
		later := db.Sibling(store.Options{})
		store.Define[visit](later, "visit").Index("userId", "at")
		wantErr(t, later.Load(t.Context()), nil) // slow, but fit
		if plan := must(later.Apply(t.Context()))(t); len(plan.Statements) != 1 {
			t.Errorf("planned %q", plan.Statements)
		}
	})
	t.Run("of a field that does not exist", func(t *testing.T) {
		db := open(t, store.Options{})
		store.Define[visit](db, "visit").Index("userId", "att")
		if _, err := db.Plan(t.Context()); err == nil || !strings.Contains(err.Error(), `did you mean "at"`) {
			t.Errorf("Plan says %v", err)
		}
	})
}
