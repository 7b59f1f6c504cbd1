package storetest

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testIDs(t *testing.T, open Open) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, tt := range []struct {
		name     string
		options  store.Options
		want     *regexp.Regexp
		strange  []string // ids that the column cannot hold
		existing string
	}{
		{"text", store.Options{}, regexp.MustCompile(`^[a-zA-Z0-9]{32}$`), nil, "any text"},
		{"uuid", store.Options{IDs: store.IDUUID}, uuid, []string{"x", "", "0", "not-a-uuid"},
			"00000000-0000-4000-8000-000000000001"},
		{"plural style", store.Options{Naming: store.Naming{Style: store.SnakePlural}}, uuid, []string{"x", "' OR 1=1"},
			"00000000-0000-4000-8000-000000000001"},
		{"serial", store.Options{IDs: store.IDSerial}, regexp.MustCompile(`^[1-9][0-9]*$`),
			[]string{"x", "", "1.0", "+1", "01", "1e0", " 1", "99999999999999999999", "1; DROP TABLE user"}, "1000"},
		{"database", store.Options{IDs: store.IDDatabase}, regexp.MustCompile(`^[0-9a-f-]{32,36}$`), nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := declare(open(t, tt.options))
			take := h.users.Take("{id} = ?")
			ofUser := h.sessions.Select("{userId} = ?")
			others := h.users.Count("{id} <> ?")
			hit := h.limits.Upsert("key", "{count} = {rateLimit.count} + {new.count}", "")
			h.build(t)
			ctx := t.Context()
			ada, bob := h.addUser(t, "ada@example.com"), h.addUser(t, "bob@example.com")
			if !tt.want.MatchString(ada.ID) || ada.ID == bob.ID {
				t.Fatalf("got ids %q and %q", ada.ID, bob.ID)
			}
			h.addSession(t, ada, "token")
			want(t, must(h.byID.One(ctx, ada.ID))(t).Email, ada.Email)
			want(t, must(ofUser.One(ctx, ada.ID))(t).UserID, ada.ID)
			var limitID string
			for i := range 3 {
				row := must(hit.Run(ctx, &RateLimit{Key: "k", Count: 2}))(t)
				want(t, row.Count, 2*(i+1))
				if i == 0 {
					limitID = row.ID
				}
				want(t, row.ID, limitID)
			}
			want(t, tt.want.MatchString(limitID), true)
			for _, id := range tt.strange {
				_, err := h.byID.One(ctx, id)
				wantErr(t, err, store.ErrNotFound)
				_, err = take.One(ctx, id)
				wantErr(t, err, store.ErrNotFound)
				_, err = ofUser.One(ctx, id)
				wantErr(t, err, store.ErrNotFound)
				want(t, must(h.users.Patch(ctx, []store.Change{{Field: "name", Value: "x"}}, "{id} = ?", id))(t), 0)
				want(t, must(others.Int(ctx, id))(t), 2)
			}
			if tt.strange != nil && h.Kind() == "postgres" {
				s := &Session{Token: "s", UserID: tt.strange[0], ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}
				wantErr(t, h.sessions.Insert(ctx, s), store.ErrReference)
			}
			if tt.existing != "" {
				u := newUser("known@example.com")
				u.ID = tt.existing
				if err := h.users.Insert(ctx, u); err != nil {
					t.Fatal(err)
				}
				want(t, must(h.byID.One(ctx, tt.existing))(t).Email, u.Email)
			}
		})
	}
	t.Run("randomness is the caller's", func(t *testing.T) {
		h := newHouse(t, open, store.Options{Rand: bytes.NewReader(make([]byte, 40))})
		want(t, h.addUser(t, "ada@example.com").ID, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
		if err := h.users.Insert(t.Context(), newUser("bob@example.com")); err == nil {
			t.Error("no error without randomness")
		}
	})
}
