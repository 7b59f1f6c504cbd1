package provider

import (
	"errors"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Set has the options of every provider; one that is set is on. It is
// socialProviders in the server's configuration.
type Set struct {
	Apple       *Apple
	Atlassian   *Atlassian
	Cloudflare  *Cloudflare
	Cognito     *Cognito
	Discord     *Discord
	Dropbox     *Dropbox
	Facebook    *Facebook
	Figma       *Figma
	GitHub      *GitHub `option:"github"`
	GitLab      *GitLab `option:"gitlab"`
	Google      *Google
	HuggingFace *HuggingFace `option:"huggingface"`
	Kakao       *Kakao
	Kick        *Kick
	LINE        *LINE
	Linear      *Linear
	LinkedIn    *LinkedIn `option:"linkedin"`
	Microsoft   *Microsoft
	Naver       *Naver
	Notion      *Notion
	Paybin      *Paybin
	PayPal      *PayPal `option:"paypal"`
	Polar       *Polar
	Railway     *Railway
	Reddit      *Reddit
	Roblox      *Roblox
	Salesforce  *Salesforce
	Slack       *Slack
	Spotify     *Spotify
	TikTok      *TikTok `option:"tiktok"`
	Twitch      *Twitch
	Twitter     *Twitter
	Vercel      *Vercel
	VK          *VK
	WeChat      *WeChat `option:"wechat"`
	Zoom        *Zoom
}

// Providers builds those that are on, in the order of Set.
func (s *Set) Providers() ([]*oauth.Provider, error) {
	var list []*oauth.Provider
	var problems []error
	for _, entry := range s.entries() {
		if entry.off() {
			continue
		}
		p, err := entry.build()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		list = append(list, p)
	}
	return list, errors.Join(problems...)
}

// builder is what each provider's options can do.
type builder interface {
	off() bool
	build() (*oauth.Provider, error)
}

// entries are the options that are set.
func (s *Set) entries() []builder {
	var set []builder
	add := func(is bool, b builder) {
		if is {
			set = append(set, b)
		}
	}
	add(s.Apple != nil, s.Apple)
	add(s.Atlassian != nil, s.Atlassian)
	add(s.Cloudflare != nil, s.Cloudflare)
	add(s.Cognito != nil, s.Cognito)
	add(s.Discord != nil, s.Discord)
	add(s.Dropbox != nil, s.Dropbox)
	add(s.Facebook != nil, s.Facebook)
	add(s.Figma != nil, s.Figma)
	add(s.GitHub != nil, s.GitHub)
	add(s.GitLab != nil, s.GitLab)
	add(s.Google != nil, s.Google)
	add(s.HuggingFace != nil, s.HuggingFace)
	add(s.Kakao != nil, s.Kakao)
	add(s.Kick != nil, s.Kick)
	add(s.LINE != nil, s.LINE)
	add(s.Linear != nil, s.Linear)
	add(s.LinkedIn != nil, s.LinkedIn)
	add(s.Microsoft != nil, s.Microsoft)
	add(s.Naver != nil, s.Naver)
	add(s.Notion != nil, s.Notion)
	add(s.Paybin != nil, s.Paybin)
	add(s.PayPal != nil, s.PayPal)
	add(s.Polar != nil, s.Polar)
	add(s.Railway != nil, s.Railway)
	add(s.Reddit != nil, s.Reddit)
	add(s.Roblox != nil, s.Roblox)
	add(s.Salesforce != nil, s.Salesforce)
	add(s.Slack != nil, s.Slack)
	add(s.Spotify != nil, s.Spotify)
	add(s.TikTok != nil, s.TikTok)
	add(s.Twitch != nil, s.Twitch)
	add(s.Twitter != nil, s.Twitter)
	add(s.Vercel != nil, s.Vercel)
	add(s.VK != nil, s.VK)
	add(s.WeChat != nil, s.WeChat)
	add(s.Zoom != nil, s.Zoom)
	return set
}
