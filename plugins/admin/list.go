package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var listOp = gatehouse.Op{
	ID: "listUsers", Method: http.MethodGet, Path: "/admin/list-users",
	Doc:    "Searches, filters, sorts and pages through all people. A search that fits no column finds nobody.",
	Access: gatehouse.Can("user", "list").Answering(ErrNobody, ErrList), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrList},
}

// ListUsers is the query of GET /admin/list-users.
type ListUsers struct {
	SearchValue    *string `query:"searchValue"`
	SearchField    *string `query:"searchField" check:"enum=email|name" doc:"Default email."`
	SearchOperator *string `query:"searchOperator" check:"enum=contains|starts_with|ends_with" doc:"Default contains."`
	Limit          *string `query:"limit" check:"union" doc:"Default 100, at most 1000."`
	Offset         *string `query:"offset" check:"union"`
	SortBy         *string `query:"sortBy" doc:"Default createdAt."`
	SortDirection  *string `query:"sortDirection" check:"enum=asc|desc"`
	FilterField    *string `query:"filterField" doc:"Default email."`
	FilterValue    any     `query:"filterValue" check:"optional"`
	FilterOperator *string `query:"filterOperator" check:"enum=eq|ne|lt|lte|gt|gte|in|not_in|contains|starts_with|ends_with"`
	Cursor         *string `query:"cursor" doc:"Empty: answer with a cursor too. A cursor: the page behind it. Not the protocol's."`
}

// Page is a part of a list of users.
type Page struct {
	Users []*gatehouse.User `json:"users"`
	// Total is how many there are on all pages: exact up to 10 000, in searches
	// for a part of a text up to 1 000, and beyond that at most a minute old.
	Total int64 `json:"total"`
	// Limit and Offset are told where they were asked for.
	Limit  *int `json:"limit,omitempty"`
	Offset *int `json:"offset,omitempty"`
	// Cursor is where the next page begins, null behind the last one; only
	// where it was asked for.
	Cursor json.RawMessage `json:"cursor,omitempty"`
}

// Query is a search for users.
type Query struct {
	Where      []store.Condition
	SortBy     string // default createdAt
	Descending bool
	Limit      int // default 100, at most 1000
	Offset     int
	// After continues behind the page that had this Next.
	After string
}

// Found is a page of users.
type Found struct {
	Users []*gatehouse.User
	Total int64
	// Next is the After of the next page; "" when there is none.
	Next string
}

const (
	usualPage   = 100 // PROTOCOL 16.4
	largestPage = 1000
)

// ErrCursor answers a cursor that was not made for this list.
var errCursor = gatehouse.ErrValidation.Saying("[query.cursor] Invalid cursor")

func (a *Admin) list(c *gatehouse.Call, in ListUsers) (Page, error) {
	page := Page{Users: []*gatehouse.User{}}
	limit, limited := number(in.Limit)
	offset, moved := number(in.Offset)
	if (limit < 0 || offset < 0) && a.app.DB.Kind() == "postgres" {
		return page, nil // as the protocol on PostgreSQL, which refuses to run it
	}
	query, err := a.readQuery(in)
	if errors.Is(err, store.ErrCondition) {
		return page, nil
	}
	if err != nil {
		return page, err
	}
	query.Limit, query.Offset = min(limit, largestPage), max(offset, 0)
	if limit < 0 {
		query.Limit = largestPage
	}
	found, err := a.ListUsers(c, query)
	if errors.Is(err, store.ErrCondition) {
		return page, nil
	}
	if err != nil {
		return Page{}, err
	}
	page.Users, page.Total = append(page.Users, found.Users...), found.Total
	if limit = min(limit, largestPage); limited {
		page.Limit = &limit
	}
	if moved {
		page.Offset = &offset
	}
	if in.Cursor != nil {
		page.Cursor = json.RawMessage("null")
		if found.Next != "" {
			page.Cursor = json.RawMessage(strconv.Quote(found.Next))
		}
	}
	return page, nil
}

// number reads a text as the protocol does: what is no number other than 0 is
// as if it was not there. Numbers with a fraction are 0, and find nobody there.
func number(text *string) (n int, given bool) {
	if text == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(*text), 64)
	if err != nil || f != f || f > 1<<31 || f < -1<<31 {
		return 0, false
	}
	return int(f), int(f) != 0
}

