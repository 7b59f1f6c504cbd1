package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var usersOp = gatehouse.Op{
	ID: "consoleUsers", Method: http.MethodGet, Path: "/console/users",
	Doc:    "Returns a page of people: by key, so that the last page costs what the first does.",
	Access: gatehouse.Can("user", "list"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrCursor, ErrSort, ErrSearchTooShort},
}

// Filters are the part of a query that chooses people.
type Filters struct {
	Search      *string `query:"search" check:"max=255"`
	SearchField *string `query:"searchField" check:"enum=email|name|id" doc:"Default email. An id is compared whole."`
	SearchMode  *string `query:"searchMode" check:"enum=prefix|contains" doc:"Default prefix. contains needs 3 characters."`
	Role        *string `query:"role" check:"max=255"`
	Status      *string `query:"status" check:"enum=active|banned|pending|rejected|unverified"`
	Verified    *string `query:"verified" check:"enum=true|false"`
	CreatedFrom *string `query:"createdFrom" check:"max=40" doc:"RFC 3339, included."`
	CreatedTo   *string `query:"createdTo" check:"max=40" doc:"RFC 3339, not included."`
}

// ListUsers is the query of GET /console/users.
type ListUsers struct {
	Search      *string `query:"search" check:"max=255"`
	SearchField *string `query:"searchField" check:"enum=email|name|id" doc:"Default email. An id is compared whole."`
	SearchMode  *string `query:"searchMode" check:"enum=prefix|contains" doc:"Default prefix. contains needs 3 characters."`
	Role        *string `query:"role" check:"max=255"`
	Status      *string `query:"status" check:"enum=active|banned|pending|rejected|unverified"`
	Verified    *string `query:"verified" check:"enum=true|false"`
	CreatedFrom *string `query:"createdFrom" check:"max=40" doc:"RFC 3339, included."`
	CreatedTo   *string `query:"createdTo" check:"max=40" doc:"RFC 3339, not included."`
	Sort        *string `query:"sort" check:"max=64" doc:"createdAt (default), email or name."`
	Direction   *string `query:"direction" check:"enum=asc|desc" doc:"Default desc for createdAt, asc otherwise."`
	Cursor      *string `query:"cursor" check:"max=2048" doc:"next of the page before."`
	Limit       *int    `query:"limit" check:"min=1" doc:"Default 50, at most 200."`
	Count       *string `query:"count" check:"enum=true|false" doc:"false: do not count."`
}

func (in *ListUsers) filters() Filters {
	return Filters{in.Search, in.SearchField, in.SearchMode, in.Role, in.Status, in.Verified, in.CreatedFrom, in.CreatedTo}
}

// UserQuery chooses people and their order. Zero values choose everybody, the
// newest first.
type UserQuery struct {
	Search string
	// SearchField is "email" (the default), "name" or "id".
	SearchField string
	// Contains finds Search anywhere in the field, not only at its beginning.
	Contains bool
	Role     string
	Status   Status
	Verified *bool
	// From is included, To is not.
	From, To time.Time

	// Sort is "createdAt" (the default), "email" or "name".
	Sort string
	// Ascending turns the order round.
	Ascending bool
	// NoCount spares counting.
	NoCount bool `json:"-"`
	// After is Next of the page before.
	After string `json:"-"`
	// Limit is how many. Default 50, at most Options.MaxPage.
	Limit int `json:"-"`
}

// User is a person as the console shows them.
type User struct {
	ID            string     `json:"id"`
	Name          string     `json:"name"`
	Email         string     `json:"email"`
	EmailVerified bool       `json:"emailVerified"`
	Image         *string    `json:"image"`
	CreatedAt     time.Time  `json:"createdAt"`
	UpdatedAt     time.Time  `json:"updatedAt"`
	Role          string     `json:"role"`
	Roles         []string   `json:"roles"`
	Status        Status     `json:"status"`
	BanReason     *string    `json:"banReason"`
	BanExpires    *time.Time `json:"banExpires"`
	TwoFactor     *bool      `json:"twoFactor"`
}

// UserPage is a page of people.
type UserPage struct {
	Users []User  `json:"users"`
	Next  *string `json:"next"`
	Count *Count  `json:"count"`
}

const usualPage = 50

// minContains is from how many characters on an index of trigrams helps.
const minContains = 3

// sorts are the orders that an index has.
var sorts = []string{"createdAt", "email", "name"}

func (k *Console) listUsers(c *gatehouse.Call, in ListUsers) (UserPage, error) {
	query, err := in.filters().query()
	if err != nil {
		return UserPage{}, err
	}
	query.Sort, query.After, query.NoCount = or(in.Sort, "createdAt"), or(in.Cursor, ""), or(in.Count, "") == "false"
	query.Ascending = or(in.Direction, "") == "asc" || in.Direction == nil && query.Sort != "createdAt"
	if query.Limit, err = k.limit(in.Limit); err != nil {
		return UserPage{}, err
	}
	return k.Users(c, query)
}

func or(text *string, usual string) string {
	if text == nil || *text == "" {
		return usual
	}
	return *text
}

// limit is a page's size within the options.
func (k *Console) limit(asked *int) (int, error) {
	switch {
	case asked == nil:
		return usualPage, nil
	case *asked > k.options.MaxPage:
		return 0, gatehouse.ErrValidation.Saying("[query.limit] At most %d", k.options.MaxPage)
	}
	return *asked, nil
}

func (f Filters) query() (q UserQuery, err error) {
	q = UserQuery{
		Search: or(f.Search, ""), SearchField: or(f.SearchField, "email"), Contains: or(f.SearchMode, "") == "contains",
		Role: or(f.Role, ""), Status: Status(or(f.Status, "")),
	}
	if text := or(f.Verified, ""); text != "" {
		verified := text == "true"
		q.Verified = &verified
	}
	if q.From, err = moment("createdFrom", f.CreatedFrom); err != nil {
		return q, err
	}
	q.To, err = moment("createdTo", f.CreatedTo)
	return q, err
}

