package audit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

// library records a known set: two actors, three actions, one a minute.
func library(t testing.TB) (*house, time.Time) {
	t.Helper()
	h := newHouse(t, nil)
	h.Clock.Advance(time.Hour)
	begin := h.Now()
	for i := range 12 {
		e := gatehouse.Event{
			Action: fmt.Sprintf("book.%d", i%3), Actor: fmt.Sprintf("actor-%d", i%2),
			TargetType: "book", Target: fmt.Sprintf("b%d", i%4),
		}
		if i%6 == 5 {
			e.Outcome = "TORN"
		}
		if err := h.Record(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(time.Minute)
	}
	return h, begin
}

func TestFind(t *testing.T) {
	h, begin := library(t)
	minute := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }
	for _, tt := range []struct {
		name  string
		query audit.Query
		want  []int // minutes, newest first
	}{
		{"by actor", audit.Query{Actor: "actor-1"}, []int{11, 9, 7, 5, 3, 1}},
		{"by target", audit.Query{Target: "b3"}, []int{11, 7, 3}},
		{"by the target's type", audit.Query{TargetType: "book", Target: "b3"}, []int{11, 7, 3}},
		{"by another type", audit.Query{TargetType: "user", Target: "b3"}, nil},
		{"by action", audit.Query{Action: "book.2"}, []int{11, 8, 5, 2}},
		{"by outcome", audit.Query{Outcome: "TORN"}, []int{11, 5}},
		{"by several", audit.Query{Actor: "actor-1", Action: "book.2", Outcome: "TORN"}, []int{11, 5}},
		{"from, included", audit.Query{From: minute(10)}, []int{11, 10}},
		{"to, not included", audit.Query{From: minute(2), To: minute(4)}, []int{3, 2}},
		{"by what is not there", audit.Query{Actor: "nobody"}, nil},
		{"by what looks like SQL", audit.Query{Actor: "' OR 1=1 --", Action: `%`}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page, err := h.log.Find(context.Background(), tt.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, e := range page.Entries {
				got = append(got, int(e.Time.Sub(begin)/time.Minute))
			}
			if !reflect.DeepEqual(got, tt.want) || page.Next != "" {
				t.Errorf("found %v (next %q), want %v", got, page.Next, tt.want)
			}
		})
	}
}

// TestPages: every entry once, whatever the size of the page, although entries
// share their millisecond and others come in between.
func TestPages(t *testing.T) {
	h := newHouse(t, nil)
	const n = 20
	for i := range n {
		h.record(fmt.Sprintf("test.%d", i))
		if i%7 == 6 {
			h.Clock.Advance(time.Millisecond)
		}
	}
	for _, size := range []int{1, 3, 7, 20, 50} {
		seen := map[string]int{}
		q := audit.Query{TargetType: "test", Limit: size}
		for {
			page, err := h.log.Find(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				seen[e.Action]++
			}
			h.Clock.Advance(time.Second)
			if err := h.Record(context.Background(), gatehouse.Event{Action: "late", TargetType: "late"}); err != nil {
				t.Fatal(err)
			}
			if q.After = page.Next; q.After == "" {
				break
			}
			if len(page.Entries) != size {
				t.Fatalf("a page of %d has %d entries", size, len(page.Entries))
			}
		}
		for i := range n {
			if seen[fmt.Sprintf("test.%d", i)] != 1 || len(seen) != n {
				t.Fatalf("with pages of %d, entry %d is seen %d times, of %d entries", size, i, seen[fmt.Sprintf("test.%d", i)], len(seen))
			}
		}
	}
}

