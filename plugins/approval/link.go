package approval

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/jwt"
)

// The link in an administrator's mail names a request, signed. It decides
// nothing by itself: opening it leads to a page, the page posts the decision,
// and that asks who is signed in. The decision is the link's single use.

// linkPurpose keeps the tokens of other mails from being taken for this one.
const linkPurpose = "registration-approval"

// linkClaims is what the link's token carries. Member order is part of it.
type linkClaims struct {
	Purpose   string `json:"purpose"`
	Request   string `json:"request"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
}

func (a *Approvals) approvalLink(requestID string) (string, error) {
	now := a.app.Now()
	token, err := jwt.Sign(a.app.Secret(), linkClaims{
		Purpose: linkPurpose, Request: requestID,
		IssuedAt: now.Unix(), ExpiresAt: now.Add(a.options.ApprovalLinkExpiresIn).Unix(),
	})
	return a.app.URL("/registration/open?token=" + token), err
}

// readLink is the request that a token names: ErrTokenExpired, or
// ErrInvalidToken for everything else that is wrong with it.
func (a *Approvals) readLink(token string) (requestID string, err error) {
	payload, err := jwt.Verify(a.app.Secret(), token, a.app.Now())
	if errors.Is(err, jwt.ErrExpired) {
		return "", gatehouse.ErrTokenExpired
	}
	if err != nil {
		return "", gatehouse.ErrInvalidToken.Because(err)
	}
	var claims linkClaims
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Purpose != linkPurpose || claims.Request == "" {
		return "", gatehouse.ErrInvalidToken.Because(err)
	}
	return claims.Request, nil
}

var openOp = gatehouse.Op{
	ID: "openApprovalLink", Method: http.MethodGet, Path: "/registration/open",
	Doc:    "Leads from an administrator's mail to the page that decides, by way of signing in. Consumes nothing.",
	Access: gatehouse.Public,
}

// OpenLink is the query of GET /registration/open.
type OpenLink struct {
	Token string `query:"token"`
}

func (a *Approvals) open(c *gatehouse.Call, in OpenLink) (struct{}, error) {
	session, user, err := c.Session()
	if err != nil {
		return struct{}{}, err
	}
	may := false
	if session != nil {
		if may, err = a.app.Authority().Can(c, user, "user", "create"); err != nil {
			return struct{}{}, err
		}
	}
	// Nothing is said about the token to who may not decide.
	if !may {
		back := a.app.URL("/registration/open?token=" + gatehouse.EscapeComponent(in.Token))
		return struct{}{}, gatehouse.Redirect(gatehouse.AddQuery(a.page(a.options.SignInPage), "callbackURL", back))
	}
	page := a.page(a.options.ApprovalPage)
	_, err = a.readLink(in.Token)
	var refusal *gatehouse.Error
	if errors.As(err, &refusal) {
		return struct{}{}, gatehouse.Redirect(gatehouse.AddQuery(page, "error", refusal.Code))
	}
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, gatehouse.Redirect(gatehouse.AddQuery(page, "token", in.Token))
}

// page makes the address of a page absolute.
func (a *Approvals) page(address string) string {
	if strings.HasPrefix(address, "/") {
		return a.app.Origin() + address
	}
	return address
}
