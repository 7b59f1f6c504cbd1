package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

func (h *house) prune(before time.Time) int64 {
	h.t.Helper()
	n, err := h.log.Prune(context.Background(), before, nil)
	if err != nil {
		h.t.Fatalf("prune: %v", err)
	}
	return n
}

func TestRetentionKeepsTheChainVerifiable(t *testing.T) {
	h := newHouse(t, nil)
	early, err := audit.ParseCheckpoint(h.expectSound().Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	_, old := h.fill(700)
	h.Clock.Advance(time.Hour)
	limit := h.Now()
	_, last := h.fill(5)
	anchor, err := audit.ParseCheckpoint(h.expectSound().Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	if n := h.prune(limit); n != old {
		t.Errorf("removed %d, want %d", n, old)
	}
	report := h.expectSound()
	if report.From != old+1 || report.To != last || report.Entries != 5 {
		t.Errorf("report %+v", report)
	}
	if got := found(h.verify(anchor)); got != "" {
		t.Errorf("an anchor above finds %q", got)
	}
	below := anchor
	below.Seq = 1
	if report := h.verify(below); found(report) != "anchor 1" {
		t.Errorf("a forged anchor below finds %q", found(report))
	}
	if early.Seq >= report.From {
		t.Fatal("the early anchor is not below")
	}
	if report := h.verify(early); found(report) != "" || report.AnchorsBelow != 1 {
		t.Errorf("an anchor below: %q, %d not compared", found(report), report.AnchorsBelow)
	}
	if n := h.prune(limit); n != 0 {
		t.Errorf("removed %d the second time", n)
	}
	entries := h.since(last)
	want := fmt.Sprintf(`[system] audit.prune [audit:] success {"before":%q,"from":1,"through":%d}`, limit.Format(time.RFC3339), old)
	if got := told(entries, nil); len(got) != 1 || got[0] != want {
		t.Errorf("recorded %v, want %s", got, want)
	}
	h.Clock.Advance(time.Hour)
	if n := h.prune(h.Now()); n != 6 {
		t.Errorf("removed %d of the rest, want 6", n)
	}
	if report := h.expectSound(); report.Entries != 0 {
		t.Errorf("report %+v", report)
	}
	h.fill(3)
	h.expectSound()
	// A prefix that nobody with the secret removed is still missed.
	h.sql(`DELETE FROM "auditEntry" WHERE "seq" <= ?`, last+3)
	if got, want := found(h.verify()), fmt.Sprintf("missing %d-%d", last+2, last+3); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestAForgedBaseHidesNothing: changing the record of removed entries does not
// explain entries that are missing.
func TestAForgedBaseHidesNothing(t *testing.T) {
	h := newHouse(t, nil)
	_, old := h.fill(5)
	h.Clock.Advance(time.Hour)
	limit := h.Now()
	h.fill(5)
	h.prune(limit)
	h.sql(`UPDATE "auditState" SET "seq" = "seq" + 2, "chain" = (SELECT "chain" FROM "auditEntry" WHERE "seq" = ?) WHERE "name" = 'base'`, old+2)
	h.sql(`DELETE FROM "auditEntry" WHERE "seq" <= ?`, old+2)
	if got, want := found(h.verify()), fmt.Sprintf("base %d, missing 1-%d", old+2, old+2); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestPruneKeepsEvidence: what does not verify is not removed.
func TestPruneKeepsEvidence(t *testing.T) {
	h := newHouse(t, nil)
	h.fill(5)
	h.Clock.Advance(time.Hour)
	h.sql(`UPDATE "auditEntry" SET "actor" = 'mallory' WHERE "seq" = 3`)
	var tampered *audit.TamperedError
	n, err := h.log.Prune(context.Background(), h.Now(), nil)
	if !errors.As(err, &tampered) || n != 0 || tampered.Report.Problems[0].Seq != 3 {
		t.Errorf("removed %d, %v", n, err)
	}
	if got := found(h.verify()); got != "altered 3" {
		t.Errorf("found %q", got)
	}
}

// TestTwoNodesPruneAtOnce: one of them does, and nothing is lost.
func TestTwoNodesPruneAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	other := h.twin(nil)
	h.fill(1200)
	h.Clock.Advance(time.Hour)
	limit := h.Now()
	h.fill(3)
	results := make(chan error, 2)
	for _, node := range []*house{h, other} {
		go func() {
			_, err := node.log.Prune(context.Background(), limit, nil)
			results <- err
		}()
	}
	failed := 0
	for range 2 {
		if err := <-results; err != nil {
			failed++
		}
	}
	if failed > 1 {
		t.Error("both failed")
	}
	h.sequence()
	if report := h.expectSound(); report.Entries < 4 || report.Entries > 5 {
		t.Errorf("%d entries are left", report.Entries)
	}
}

func TestRetentionOption(t *testing.T) {
	if _, err := audit.New(audit.Options{Retention: time.Hour}).Plug(nil); err == nil {
		t.Error("a retention of an hour is taken")
	}
	h := newHouse(t, nil)
	h.fill(3)
	last := h.head()
	h.Clock.Advance(48 * time.Hour)
	keeper := h.twin(func(s *setting) { s.audit.Retention = 24 * time.Hour })
	for range 1000 {
		if report := keeper.expectSound(); report.From > last {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Error("the job removes nothing")
}
