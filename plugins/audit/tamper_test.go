package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

// found writes problems as "kind seq" or "kind seq-to".
func found(r *audit.Report) string {
	var lines []string
	for _, p := range r.Problems {
		line := fmt.Sprintf("%s %d", p.Kind, p.Seq)
		if p.To > p.Seq {
			line += fmt.Sprintf("-%d", p.To)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

// at is the entry at a place.
func (h *house) at(seq int64) *audit.Entry {
	h.t.Helper()
	entries, err := h.log.After(context.Background(), seq-1, 1)
	if err != nil || len(entries) != 1 || *entries[0].Seq != seq {
		h.t.Fatalf("no entry at %d: %v, %v", seq, entries, err)
	}
	return entries[0]
}

// TestTamperingIsFoundWithItsPlace: twenty entries after the first, five
// between checkpoints, and somebody who can write to the database.
func TestTamperingIsFoundWithItsPlace(t *testing.T) {
	change := func(column, value string, seq int64) func(*house) {
		return func(h *house) {
			h.sql(`UPDATE "auditEntry" SET "`+column+`" = ? WHERE "seq" = ?`, value, seq)
		}
	}
	later := func(h *house, seq int64) any {
		if h.DB.Kind() == "postgres" {
			return time.Date(2026, 1, 2, 3, 4, 5, 679e6, time.UTC)
		}
		return "2026-01-02T03:04:05.679Z"
	}
	table := []struct {
		name   string
		tamper func(h *house)
		want   string
	}{
		{"nothing", func(*house) {}, ""},
		{"change the actor", change("actor", "mallory", 5), "altered 5"},
		{"change the impersonator", change("impersonator", "mallory", 5), "altered 5"},
		{"change the action", change("action", "test.x", 5), "altered 5"},
		{"change the target's type", change("targetType", "x", 5), "altered 5"},
		{"change the target", change("target", "x", 5), "altered 5"},
		{"change the outcome", change("outcome", "failure", 5), "altered 5"},
		{"change the address", change("address", "192.0.2.99", 5), "altered 5"},
		{"change the user agent", change("userAgent", "x", 5), "altered 5"},
		{"change the request id", change("requestId", "x", 5), "altered 5"},
		{"change the details", change("details", `{"x":1}`, 5), "altered 5"},
		{"change the details to what is no JSON", change("details", `{`, 5), "altered 5"},
		{"change the id", change("id", "01900000-0000-7000-8000-000000000000", 5), "altered 5"},
		{"change the chain", change("chain", "x", 5), "altered 5"},
		{"change the MAC", change("mac", "x", 5), "altered 5"},
		{"change the MAC to that of another key", change("mac", "00000000.wnHDTXDemkhxDFLZ_Pn61Z8QgYX-RXOpGog2DStU7jg", 5), ""},
		{"change content and pretend another key", func(h *house) {
			change("mac", "00000000.wnHDTXDemkhxDFLZ_Pn61Z8QgYX-RXOpGog2DStU7jg", 5)(h)
			change("actor", "mallory", 5)(h)
		}, "unlinked 5, unknown key 5"},
		{"change the time by a millisecond", func(h *house) {
			h.sql(`UPDATE "auditEntry" SET "time" = ? WHERE "seq" = ?`, later(h, 5), 5)
		}, "altered 5"},
		{"move a letter from one field to the next", func(h *house) {
			h.sql(`UPDATE "auditEntry" SET "targetType" = 'tes', "target" = 'tt' WHERE "seq" = 5`)
		}, "altered 5"},
		{"delete one", func(h *house) { h.sql(`DELETE FROM "auditEntry" WHERE "seq" = 5`) }, "missing 5"},
		{"delete some", func(h *house) { h.sql(`DELETE FROM "auditEntry" WHERE "seq" IN (5, 6, 7, 11)`) }, "missing 5-7, missing 11"},
		{"delete the first", func(h *house) { h.sql(`DELETE FROM "auditEntry" WHERE "seq" <= 3`) }, "missing 1-3"},
		{"delete one and close the gap", func(h *house) {
			h.sql(`DELETE FROM "auditEntry" WHERE "seq" = 22`)
			h.sql(`UPDATE "auditEntry" SET "seq" = 22 WHERE "seq" = 23`)
		}, "altered 22, missing 23"},
		{"swap two", func(h *house) { h.swap(5, 15) }, "altered 5, altered 15"},
		{"swap neighbours", func(h *house) { h.swap(5, 6) }, "altered 5, altered 6"},
		{"swap the content of two", func(h *house) { h.swapContent(5, 15) }, "altered 5, altered 15"},
		{"cut the tail", func(h *house) { h.sql(`DELETE FROM "auditEntry" WHERE "seq" > 20`) }, "missing 21-24"},
		{"cut the tail and the head", func(h *house) {
			h.sql(`DELETE FROM "auditEntry" WHERE "seq" > 20`)
			h.sql(`UPDATE "auditState" SET "seq" = 20, "chain" = (SELECT "chain" FROM "auditEntry" WHERE "seq" = 20) WHERE "name" = 'head'`)
		}, "head 20"},
		{"delete the head", func(h *house) { h.sql(`DELETE FROM "auditState"`) }, "head 24"},
		{"insert a forged one at the end", func(h *house) { h.forge("01900000-0000-7000-8000-000000000001", 25) }, "altered 25, head 24"},
		{"insert a copy at the end", func(h *house) {
			h.sql(`INSERT INTO "auditEntry" ("id","seq","time","actor","impersonator","action","targetType","target","outcome","address","userAgent","requestId","details","chain","mac")
				SELECT '01900000-0000-7000-8000-000000000001',25,"time","actor","impersonator","action","targetType","target","outcome","address","userAgent","requestId","details","chain","mac" FROM "auditEntry" WHERE "seq" = 5`)
		}, "altered 25, head 24"},
		{"insert a forged one without a place", func(h *house) { h.forge("01900000-0000-7000-8000-000000000001", nil) }, "altered 0"},
		{"insert a forged one in the middle", func(h *house) {
			h.sql(`UPDATE "auditEntry" SET "seq" = "seq" + 1000 WHERE "seq" > 22`)
			h.sql(`UPDATE "auditEntry" SET "seq" = "seq" - 999 WHERE "seq" > 1000`)
			h.forge("01900000-0000-7000-8000-000000000001", 23)
		}, "altered 23, altered 24, altered 25, head 24"},
		{"change a checkpoint", func(h *house) { change("details", `{"chain":"x","entries":5}`, h.checkpoint())(h) }, "altered 6"},
		{"delete a checkpoint", func(h *house) { h.sql(`DELETE FROM "auditEntry" WHERE "seq" = ?`, h.checkpoint()) }, "missing 6"},
		{"take an entry's place away", func(h *house) { h.sql(`UPDATE "auditEntry" SET "seq" = NULL WHERE "seq" = 5`) }, "missing 5, altered 0"},
		{"pretend a removed prefix", func(h *house) {
			h.sql(`INSERT INTO "auditState" ("id","name","seq","chain","time","marked","markedAt","mac") SELECT 'x','base',10,"chain","time",0,"markedAt","mac" FROM "auditState" WHERE "name" = 'head'`)
			h.sql(`DELETE FROM "auditEntry" WHERE "seq" <= 10`)
		}, "base 10, missing 1-10"},
	}
	for _, tt := range table {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, func(s *setting) { s.audit.CheckpointEntries = 5 })
			for h.head() < 24 {
				h.fill(1)
			}
			tt.tamper(h)
			if got := found(h.verify()); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func (h *house) swap(a, b int64) {
	h.t.Helper()
	h.sql(`UPDATE "auditEntry" SET "seq" = 9999 WHERE "seq" = ?`, a)
	h.sql(`UPDATE "auditEntry" SET "seq" = ? WHERE "seq" = ?`, a, b)
	h.sql(`UPDATE "auditEntry" SET "seq" = ? WHERE "seq" = 9999`, b)
}

func (h *house) swapContent(a, b int64) {
	h.t.Helper()
	one, other := h.at(a).Action, h.at(b).Action
	h.sql(`UPDATE "auditEntry" SET "action" = ? WHERE "seq" = ?`, other, a)
	h.sql(`UPDATE "auditEntry" SET "action" = ? WHERE "seq" = ?`, one, b)
}

// checkpoint is the place of the first checkpoint.
func (h *house) checkpoint() int64 {
	h.t.Helper()
	for seq := int64(1); ; seq++ {
		if h.at(seq).Action == "audit.checkpoint" {
			return seq
		}
	}
}

func (h *house) forge(id string, seq any) {
	h.t.Helper()
	h.sql(`INSERT INTO "auditEntry" ("id","seq","time","actor","impersonator","action","targetType","target","outcome","address","userAgent","requestId","details","chain","mac")
		SELECT ?,?,"time",'mallory',"impersonator","action","targetType","target","outcome","address","userAgent","requestId","details","chain","mac" FROM "auditEntry" WHERE "seq" = 5`, id, seq)
}

// TestDeletedBeforeItsNumber: nothing in the database misses the entry; the
// process that wrote it does, at its next look.
func TestDeletedBeforeItsNumber(t *testing.T) {
	h := newHouse(t, nil)
	_, last := h.fill(3)
	h.record("test.gone")
	h.record("test.kept")
	h.sql(`DELETE FROM "auditEntry" WHERE "action" = 'test.gone'`)
	h.sequence() // finds it
	h.sequence() // numbers the alarm
	if got, want := found(h.verify()), fmt.Sprintf("alarm %d", last+2); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	if !strings.Contains(h.Log(), "the audit log was tampered with") {
		t.Error("it is not in the log")
	}
}

// TestChangedBeforeItsNumber: the entry's own MAC tells, whoever numbers it.
func TestChangedBeforeItsNumber(t *testing.T) {
	h := newHouse(t, nil)
	other := h.twin(nil)
	_, last := h.fill(1)
	other.record("test.changed")
	h.sql(`UPDATE "auditEntry" SET "actor" = 'mallory' WHERE "action" = 'test.changed'`)
	h.sequence()
	h.sequence()
	if got, want := found(h.verify()), fmt.Sprintf("altered %d, alarm %d", last+1, last+2); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	other.sequence() // and who wrote it sees it, too
	other.sequence()
	if report := h.verify(); len(report.Problems) != 3 || report.Problems[2].Kind != audit.Alarm {
		t.Errorf("found %q", found(report))
	}
}

// TestSetBackWhileRunning: a process remembers how far the chain reached, and
// goes on from there: the gap stays.
func TestSetBackWhileRunning(t *testing.T) {
	h := newHouse(t, nil)
	_, kept := h.fill(2)
	h.sql(`CREATE TABLE "stolen" AS SELECT * FROM "auditState"`)
	_, last := h.fill(3)
	h.sql(`DELETE FROM "auditEntry" WHERE "seq" > ?`, kept)
	h.sql(`DELETE FROM "auditState"`)
	h.sql(`INSERT INTO "auditState" SELECT * FROM "stolen"`)
	if got := found(h.verify()); got != "" {
		t.Fatalf("alone the database tells %q; then this test shows nothing", got)
	}
	h.record("test.after")
	h.sequence()
	h.sequence()
	if got, want := found(h.verify()), fmt.Sprintf("missing %d-%d, alarm %d", kept+1, last, last+2); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestAnAnchorFindsWhatNothingInsideCan: all of the database set back.
func TestAnAnchorFindsWhatNothingInsideCan(t *testing.T) {
	h := newHouse(t, nil)
	_, kept := h.fill(2)
	h.sql(`CREATE TABLE "stolen" AS SELECT * FROM "auditState"`)
	_, last := h.fill(3)
	anchor, err := audit.ParseCheckpoint(h.expectSound().Checkpoint)
	if err != nil || anchor.Seq != last {
		t.Fatalf("checkpoint %v, %v", anchor, err)
	}
	if got := found(h.verify(anchor)); got != "" {
		t.Errorf("a genuine anchor finds %q", got)
	}
	h.sql(`DELETE FROM "auditEntry" WHERE "seq" > ?`, kept)
	h.sql(`DELETE FROM "auditState"`)
	h.sql(`INSERT INTO "auditState" SELECT * FROM "stolen"`)
	if got, want := found(h.verify(anchor)), fmt.Sprintf("anchor %d-%d", kept+1, last); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	forged := anchor
	forged.Seq = 1
	if got := found(h.verify(forged)); got != "anchor 1" {
		t.Errorf("a forged anchor finds %q", got)
	}
}

// TestSecretRotation: entries of an old secret stay verifiable while it is
// configured, and after that by what was signed later.
func TestSecretRotation(t *testing.T) {
	const second = "gatehousetest-second-0123456789-ABCDEFGHIJ"
	h := newHouse(t, nil)
	h.fill(3)
	rotated := h.twin(func(s *setting) {
		both := s.config
		s.config = func(c *gatehouse.Config) {
			both(c)
			c.Secrets = []gatehouse.Secret{{Version: 2, Value: second}, {Version: 1, Value: c.Secret}}
		}
	})
	rotated.fill(3)
	if report := rotated.expectSound(); report.Checkpoints != 1 {
		t.Errorf("%d checkpoints with the new secret, want 1", report.Checkpoints)
	}
	forgotten := h.twin(func(s *setting) {
		both := s.config
		s.config = func(c *gatehouse.Config) { both(c); c.Secret = second }
	})
	forgotten.expectSound()
	forgotten.sql(`UPDATE "auditEntry" SET "actor" = 'mallory' WHERE "seq" = 3`)
	if got := found(forgotten.verify()); !strings.HasPrefix(got, "unlinked 3") {
		t.Errorf("a change under a forgotten secret: found %q", got)
	}
}

// TestHeadlessLogGoesOn: tampering does not stop sign-ins or the sequencer.
func TestHeadlessLogGoesOn(t *testing.T) {
	h := newHouse(t, nil)
	_, last := h.fill(2)
	h.sql(`DELETE FROM "auditState"`)
	h.fill(2)
	h.sequence()
	if got, want := found(h.verify()), fmt.Sprintf("alarm %d", last+3); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}
