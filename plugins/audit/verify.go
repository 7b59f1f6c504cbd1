package audit

import (
	"context"
	"encoding/json"
	"fmt"
)

// Progress is told how many entries are done, of how many in all. It may be
// nil.
type Progress func(done, total int64)

func (p Progress) tell(done, total int64) {
	if p != nil {
		p(done, max(done, total))
	}
}

// pageSize is how many entries a long read takes at a time.
const pageSize = 500

// Verify reads the whole chain and says what is wrong with it, and where. It
// numbers nothing and may run beside everything else. Anchors are checkpoints
// that were kept outside of the database. The error is that of reading; what
// is wrong with the log is in the report.
func (l *Log) Verify(ctx context.Context, progress Progress, anchors ...Checkpoint) (*Report, error) {
	return l.verify(ctx, progress, anchors, 0)
}

// verify looks at entries up to the place limit, 0 for all.
func (l *Log) verify(ctx context.Context, progress Progress, anchors []Checkpoint, limit int64) (*Report, error) {
	v := &verifier{log: l, report: &Report{Problems: []Problem{}}, anchors: map[int64][]Checkpoint{}}
	for _, a := range anchors {
		v.anchor(a)
	}
	if err := v.start(ctx, limit); err != nil {
		return nil, err
	}
	if err := v.walk(ctx, progress, limit); err != nil {
		return nil, err
	}
	if limit > 0 {
		return v.report, nil
	}
	if err := v.finish(ctx); err != nil {
		return nil, err
	}
	return v.report, nil
}

// verifier goes along the chain.
type verifier struct {
	log     *Log
	report  *Report
	anchors map[int64][]Checkpoint
	base    int64
	total   int64

	seq     int64  // of the entry before
	chain   string // its chain value
	trusted bool   // it is what was signed, so that the next must follow from it

	// doubtful are entries of unknown keys. A later entry of a known key
	// vouches for them if the chain holds up to it.
	doubtful []Problem
	linked   bool // no break since the first of them
}

func (v *verifier) anchor(a Checkpoint) {
	if v.log.keys.check(a.MAC, checkpointLabel, a.content()) == forged {
		v.report.add(Problem{Kind: WrongAnchor, Seq: a.Seq, Text: "the checkpoint itself is not genuine"})
		return
	}
	v.anchors[a.Seq] = append(v.anchors[a.Seq], a)
}

// start begins at the base: 0, or where the removed prefix ends.
func (v *verifier) start(ctx context.Context, limit int64) error {
	v.chain, v.trusted = genesis, true
	base, err := v.log.read(ctx, baseName)
	if err != nil {
		return err
	}
	if base != nil && !v.log.isKnown(base) {
		v.report.add(Problem{Kind: WrongBase, Seq: base.Seq, Text: "the record of removed entries was changed"})
	} else if base != nil {
		v.stand(base)
	}
	v.report.From, v.report.To = v.seq+1, v.seq
	if limit == 0 {
		limit = 1<<63 - 1
	}
	v.total, err = v.log.between.Int(ctx, v.seq, limit)
	return err
}

// stand goes to the end of the removed prefix. Anchors below it can no longer
// be compared.
func (v *verifier) stand(base *state) {
	v.base, v.seq, v.chain, v.trusted = base.Seq, base.Seq, base.Chain, true
	v.checkAnchors(base.Seq, base.Chain, "")
	for seq := range v.anchors {
		if seq < base.Seq {
			v.report.AnchorsBelow += len(v.anchors[seq])
			delete(v.anchors, seq)
		}
	}
}

func (v *verifier) walk(ctx context.Context, progress Progress, limit int64) error {
	progress.tell(v.report.Entries, v.total)
	for {
		page, err := v.log.after.All(ctx, v.seq, pageSize)
		if err != nil {
			return fmt.Errorf("read the chain: %w", err)
		}
		for _, entry := range page {
			if limit > 0 && entry.place() > limit {
				return nil
			}
			if err := v.gap(ctx, entry.place()); err != nil {
				return err
			}
			v.look(entry)
		}
		if len(page) == 0 {
			return nil
		}
		progress.tell(v.report.Entries, v.total)
	}
}

// gap accounts for places between the entry before and the next one: they are
// missing unless Prune removed them meanwhile.
func (v *verifier) gap(ctx context.Context, next int64) error {
	if next <= v.seq+1 {
		return nil
	}
	base, err := v.log.read(ctx, baseName)
	if err != nil {
		return err
	}
	if base != nil && base.Seq > v.seq && base.Seq < next && v.log.isKnown(base) {
		v.stand(base)
		v.report.From = base.Seq + 1
	}
	if next > v.seq+1 {
		v.missing(v.seq+1, next-1)
	}
	return nil
}

func (v *verifier) missing(from, to int64) {
	text := fmt.Sprintf("%d entries are gone", to-from+1)
	if to == from {
		text = "the entry is gone"
	}
	v.report.add(Problem{Kind: Missing, Seq: from, To: to, Text: text})
	v.trusted, v.linked = false, false
}