func moment(name string, text *string) (time.Time, error) {
	if text == nil || *text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return time.Time{}, gatehouse.ErrValidation.Saying("[query.%s] Write a time as 2026-01-02T03:04:05Z", name)
	}
	return at.UTC(), nil
}

// Users returns a page of people. It returns ErrSort, ErrSearchTooShort and
// ErrCursor, and records that somebody looked.
func (k *Console) Users(ctx context.Context, q UserQuery) (UserPage, error) {
	setDefault(&q.Sort, "createdAt")
	setDefault(&q.Limit, usualPage)
	if !slices.Contains(sorts, q.Sort) {
		return UserPage{}, ErrSort.Saying("People cannot be sorted by %q: no index has that order, so every page would read all of them. Use %s.",
			q.Sort, strings.Join(sorts, ", ")).With("sorts", sorts)
	}
	where, err := k.where(q)
	if err != nil {
		return UserPage{}, err
	}
	place, err := k.readCursor(&q.After, "users", q)
	if err != nil {
		return UserPage{}, err
	}
	limit := min(q.Limit, k.options.MaxPage)
	found, err := k.users.Find(ctx, store.Search{Where: where, OrderBy: q.Sort, Descending: !q.Ascending, After: place, Limit: limit + 1})
	if errors.Is(err, store.ErrCondition) {
		return UserPage{Users: []User{}, Count: &Count{0, true}}, nil // an id that no user can have
	}
	if err != nil {
		return UserPage{}, err
	}
	var page UserPage
	if len(found) > limit {
		found = found[:limit]
		if page.Next, err = k.cursorTo(placeOf(found[limit-1], q.Sort), "users", q); err != nil {
			return UserPage{}, err
		}
	}
	if page.Users, err = k.show(ctx, found); err != nil {
		return UserPage{}, err
	}
	if !q.NoCount {
		if page.Count, err = k.countUsers(ctx, q, where, len(found), page.Next != nil); err != nil {
			return UserPage{}, err
		}
	}
	return page, k.record(ctx, gatehouse.Event{Action: "user.list", TargetType: "user", Details: q.details(len(found))})
}

func (k *Console) countUsers(ctx context.Context, q UserQuery, where []store.Condition, found int, more bool) (*Count, error) {
	if q.After == "" && !more {
		return &Count{int64(found), true}, nil
	}
	q.Sort, q.Ascending = "", false // the order changes no number
	n, err := k.count(ctx, "users", q, k.users, where, q.After != "")
	return &n, err
}

func placeOf(user *gatehouse.User, sort string) cursorPlace {
	switch sort {
	case "email":
		return cursorPlace{Text: &user.Email, ID: user.ID}
	case "name":
		return cursorPlace{Text: &user.Name, ID: user.ID}
	}
	return cursorPlace{Time: &user.CreatedAt, ID: user.ID}
}

// details say what was asked for, without what was typed.
func (q *UserQuery) details(found int) map[string]any {
	asked := map[string]any{"found": found}
	fields := []any{}
	for _, f := range []struct {
		name string
		set  bool
	}{{q.SearchField, q.Search != ""}, {"role", q.Role != ""}, {"status", q.Status != ""}, {"verified", q.Verified != nil}, {"createdAt", !q.From.IsZero() || !q.To.IsZero()}} {
		if f.set {
			fields = append(fields, f.name)
		}
	}
	asked["fields"] = fields
	return asked
}

// where are the conditions of a query.
func (k *Console) where(q UserQuery) ([]store.Condition, error) {
	where, err := searching(q)
	if err != nil {
		return nil, err
	}
	if q.Role != "" {
		where = append(where, k.sources.Admin.Holding(q.Role)...)
	}
	if q.Verified != nil {
		where = append(where, store.Condition{Field: "emailVerified", Value: *q.Verified})
	}
	if !q.From.IsZero() {
		where = append(where, store.Condition{Field: "createdAt", Op: store.GreaterOrEqual, Value: q.From})
	}
	if !q.To.IsZero() {
		where = append(where, store.Condition{Field: "createdAt", Op: store.Less, Value: q.To})
	}
	return append(where, k.inStatus(q.Status)...), nil
}

// searching is the condition of a search for a text.
func searching(q UserQuery) ([]store.Condition, error) {
	text := strings.TrimSpace(q.Search)
	if text == "" {
		return nil, nil
	}
	letters := utf8.RuneCountInString(text)
	if q.Contains && letters < minContains && q.SearchField != "id" {
		return nil, ErrSearchTooShort
	}
	switch {
	case q.SearchField == "id":
		return []store.Condition{{Field: "id", Value: text}}, nil
	case q.SearchField == "name" && q.Contains:
		return []store.Condition{{Field: "name", Op: store.ContainsFold, Value: text}}, nil
	case q.SearchField == "name" && letters >= minContains:
		return []store.Condition{{Field: "name", Op: store.StartsWithFold, Value: text}}, nil
	case q.SearchField == "name":
		return []store.Condition{{Any: []store.Condition{
			{Field: "name", Op: store.StartsWith, Value: text}, {Field: "name", Op: store.StartsWith, Value: capital(text)},
		}}}, nil
	}
	condition := store.Condition{Field: "email", Op: store.StartsWith, Value: gatehouse.NormalizeEmail(text)} // as it is stored
	if q.Contains {
		condition.Op = store.Contains
	}
	return []store.Condition{condition}, nil
}

// capital is a text as names begin: too short for an index that knows no case.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
