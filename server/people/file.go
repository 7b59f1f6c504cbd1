package people

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// errRowTooLong ends an import: past it nothing is known about where rows begin.
var errRowTooLong = fmt.Errorf("a row is longer than %d bytes: is there a quote that is never closed?", maxRowBytes)

// capped bounds how much of a reader one row may take.
type capped struct {
	from io.Reader
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := c.from.Read(p)
	c.left -= n
	return n, err
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

func withoutMark(r io.Reader) *bufio.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	if head, _ := b.Peek(len(byteOrderMark)); bytes.Equal(head, byteOrderMark) {
		_, _ = b.Discard(len(byteOrderMark))
	}
	return b
}

type csvSource struct {
	form   *form
	csv    *csv.Reader
	cap    *capped
	head   []string
	number int
}

// CSV reads people from RFC 4180 text whose first row names the columns. It
// refuses a header with a name that is unknown or there twice, or without
// email. A leading apostrophe that [NewCSV] wrote to keep spreadsheets from
// running a cell is taken off again.
func CSV(house *standard.House, r io.Reader) (Source, error) {
	s := &csvSource{form: newForm(house), cap: &capped{from: withoutMark(r), left: maxRowBytes}}
	s.csv = csv.NewReader(s.cap)
	s.csv.FieldsPerRecord = -1
	s.csv.ReuseRecord = true
	head, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: its first row names the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	for _, name := range head {
		name = strings.TrimSpace(name)
		if err := s.form.known(name); err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		if slices.Contains(s.head, name) {
			return nil, fmt.Errorf("header: %s is there twice", name)
		}
		s.head = append(s.head, name)
	}
	if !slices.Contains(s.head, "email") {
		return nil, errors.New("header: there is no column email")
	}
	return s, nil
}

// Next reads a row. One that is damaged is refused, and reading goes on.
func (s *csvSource) Next() (*Row, error) {
	s.cap.left = maxRowBytes
	cells, err := s.csv.Read()
	var damaged *csv.ParseError
	switch {
	case errors.As(err, &damaged):
		s.number++
		return &Row{Number: s.number, Refusal: "not CSV: " + damaged.Err.Error()}, nil
	case err != nil:
		return nil, err
	}
	s.number++
	row := &Row{Number: s.number}
	if len(cells) != len(s.head) {
		row.Refusal = fmt.Sprintf("has %d cells where the header has %d", len(cells), len(s.head))
	}
	members := map[string]any{}
	for i, name := range s.head {
		if i < len(cells) {
			members[name] = disarmed(cells[i])
		}
	}
	if row.Refusal != "" {
		row.Email, _ = members["email"].(string)
		return row, nil
	}
	row.fill(s.form, members, true)
	return row, nil
}

// fill reads the members into the row, or refuses it.
func (r *Row) fill(f *form, members map[string]any, textual bool) {
	var err error
	if r.Person, err = f.person(members, textual); err != nil {
		r.Person = Person{Email: r.Email}
		r.Refusal = reason(err)
	}
}

type linesSource struct {
	form   *form
	lines  *bufio.Reader
	cap    *capped
	number int
}

// JSONLines reads people from text with one JSON object on each line. Empty
// lines count as rows and are passed over.
func JSONLines(house *standard.House, r io.Reader) Source {
	s := &linesSource{form: newForm(house), cap: &capped{from: withoutMark(r)}}
	s.lines = bufio.NewReaderSize(s.cap, 64<<10)
	return s
}

// Next reads a line.
func (s *linesSource) Next() (*Row, error) {
	for {
		s.cap.left = maxRowBytes
		line, err := s.lines.ReadBytes('\n')
		if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
			return nil, err
		}
		s.number++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return s.row(line), nil
		}
	}
}

func (s *linesSource) row(line []byte) *Row {
	row := &Row{Number: s.number}
	if !utf8.Valid(line) {
		row.Refusal = "a value is not UTF-8"
		return row
	}
	value, err := wire.Parse(line)
	members, ok := value.(map[string]any)
	if err != nil || !ok {
		row.Refusal = "not a JSON object"
		return row
	}
	row.fill(s.form, members, false)
	return row
}