// look judges one entry and its place after the one before.
func (v *verifier) look(e *Entry) {
	seq, verdict := e.place(), v.log.keys.judge(e)
	if len(v.doubtful) == 0 {
		v.linked = true
	}
	switch {
	case verdict == forged:
		v.report.add(Problem{Kind: Altered, Seq: seq, ID: e.ID, Text: "it is not what was signed"})
		v.linked = false
	case v.trusted && link(v.chain, seq, e.digest()) != e.Chain:
		v.report.add(Problem{Kind: Unlinked, Seq: seq, ID: e.ID, Text: "it does not follow from the entry before it"})
		v.linked = false
	}
	switch verdict {
	case unknownKey:
		v.doubt(e)
	case genuine:
		v.vouch()
		v.special(e)
	}
	v.checkAnchors(seq, e.Chain, e.ID)
	v.report.Entries++
	v.report.To = seq
	v.seq, v.chain, v.trusted = seq, e.Chain, verdict != forged
}

func (v *verifier) doubt(e *Entry) {
	if len(v.doubtful) < maxProblems {
		v.doubtful = append(v.doubtful, Problem{Kind: UnknownKey, Seq: e.place(), ID: e.ID, Text: "it was signed with a secret that is not configured"})
	}
}

// vouch settles the doubtful entries: they are fine if the chain held.
func (v *verifier) vouch() {
	for _, p := range v.doubtful {
		if !v.linked {
			v.report.add(p)
		}
	}
	v.doubtful = nil
}

func (v *verifier) checkAnchors(seq int64, chain, id string) {
	for _, a := range v.anchors[seq] {
		if a.Chain != chain {
			v.report.add(Problem{Kind: WrongAnchor, Seq: seq, ID: id, Text: "the chain is not the one that the checkpoint saw"})
		}
	}
	delete(v.anchors, seq)
}

// special looks into the log's entries about itself.
func (v *verifier) special(e *Entry) {
	switch e.Action {
	case checkpointAction:
		v.report.Checkpoints++
		v.checkpoint(e)
	case alarmAction:
		v.alarm(e)
	}
}

func (v *verifier) checkpoint(e *Entry) {
	var said struct {
		Entries int64
		Chain   string
	}
	err := json.Unmarshal([]byte(e.Details), &said)
	if err != nil || said.Entries != e.place()-1 || v.trusted && said.Chain != v.chain {
		v.report.add(Problem{Kind: WrongCheckpoint, Seq: e.place(), ID: e.ID, Text: "it does not say what the chain is"})
	}
}

func (v *verifier) alarm(e *Entry) {
	var said struct{ Problem string }
	_ = json.Unmarshal([]byte(e.Details), &said) // ours: the MAC is genuine
	text := map[string]string{
		"deleted": "an entry was deleted before it was numbered",
		"changed": "an entry was changed before it was numbered",
		"forged":  "an entry that was numbered had not been signed by us",
		"head":    "the end of the chain had been changed or set back",
	}[said.Problem]
	v.report.add(Problem{Kind: Alarm, Seq: e.place(), ID: e.Target, Text: text})
}

// finish compares the end with the head and looks at what has no place yet.
func (v *verifier) finish(ctx context.Context) error {
	// A head that is read after the entries is at least as far, and all up to
	// it can be read after it.
	head, err := v.log.read(ctx, headName)
	if err != nil {
		return err
	}
	reached := v.seq
	if err := v.walk(ctx, nil, 0); err != nil {
		return err
	}
	switch {
	case head == nil && reached == 0:
	case head == nil:
		v.report.add(Problem{Kind: WrongHead, Seq: v.seq, Text: "the signed end of the chain is gone"})
	case !v.log.isKnown(head) || head.Seq < reached:
		v.report.add(Problem{Kind: WrongHead, Seq: head.Seq, Text: "the signed end of the chain was changed"})
	case head.Seq > v.seq:
		v.missing(v.seq+1, head.Seq)
	}
	for _, p := range v.doubtful {
		v.report.add(p) // nothing came after them
	}
	for seq := range v.anchors {
		v.report.add(Problem{Kind: WrongAnchor, Seq: v.seq + 1, To: seq, Text: "the checkpoint saw more entries than there are"})
	}
	if v.report.OK() {
		v.report.Checkpoint = v.log.checkpointAt(v.seq, v.chain).String()
	}
	return v.waiting(ctx)
}

// waiting checks the entries without a place.
func (v *verifier) waiting(ctx context.Context) (err error) {
	if v.report.Pending, err = v.log.unordered.Int(ctx); err != nil {
		return err
	}
	entries, err := v.log.pending.All(ctx, pageSize)
	if err != nil {
		return err
	}
	for _, e := range entries {
		digest := e.digest()
		if v.log.keys.check(e.MAC, contentLabel, digest[:]) == forged {
			v.report.add(Problem{Kind: Altered, ID: e.ID, Text: "it is not what was signed, and has no place yet"})
		}
	}
	return nil
}
