package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// batchSize is how many entries one transaction numbers: on SQLite all
// writers wait for it.
const batchSize = 200

// maxConflicts is how often a batch begins anew because of another node.
const maxConflicts = 3

// sequenceJob runs on every node; most times on most nodes there is nothing
// to do, and that costs one read.
func (l *Log) sequenceJob(ctx context.Context) error {
	_, err := l.Sequence(ctx)
	return err
}

// Sequence numbers the entries that have committed and extends the chain,
// without waiting for the job. It reports how many it numbered. Any number of
// nodes may call it at once.
func (l *Log) Sequence(ctx context.Context) (int, error) {
	l.sequencing.Lock()
	defer l.sequencing.Unlock()
	l.witness.begin()
	total, conflicts := 0, 0
	for {
		waiting, err := l.pending.All(ctx, 1)
		if err != nil {
			return total, fmt.Errorf("look for entries to number: %w", err)
		}
		if len(waiting) == 0 {
			break
		}
		batch := batch{log: l}
		err = l.app.Tx(ctx, batch.run)
		if errors.Is(err, store.ErrConflict) && conflicts < maxConflicts {
			conflicts++
			continue // another node made the head at the same time
		}
		if err != nil {
			return total, fmt.Errorf("number entries: %w", err)
		}
		batch.committed(ctx)
		total += len(batch.numbered)
	}
	if total > 0 {
		l.numbered.raise()
	}
	return total, l.missed(ctx)
}

// batch is one transaction of the sequencer.
type batch struct {
	log      *Log
	numbered []*Entry
	head     *state
	marked   *Checkpoint
	alarms   []alarm
}

func (b *batch) run(ctx context.Context) (err error) {
	if b.head, err = b.lockHead(ctx); err != nil {
		return err
	}
	waiting, err := b.log.pending.All(ctx, batchSize)
	if err != nil {
		return err
	}
	for _, entry := range waiting {
		if err := b.number(ctx, entry); err != nil {
			return err
		}
	}
	if b.checkpointIsDue() {
		if err := b.checkpoint(ctx); err != nil {
			return err
		}
	}
	return b.log.save(ctx, b.head)
}

// lockHead takes the row that only sequencers lock. Two of them that make it
// at the same time meet at its unique name; the loser tries again later. A
// head that is gone, forged or behind is replaced by the best we know: the
// log goes on, and verification finds the place.
func (b *batch) lockHead(ctx context.Context) (*state, error) {
	l := b.log
	head, err := l.lock.One(ctx, headName)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	furthest, err := b.furthest(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case head == nil:
		head = &state{Name: headName, Chain: genesis, MarkedAt: l.app.Now()}
	case l.isKnown(head) && head.Seq >= furthest.Seq:
		return head, nil
	}
	if furthest.Seq > 0 {
		head.Seq, head.Chain = furthest.Seq, furthest.Chain
		b.alarms = append(b.alarms, alarm{problem: "head", seq: furthest.Seq})
	}
	return head, nil
}

// furthest is how far the chain reaches as far as anybody but the head knows:
// its last entry, the base, and what this process saw.
func (b *batch) furthest(ctx context.Context) (place, error) {
	best := place{Chain: genesis}
	last, err := b.log.last.One(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return best, err
	}
	base, err := b.log.read(ctx, baseName)
	if err != nil {
		return best, err
	}
	places := []place{b.log.witness.head()}
	if last != nil {
		places = append(places, place{last.place(), last.Chain})
	}
	if base != nil {
		places = append(places, place{base.Seq, base.Chain})
	}
	for _, p := range places {
		if p.Seq > best.Seq {
			best = p
		}
	}
	return best, nil
}

// number gives an entry the next place. Who wrote it is settled first: what
// carries no genuine MAC gets none from us, but its place, so that it stays as
// evidence and stops nothing.
func (b *batch) number(ctx context.Context, e *Entry) error {
	l, digest := b.log, e.digest()
	seq := b.head.Seq + 1
	chain := link(b.head.Chain, seq, digest)
	switch l.keys.check(e.MAC, contentLabel, digest[:]) {
	case genuine:
		e.MAC = l.keys.sign(placeLabel, placed(digest, seq, chain))
	case forged:
		b.alarms = append(b.alarms, alarm{problem: "forged", seq: seq, id: e.ID})
	}
	rows, err := l.number.Run(ctx, seq, chain, e.MAC, e.ID)
	if err != nil || rows == 0 {
		return err
	}
	e.Seq, e.Chain = &seq, chain
	b.head.Seq, b.head.Chain = seq, chain
	b.numbered = append(b.numbered, e)
	return nil
}

func (b *batch) checkpointIsDue() bool {
	o, since := &b.log.options, b.head.Seq-b.head.Marked
	return since > 0 && (since >= int64(o.CheckpointEntries) ||
		b.log.app.Now().Sub(b.head.MarkedAt) >= o.CheckpointInterval ||
		b.head.MAC != "" && !b.log.keys.isCurrent(b.head.MAC))
}

// checkpoint puts the state of the chain into the chain, signed.
func (b *batch) checkpoint(ctx context.Context) error {
	l := b.log
	b.marked = l.checkpointAt(b.head.Seq, b.head.Chain)
	entry, err := l.entry(ctx, gatehouse.Event{
		Action: checkpointAction, Actor: gatehouse.System, Outcome: gatehouse.Succeeded, TargetType: "audit",
		Details: map[string]any{"entries": b.head.Seq, "chain": b.head.Chain},
	})
	if err != nil {
		return err
	}
	digest, seq := entry.digest(), b.head.Seq+1
	entry.Seq, entry.Chain = &seq, link(b.head.Chain, seq, digest)
	entry.MAC = l.keys.sign(placeLabel, placed(digest, seq, entry.Chain))
	if err := l.entries.Insert(ctx, entry); err != nil {
		return err
	}
	b.head.Seq, b.head.Chain = seq, entry.Chain
	b.head.Marked, b.head.MarkedAt = seq, l.app.Now()
	return nil
}

// committed tells what is now certain.
func (b *batch) committed(ctx context.Context) {
	l := b.log
	for _, entry := range b.numbered {
		l.witness.saw(entry.ID)
	}
	l.witness.reached(b.head.Seq, b.head.Chain)
	if b.marked != nil {
		l.app.Config().Log.InfoContext(ctx, "audit checkpoint", "entries", b.marked.Seq, "checkpoint", b.marked.String())
	}
	for _, a := range b.alarms {
		l.sound(ctx, a)
	}
}

// alarm is a trace of tampering that the sequencer met.
type alarm struct {
	problem string // "head", "forged", "deleted", "changed"
	seq     int64
	id      string
}

// sound records an alarm and logs it, so that it reaches somebody even if the
// database cannot be trusted.
func (l *Log) sound(ctx context.Context, a alarm) {
	l.app.Config().Log.ErrorContext(ctx, "the audit log was tampered with", "problem", a.problem, "seq", a.seq, "entry", a.id)
	event := gatehouse.Event{
		Action: alarmAction, Actor: gatehouse.System, TargetType: "entry", Target: a.id,
		Outcome: "TAMPERED", Details: map[string]any{"problem": a.problem, "seq": a.seq},
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := l.Record(ctx, event); err != nil {
		l.app.Config().Log.ErrorContext(ctx, "audit alarm not recorded", "err", err)
	}
}

// Actions of entries that the log makes about itself.
const (
	checkpointAction = "audit.checkpoint"
	alarmAction      = "audit.alarm"
	pruneAction      = "audit.prune"
	readAction       = "audit.read"
	exportAction     = "audit.export"
	verifyAction     = "audit.verify"
)
