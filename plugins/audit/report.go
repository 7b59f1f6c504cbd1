package audit

import "fmt"

// Report is what Verify found.
type Report struct {
	// From and To are the places that were looked at, both included; From is 1
	// unless a prefix was removed by Prune. To is From-1 when there were none.
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Entries and Checkpoints are how many were verified.
	Entries     int64 `json:"entries"`
	Checkpoints int64 `json:"checkpoints"`
	// Pending is how many entries have no place yet. They are signed, but one
	// that was deleted is missed only by the process that wrote it.
	Pending int64 `json:"pending"`
	// AnchorsBelow is how many checkpoints could not be compared, because the
	// entries that they saw last have been removed by Prune.
	AnchorsBelow int `json:"anchorsBelow,omitempty"`
	// Problems are in the order of places, at most 1000.
	Problems  []Problem `json:"problems"`
	Truncated bool      `json:"truncated,omitempty"`
	// Checkpoint is the chain's end, to be kept elsewhere.
	Checkpoint string `json:"checkpoint"`
}

// OK reports whether nothing was wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// ProblemKind is what is wrong.
type ProblemKind string

const (
	// Altered: an entry is not what was signed: changed, moved to another
	// place, or never ours.
	Altered ProblemKind = "altered"
	// Missing: entries Seq to To are gone.
	Missing ProblemKind = "missing"
	// Unlinked: an entry does not follow from the one before it.
	Unlinked ProblemKind = "unlinked"
	// WrongCheckpoint: a checkpoint does not say what the chain is.
	WrongCheckpoint ProblemKind = "checkpoint"
	// WrongHead: the signed end of the chain was changed or is gone.
	WrongHead ProblemKind = "head"
	// WrongBase: the signed record of what Prune removed was changed.
	WrongBase ProblemKind = "base"
	// WrongAnchor: the chain is not the one that a checkpoint from outside saw.
	WrongAnchor ProblemKind = "anchor"
	// UnknownKey: signed with a secret that is not configured, and no later
	// checkpoint vouches for it.
	UnknownKey ProblemKind = "unknown key"
	// Alarm: a running process found tampering; Text says what.
	Alarm ProblemKind = "alarm"
)

// Problem is one thing that is wrong, and where. Seq is 0 for an entry without
// a place.
type Problem struct {
	Kind ProblemKind `json:"kind"`
	Seq  int64       `json:"seq"`
	To   int64       `json:"to,omitempty"`
	ID   string      `json:"id,omitempty"`
	Text string      `json:"text"`
}

func (p Problem) String() string {
	where := fmt.Sprintf("seq %d", p.Seq)
	if p.To > p.Seq {
		where += fmt.Sprintf(" to %d", p.To)
	}
	if p.ID != "" {
		where += ", id " + p.ID
	}
	return fmt.Sprintf("%s at %s: %s", p.Kind, where, p.Text)
}

// maxProblems bounds a report.
const maxProblems = 1000

func (r *Report) add(p Problem) {
	if len(r.Problems) == maxProblems {
		r.Truncated = true
		return
	}
	r.Problems = append(r.Problems, p)
}
