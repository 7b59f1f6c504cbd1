package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// WeChat is sign-in with WeChat on websites, which tells no address.
type WeChat struct {
	Options
	// Lang is the language of WeChat's page: "cn" (the default) or "en".
	Lang string
	// PlatformType is "WebsiteApp", the one kind of app there is.
	PlatformType string
}

func (o *WeChat) build() (*oauth.Provider, error) {
	if err := o.needsSecret("wechat"); err != nil {
		return nil, err
	}
	if o.Lang != "" && o.Lang != "cn" && o.Lang != "en" {
		return nil, fmt.Errorf("wechat: lang is %q; use cn or en", o.Lang)
	}
	if o.PlatformType != "" && o.PlatformType != "WebsiteApp" {
		return nil, fmt.Errorf("wechat: platformType is %q; WebsiteApp is the only one", o.PlatformType)
	}
	return o.provider(oauth.Provider{
		ID: "wechat", Name: "WeChat",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://open.weixin.qq.com/connect/qrconnect",
			TokenURL:     "https://api.weixin.qq.com/sns/oauth2/access_token",
			UserInfoURL:  "https://api.weixin.qq.com/sns/userinfo",
		},
		ClientAuth: oauth.NoAuth,
		Authorization: oauth.Authorization{
			ScopeSeparator: ",", NoPKCE: true, NoLoginHint: true, Customize: o.authorization,
		},
		Token:        oauth.TokenRequest{Customize: o.token, Read: wechatTokens},
		FetchProfile: wechatProfile,
		Identify:     wechatIdentity,
	}, "snsapi_login")
}

func (o *WeChat) authorization(target string, params oauth.Params) (string, oauth.Params) {
	lang := oauth.Param{Name: "lang", Value: first(o.Lang, "cn")}
	return target + "#wechat_redirect", renamedClient(params, "appid", lang)
}

// token writes the request as WeChat wants it: a GET, with the secret in its
// query.
func (o *WeChat) token(call *oauth.TokenCall) {
	call.Method = http.MethodGet
	form := url.Values{"appid": {o.ClientID[0]}, "grant_type": {call.Grant}}
	if call.Grant == "refresh_token" {
		call.URL = "https://api.weixin.qq.com/sns/oauth2/refresh_token"
		form.Set("refresh_token", call.Form.Get("refresh_token"))
	} else {
		form.Set("secret", o.ClientSecret)
		form.Set("code", call.Form.Get("code"))
	}
	call.Form = form
}

// wechatTokens reads an answer that is 200 even for an error, with scopes
// between commas.
func wechatTokens(answer oauth.Profile) (oauth.Profile, error) {
	if err := wechatError(answer); err != nil {
		return nil, err
	}
	answer = maps.Clone(answer)
	answer["scope"] = strings.ReplaceAll(answer.Text("scope"), ",", " ")
	answer["token_type"] = "Bearer"
	return answer, nil
}

func wechatError(answer oauth.Profile) error {
	if code := answer.Text("errcode"); code != "" && code != "0" {
		return fmt.Errorf("%w: errcode %s, %q", oauth.ErrRefused, code, answer.Text("errmsg"))
	}
	return nil
}

// wechatProfile asks about the openid that came with the access token.
func wechatProfile(ctx context.Context, c *oauth.Client, p *oauth.Provider, t *oauth.Tokens) (oauth.Profile, error) {
	openID := t.Raw.Text("openid")
	if t.AccessToken == "" || openID == "" {
		return nil, oauth.ErrNoProfile
	}
	query := oauth.Params{
		{Name: "access_token", Value: t.AccessToken}, {Name: "openid", Value: openID}, {Name: "lang", Value: "zh_CN"},
	}
	profile, err := c.Get(ctx, p.UserInfoURL+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if err := wechatError(profile); err != nil {
		return nil, err
	}
	if said := profile.Text("openid"); said != "" && said != openID {
		return nil, fmt.Errorf("%w: the profile is not the access token's", oauth.ErrNoProfile)
	}
	return profile, nil
}

// wechatIdentity names a person by unionid, which is the same for all apps of
// a developer, where there is one.
func wechatIdentity(p oauth.Profile) (oauth.Identity, error) {
	return placeholder(oauth.Identity{
		Subject: p.First("unionid", "openid"), Email: p.Text("email"),
		Name: p.Text("nickname"), Image: p.Text("headimgurl"),
	}, "wechat"), nil
}
