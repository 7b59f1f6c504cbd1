package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TestPlacesHaveNoGapsAndNothingIsMissed: eight writers on two nodes, half of
// whose transactions roll back, and both nodes numbering all the time.
func TestPlacesHaveNoGapsAndNothingIsMissed(t *testing.T) {
	h := newHouse(t, func(s *setting) { s.audit.CheckpointEntries = 20 })
	other := h.twin(func(s *setting) { s.audit.CheckpointEntries = 20 })
	const writers, each = 8, 25
	var writing, numbering sync.WaitGroup
	stop := make(chan struct{})
	for _, node := range []*house{h, other} {
		numbering.Go(func() {
			for {
				if _, err := node.log.Sequence(context.Background()); err != nil {
					t.Errorf("number entries: %v", err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for w := range writers {
		node := []*house{h, other}[w%2]
		writing.Go(func() {
			for i := range each {
				_ = node.Tx(context.Background(), func(ctx context.Context) error {
					if err := node.Record(ctx, gatehouse.Event{Action: "test", Target: fmt.Sprintf("%d-%d", w, i)}); err != nil {
						t.Errorf("record: %v", err)
					}
					if i%2 == 1 {
						return context.Canceled
					}
					return nil
				})
			}
		})
	}
	writing.Wait()
	close(stop)
	numbering.Wait()
	h.sequence()
	report := h.expectSound()
	other.expectSound()
	if report.Pending != 0 || report.From != 1 || report.To != report.Entries {
		t.Errorf("report %+v", report)
	}
	counted := map[string]int{}
	for _, e := range h.since(0) {
		if e.Action == "test" {
			counted[e.Target]++
		}
	}
	for w := range writers {
		for i := 0; i < each; i += 2 {
			if counted[fmt.Sprintf("%d-%d", w, i)] != 1 {
				t.Errorf("entry %d-%d is there %d times", w, i, counted[fmt.Sprintf("%d-%d", w, i)])
			}
		}
	}
	if len(counted) != writers*((each+1)/2) {
		t.Errorf("%d entries, want %d", len(counted), writers*((each+1)/2))
	}
	for _, node := range []*house{h, other} {
		if strings.Contains(node.Log(), "tampered") {
			t.Error("a false alarm")
		}
	}
}

// TestWritersWaitForNobody: with a transaction open that has recorded an
// event, others record and commit, and what they wrote is numbered. The open
// one commits last and gets the last place. (SQLite has one writer at a time,
// whatever it writes.)
func TestWritersWaitForNobody(t *testing.T) {
	h := newHouse(t, nil)
	if h.DB.Kind() != "postgres" {
		return
	}
	h.sequence()
	before := h.head()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := h.Tx(ctx, func(slow context.Context) error {
		if err := h.Record(slow, gatehouse.Event{Action: "test.slow"}); err != nil {
			return err
		}
		for i := range 8 {
			if err := h.Record(ctx, gatehouse.Event{Action: fmt.Sprintf("test.%d", i)}); err != nil {
				return err
			}
		}
		n, err := h.log.Sequence(ctx)
		if n != 8 {
			t.Errorf("numbered %d beside an open transaction, want 8", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries := h.since(before)
	if len(entries) != 9 || entries[8].Action != "test.slow" {
		t.Errorf("numbered %v", told(entries, nil))
	}
	h.expectSound()
}

// TestIdleCostsOneRead: on a node with nothing to do.
func TestIdleCostsOneRead(t *testing.T) {
	h := newHouse(t, nil)
	h.sequence()
	statements := h.Statements(h.sequence)
	if len(statements) != 1 || !strings.HasPrefix(statements[0], "SELECT") {
		t.Errorf("an idle look runs %q", statements)
	}
}

func TestCheckpoints(t *testing.T) {
	h := newHouse(t, func(s *setting) { s.audit.CheckpointEntries, s.audit.CheckpointInterval = 10, time.Hour })
	count := func() (n int) {
		page, err := h.log.Find(context.Background(), audit.Query{Action: "audit.checkpoint"})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Entries)
	}
	h.fill(8)
	if n := count(); n != 0 {
		t.Fatalf("%d checkpoints after 9 entries", n)
	}
	h.fill(1)
	if n := count(); n != 1 {
		t.Fatalf("%d checkpoints after 10 entries", n)
	}
	if !strings.Contains(h.Log(), "checkpoint=gac1.10.") {
		t.Errorf("the checkpoint is not in the log:\n%s", h.Log())
	}
	h.Clock.Advance(2 * time.Hour)
	h.sequence()
	if n := count(); n != 1 {
		t.Errorf("%d checkpoints with nothing new", n)
	}
	h.fill(1)
	if n := count(); n != 2 {
		t.Errorf("%d checkpoints after an hour and an entry", n)
	}
	if report := h.expectSound(); report.Checkpoints != 2 {
		t.Errorf("verified %d checkpoints", report.Checkpoints)
	}
}

// TestCloseNumbersWhatIsLeft: what a short-lived process wrote has neighbours
// when the process is gone.
func TestCloseNumbersWhatIsLeft(t *testing.T) {
	h := newHouse(t, nil)
	h.sequence()
	log := audit.New(audit.Options{})
	config := *h.Config()
	config.DB, config.Plugins, config.Migrate = h.DB.Sibling(config.StoreOptions(store.Options{})), []gatehouse.Plugin{log}, gatehouse.MigrateSkip
	tool, err := gatehouse.New(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Users.Create(context.Background(), &gatehouse.User{Name: "Ada", Email: ada}); err != nil {
		t.Fatal(err)
	}
	before := h.head()
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	if h.head() != before+1 {
		t.Errorf("the chain reaches %d, want %d", h.head(), before+1)
	}
	if e := h.at(before + 1); e.Action != "user.create" || e.Actor != gatehouse.System {
		t.Errorf("recorded %v", e)
	}
	h.expectSound()
}

// TestIDKinds: whatever ids a database gives its rows.
func TestIDKinds(t *testing.T) {
	for _, kind := range []string{"text", "uuid", "serial", "database"} {
		t.Run("ids "+kind, func(t *testing.T) {
			h := newHouse(t, func(s *setting) {
				s.config = func(c *gatehouse.Config) { c.Advanced.Database.GenerateID = kind }
			})
			h.fill(5)
			h.expectSound()
			page, err := h.log.Find(context.Background(), audit.Query{Limit: 2})
			if err != nil || page.Next == "" {
				t.Fatalf("%v, %v", page, err)
			}
			next, err := h.log.Find(context.Background(), audit.Query{After: page.Next})
			if err != nil || len(next.Entries) != 4 {
				t.Errorf("%d entries on the next page, %v", len(next.Entries), err)
			}
		})
	}
}
