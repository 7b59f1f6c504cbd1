package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/store"
)

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "/console/users?" + q.Encode()
}

func names(page console.UserPage) string {
	var all []string
	for _, u := range page.Users {
		name, _, _ := strings.Cut(u.Email, "@")
		all = append(all, strings.TrimPrefix(name, "user"))
	}
	return strings.Join(all, " ")
}

// settle makes one person of every status: u001 active, u002 banned, u004 banned
// until yesterday, wait pending, turned rejected; those with a number that three
// divides are unverified.
func (h *house) settle(t *testing.T) {
	t.Helper()
	h.crowd(t, 8)
	for id, until := range map[string]*time.Time{"u002": nil, "u004": ptr(h.Clock.Now().Add(time.Hour)), "u003": nil} {
		if _, err := h.Users.Update(t.Context(), id, store.Change{Field: "banned", Value: true}, store.Change{Field: "banReason", Value: "spam"}, store.Change{Field: "banExpires", Value: until}); err != nil {
			t.Fatal(err)
		}
	}
	h.Clock.Advance(2 * time.Hour)
	for _, name := range []string{"wait", "turned"} {
		h.Post("/sign-up/email", map[string]any{"email": name + "@example.com", "name": name, "password": "correct horse battery"}).ExpectStatus(http.StatusOK)
		h.Clock.Advance(time.Second)
	}
	if err := h.set.Approvals.DecideUser(t.Context(), gatehouse.System, h.id(t, "turned@example.com"), false, "no"); err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestUsers(t *testing.T) {
	h := newHouse(t)
	h.settle(t)
	for i, role := range map[string]string{"u001": "moderator", "u005": "user,moderator", "u007": "submoderator"} {
		if _, err := h.Users.Update(t.Context(), i, store.Change{Field: "role", Value: role}); err != nil {
			t.Fatal(err)
		}
	}
	b := h.Enter(root)
	for _, tt := range []struct {
		name  string
		query []string
		want  string
	}{
		{"newest first", nil, "turned wait 007 005 006 003 004 001 002 root mod ann 000"},
		{"a few", []string{"limit", "2"}, "turned wait"},
		{"by address", []string{"sort", "email", "limit", "3"}, "ann mod root"},
		{"by address, turned round", []string{"sort", "email", "direction", "desc", "limit", "2"}, "wait 007"},
		{"by name", []string{"sort", "name", "limit", "2"}, "003 007"},
		{"beginning of an address", []string{"search", "USER00", "limit", "2"}, "007 006"},
		{"middle of an address", []string{"search", "er003", "searchMode", "contains"}, "003"},
		{"wild cards are themselves", []string{"search", "user%"}, ""},
		{"name in any letter case", []string{"search", "cid", "searchField", "name"}, "006 002"},
		{"short name", []string{"search", "bo", "searchField", "name"}, "005 001"},
		{"short name, as names begin", []string{"search", "a", "searchField", "name"}, "004 000"},
		{"part of a name", []string{"search", "00%", "searchField", "name", "searchMode", "contains"}, "007 003"},
		{"id", []string{"search", "u003", "searchField", "id"}, "003"},
		{"part of an id", []string{"search", "u00", "searchField", "id"}, ""},
		{"role", []string{"role", "moderator"}, "005 001 mod"},
		{"default role", []string{"role", "user", "search", "user00"}, "005 006 003 004 002 000"},
		{"no role", []string{"role", "mod%"}, ""},
		{"banned", []string{"status", "banned"}, "003 002"},
		{"pending", []string{"status", "pending"}, "wait"},
		{"rejected", []string{"status", "rejected"}, "turned"},
		{"unverified", []string{"status", "unverified"}, "006 000"},
		{"active", []string{"status", "active"}, "007 005 004 001 root mod ann"},
		{"verified", []string{"verified", "false"}, "turned wait 006 003 000"},
		{"since", []string{"createdFrom", "2026-01-02T04:00:00Z"}, "turned wait"},
		{"until", []string{"createdTo", "2026-01-02T03:04:05.679Z"}, "root mod ann 000"},
		{"all at once", []string{"role", "user", "status", "active", "verified", "true", "search", "user0", "createdTo", "2027-01-01T00:00:00+02:00"}, "004 005"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := get[console.UserPage](t, b, query(tt.query...))
			got := strings.Fields(names(page))
			wanted := strings.Fields(tt.want)
			if !slices.Contains(tt.query, "sort") { // equal times come by id, which is random here
				slices.Sort(got)
				slices.Sort(wanted)
			}
			if !slices.Equal(got, wanted) {
				t.Errorf("got  %s\nwant %s", got, wanted)
			}
			if page.Count == nil || !page.Count.Exact || page.Next == nil && page.Count.Value != int64(len(wanted)) {
				t.Errorf("count %s of %d", text(page.Count), len(wanted))
			}
		})
	}
	page := get[console.UserPage](t, b, query("search", "u003", "searchField", "id", "count", "false"))
	want := `{"users":[{"id":"u003","name":"100%","email":"user003@example.com","emailVerified":false,"image":null,` +
		`"createdAt":"2026-01-02T03:04:05.68Z","updatedAt":"2026-01-02T03:04:05.682Z","role":"user","roles":["user"],` +
		`"status":"banned","banReason":"spam","banExpires":null,"twoFactor":null}],"next":null,"count":null}`
	if got := text(page); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if e := h.entries(t, "user.list"); len(e) == 0 || e[0].Actor != h.id(t, root) || !strings.Contains(e[0].Details, `"fields":["id"]`) || strings.Contains(e[0].Details, "u003") {
		t.Errorf("recorded %s", text(e))
	}
}

