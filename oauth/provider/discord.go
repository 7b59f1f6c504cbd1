package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// Discord is sign-in with Discord.
type Discord struct {
	Options
	// Permissions are what a bot asks for, as the sum of Discord's bits. They
	// go along with the scope "bot" only.
	Permissions *int64
}

func (o *Discord) build() (*oauth.Provider, error) {
	p, err := o.provider(oauth.Provider{
		ID: "discord", Name: "Discord",
		Endpoints: oauth.Endpoints{
			AuthorizeURL: "https://discord.com/api/oauth2/authorize",
			TokenURL:     "https://discord.com/api/oauth2/token",
			UserInfoURL:  "https://discord.com/api/users/%40me",
		},
		Authorization: oauth.Authorization{NoPKCE: true, NoLoginHint: true, Prompt: "none", Customize: o.botPermissions},
		Identify:      discordIdentity,
	}, "identify", "email")
	if err != nil {
		return nil, err
	}
	o.ownScopeLast(p)
	return p, nil
}

func (o *Discord) botPermissions(target string, params oauth.Params) (string, oauth.Params) {
	bot := slices.Contains(strings.Fields(params.Get("scope")), "bot")
	if bot && o.Permissions != nil && params.Get("permissions") == "" {
		params.Set("permissions", strconv.FormatInt(*o.Permissions, 10))
	}
	return target, params
}

func discordIdentity(p oauth.Profile) (oauth.Identity, error) {
	return oauth.Identity{
		Subject: p.Text("id"),
		Email:   p.Text("email"), EmailVerified: p.Bool("verified"),
		Name: p.First("global_name", "username"), Image: discordImage(p),
	}, nil
}

// discordImage is the avatar, animated if its hash says so, or one of the six
// (for old names five) that Discord gives everybody.
func discordImage(p oauth.Profile) string {
	if avatar := p.Text("avatar"); avatar != "" {
		format := "png"
		if strings.HasPrefix(avatar, "a_") {
			format = "gif"
		}
		return fmt.Sprintf("https://cdn.discordapp.com/avatars/%s/%s.%s", p.Text("id"), avatar, format)
	}
	discriminator, _ := p.Number("discriminator")
	number := discriminator % 5
	if discriminator == 0 {
		id, _ := p.Number("id")
		number = (id >> 22) % 6
	}
	return fmt.Sprintf("https://cdn.discordapp.com/embed/avatars/%d.png", number)
}
