package admin_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/store"
)

var (
	firsts = strings.Fields("Ada Bob Carol Dan Eve Frank Grace Heidi Ivan Judy Mallory Niaj Olivia Peggy Rupert Sybil Trent Victor Walter Yuki")
	lasts  = strings.Fields("Anders Brown Chen Diaz Evans Fischer Garcia Hansen Ito Jones Kim Lopez Meyer Novak Olsen Patel Quinn Rossi Smith Tanaka Usman Virtanen Weber Xu Young Zhang")
)

// people makes $1 users whose addresses, names (of $2 and $3) and times are
// spread as those of a real house.
const people = `INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt", "role", "banned")
	SELECT 'bulk' || n, first || ' ' || last, lower(first) || '.' || lower(last) || n || '@' || host, n % 3 > 0,
		timestamptz '2020-01-01' + n * interval '173 seconds', timestamptz '2020-01-01' + n * interval '173 seconds',
		CASE WHEN n % 10000 = 0 THEN 'moderator' ELSE 'user' END, n % 1000 = 0
	FROM (SELECT n,
		(string_to_array($2, ' '))[1 + (n::bigint * 7919) % 20] AS first,
		(string_to_array($3, ' '))[1 + (n / 20) % 26] AS last,
		(ARRAY['example.com','example.org','mail.example','corp.example','uni.example'])[1 + n % 5] AS host
	FROM generate_series(1, $1::int) AS n) AS made`

// BenchmarkUsers lists among a million users over HTTP, as an admin's page
// does: the median of each kind of page is reported in milliseconds.
//
//	GATEHOUSE_TEST_STORE=postgres go test ./plugins/admin -run '^$' -bench Users
//
// GATEHOUSE_BENCH_USERS is another number of users.
func BenchmarkUsers(b *testing.B) {
	many, err := strconv.Atoi(os.Getenv("GATEHOUSE_BENCH_USERS"))
	if err != nil {
		many = 1_000_000
	}
	adm := admin.New(admin.Options{}, nil)
	h := gatehousetest.New(b, gatehousetest.Door(), adm)
	if h.DB.Kind() != "postgres" {
		b.Skip("the data is made by PostgreSQL")
	}
	fill(b, h, many)
	if _, err := adm.CreateUser(b.Context(), admin.NewUser{Email: root, Name: "Root", Roles: []string{"admin"}}); err != nil {
		b.Fatal(err)
	}
	browser := h.Enter(root)
	page := func(pairs ...string) listed {
		query := url.Values{"limit": {"50"}}
		for i := 0; i < len(pairs); i += 2 {
			query.Set(pairs[i], pairs[i+1])
		}
		var l listed
		browser.Get("/admin/list-users?" + query.Encode()).ExpectStatus(http.StatusOK).JSON(&l)
		return l
	}
	somebody := page("offset", strconv.Itoa(many/2), "limit", "1").Users[0].Email
	for _, tt := range []struct {
		name  string
		query []string
	}{
		{"first page", nil},
		{"first page, newest", []string{"sortBy", "createdAt", "sortDirection", "desc"}},
		{"first page, by address", []string{"sortBy", "email"}},
		{"deep page by cursor", []string{"sortBy", "createdAt", "cursor", deep(b, page, "sortBy", "createdAt", "offset", strconv.Itoa(many*9/10))}},
		{"deep page by cursor, by address", []string{"sortBy", "email", "cursor", deep(b, page, "sortBy", "email", "offset", strconv.Itoa(many*9/10))}},
		{"deep page by offset", []string{"sortBy", "createdAt", "offset", strconv.Itoa(many * 9 / 10)}},
		{"prefix of one", []string{"searchOperator", "starts_with", "searchValue", somebody[:len(somebody)-4]}},
		{"prefix of many", []string{"searchOperator", "starts_with", "searchValue", "grace.h"}},
		{"prefix of a twentieth", []string{"searchOperator", "starts_with", "searchValue", "gr"}},
		{"substring of one", []string{"searchValue", "n" + strconv.Itoa(many/2-7) + "@"}},
		{"substring of many", []string{"searchValue", "hansen12"}},
		{"substring of a fifth", []string{"searchValue", "corp"}},
		{"substring of nobody", []string{"searchValue", "nobody.here"}},
		{"name", []string{"searchField", "name", "searchValue", "eidi Vir"}},
		{"role", []string{"filterField", "role", "filterValue", "moderator"}},
		{"banned", []string{"filterField", "banned", "filterValue", "true"}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			page(tt.query...) // the total's minute begins
			measure(b, func(int) { page(tt.query...) })
		})
	}
	// Nobody looked for these before, so that each is counted as well.
	for _, tt := range []struct {
		name, field string
		value       func(i int) string
	}{
		{"name, each another", "name", func(i int) string { return firsts[i%20][1:] + " " + lasts[i/20%26][:3] }},
		{"substring of many, each another", "email", func(i int) string { return strings.ToLower(lasts[i%26]) + strconv.Itoa(10+i/26%90) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			measure(b, func(i int) {
				h.Clock.Advance(2 * time.Second)
				page("searchField", tt.field, "searchValue", tt.value(i))
			})
		})
	}
}

// measure reports the median of what one page took.
func measure(b *testing.B, one func(i int)) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		one(len(took))
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

func deep(b *testing.B, page func(...string) listed, pairs ...string) string {
	b.Helper()
	var cursor string
	if err := json.Unmarshal(page(append(pairs, "cursor", "")...).Cursor, &cursor); err != nil || cursor == "" {
		b.Fatalf("no cursor: %v", err)
	}
	return cursor
}

// fill makes the users before the indexes, which is faster.
func fill(b *testing.B, h *gatehousetest.House, many int) {
	b.Helper()
	db := h.DB.SQL()
	for _, name := range []string{"email_prefix", "email_substring", "name_prefix", "name_substring", "createdAt_id", "name", "role", "banned"} {
		if _, err := db.Exec(`DROP INDEX "user_` + name + `_idx"`); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.Exec(people, many, strings.Join(firsts, " "), strings.Join(lasts, " ")); err != nil {
		b.Fatal(err)
	}
	app, err := gatehouse.New(b.Context(), gatehouse.Config{
		BaseURL: gatehousetest.BaseURL, Secret: gatehousetest.Secret, Migrate: gatehouse.MigrateApply,
		DB: h.DB.Sibling(store.Options{}), Plugins: []gatehouse.Plugin{admin.New(admin.Options{}, nil)},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { app.Close() })
	if _, err := db.Exec(`VACUUM ANALYZE "user"`); err != nil {
		b.Fatal(err)
	}
}
