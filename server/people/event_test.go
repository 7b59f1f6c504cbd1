package people_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/server/people"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// ledger remembers events.
type ledger struct {
	mu     sync.Mutex
	events []string
}

func (l *ledger) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	return gatehouse.Parts{ID: "ledger", Auditor: l}, nil
}

func (l *ledger) Record(_ context.Context, e gatehouse.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, fmt.Sprintf("%s %s %s %v", e.Action, e.Actor, e.Outcome, e.Details))
	return nil
}

func TestMovingPeopleIsAccountedFor(t *testing.T) {
	log := &ledger{}
	house := newHouse(t, func(o *standard.Options) { o.Plugins = append(o.Plugins, log) })
	importAll(t, house, fromCSV(t, house, "email\nada@example.com\nbob@example.com\n"), people.ImportOptions{Name: "people.csv"})
	export(t, house, false, true)
	if _, err := people.Data(t.Context(), house, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"user.create system success map[method:program]", "user.create system success map[method:program]",
		"user.import system success map[count:2 firstRow:1 lastRow:2 source:people.csv]",
		"user.export system success map[hashes:true]",
		"user.data system success map[]",
	}
	log.events = slices.DeleteFunc(log.events, func(e string) bool { return strings.HasPrefix(e, "app.start") })
	if !slices.Equal(log.events, want) {
		t.Errorf("got\n%q\nwant\n%q", log.events, want)
	}
}
