package audit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/audit"
)

// actions are those of exported JSON Lines.
func actions(t *testing.T, lines []byte) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(string(lines)) {
		var e audit.Entry
		if err := e.UnmarshalJSON([]byte(line)); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, e.Action)
	}
	return strings.Join(all, " ")
}

func TestExportOverHTTPIsTheExport(t *testing.T) {
	h, admin := officeHouse(t)
	_, last := h.fill(600)
	for format, media := range map[audit.Format]string{audit.JSONL: "application/x-ndjson", audit.CSV: "text/csv; charset=utf-8"} {
		answer := admin.Get("/admin/audit/export?format=" + string(format)).ExpectStatus(http.StatusOK)
		name := `attachment; filename=audit-` + h.Now().UTC().Format("20060102T150405Z") + "." + string(format)
		if got := answer.Header; got.Get("Content-Type") != media || got.Get("Content-Disposition") != name || got.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: header %v", format, got)
		}
		var want bytes.Buffer
		if n, err := h.log.Export(context.Background(), &want, audit.ExportOptions{Format: format}); err != nil || n != last {
			t.Fatalf("exported %d of %d: %v", n, last, err)
		}
		if !bytes.Equal(answer.Body, want.Bytes()) {
			t.Errorf("%s: %d bytes over HTTP, %d in Go", format, len(answer.Body), want.Len())
		}
	}
}

// TestExportTakesTheFiltersOfTheList: what the list finds, oldest first, over
// pages that end within one millisecond.
func TestExportTakesTheFiltersOfTheList(t *testing.T) {
	h, admin := officeHouse(t)
	h.Clock.Advance(time.Hour)
	begin := h.Now()
	for i := range 1200 {
		e := gatehouse.Event{Action: fmt.Sprintf("book.%d", i), Actor: fmt.Sprintf("actor-%d", i%2), TargetType: "book", Target: fmt.Sprintf("b%d", i%4)}
		if i%400 == 5 {
			e.Outcome = "TORN"
		}
		if err := h.Record(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		if i%170 == 0 {
			h.Clock.Advance(time.Millisecond)
		}
	}
	for i := 0; i < 4; i++ {
		h.sequence()
	}
	at := func(ms int) string {
		return url.QueryEscape(begin.Add(time.Duration(ms) * time.Millisecond).Format(time.RFC3339Nano))
	}
	for _, query := range []string{
		"actor=actor-1", "target=b3", "targetType=book", "targetType=user&target=b3", "action=book.7", "outcome=TORN",
		"actor=actor-1&outcome=TORN", "targetType=book&from=" + at(2), "targetType=book&to=" + at(6), "from=" + at(2) + "&to=" + at(5), "actor=nobody",
	} {
		var want []string
		for after := ""; ; {
			var page audit.Page
			admin.Get("/admin/audit/list?limit=500&" + query + "&after=" + after).ExpectStatus(http.StatusOK).JSON(&page)
			for _, e := range page.Entries {
				want = append([]string{e.Action}, want...)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		got := actions(t, admin.Get("/admin/audit/export?"+query).ExpectStatus(http.StatusOK).Body)
		if got != strings.Join(want, " ") {
			t.Errorf("%s exports\n%.200s\nwant\n%.200s", query, got, strings.Join(want, " "))
		}
	}
	for _, query := range []string{"format=xml", "format=", "from=yesterday", "to=1"} {
		if got := admin.Get("/admin/audit/export?" + query); got.Status != http.StatusBadRequest || got.Text("code") != "VALIDATION_ERROR" {
			t.Errorf("%s answers %d %s", query, got.Status, got.Body)
		}
	}
}

// TestExportOverHTTPIsRecorded: who took what, before a byte of it is out.
func TestExportOverHTTPIsRecorded(t *testing.T) {
	h, admin := officeHouse(t)
	h.sequence()
	before := h.head()
	answer := admin.Get("/admin/audit/export?format=csv&actor=somebody&from=2026-01-01T00:00:00Z").ExpectStatus(http.StatusOK)
	if records, err := csv.NewReader(bytes.NewReader(answer.Body)).ReadAll(); err != nil || len(records) != 1 || records[0][0] != "seq" {
		t.Errorf("nothing is a header: %q, %v", answer.Body, err)
	}
	got := told(h.since(before), map[string]string{h.user(boss).ID: "boss"})
	want := fmt.Sprintf(`[boss] audit.export [audit:] success {"actor":"somebody","format":"csv","from":"2026-01-01T00:00:00Z","operation":"exportAuditLog","through":%d}`, before)
	if strings.Join(got, "\n") != want {
		t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestFormulasInAnExportOverHTTP: what a stranger sends is no formula on the
// screen of who opens the file.
func TestFormulasInAnExportOverHTTP(t *testing.T) {
	h, admin := officeHouse(t)
	formulas := []string{"=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"}
	for _, formula := range formulas {
		b := h.Browser()
		b.Header["User-Agent"] = []string{formula}
		signIn(b, "eve@example.com", passcode)
	}
	h.sequence()
	answer := admin.Get("/admin/audit/export?format=csv&action=sign-in.fail").ExpectStatus(http.StatusOK)
	records, err := csv.NewReader(bytes.NewReader(answer.Body)).ReadAll()
	if err != nil || len(records) != len(formulas)+1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("cell %q", cell)
			}
		}
	}
}