// TestUserPages: whatever the order and the filter, walking by cursor shows
// everybody once, while others come and go.
func TestUserPages(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 23)
	b := h.Enter(root)
	for _, sort := range []string{"createdAt", "email", "name"} {
		for _, direction := range []string{"asc", "desc"} {
			t.Run(sort+" "+direction, func(t *testing.T) {
				var walked []string
				seen := map[string]bool{}
				cursor := ""
				for i := 0; ; i++ {
					page := get[console.UserPage](t, b, query("sort", sort, "direction", direction, "limit", "4", "cursor", cursor))
					for _, u := range page.Users {
						if seen[u.ID] {
							t.Errorf("%s is there twice", u.Email)
						}
						seen[u.ID] = true
						if !strings.HasPrefix(u.Email, "late") {
							walked = append(walked, u.ID)
						}
					}
					if page.Next == nil {
						break
					}
					cursor = *page.Next
					// Somebody comes on each side of the cursor.
					for _, name := range []string{"AAA", "zzz"} {
						late := &gatehouse.User{Email: fmt.Sprintf("late-%s-%s%s%d@example.com", name, sort, direction, i), Name: name}
						if name == "AAA" {
							late.CreatedAt = time.Date(2020, 1, 1, 0, 0, i, 0, time.UTC)
						}
						if err := h.Users.Create(t.Context(), late); err != nil {
							t.Fatal(err)
						}
					}
				}
				var whole []string
				all, err := store.Define[gatehouse.User](h.DB, "user").Find(t.Context(), store.Search{OrderBy: sort, Descending: direction == "desc", Limit: 5000})
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range all {
					if !strings.HasPrefix(u.Email, "late") {
						whole = append(whole, u.ID)
					}
				}
				if !slices.Equal(walked, whole) {
					t.Errorf("got  %s\nwant %s", walked, whole)
				}
			})
		}
	}
}

