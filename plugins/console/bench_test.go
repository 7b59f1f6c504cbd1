package console_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/plugins/console"
)

// crowded is how many people the list has to cope with.
const crowded = 1_000_000

// people are made so that the columns which lists are made of have the spread of
// a grown database: many alike names, few with a role, a ban or no proved address.
const people = `INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt", "role", "banned")
	SELECT 'n' || lpad(n::text, 31, '0'),
		(ARRAY['Ada','Grace','Heidi','Ivan','Olga','Sven','Tina','Uwe'])[1 + n % 8] || ' ' || (ARRAY['Hansen','Lovelace','Hopper','Virtanen','Okafor'])[1 + n % 5],
		(ARRAY['ada','grace','heidi','ivan','olga','sven','tina','uwe'])[1 + n % 8] || '.' || n || '@' || (ARRAY['corp','mail','post'])[1 + n % 3] || '.example',
		n % 50 <> 0, timestamptz '2024-01-01' + n * interval '1 minute', timestamptz '2024-01-01' + n * interval '1 minute',
		CASE WHEN n % 1000 = 0 THEN 'moderator' ELSE 'user' END, n % 200 = 0
	FROM generate_series(1, $1) AS n`

// BenchmarkUsers reports the median of a page at a million people.
func BenchmarkUsers(b *testing.B) {
	h := newHouse(b)
	if h.DB.Kind() != "postgres" {
		b.Skip("the data is made by PostgreSQL")
	}
	for _, text := range []string{people, `VACUUM ANALYZE "user"`} {
		args := []any{}
		if text == people {
			args = append(args, crowded)
		}
		if _, err := h.DB.SQL().Exec(text, args...); err != nil {
			b.Fatal(err)
		}
	}
	h.Clock.Advance(2 * 365 * 24 * time.Hour)
	browser := h.Enter(root)
	page := func(pairs ...string) (p console.UserPage) {
		browser.Get(query(pairs...)).ExpectStatus(http.StatusOK).JSON(&p)
		return p
	}
	// next is the cursor after a hundred pages.
	next := func(pairs ...string) []string {
		cursor := ""
		for range 20 {
			p := page(append(slices.Clone(pairs), "limit", "200", "cursor", cursor)...)
			if p.Next == nil {
				b.Fatalf("%s ends", pairs)
			}
			cursor = *p.Next
		}
		return append(slices.Clone(pairs), "cursor", cursor)
	}
	for _, tt := range []struct {
		name  string
		query []string
	}{
		{"first page", nil},
		{"next page", next()},
		{"first page by address", []string{"sort", "email"}},
		{"next page by address", next("sort", "email")},
		{"first page by name", []string{"sort", "name"}},
		{"next page by name", next("sort", "name")},
		{"active", []string{"status", "active"}},
		{"active, next page", next("status", "active")},
		{"banned", []string{"status", "banned"}},
		{"unverified", []string{"status", "unverified"}},
		{"pending, nobody", []string{"status", "pending"}},
		{"role of few", []string{"role", "moderator"}},
		{"role of most", []string{"role", "user"}},
		{"prefix of one", []string{"search", "grace.500001@"}},
		{"prefix of an eighth", []string{"search", "grace"}},
		{"substring of few", []string{"search", "50000", "searchMode", "contains"}},
		{"substring of a third", []string{"search", "corp", "searchMode", "contains"}},
		{"name", []string{"search", "ada hop", "searchField", "name"}},
		{"short name", []string{"search", "ad", "searchField", "name"}},
		{"since", []string{"createdFrom", "2025-06-01T00:00:00Z", "createdTo", "2025-06-02T00:00:00Z"}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			page(tt.query...) // the count's minute begins
			measure(b, func() { page(tt.query...) })
		})
	}
	b.Run("first page, counted anew", func(b *testing.B) {
		measure(b, func() {
			h.Clock.Advance(2 * time.Minute)
			page()
		})
	})
	b.Run("overview, counted anew", func(b *testing.B) {
		measure(b, func() {
			h.Clock.Advance(2 * time.Minute)
			browser.Get("/console/overview?range=90d").ExpectStatus(http.StatusOK)
		})
	})
}

// measure reports the median of what one page took.
func measure(b *testing.B, one func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		one()
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}