func TestFindRefuses(t *testing.T) {
	h := newHouse(t, nil)
	for _, after := range []string{"x", "MTIz", "LTEuYWI", "MS5h'b", strings.Repeat("A", 5000), "OTk5OTk5OTk5OTk5OTk5OTkuYWI"} {
		if _, err := h.log.Find(context.Background(), audit.Query{After: after}); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("cursor %q: %v", after, err)
		}
	}
	for _, limit := range []int{-1, 501} {
		if _, err := h.log.Find(context.Background(), audit.Query{Limit: limit}); !errors.Is(err, audit.ErrLimit) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// TestFindIsByIndex: the database plans no scan of the whole table.
func TestFindIsByIndex(t *testing.T) {
	h := newHouse(t, nil)
	if h.DB.Kind() != "sqlite" {
		return // with few rows PostgreSQL rightly scans them
	}
	for _, query := range []audit.Query{
		{}, {Actor: "a"}, {Target: "a"}, {Action: "a"}, {From: h.Now()}, {Actor: "a", From: h.Now(), Outcome: "x"},
	} {
		var text string
		for _, statement := range h.Statements(func() { _, _ = h.log.Find(context.Background(), query) }) {
			text = statement
		}
		args := make([]any, strings.Count(text, "?"))
		for i := range args {
			args[i] = 1
		}
		rows, err := h.DB.SQL().Query("EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var line string
			if err := rows.Scan(&a, &b, &c, &line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(plan, "; ")
		if !strings.Contains(all, "USING INDEX") || strings.Contains(all, "USE TEMP B-TREE FOR ORDER BY") {
			t.Errorf("%+v: %s: %s", query, text, all)
		}
	}
}

func TestFollow(t *testing.T) {
	h := newHouse(t, nil)
	first, last := h.fill(3)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var got []int64
	for e, err := range h.log.Follow(ctx, first-1) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *e.Seq)
		if *e.Seq == last { // what comes while it waits wakes it, long before its next look
			go h.fill(2)
		}
		if *e.Seq == last+2 {
			break
		}
	}
	if want := []int64{first, first + 1, last, last + 1, last + 2}; !reflect.DeepEqual(got, want) {
		t.Errorf("followed %v, want %v", got, want)
	}
	done, stop := context.WithCancel(context.Background())
	stop()
	for e, err := range h.log.Follow(done, 0) {
		t.Errorf("a follower that was stopped gets %v, %v", e, err)
	}
}

func TestExportRoundTrip(t *testing.T) {
	h := newHouse(t, nil)
	h.AddUser(ada, passcode)
	b := h.Browser()
	b.Header.Set("User-Agent", `quotes " and , commas <b>&`)
	signIn(b, ada, "wrong battery")
	h.fill(600)
	var lines, table bytes.Buffer
	last := h.head()
	var told []int64
	n, err := h.log.Export(context.Background(), &lines, audit.ExportOptions{Format: audit.JSONL, Progress: func(done, total int64) { told = append(told, done, total) }})
	if err != nil || n != last {
		t.Fatalf("exported %d of %d: %v", n, last, err)
	}
	if told[0] != 0 || told[1] != last || told[len(told)-2] != last || len(told) < 6 {
		t.Errorf("progress %v", told)
	}
	if n, err := h.log.Export(context.Background(), &table, audit.ExportOptions{Format: audit.CSV}); err != nil || n != last {
		t.Fatalf("exported %d of %d: %v", n, last, err)
	}
	stored := h.since(0)
	decoder := json.NewDecoder(&lines)
	records, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(records) != int(last)+1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for i, want := range stored {
		var got audit.Entry
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(&got, want) {
			t.Errorf("line %d reads as\n%+v\nwant\n%+v", i, got, want)
		}
		row := records[i+1]
		cells := []string{fmt.Sprint(*want.Seq), want.ID, want.Time.Format("2006-01-02T15:04:05.000Z"), want.Actor, want.Impersonator,
			want.Action, want.TargetType, want.Target, want.Outcome, want.Address, want.UserAgent, want.RequestID, want.Details, want.Chain, want.MAC}
		for j := range cells {
			if strings.TrimPrefix(row[j], "'") != cells[j] {
				t.Errorf("record %d column %s is %q, want %q", i, records[0][j], row[j], cells[j])
			}
		}
		if i == 499 {
			break // After gives 500 at most
		}
	}
	if _, err := h.log.Export(context.Background(), &table, audit.ExportOptions{Format: "xml"}); !errors.Is(err, audit.ErrFormat) {
		t.Errorf("an unknown format: %v", err)
	}
	page, err := h.log.Find(context.Background(), audit.Query{Action: "audit.export"})
	if err != nil || len(page.Entries) != 2 || !strings.Contains(page.Entries[1].Details, fmt.Sprintf(`"format":"jsonl","through":%d`, last)) {
		t.Errorf("exports are recorded as %v, %v", page.Entries, err)
	}
}

// TestCSVInjection: no cell is a formula for a spreadsheet.
func TestCSVInjection(t *testing.T) {
	h := newHouse(t, nil)
	for _, formula := range []string{"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1"} {
		b := h.Browser()
		b.Header["User-Agent"] = []string{formula}
		signIn(b, "eve@example.com", passcode)
	}
	h.sequence()
	var table bytes.Buffer
	if _, err := h.log.Export(context.Background(), &table, audit.ExportOptions{Format: audit.CSV}); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, record := range records[1:] {
		for _, cell := range record {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("cell %q", cell)
			}
			if strings.HasPrefix(cell, "'") {
				met++
			}
		}
	}
	if met != 5 { // two of the seven begin with U+FFFD
		t.Errorf("%d cells were made harmless, want 5", met)
	}
}

// TestAFullDiskStopsTheExport: what cannot be written is no success.
func TestAFullDiskStopsTheExport(t *testing.T) {
	h := newHouse(t, nil)
	h.fill(300)
	if _, err := h.log.Export(context.Background(), &fullDisk{room: 1000}, audit.ExportOptions{Format: audit.CSV}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}
