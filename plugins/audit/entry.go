package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"time"
)

// Entry is one event as it is kept. Texts are valid UTF-8 without control
// characters; "" is unknown or none.
type Entry struct {
	// ID is a UUIDv7 (RFC 9562 §5.7), or a number where ids are serial.
	ID string `db:"id"`
	// Seq is the place in the chain, from 1 and without gaps; nil as long as
	// the entry has none.
	Seq  *int64    `db:"seq,unique,bigint"`
	Time time.Time `db:"time,index"`
	// Actor is a user's id, gatehouse.System, or "" for somebody unknown.
	Actor        string `db:"actor"`
	Impersonator string `db:"impersonator"`
	Action       string `db:"action"`
	TargetType   string `db:"targetType"`
	Target       string `db:"target"`
	// Outcome is gatehouse.Succeeded or the code of the refusal.
	Outcome   string `db:"outcome"`
	Address   string `db:"address"`
	UserAgent string `db:"userAgent"` // at most 512 bytes
	RequestID string `db:"requestId"` // at most 128 bytes
	Details   string `db:"details"`   // a JSON object, at most 8 KiB

	// Chain is SHA-256 over the previous entry's Chain, Seq and the content.
	Chain string `db:"chain"`
	// MAC signs the content, and once there is a Seq also Seq and Chain.
	MAC string `db:"mac"`
}

// digest is over the content: every field but place, chain and MAC, each with
// its length before it, so that nothing can move from one field to the next.
func (e *Entry) digest() [sha256.Size]byte {
	buffer := make([]byte, 0, 512)
	buffer = append(buffer, "gatehouse audit entry 1"...)
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(e.Time.UnixMilli()))
	for _, field := range []string{
		e.ID, e.Actor, e.Impersonator, e.Action, e.TargetType, e.Target,
		e.Outcome, e.Address, e.UserAgent, e.RequestID, e.Details,
	} {
		buffer = binary.BigEndian.AppendUint32(buffer, uint32(len(field)))
		buffer = append(buffer, field...)
	}
	return sha256.Sum256(buffer)
}

// place is Seq, 0 for none.
func (e *Entry) place() int64 {
	if e.Seq == nil {
		return 0
	}
	return *e.Seq
}

// entryJSON is an entry in files and answers.
type entryJSON struct {
	ID           string          `json:"id"`
	Seq          *int64          `json:"seq"`
	Time         time.Time       `json:"time"`
	Actor        string          `json:"actor"`
	Impersonator string          `json:"impersonator"`
	Action       string          `json:"action"`
	TargetType   string          `json:"targetType"`
	Target       string          `json:"target"`
	Outcome      string          `json:"outcome"`
	Address      string          `json:"address"`
	UserAgent    string          `json:"userAgent"`
	RequestID    string          `json:"requestId"`
	Details      json.RawMessage `json:"details"`
	Chain        string          `json:"chain"`
	MAC          string          `json:"mac"`
}

// MarshalJSON writes the entry on one line, details as an object.
func (e *Entry) MarshalJSON() ([]byte, error) {
	details := json.RawMessage(e.Details)
	if !json.Valid(details) {
		details, _ = json.Marshal(e.Details) // somebody changed the row: show what is there
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(entryJSON{
		e.ID, e.Seq, e.Time.UTC(), e.Actor, e.Impersonator, e.Action, e.TargetType, e.Target,
		e.Outcome, e.Address, e.UserAgent, e.RequestID, details, e.Chain, e.MAC,
	})
	return bytes.TrimRight(line.Bytes(), "\n"), err
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Entry) UnmarshalJSON(text []byte) error {
	var j entryJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*e = Entry{
		j.ID, j.Seq, j.Time, j.Actor, j.Impersonator, j.Action, j.TargetType, j.Target,
		j.Outcome, j.Address, j.UserAgent, j.RequestID, string(j.Details), j.Chain, j.MAC,
	}
	return nil
}
