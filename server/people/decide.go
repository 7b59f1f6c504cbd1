package people

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// skipPresent skips people who are in the database.
func (im *importer) skipPresent(ctx context.Context, rows []*item) error {
	for some := range slices.Chunk(rows, lookUpRows) {
		emails := make([]string, len(some))
		for n, i := range some {
			emails[n] = i.Email
		}
		found, err := im.users.Find(ctx, store.Search{Where: []store.Condition{{Field: "email", Op: store.In, Value: emails}}, Limit: lookUpRows})
		if err != nil {
			return fmt.Errorf("look for users: %w", err)
		}
		there := map[string]bool{}
		for _, user := range found {
			there[user.Email] = true
		}
		for _, i := range some {
			if there[i.Email] {
				i.end(Skipped, alreadyThere)
			}
		}
	}
	return nil
}

// refuseTaken refuses people with an account at a provider that somebody else
// signs in with: it would be chance who of them does.
func (im *importer) refuseTaken(ctx context.Context, rows []*item) error {
	var owners []*item
	var ids []string
	for _, i := range rows {
		for _, identity := range i.Identities {
			owners, ids = append(owners, i), append(ids, identity.AccountID)
		}
	}
	for n := 0; n < len(ids); n += lookUpRows {
		end := min(n+lookUpRows, len(ids))
		taken, err := im.identitiesNamed(ctx, ids[n:end])
		if err != nil {
			return err
		}
		for _, i := range owners[n:end] {
			for _, identity := range i.Identities {
				if taken[identity.key()] {
					i.end(Refused, fmt.Sprintf("account %q belongs to another user", identity.ProviderID))
				}
			}
		}
	}
	return nil
}

// identitiesNamed looks accounts up, in pages, for ids that providers chose may
// be common.
func (im *importer) identitiesNamed(ctx context.Context, ids []string) (map[string]bool, error) {
	taken := map[string]bool{}
	where := []store.Condition{{Field: "accountId", Op: store.In, Value: ids}}
	for last := ""; ; {
		page := where
		if last != "" {
			page = append(slices.Clone(where), store.Condition{Field: "id", Op: store.Greater, Value: last})
		}
		found, err := im.accounts.Find(ctx, store.Search{Where: page, Limit: lookUpRows})
		if err != nil {
			return nil, fmt.Errorf("look for accounts: %w", err)
		}
		for _, account := range found {
			taken[Identity{ProviderID: account.ProviderID, AccountID: account.AccountID}.key()] = true
			last = account.ID
		}
		if len(found) < lookUpRows {
			return taken, nil
		}
	}
}

// hash turns passwords into hashes, outside of any transaction and on the
// bounded pool of sign-in.
func (im *importer) hash(ctx context.Context, rows []*item) error {
	var group sync.WaitGroup
	var mu sync.Mutex
	var failed error
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, i := range rows {
		if i.Password == "" {
			continue
		}
		group.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := im.hashOne(ctx, i); err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return failed
}

func (im *importer) hashOne(ctx context.Context, i *item) error {
	if err := im.house.Passwords.CheckNew(ctx, i.user(), i.Password); err != nil {
		var refusal *gatehouse.Error
		if errors.As(err, &refusal) && refusal.Status < 500 {
			i.end(Refused, reason(err))
			return nil
		}
		return fmt.Errorf("check a password: %w", err)
	}
	if im.options.DryRun {
		i.PasswordHash, i.Password = "dry run", ""
		return nil
	}
	hash, err := im.house.Passwords.Hash(ctx, i.Password)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	i.PasswordHash, i.Password = hash, ""
	return nil
}

// reason is an error as the report says it.
func reason(err error) string {
	var answer *gatehouse.Error
	var conflict *store.ConflictError
	var long *store.TooLongError
	switch {
	case errors.As(err, &answer) && answer.Message != "":
		return answer.Message
	case errors.As(err, &conflict):
		return conflict.Field + " is taken"
	case errors.As(err, &long):
		return fmt.Sprintf("%s is longer than %d characters", long.Field, long.Max)
	}
	return shown(err.Error())
}

// shown is a text of a stranger as a report holds it: not longer than an
// address can be, and UTF-8.
func shown(text string) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	if len(text) <= maxEmail {
		return text
	}
	return strings.ToValidUTF8(text[:maxEmail], "") + "…"
}

func cutNUL(text string) (before, after string, found bool) { return strings.Cut(text, "\x00") }
