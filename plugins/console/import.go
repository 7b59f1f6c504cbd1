package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// importOp bounds the upload as the options do.
func (k *Console) importOp() gatehouse.Op {
	return gatehouse.Op{
		ID: "consoleImport", Method: http.MethodPost, Path: "/console/import",
		Doc:    "Brings people in from a file, and tells line by line how it goes.",
		Access: gatehouse.Can("people", "import"), OwnerOnly: true,
		Body:   gatehouse.Body{Upload: true, MaxBytes: k.options.MaxImportBytes},
		Errors: []*gatehouse.Error{ErrNotHere, ErrImportTooLarge, ErrImportRunning, ErrImportFile},
	}
}

// Import is the query of POST /console/import, whose body is the file.
type Import struct {
	Format *string `query:"format" check:"enum=csv|jsonl" doc:"Default: what the Content-Type says, text/csv or application/x-ndjson."`
	DryRun *string `query:"dryRun" check:"enum=true|false" doc:"true: do everything and take it back."`
	NewIDs *string `query:"newIds" check:"enum=true|false" doc:"true: give everybody a new id."`
	Name   *string `query:"name" check:"max=200" doc:"Where the people come from, for the audit log."`
}

// ImportJob is a file of people to bring in.
type ImportJob struct {
	Format string // "csv" or "jsonl"
	File   io.Reader
	Name   string
	DryRun bool
	NewIDs bool
	// Report is told of each row that made nobody, in order, and Progress how
	// far it is, now and then. Their errors end the import.
	Report   func(ImportRow) error
	Progress func(ImportSummary) error
}

// ImportRow is a row that made nobody.
type ImportRow struct {
	Type   string `json:"type"` // "refused", or "skipped": the person is there already
	Row    int    `json:"row"`
	Email  string `json:"email"`
	Reason string `json:"reason"`
}

// ImportSummary counts rows.
type ImportSummary struct {
	Rows    int `json:"rows"`
	Created int `json:"created"`
	Skipped int `json:"skipped"`
	Refused int `json:"refused"`
}

// importLine is every other line of the answer.
type importLine struct {
	Type string `json:"type"` // "progress", "done" or "failed"
	ImportSummary
	DryRun  *bool  `json:"dryRun,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func (k *Console) importPeople(c *gatehouse.Call, in Import) (gatehouse.Stream, error) {
	if k.sources.Server.Import == nil {
		return gatehouse.Stream{}, ErrNotHere
	}
	job := ImportJob{
		Format: or(in.Format, formatOf(c.Request.Header.Get("Content-Type"))), Name: or(in.Name, "console"),
		DryRun: or(in.DryRun, "") == "true", NewIDs: or(in.NewIDs, "") == "true",
	}
	if job.Format == "" {
		return gatehouse.Stream{}, gatehouse.ErrValidation.Saying("[query.format] Say csv or jsonl, or send the file as text/csv or application/x-ndjson")
	}
	c.ClientIP() // before several goroutines ask for it
	return gatehouse.Stream{
		ContentType: mediaTypes["jsonl"],
		Write:       func(w io.Writer) error { return k.runImport(c, w, job) },
	}, nil
}

func formatOf(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "text/csv":
		return "csv"
	case "application/x-ndjson", "application/jsonl", "application/ndjson":
		return "jsonl"
	}
	return ""
}

// runImport takes the whole file in before the first row is read, so that an
// upload that breaks off makes nobody, and then tells how it goes.
func (k *Console) runImport(c *gatehouse.Call, w io.Writer, job ImportJob) error {
	if !k.importing.TryLock() {
		return ErrImportRunning
	}
	defer k.importing.Unlock()
	file, err := k.takeIn(c.Upload())
	if err != nil {
		return err
	}
	defer discard(file)
	lines := &lineWriter{to: w}
	var latest ImportSummary
	job.File = file
	job.Report = func(row ImportRow) error { return lines.write(row) }
	job.Progress = func(s ImportSummary) error {
		latest = s
		if err := lines.write(importLine{Type: "progress", ImportSummary: s}); err != nil {
			return err
		}
		return lines.flush()
	}
	summary, err := k.sources.Server.Import(c, job)
	switch {
	case err == nil:
		return lines.write(importLine{Type: "done", ImportSummary: summary, DryRun: &job.DryRun})
	case !lines.begun || c.Err() != nil:
		return err // a plain answer, or nobody to tell
	}
	return lines.write(k.failure(c, further(summary, latest), err))
}

// further is the later of two looks at the same import.
func further(a, b ImportSummary) ImportSummary {
	if b.Rows > a.Rows {
		return b
	}
	return a
}

// failure is the last line of an import that ended early.
func (k *Console) failure(c *gatehouse.Call, summary ImportSummary, err error) importLine {
	line := importLine{Type: "failed", ImportSummary: summary}
	var answer *gatehouse.Error
	switch {
	case errors.As(err, &answer):
		line.Code, line.Message = answer.Code, answer.Message
	case errors.Is(err, store.ErrUnavailable):
		line.Code, line.Message = "UNAVAILABLE", "The database is away: import the same file again in a minute, who is there is skipped"
	default:
		c.Log().ErrorContext(c, "import failed", "err", err)
		line.Code, line.Message = "INTERNAL", "Something went wrong: the server's log says what. Import the same file again, who is there is skipped"
	}
	return line
}

// takeIn keeps an upload in a file that nobody else can read.
func (k *Console) takeIn(upload io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "gatehouse-import-")
	if err != nil {
		return nil, fmt.Errorf("keep the upload: %w", err)
	}
	_, err = io.Copy(file, upload)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err == nil {
		return file, nil
	}
	discard(file)
	if errors.Is(err, gatehouse.ErrBodyTooLarge) {
		return nil, ErrImportTooLarge.Saying("The file is larger than %d bytes: split it, raise plugins.console.maxImportBytes, or use gatehouse user import", k.options.MaxImportBytes)
	}
	return nil, fmt.Errorf("take the upload in: %w", err)
}

func discard(file *os.File) {
	_ = file.Close() // it was read, and goes
	_ = os.Remove(file.Name())
}

// lineWriter writes JSON, a value a line.
type lineWriter struct {
	to    io.Writer
	begun bool
}

func (l *lineWriter) write(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	l.begun = true
	_, err = l.to.Write(append(text, '\n'))
	return err
}

func (l *lineWriter) flush() error {
	if f, ok := l.to.(gatehouse.Flusher); ok {
		return f.Flush()
	}
	return nil
}