func TestRefusedLists(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 5)
	b := h.Enter(root)
	refused := b.Get(query("sort", "role"))
	if want := `{"code":"SORT_NOT_INDEXED","message":"People cannot be sorted by \"role\": no index has that order, so every page would read all of them. Use createdAt, email, name.","sorts":["createdAt","email","name"]}`; refused.Status != 400 || string(refused.Body) != want {
		t.Errorf("%d %s", refused.Status, refused.Body)
	}
	b.Get(query("search", "ab", "searchMode", "contains")).Expect(gatehousetest.Fails(console.ErrSearchTooShort))
	for _, bad := range [][]string{
		{"limit", "0"}, {"limit", "201"}, {"limit", "-1"}, {"limit", "x"}, {"limit", "1e99"}, {"status", "x"}, {"verified", "yes"}, {"direction", "up"},
		{"createdFrom", "yesterday"}, {"createdTo", "0000-00-00T00:00:00Z"}, {"createdTo", "99999-01-01T00:00:00Z"}, {"searchField", "password"},
		{"searchMode", "regexp"}, {"search", strings.Repeat("a", 256)}, {"count", "1"}, {"sort", "email", "sort", "name"}, {"role", "a", "role", "b"},
	} {
		b.Get(query(bad...)).ExpectStatus(http.StatusBadRequest)
	}
	for _, hostile := range []string{`' OR 1=1 --`, `"; DROP TABLE "user"; --`, `\`, `%`, `_`, "\x00", `{"$ne":null}`, "\xff\xfe", "🐘", "({user.id})", "{id} = ?"} {
		for _, field := range [][]string{{"search", hostile}, {"search", hostile, "searchField", "name"}, {"search", hostile, "searchField", "id"}, {"search", hostile + "abc", "searchMode", "contains"}, {"role", hostile}} {
			if page := get[console.UserPage](t, b, query(field...)); len(page.Users) != 0 {
				t.Errorf("%q finds %s", field, names(page))
			}
		}
	}
}

// TestCursorsAreSealed: one that was changed, or is of another list, is refused.
func TestCursorsAreSealed(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 5)
	b := h.Enter(root)
	next := *get[console.UserPage](t, b, query("sort", "email", "limit", "2")).Next
	b.Get(query("sort", "email", "limit", "3", "cursor", next)).ExpectStatus(http.StatusOK)
	for name, bad := range map[string][]string{
		"another order": {"sort", "name", "cursor", next}, "turned round": {"sort", "email", "direction", "desc", "cursor", next},
		"another filter": {"sort", "email", "role", "user", "cursor", next}, "another search": {"sort", "email", "search", "u", "cursor", next},
		"cut": {"sort", "email", "cursor", next[:len(next)-1]}, "longer": {"sort", "email", "cursor", next + "A"}, "changed": {"sort", "email", "cursor", other(next[:1]) + next[1:]},
		"zeros": {"sort", "email", "cursor", strings.Repeat("A", len(next))}, "newline": {"sort", "email", "cursor", next[:8] + "\n" + next[8:]},
		"a session": {"sort", "email", "cursor", b.Cookie(token)},
	} {
		t.Run(name, func(t *testing.T) { b.Get(query(bad...)).Expect(gatehousetest.Fails(console.ErrCursor)) })
	}
	b.Get("/console/sessions?cursor=" + next).Expect(gatehousetest.Fails(console.ErrCursor))
}

// other is a character of base64url that is not c.
func other(c string) string {
	if c == "A" {
		return "B"
	}
	return "A"
}

// FuzzCursor: nothing that comes in a cursor but one of ours gets to the
// database.
func FuzzCursor(f *testing.F) {
	h := newHouse(f)
	b := h.Enter(root)
	for _, seed := range []string{"", "A", "AAAAAAAAAAAAAAAAAAAAAHsiaSI6IngifQ", "e30", "..", "\x00", "=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, path := range []string{"/console/users?", "/console/sessions?", "/console/mail?"} {
			r := httptest.NewRequest(http.MethodGet, gatehousetest.BaseURL+"/api/auth"+path+url.Values{"cursor": {cursor}}.Encode(), nil)
			r.Header.Set("Cookie", token+"="+b.Cookie(token))
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code != http.StatusBadRequest && cursor != "" {
				t.Errorf("%q: %d %s", cursor, answer.Code, answer.Body)
			}
		}
	})
}
