package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/store"
)

var impersonateOp = gatehouse.Op{
	ID: "impersonateUser", Method: http.MethodPost, Path: "/admin/impersonate-user",
	Doc:    "Begins a short session in which the admin acts as somebody else. What concerns that person's ways to sign in stays closed.",
	Access: gatehouse.Can("user", "impersonate").Answering(ErrNobody, ErrImpersonate), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrImpersonate, ErrUserNotFound, ErrImpersonateAdmin, ErrBanned},
}

var stopImpersonatingOp = gatehouse.Op{
	ID: "stopImpersonating", Method: http.MethodPost, Path: "/admin/stop-impersonating",
	Doc:    "Ends acting as somebody else and returns to the admin's own session.",
	Access: gatehouse.SignedIn.Answering(ErrNobody, nil), Body: gatehouse.Body{Optional: true},
	Errors: []*gatehouse.Error{ErrNotImpersonating, ErrNoAdmin, ErrNoAdminSession},
}

// Impersonation is the Method of a Proof that an admin, not the person, gave.
const Impersonation = "impersonation"

// SessionAndUser is the answer of beginning and ending to act as somebody.
type SessionAndUser struct {
	Session *gatehouse.Session `json:"session"`
	User    *gatehouse.User    `json:"user"`
}

func (a *Admin) impersonate(c *gatehouse.Call, in UserID) (SessionAndUser, error) {
	target, err := a.find(c, in.UserID)
	if err != nil {
		return SessionAndUser{}, err
	}
	session, err := a.Impersonate(c, target)
	return SessionAndUser{session, target}, err
}

// Impersonate gives the browser of c, in which an admin is signed in, a
// session of target. It asks the gates as every sign-in does, and returns
// ErrImpersonate and ErrImpersonateAdmin.
func (a *Admin) Impersonate(c *gatehouse.Call, target *gatehouse.User) (*gatehouse.Session, error) {
	own, admin, err := c.Session()
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, ErrNobody
	}
	if own.ImpersonatedBy() != "" {
		return nil, ErrImpersonate
	}
	if err := a.mayImpersonate(admin, target); err != nil {
		return nil, err
	}
	forget, remember := c.SignedCookie(a.forget), false
	var session *gatehouse.Session
	err = c.Tx(func() error {
		if err := a.record(c, "impersonation.start", target.ID, nil); err != nil {
			return err
		}
		c.ClearSession()
		c.SetSignedCookie(a.cookie, own.Token+":"+forget)
		session, err = c.Admit(gatehouse.Proof{
			User: target, Method: Impersonation, Remember: &remember,
			Prepare: func(s *gatehouse.Session) {
				a.impersonatedBy.Set(s, &admin.ID)
				s.ExpiresAt = a.app.Now().Add(a.options.ImpersonationSessionDuration)
			},
		})
		return err
	})
	return session, err
}

func (a *Admin) mayImpersonate(admin, target *gatehouse.User) error {
	allowed, err := a.Permits(admin, map[string][]string{"user": {"impersonate"}})
	if err != nil {
		return err
	}
	if !allowed {
		return ErrImpersonate
	}
	protected, err := a.IsAdmin(target)
	if err != nil || !protected || a.options.AllowImpersonatingAdmins {
		return err
	}
	if allowed, err = a.Permits(admin, map[string][]string{"user": {"impersonate-admins"}}); err == nil && !allowed {
		err = ErrImpersonateAdmin
	}
	return err
}

func (a *Admin) stopImpersonating(c *gatehouse.Call, _ struct{}) (SessionAndUser, error) {
	borrowed := c.CurrentSession()
	if borrowed.ImpersonatedBy() == "" {
		return SessionAndUser{}, ErrNotImpersonating
	}
	kept, forget, _ := strings.Cut(c.SignedCookie(a.cookie), ":")
	own, admin, err := a.app.Sessions.ByToken(c, kept)
	if errors.Is(err, store.ErrNotFound) {
		return SessionAndUser{}, ErrNoAdminSession
	}
	if err != nil {
		return SessionAndUser{}, err
	}
	alive, err := a.stillAllowed(c, own, admin)
	if err != nil {
		return SessionAndUser{}, err
	}
	if !alive || admin.ID != borrowed.ImpersonatedBy() || own.ImpersonatedBy() != "" || !own.ExpiresAt.After(a.app.Now()) {
		return SessionAndUser{}, ErrNoAdminSession
	}
	err = c.Tx(func() error {
		if err := a.record(c, "impersonation.stop", borrowed.UserID, nil); err != nil {
			return err
		}
		if err := a.app.Sessions.Revoke(c, borrowed.Token); err != nil {
			return err
		}
		c.ExpireCookie(a.cookie)
		return c.ResumeSession(own, admin, forget == "")
	})
	return SessionAndUser{own, admin}, err
}
