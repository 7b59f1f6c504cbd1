package approval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/internal/token"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Invitation lets people register: the one who has an address, or as many as
// MaxUses who know the link. The secret of the link is stored as its hash.
type Invitation struct {
	ID        string     `db:"id" json:"id"`
	TokenHash string     `db:"tokenHash,unique,len=64" json:"-"` // SHA-256, hex
	Email     *string    `db:"email,len=255" json:"email"`       // null: whoever knows the link
	Mailed    bool       `db:"mailed" json:"mailed"`             // to Email; nobody else was ever told the secret
	Role      *string    `db:"role" json:"role"`
	MaxUses   int64      `db:"maxUses" json:"maxUses"`
	Uses      int64      `db:"uses" json:"uses"`
	ExpiresAt time.Time  `db:"expiresAt,index" json:"expiresAt"`
	RevokedAt *time.Time `db:"revokedAt" json:"revokedAt"`
	CreatedAt time.Time  `db:"createdAt,index" json:"createdAt"`
	CreatedBy string     `db:"createdBy" json:"createdBy"` // a user's id, or gatehouse.System
}

// invitations are the statements on the table of invitations.
type invitations struct {
	app    *gatehouse.App
	table  *store.Table[Invitation]
	byHash *store.Query[Invitation]
	valid  *store.Query[Invitation]
	use    *store.Query[Invitation]
	revoke *store.Query[Invitation]
	byID   *store.Query[Invitation]
	first  *store.Query[Invitation]
	next   *store.Query[Invitation]
	sweep  *store.Exec
}

func newInvitations(app *gatehouse.App) *invitations {
	table := store.Define[Invitation](app.DB, "registrationInvitation")
	const isValid = "{tokenHash} = ? AND {revokedAt} IS NULL AND {expiresAt} > ? AND {uses} < {maxUses}"
	return &invitations{
		app:    app,
		table:  table,
		byHash: table.Select("{tokenHash} = ?"),
		valid:  table.Select(isValid),
		use:    table.UpdateReturning("{uses} = {uses} + 1", isValid),
		revoke: table.UpdateReturning("{revokedAt} = ?", "{id} = ? AND {revokedAt} IS NULL"),
		byID:   table.Select("{id} = ?"),
		first:  table.Select("ORDER BY {createdAt} DESC, {id} DESC LIMIT ?"),
		next:   table.Select("{createdAt} <= ? AND ({createdAt} < ? OR {id} < ?) ORDER BY {createdAt} DESC, {id} DESC LIMIT ?"),
		sweep:  table.Delete("{expiresAt} < ?"),
	}
}

// invitationMember is the member of a sign-up's body that holds the secret.
const invitationMember = "invitationToken"

// invitationsKept is how long an expired invitation stays on the list.
const invitationsKept = 90 * 24 * time.Hour

