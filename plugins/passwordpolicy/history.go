package passwordpolicy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Former is a password that a person has or had, as its hash.
type Former struct {
	ID           string    `db:"id"`
	UserID       string    `db:"userId,references=user.id,index"`
	PasswordHash string    `db:"password"`
	CreatedAt    time.Time `db:"createdAt"`
}

// maxHistory bounds what one change of a password costs.
const maxHistory = 24

// history keeps the last passwords of everybody. Rows are written in the
// transaction of the change, so that no change is missed and none is made up.
type history struct {
	app    *gatehouse.App
	verify Verifier
	length int
	table  *store.Table[Former]
	last   *store.Query[Former]
	prune  *store.Exec
}

func newHistory(app *gatehouse.App, length int, verify Verifier) *history {
	table := store.Define[Former](app.DB, "passwordHistory")
	newest := "{userId} = ? ORDER BY {createdAt} DESC, {id} DESC LIMIT " + strconv.Itoa(length)
	return &history{
		app: app, verify: verify, length: length, table: table,
		last:  table.Select(newest),
		prune: table.Delete("{userId} = ? AND {id} NOT IN (SELECT {id} FROM {passwordHistory} WHERE " + newest + ")"),
	}
}

// check compares a password with so many of the last ones, the present one first. Every
// comparison waits for its turn among the others that hash.
func (h *history) check(ctx context.Context, userID, password string, last int) error {
	hashes, err := h.hashes(ctx, userID)
	if err != nil {
		return fmt.Errorf("read password history: %w", err)
	}
	for _, hash := range hashes[:min(last, len(hashes))] {
		same, err := h.verify(ctx, hash, password)
		if err != nil {
			return fmt.Errorf("compare with earlier password: %w", err)
		}
		if same {
			return ErrReused.Saying("You had this password before. Choose one that is not among your last %d.", last)
		}
	}
	return nil
}

// hashes lists the present password, which may be older than this plugin or
// hashed anew, and the last ones.
func (h *history) hashes(ctx context.Context, userID string) ([]string, error) {
	var hashes []string
	account, err := h.app.Accounts.Credential(ctx, userID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err == nil && hasPassword(account) {
		hashes = append(hashes, *account.PasswordHash)
	}
	former, err := h.last.All(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, f := range former {
		if !slices.Contains(hashes, f.PasswordHash) {
			hashes = append(hashes, f.PasswordHash)
		}
	}
	return hashes, nil
}

func (h *history) hooks() gatehouse.RecordHooks[gatehouse.Account] {
	return gatehouse.RecordHooks[gatehouse.Account]{
		AfterCreate:  h.remember,
		BeforeUpdate: h.rememberFirst,
		AfterUpdate:  h.remember,
	}
}

func hasPassword(a *gatehouse.Account) bool {
	return a.ProviderID == gatehouse.CredentialProvider && a.PasswordHash != nil && *a.PasswordHash != ""
}

// remember keeps a password that was just set and forgets those beyond the last.
func (h *history) remember(ctx context.Context, account *gatehouse.Account) error {
	if !hasPassword(account) {
		return nil
	}
	if err := h.insert(ctx, account, h.app.Now()); err != nil {
		return err
	}
	if _, err := h.prune.Run(ctx, account.UserID, account.UserID); err != nil {
		return fmt.Errorf("prune password history: %w", err)
	}
	return nil
}

// rememberFirst keeps a password that is older than this plugin before it is
// replaced.
func (h *history) rememberFirst(ctx context.Context, account *gatehouse.Account) error {
	if !hasPassword(account) {
		return nil
	}
	known, err := h.last.All(ctx, account.UserID)
	if err != nil || len(known) > 0 {
		return err
	}
	return h.insert(ctx, account, account.UpdatedAt)
}

func (h *history) insert(ctx context.Context, account *gatehouse.Account, at time.Time) error {
	err := h.table.Insert(ctx, &Former{UserID: account.UserID, PasswordHash: *account.PasswordHash, CreatedAt: at})
	if err != nil {
		return fmt.Errorf("keep password history: %w", err)
	}
	return nil
}
