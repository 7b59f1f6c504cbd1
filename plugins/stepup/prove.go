package stepup

import (
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

var proveOp = gatehouse.Op{
	ID: "stepUp", Method: http.MethodPost, Path: "/step-up",
	Doc:    "Proves again, by the password, who the signed-in person is. The proof holds for this session.",
	Access: gatehouse.SignedIn, OwnerOnly: true,
	Errors: []*gatehouse.Error{gatehouse.ErrInvalidPassword, ErrNoPassword, ErrTooLong},
}

// Prove is the body of POST /step-up.
type Prove struct {
	Password string `json:"password"`
}

// Proved is the answer.
type Proved struct {
	Status   bool      `json:"status"`
	ProvedAt time.Time `json:"provedAt"`
}

func (s *StepUps) prove(c *gatehouse.Call, in Prove) (Proved, error) {
	if isImpersonation(c.CurrentSession()) {
		return Proved{}, gatehouse.ErrForbidden // it would be somebody else's proof
	}
	user := c.User()
	if err := s.check(c, user.ID, in.Password); err != nil { // an attempt like a sign-in's
		return Proved{}, s.refused(c, user, err)
	}
	answer := Proved{Status: true, ProvedAt: s.app.Now()}
	return answer, c.Tx(func() error {
		if err := c.Proved(); err != nil {
			return err
		}
		return s.app.Record(c, gatehouse.Event{
			Action: "step-up", TargetType: "session", Target: c.CurrentSession().ID, Details: map[string]any{"method": factor},
		})
	})
}

// isFault: the error is ours and says nothing of the proof.
func isFault(err error) bool {
	var code *gatehouse.Error
	return !errors.As(err, &code) || code.Status >= http.StatusInternalServerError
}

// refused records a proof that failed and returns the answer. A fault of ours
// is no failed proof.
func (s *StepUps) refused(c *gatehouse.Call, user *gatehouse.User, answer error) error {
	var code *gatehouse.Error
	if isFault(answer) || !errors.As(answer, &code) {
		return answer
	}
	event := gatehouse.Event{
		Action: "step-up.fail", TargetType: "user", Target: user.ID, Outcome: code.Code, Details: map[string]any{"method": factor},
	}
	if err := s.app.Record(c, event); err != nil {
		return err
	}
	return answer
}
