package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Languages are those of the catalogues, the first where none fits.
var Languages = []string{"en", "de", "es", "fr", "ar", "ja"}

// Methods are the ways to sign in that are on.
type Methods struct {
	Password bool `json:"password"`
	// Reset: a forgotten password can be replaced by mail. Verification: an
	// address can be proved by mail.
	Reset        bool     `json:"reset"`
	Verification bool     `json:"verification"`
	Passkey      bool     `json:"passkey"`
	Social       []Choice `json:"social"`
}

// Choice is an identity provider as the sign-in page shows it.
type Choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Registration is who may register: open, approval, invite or closed.
type Registration struct {
	Mode          string     `json:"mode"`
	RequireReason bool       `json:"requireReason"`
	Questions     []Question `json:"questions"`
}

// Question is asked of who registers for approval; the answer is the member
// Name of the sign-up's body, of at most MaxLength Unicode code points.
type Question struct {
	Name      string `json:"name"`
	Label     string `json:"label"`
	Required  bool   `json:"required"`
	MaxLength int    `json:"maxLength"`
}

// PasswordRule is what pages tell of a new password: its least and most length
// in Unicode code points, and whether a reset ends all sessions.
type PasswordRule struct {
	Min     int  `json:"min"`
	Max     int  `json:"max"`
	Revokes bool `json:"revokes"`
}

// boot is what a page is told, so that its first paint is right; ui/boot.ts is
// its other half. It is as public as the page.
type boot struct {
	App          string       `json:"app"`
	Base         string       `json:"base"`
	Locale       string       `json:"locale"`
	Locales      []string     `json:"locales"`
	Theme        string       `json:"theme"`
	Methods      Methods      `json:"methods"`
	Registration Registration `json:"registration"`
	Account      Account      `json:"account"`
	Password     PasswordRule `json:"password"`
	Brand        shownBrand   `json:"brand"`
}

// shownBrand is Brand without what is style.
type shownBrand struct {
	Name     string `json:"name"`
	Logo     string `json:"logo,omitempty"`
	LogoDark string `json:"logoDark,omitempty"`
	Terms    string `json:"terms,omitempty"`
	Privacy  string `json:"privacy,omitempty"`
	Support  string `json:"support,omitempty"`
}

func (s *site) boot(r *http.Request) (boot, error) {
	o := &s.options
	registration := Registration{Mode: "open"}
	if o.Registration != nil {
		var err error
		if registration, err = o.Registration(r.Context()); err != nil {
			return boot{}, err
		}
	}
	registration.Questions = append([]Question{}, registration.Questions...) // [] and not null
	methods := o.Methods
	methods.Social = append([]Choice{}, methods.Social...)
	name := o.Brand.Name
	if name == "" {
		name = o.AppName
	}
	return boot{
		App: o.AppName, Base: o.BasePath, Locale: language(r), Locales: Languages, Theme: theme(r),
		Methods: methods, Registration: registration, Account: o.Account, Password: o.Password,
		Brand: shownBrand{
			Name: name, Logo: o.Brand.Logo, LogoDark: o.Brand.LogoDark,
			Terms: o.Brand.Terms, Privacy: o.Brand.Privacy, Support: o.Brand.Support,
		},
	}, nil
}

// The cookies in which a browser keeps how its person likes pages.
const (
	themeCookie    = "gatehouse-theme"
	languageCookie = "gatehouse-language"
)

func theme(r *http.Request) string {
	if cookie, err := r.Cookie(themeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		return cookie.Value
	}
	return ""
}

// language is the one that was chosen, or the best of Accept-Language.
func language(r *http.Request) string {
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(Languages, cookie.Value) {
		return cookie.Value
	}
	best, rank := Languages[0], 0.0
	for item := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, parameter, _ := strings.Cut(item, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		quality := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			quality, _ = strconv.ParseFloat(text, 64) // 0 for what is none
		}
		if quality > rank && slices.Contains(Languages, primary) {
			best, rank = primary, quality
		}
	}
	return best
}
