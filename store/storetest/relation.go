package storetest

import (
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Relations find, from their declaration, the rows of any table that belong to
// a row.
func testRelations(t *testing.T, open Open) {
	h := newHouse(t, open, store.Options{})
	ada, bob := h.addUser(t, "ada@example.com"), h.addUser(t, "bob@example.com")
	h.addSession(t, ada, "one")
	h.addSession(t, bob, "two")
	relations := h.Relations("user.id")
	want(t, len(relations), 1)
	want(t, relations[0], store.Relation{Table: "session", Field: "userId"})
	rows := must(h.Related(t.Context(), relations[0], ada.ID))(t)
	want(t, len(rows), 1)
	values := map[string]any{}
	for _, v := range rows[0] {
		values[v.Field.Name] = v.Value
	}
	want(t, values["token"], any("one"))
	want(t, values["createdAt"], any(noonUTC))
	want(t, values["ipAddress"], nil)
	want(t, len(must(h.Related(t.Context(), relations[0], "nobody"))(t)), 0)
	for _, r := range []store.Relation{{Table: "none", Field: "userId"}, {Table: "session", Field: "none"}} {
		if _, err := h.Related(t.Context(), r, ada.ID); err == nil {
			t.Errorf("%v was read", r)
		}
	}
}