func (a *Admin) readQuery(in ListUsers) (Query, error) {
	query := Query{SortBy: or(in.SortBy, ""), Descending: or(in.SortDirection, "asc") == "desc", After: or(in.Cursor, "")}
	if text := or(in.SearchValue, ""); text != "" {
		field := or(in.SearchField, "email")
		if field == "email" {
			text = gatehouse.NormalizeEmail(text) // as it is stored
		}
		query.Where = append(query.Where, store.Condition{
			Field: field, Op: store.Op(or(in.SearchOperator, "contains")), Value: text,
		})
	}
	if in.FilterValue != nil {
		condition, err := a.filter(or(in.FilterField, "email"), store.Op(or(in.FilterOperator, "eq")), in.FilterValue)
		if err != nil {
			return Query{}, err
		}
		query.Where = append(query.Where, condition)
	}
	return query, nil
}

func or(text *string, usual string) string {
	if text == nil || *text == "" {
		return usual
	}
	return *text
}

// filter gives a query's texts the type of the field they are compared with.
func (a *Admin) filter(field string, op store.Op, value any) (store.Condition, error) {
	condition := store.Condition{Field: field, Op: op}
	kind, known := a.kindOf(field)
	if !known {
		return condition, store.ErrCondition
	}
	list, many := value.([]any)
	if !many {
		text, _ := value.(string)
		condition.Value = typed(kind, text)
		return condition, nil
	}
	var texts []string
	for _, v := range list {
		text, _ := v.(string)
		texts = append(texts, text)
	}
	condition.Value = texts
	return condition, nil
}

// typed is the value that a text stands for; one that does not fit stays a
// text, which the store then refuses.
func typed(kind store.Type, text string) any {
	switch kind {
	case store.Boolean:
		return text == "true"
	case store.Number:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	case store.Date:
		if t, ok := parseTime(text); ok {
			return t
		}
	}
	return text
}

// kindOf is the type of a column that may be seen.
func (a *Admin) kindOf(field string) (store.Type, bool) {
	switch field {
	case "id", "name", "email", "image":
		return store.String, true
	case "emailVerified":
		return store.Boolean, true
	case "createdAt", "updatedAt":
		return store.Date, true
	}
	for _, f := range a.app.DB.AddedFields("user") {
		if f.Name == field && !f.Hidden {
			return f.Type, true
		}
	}
	return 0, false
}

// ListUsers returns a page of users and how many there are on all. It returns
// store.ErrCondition for a field, operator or value that does not fit, and
// gatehouse.ErrValidation for an After of another list.
func (a *Admin) ListUsers(ctx context.Context, q Query) (Found, error) {
	if q.SortBy == "" {
		q.SortBy = "createdAt"
	}
	if q.Limit <= 0 {
		q.Limit = usualPage
	}
	kind, known := a.kindOf(q.SortBy)
	if !known {
		return Found{}, store.ErrCondition
	}
	search := store.Search{Where: q.Where, OrderBy: q.SortBy, Descending: q.Descending, Limit: min(q.Limit, largestPage) + 1, Offset: q.Offset}
	if q.After != "" {
		place, err := a.readCursor(q, kind)
		if err != nil {
			return Found{}, err
		}
		search.After, search.Offset = place, 0
	}
	users, err := a.users.Find(ctx, search)
	if err != nil {
		return Found{}, err
	}
	var found Found
	if len(users) == search.Limit { // one more than asked for: there is a next page
		users = users[:len(users)-1]
		if found.Next, err = a.makeCursor(q, users[len(users)-1]); err != nil {
			return Found{}, err
		}
	}
	found.Users = users
	if first := q.After == "" && q.Offset == 0; first && found.Next == "" {
		found.Total = int64(len(users))
	} else if found.Total, err = a.total(ctx, q.Where); err != nil {
		return Found{}, err
	}
	return found, a.record(ctx, "user.list", "", map[string]any{"found": len(users), "fields": fieldsOf(q.Where)})
}

func fieldsOf(where []store.Condition) []string {
	names := make([]string, len(where))
	for i, condition := range where {
		names[i] = condition.Field
	}
	return names
}