// invitationSecret is the secret that the request brings, or "".
func invitationSecret(ctx context.Context) string {
	secret, _ := gatehouse.Said(ctx, invitationMember)
	return secret
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// fits compares the address once more in Go, as Users.ByEmail does.
func (i *Invitation) fits(email string) bool {
	return i.Email == nil || *i.Email == gatehouse.NormalizeEmail(email)
}

// check says whether accept would do now, and changes nothing.
func (i *invitations) check(ctx context.Context, secret, email string) error {
	invitation, err := i.valid.One(ctx, hashOf(secret), i.app.Now())
	if isNotFound(err) || (err == nil && !invitation.fits(email)) {
		return ErrInvitationInvalid
	}
	return err
}

// accept uses an invitation for a user that is about to be created. Condition
// and count are one statement, in the transaction of the creation: of any
// number of workers, MaxUses get an account.
func (a *Approvals) accept(ctx context.Context, secret string, user *gatehouse.User) error {
	invitation, err := a.invitations.use.One(ctx, hashOf(secret), a.app.Now())
	if isNotFound(err) || (err == nil && !invitation.fits(user.Email)) {
		return ErrInvitationInvalid
	}
	if err != nil {
		return fmt.Errorf("use invitation: %w", err)
	}
	// Only the mail to this address ever held the secret, so whoever has it
	// reads that mail. An invitation that was handed over proves nothing.
	if invitation.Mailed && invitation.Email != nil {
		user.EmailVerified = true
	}
	if invitation.Role != nil && a.hasRoles() {
		user.Set("role", *invitation.Role)
	}
	return nil
}

func (a *Approvals) recordAccepted(ctx context.Context, secret string, user *gatehouse.User) error {
	invitation, err := a.invitations.byHash.One(ctx, hashOf(secret))
	if err != nil {
		return err
	}
	return a.app.Record(ctx, gatehouse.Event{
		Action: "invitation.accept", Actor: user.ID, TargetType: "invitation", Target: invitation.ID,
		Details: map[string]any{"user": user.ID, "by": invitation.CreatedBy},
	})
}

// hasRoles reports whether some plugin gave users the protocol's column role.
func (a *Approvals) hasRoles() bool {
	return slices.ContainsFunc(a.app.DB.AddedFields("user"), func(f store.Field) bool { return f.Name == "role" })
}

// NewInvitation is what an invitation shall be.
type NewInvitation struct {
	// Email binds the invitation to an address. Default: whoever knows the link.
	Email string
	// SendEmail mails the link to Email, and tells nobody else.
	SendEmail bool
	// Role is the role of who accepts. Default: the usual one.
	Role string
	// MaxUses is how many may accept. Default 1, at most 10000; 1 with Email.
	MaxUses int64
	// ExpiresIn is how long it works. Default Options.InvitationExpiresIn, at
	// most 365 days.
	ExpiresIn time.Duration
}

// Invited is an invitation with its secret, which is shown this once, and not
// at all if it was mailed.
type Invited struct {
	Invitation *Invitation `json:"invitation"`
	Token      *string     `json:"token"`
	URL        *string     `json:"url"`
}

// The refusals of an invitation that cannot be made.
var (
	ErrNoInvitation     = gatehouse.NewError(http.StatusNotFound, "INVITATION_NOT_FOUND", "There is no such invitation that could be revoked")
	ErrInvitationEmail  = gatehouse.NewError(http.StatusBadRequest, "INVITATION_NEEDS_EMAIL", "Only an invitation with an address can be mailed")
	ErrInvitationLimits = gatehouse.NewError(http.StatusBadRequest, "INVITATION_LIMITS", "An invitation lives up to 365 days and has 1 to 10000 uses, with an address 1")
	ErrNoRoles          = gatehouse.NewError(http.StatusBadRequest, "ROLES_NOT_AVAILABLE", "Users have no roles here")
)

const maxInvitationUses = 10_000

// Invite makes an invitation. by is who invites: a user's id or
// gatehouse.System.
func (a *Approvals) Invite(ctx context.Context, by string, n NewInvitation) (Invited, error) {
	invitation, err := a.draft(by, n)
	if err != nil {
		return Invited{}, err
	}
	secret := token.Alphanumeric(a.app.Rand, 32)
	invitation.TokenHash = hashOf(secret)
	link := gatehouse.AddQuery(a.page(a.options.SignUpPage), invitationMember, secret)
	err = a.app.Tx(ctx, func(ctx context.Context) error {
		if err := a.invitations.table.Insert(ctx, invitation); err != nil {
			return fmt.Errorf("store invitation: %w", err)
		}
		if err := a.app.Record(ctx, gatehouse.Event{Action: "invitation.create", Actor: by, TargetType: "invitation", Target: invitation.ID}); err != nil {
			return err
		}
		if !invitation.Mailed {
			return nil
		}
		return a.app.Outbox.Put(ctx, gatehouse.Mail{Kind: "invitation", To: *invitation.Email, Data: map[string]any{
			"user": map[string]any{"email": *invitation.Email}, "url": link, "token": secret,
			"expiresIn": int(invitation.ExpiresAt.Sub(invitation.CreatedAt) / time.Second),
		}})
	})
	if err != nil || invitation.Mailed {
		return Invited{Invitation: invitation}, err
	}
	return Invited{Invitation: invitation, Token: &secret, URL: &link}, nil
}

// draft checks what is wanted and fills in the rest.
func (a *Approvals) draft(by string, n NewInvitation) (*Invitation, error) {
	if n.MaxUses == 0 {
		n.MaxUses = 1
	}
	if n.ExpiresIn == 0 {
		n.ExpiresIn = a.options.InvitationExpiresIn
	}
	now := a.app.Now()
	invitation := &Invitation{
		Mailed: n.SendEmail, MaxUses: n.MaxUses, ExpiresAt: now.Add(n.ExpiresIn), CreatedAt: now, CreatedBy: by,
	}
	if n.Email != "" {
		address := gatehouse.NormalizeEmail(n.Email)
		invitation.Email = &address
		if !check.IsEmail(address) {
			return nil, gatehouse.ErrInvalidEmail
		}
		if err := a.checkDomain(address); err != nil {
			return nil, err
		}
	}
	if n.Role != "" {
		invitation.Role = &n.Role
	}
	switch {
	case n.SendEmail && n.Email == "":
		return nil, ErrInvitationEmail
	case n.MaxUses < 1 || n.MaxUses > maxInvitationUses || n.ExpiresIn < 0 || n.ExpiresIn > maxInvitationAge || (n.Email != "" && n.MaxUses != 1):
		return nil, ErrInvitationLimits
	case n.Role != "" && !a.hasRoles():
		return nil, ErrNoRoles
	}
	return invitation, nil
}

// Revoke ends an invitation; who accepted it stays. One that is unknown or was
// revoked before is ErrNoInvitation.
func (a *Approvals) Revoke(ctx context.Context, by, id string) error {
	return a.app.Tx(ctx, func(ctx context.Context) error {
		invitation, err := a.invitations.revoke.One(ctx, a.app.Now(), id)
		if isNotFound(err) {
			return ErrNoInvitation
		}
		if err != nil {
			return fmt.Errorf("revoke invitation: %w", err)
		}
		return a.app.Record(ctx, gatehouse.Event{Action: "invitation.revoke", Actor: by, TargetType: "invitation", Target: invitation.ID})
	})
}

// Invitations are one page of the invitations.
type Invitations struct {
	Invitations []*Invitation `json:"invitations"`
	// Next is the cursor of the next page, null after the last.
	Next *string `json:"next"`
}

// Invitations lists the invitations, the newest first, those included that
// cannot be used any more; they go 90 days after they expired.
func (a *Approvals) Invitations(ctx context.Context, page Page) (Invitations, error) {
	answer := Invitations{Invitations: []*Invitation{}}
	limit := page.limit()
	var found []*Invitation
	var err error
	if page.Cursor == "" {
		found, err = a.invitations.first.All(ctx, limit+1)
	} else {
		at, id, bad := readCursor(page.Cursor)
		if bad != nil {
			return answer, ErrCursor.Because(bad)
		}
		found, err = a.invitations.next.All(ctx, at, at, id, limit+1)
	}
	if err != nil {
		return answer, fmt.Errorf("list invitations: %w", err)
	}
	if len(found) > limit {
		next := writeCursor(found[limit-1].CreatedAt, found[limit-1].ID)
		found, answer.Next = found[:limit], &next
	}
	answer.Invitations = append(answer.Invitations, found...)
	return answer, nil
}

func (i *invitations) sweepExpired(ctx context.Context) error {
	_, err := i.sweep.Run(ctx, i.app.Now().Add(-invitationsKept))
	return err
}
