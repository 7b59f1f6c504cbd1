package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Microsoft is sign-in with Microsoft Entra ID and personal accounts (OpenID
// Connect).
type Microsoft struct {
	Options
	// TenantID is "common" (the default), "organizations", "consumers", or one
	// tenant by its id or domain.
	TenantID string `option:"tenantId"`
	// Authority is the cloud. Default https://login.microsoftonline.com.
	Authority string
	// ProfilePhotoSize is the photo's width in pixels, one of those that
	// Microsoft keeps: 48 (the default), 64, 96, 120, 240, 360, 432, 504, 648.
	ProfilePhotoSize int
	// DisableProfilePhoto does not ask for the photo.
	DisableProfilePhoto bool
	// ClientAssertion takes the place of ClientSecret: it signs a statement for
	// the token endpoint (RFC 7523).
	ClientAssertion func(ctx context.Context, tokenURL string) (string, error) `option:"-"`
}

const (
	// microsoftConsumers is the tenant of all personal accounts.
	microsoftConsumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	// maxPhoto bounds a photo in bytes: it travels as text from then on.
	maxPhoto = 128 << 10
)

var (
	tenantGUID    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	tenantDomain  = regexp.MustCompile(`^[0-9a-z-]+(\.[0-9a-z-]+)+$`)
	tenantClasses = []string{"common", "organizations", "consumers"}
	photoSizes    = []int{48, 64, 96, 120, 240, 360, 432, 504, 648}
)

func (o *Microsoft) build() (*oauth.Provider, error) {
	tenant := strings.ToLower(first(o.TenantID, "common"))
	oneTenant := tenantGUID.MatchString(tenant)
	if err := o.check(tenant); err != nil {
		return nil, fmt.Errorf("microsoft: %w", err)
	}
	authority := strings.TrimRight(first(o.Authority, "https://login.microsoftonline.com"), "/")
	base := authority + "/" + tenant
	rules := &oauth.IDTokenRules{
		JWKSURL: base + "/discovery/v2.0/keys",
		MaxAge:  time.Hour,
		Check:   microsoftTenant(authority, tenant),
	}
	if oneTenant {
		rules.Issuers = []string{base + "/v2.0"}
	}
	p, err := o.provider(oauth.Provider{
		ID: "microsoft", Name: "Microsoft EntraID",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: base + "/oauth2/v2.0/authorize",
			TokenURL:     base + "/oauth2/v2.0/token",
		},
		IDToken: rules,
		// A domain's tokens name the tenant by its id, which we do not know: only
		// the token endpoint's own answer is known to be of that tenant.
		NoIDTokenSignIn: !oneTenant && !slices.Contains(tenantClasses, tenant),
		FetchProfile:    o.profile,
		Identify:        microsoftIdentity,
	}, "openid", "profile", "email", "User.Read", "offline_access")
	if err != nil {
		return nil, err
	}
	if scope := strings.Join(p.Authorization.Scopes, " "); scope != "" {
		p.Token.RefreshParams = oauth.Params{{Name: "scope", Value: scope}}
	}
	if o.ClientAssertion != nil {
		p.ClientAuth, p.ClientAssertion = oauth.AssertionAuth, o.ClientAssertion
	}
	return p, nil
}

func (o *Microsoft) check(tenant string) error {
	if !slices.Contains(tenantClasses, tenant) && !tenantGUID.MatchString(tenant) && !tenantDomain.MatchString(tenant) {
		return fmt.Errorf("tenantId is %q; use common, organizations, consumers, or the id or domain of a tenant", o.TenantID)
	}
	if o.ProfilePhotoSize != 0 && !slices.Contains(photoSizes, o.ProfilePhotoSize) {
		return fmt.Errorf("profilePhotoSize is %d; use one of %v", o.ProfilePhotoSize, photoSizes)
	}
	if o.ClientAssertion != nil && o.ClientSecret != "" {
		return errors.New("ClientAssertion does not go with clientSecret; remove one of them")
	}
	return nil
}

var errTenant = errors.New("the account is not of the configured tenant")

// microsoftTenant binds a token to the tenant that it says it is of: the keys
// of all tenants are much the same, and "common" has no issuer of its own.
func microsoftTenant(authority, tenant string) func(oauth.Profile) error {
	return func(claims oauth.Profile) error {
		tid := claims.Text("tid")
		switch {
		case tid == "" || claims.Text("iss") != authority+"/"+tid+"/v2.0",
			tenant == "organizations" && tid == microsoftConsumers,
			tenant == "consumers" && tid != microsoftConsumers:
			return errTenant
		}
		return nil
	}
}

// profile is the ID token's claims, with the photo for a picture.
func (o *Microsoft) profile(ctx context.Context, c *oauth.Client, _ *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.Claims == nil {
		return nil, oauth.ErrNoProfile
	}
	profile := maps.Clone(t.Claims)
	if !o.DisableProfilePhoto && t.AccessToken != "" {
		if photo := o.photo(ctx, c, t); photo != "" {
			profile["picture"] = photo
		}
	}
	return profile, nil
}

// photo is a data URL, "" without a photo: no sign-in fails for want of one.
// The space in it is the protocol's.
func (o *Microsoft) photo(ctx context.Context, c *oauth.Client, t *oauth.Tokens) string {
	size := o.ProfilePhotoSize
	if size == 0 {
		size = photoSizes[0]
	}
	header := http.Header{"Authorization": {"Bearer " + t.AccessToken}, "Accept": {"image/*"}}
	photo, media, err := c.GetBytes(ctx, fmt.Sprintf("https://graph.microsoft.com/v1.0/me/photos/%dx%d/$value", size, size), header)
	if err != nil || !strings.HasPrefix(media, "image/") || len(photo) == 0 || len(photo) > maxPhoto {
		return ""
	}
	return "data:image/jpeg;base64, " + base64.StdEncoding.EncodeToString(photo)
}

// microsoftIdentity names a person by oid: sub differs from app to app. Anyone
// may put any address on a work account, so that one is verified only where a
// claim says so.
func microsoftIdentity(p oauth.Profile) (oauth.Identity, error) {
	email := p.Text("email")
	verified := p.Bool("email_verified")
	if _, said := p["email_verified"]; !said && email != "" {
		verified = slices.Contains(p.Words("verified_primary_email"), email) ||
			slices.Contains(p.Words("verified_secondary_email"), email)
	}
	return oauth.Identity{
		Subject: p.Text("oid"),
		Email:   email, EmailVerified: verified,
		Name: p.Text("name"), Image: p.Text("picture"),
	}, nil
}
