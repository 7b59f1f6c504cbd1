package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// entraProfile is the ID token's claims over those of the user-info endpoint,
// if that is about the same person. The oid, the same in all apps of the
// tenant, names them; who has no address gets a placeholder.
func entraProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	oid, sub := t.Claims.Text("oid"), t.Claims.Text("sub")
	if strings.TrimSpace(oid) == "" {
		return nil, fmt.Errorf("%w: the ID token has no oid", oauth.ErrNoProfile)
	}
	profile, name := oauth.Profile{}, entraName(t.Claims)
	if answer, err := oauth.UserInfo(ctx, c, p, t); err == nil && sub != "" && answer.Text("sub") == sub {
		maps.Copy(profile, answer)
		name = first(name, entraName(answer))
	}
	maps.Copy(profile, t.Claims)
	profile = withStandardMembers(profile)
	profile["name"] = name
	if profile.Text("email") == "" {
		profile["email"], profile["emailVerified"] = oid+"@microsoft-entra-id.placeholder.invalid", false
	}
	return profile, nil
}

func entraName(p oauth.Profile) string {
	if name := p.Text("name"); name != "" {
		return name
	}
	return strings.TrimSpace(p.First("given_name", "givenname") + " " + p.First("family_name", "familyname"))
}

// lineClaims: LINE does not say whether an address is verified.
func lineClaims(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	claims := t.Claims
	if claims == nil {
		var err error
		if claims, err = oauth.UserInfo(ctx, c, p, t); err != nil {
			return nil, err
		}
	}
	return oauth.Profile{
		"sub": claims.Text("sub"), "name": claims.Text("name"), "email": claims.Text("email"),
		"image": claims.Text("picture"), "emailVerified": false,
	}, nil
}

func slackClaims(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	claims, err := oauth.UserInfo(ctx, c, p, t)
	if err != nil {
		return nil, err
	}
	return oauth.Profile{
		"sub": claims.Text("sub"), "name": claims.Text("name"), "email": claims.Text("email"),
		"image":         claims.First("picture", "https://slack.com/user_image_512"),
		"emailVerified": claims.Bool("email_verified"),
	}, nil
}

const patreonIdentity = "https://www.patreon.com/api/oauth2/v2/identity" +
	"?fields%5Buser%5D=email%2Cfull_name%2Cimage_url%2Cis_email_verified"

func patreonProfile(ctx context.Context, c *oauth.Client, _ *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	answer, err := c.Get(ctx, patreonIdentity, oauth.Bearer(t.AccessToken))
	if err != nil {
		return nil, err
	}
	person := answer.In("data", "attributes")
	return oauth.Profile{
		"id": answer.In("data").Text("id"), "name": person.Text("full_name"), "email": person.Text("email"),
		"image": person.Text("image_url"), "emailVerified": person.Bool("is_email_verified"),
	}, nil
}

// hubspotProfile asks what the access token is for. The token stands in the
// address, which no error may repeat.
func hubspotProfile(ctx context.Context, c *oauth.Client, _ *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	if t.AccessToken == "" {
		return nil, oauth.ErrNoProfile
	}
	answer, err := c.Get(ctx, "https://api.hubapi.com/oauth/v1/access-tokens/"+url.PathEscape(t.AccessToken), nil)
	var failed *url.Error
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("access-tokens: %w", failed.Err)
	}
	if err != nil {
		return nil, err
	}
	return oauth.Profile{
		"id":   first(answer.Text("user_id"), answer.In("signed_access_token").Text("userId")),
		"name": answer.Text("user"), "email": answer.Text("user"), "emailVerified": false,
	}, nil
}

func gumroadProfile(ctx context.Context, c *oauth.Client, _ *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	answer, err := c.Get(ctx, "https://api.gumroad.com/v2/user", oauth.Bearer(t.AccessToken))
	if err != nil {
		return nil, err
	}
	if !answer.Bool("success") {
		return nil, fmt.Errorf("%w: success is not true", oauth.ErrRefused)
	}
	person := answer.In("user")
	return oauth.Profile{
		"id": person.Text("user_id"), "name": person.Text("name"), "email": person.Text("email"),
		"image": person.Text("profile_url"), "emailVerified": false,
	}, nil
}

// yandexProfile: Yandex has its own name for a bearer token.
func yandexProfile(ctx context.Context, c *oauth.Client, _ *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	header := http.Header{"Authorization": {"OAuth " + t.AccessToken}}
	person, err := c.Get(ctx, "https://login.yandex.ru/info?format=json", header)
	if err != nil {
		return nil, err
	}
	profile := oauth.Profile{
		"id": person.Text("id"), "email": person.Text("default_email"), "emailVerified": false,
		"name": person.First("display_name", "real_name", "first_name", "login"),
	}
	if others := person.Words("emails"); profile.Text("email") == "" && len(others) > 0 {
		profile["email"] = others[0]
	}
	if avatar := person.Text("default_avatar_id"); avatar != "" && !person.Bool("is_avatar_empty") {
		profile["image"] = "https://avatars.yandex.net/get-yapic/" + avatar + "/islands-200"
	}
	return profile, nil
}
