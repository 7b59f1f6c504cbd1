package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/store"
)

func testConflicts(t *testing.T, open Open) {
	h := declare(open(t, store.Options{Naming: store.Naming{Style: store.Snake,
		Tables: map[string]store.TableNaming{"user": {Name: "members", Fields: map[string]string{"email": "mail"}}}}}))
	move := h.users.Update("{email} = ?", "{id} = ?")
	h.build(t)
	ctx := t.Context()
	ada, bob := h.addUser(t, "ada@example.com"), h.addUser(t, "bob@example.com")
	sameID := newUser("new@example.com")
	sameID.ID = ada.ID
	_, moved := move.Run(ctx, "ada@example.com", bob.ID)
	for _, tt := range []struct {
		name  string
		err   error
		field string
	}{
		{"insert", h.users.Insert(ctx, newUser("ada@example.com")), "email"},
		{"update", moved, "email"},
		{"primary key", h.users.Insert(ctx, sameID), "id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantErr(t, tt.err, store.ErrConflict)
			var conflict *store.ConflictError
			if !errors.As(tt.err, &conflict) || conflict.Table != "user" || conflict.Field != tt.field {
				t.Errorf("got %#v", tt.err)
			}
			if strings.Contains(tt.err.Error(), "example.com") {
				t.Errorf("the text shows the value: %v", tt.err)
			}
		})
	}
	t.Run("a reference to nobody", func(t *testing.T) {
		s := &Session{Token: "t", UserID: "nobody", ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}
		wantErr(t, h.sessions.Insert(ctx, s), store.ErrReference)
	})
}

func testText(t *testing.T, open Open) {
	h := declare(open(t, store.Options{}))
	rename := h.users.Update("{name} = ?", "{id} = ?")
	other := h.users.Select("{email} <> ? OR {name} = ?")
	h.build(t)
	ctx := t.Context()
	ada := h.addUser(t, "ada@example.com")
	strict := h.Kind() == "postgres"
	for _, tt := range []struct{ name, text string }{{"NUL", "a\x00b"}, {"not UTF-8", "a\xffb"}} {
		t.Run(tt.name, func(t *testing.T) {
			// A column cannot hold it, so nothing has it.
			_, err := h.byEmail.One(ctx, tt.text)
			wantErr(t, err, store.ErrNotFound)
			if !strict {
				return
			}
			u := newUser("text@example.com")
			u.Name = tt.text
			err = h.users.Insert(ctx, u)
			wantErr(t, err, store.ErrInvalidText)
			var invalid *store.InvalidTextError
			if !errors.As(err, &invalid) || invalid.Table != "user" || invalid.Field != "name" {
				t.Errorf("got %#v", err)
			}
			_, err = rename.Run(ctx, tt.text, ada.ID)
			wantErr(t, err, store.ErrInvalidText)
			list := must(other.All(ctx, "x", tt.text))(t)
			want(t, len(list), 0)
		})
	}
	t.Run("truncate drops what cannot be stored", func(t *testing.T) {
		s := &Session{Token: "t", UserID: ada.ID, UserAgent: ptr("Mo\x00zilla\xff"), ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}
		if err := h.sessions.Insert(ctx, s); err != nil {
			t.Fatal(err)
		}
		if strict {
			want(t, *s.UserAgent, "Mozilla\uFFFD")
		}
	})
	t.Run("values are never SQL", func(t *testing.T) {
		for _, text := range []string{"' OR '1'='1", `"; DROP TABLE "user"; --`, "$1", "?", "{id}", `\`, "%"} {
			_, err := h.byEmail.One(ctx, text)
			wantErr(t, err, store.ErrNotFound)
			want(t, must(rename.Run(ctx, text, ada.ID))(t), 1)
			want(t, must(h.byID.One(ctx, ada.ID))(t).Name, text)
		}
	})
}
