package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"regexp"
	"strings"
)

// Brand is how the pages name and colour themselves.
type Brand struct {
	// Name on the pages. Default appName.
	Name string
	// Logo is the address of a picture, https or a path of this origin. It is
	// shown 32 pixels high. Default our mark.
	Logo string
	// LogoDark is shown instead on dark pages. Default Logo.
	LogoDark string
	// Accent is the colour of buttons and links, such as #2750c7. Its contrast
	// to the pages' grounds must be 4.5 at least.
	Accent string
	// AccentDark is the colour on dark pages. Default: the nearest to accent
	// that can be read there.
	AccentDark string
	// Terms, Privacy and Support are addresses that every page links to at its
	// end: https, or a path of this origin; support may be mailto too.
	Terms string
	// Privacy is the address of the privacy policy.
	Privacy string
	// Support is where people get help.
	Support string
}

// least is the contrast that text needs (WCAG 2.2, 1.4.3).
const least = 4.5

// The grounds on which the accent stands that are the hardest to read on:
// --muted in ui/tokens.css.
var lightGround, darkGround = rgb{0xf1, 0xf2, 0xf6}, rgb{0x1d, 0x20, 0x27}

// Check reports what cannot be shown: colours that are none or that cannot be
// read, with the nearest that can, and addresses that lead nowhere.
func (b *Brand) Check() error {
	problems := []error{
		checkAccent("accent", b.Accent, lightGround), checkAccent("accentDark", b.AccentDark, darkGround),
		checkAddress("logo", b.Logo, "https"), checkAddress("logoDark", b.LogoDark, "https"),
		checkAddress("terms", b.Terms, "https", "http"), checkAddress("privacy", b.Privacy, "https", "http"),
		checkAddress("support", b.Support, "https", "http", "mailto"),
	}
	if b.AccentDark != "" && b.Accent == "" {
		problems = append(problems, errors.New("brand.accentDark is set without brand.accent"))
	}
	if b.LogoDark != "" && b.Logo == "" {
		problems = append(problems, errors.New("brand.logoDark is set without brand.logo"))
	}
	return errors.Join(problems...)
}

func checkAccent(option, text string, ground rgb) error {
	if text == "" {
		return nil
	}
	colour, ok := parseColour(text)
	if !ok {
		return fmt.Errorf("brand.%s %q is not a colour such as #2750c7", option, text)
	}
	if ratio := contrast(colour, ground); ratio < least {
		return fmt.Errorf("brand.%s %s has a contrast of %.1f to %s, the pages' ground, and text needs %.1f: the nearest colour that has it is %s",
			option, colour, ratio, ground, least, nearest(colour, ground, least))
	}
	return nil
}

// plainHost is a name, or an address, and a port: it stands in the content
// policy, where ";" begins something else.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

func checkAddress(option, text string, schemes ...string) error {
	if text == "" || strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.Contains(text, `\`) {
		return nil
	}
	u, err := url.Parse(text)
	for _, scheme := range schemes {
		if err == nil && u.Scheme == scheme && (plainHost.MatchString(u.Host) || u.Host == "" && u.Opaque != "") {
			return nil
		}
	}
	return fmt.Errorf("brand.%s %q is neither a path of this origin nor an address that begins with %s", option, text, strings.Join(schemes, ": or ")+":")
}

// style sets the accent of light and of dark pages, "" without one. The
// colours were parsed, so nothing else can stand in it.
func (b *Brand) style() template.CSS {
	accent, ok := parseColour(b.Accent)
	if !ok {
		return ""
	}
	dark, ok := parseColour(b.AccentDark)
	if !ok {
		dark = nearest(accent, darkGround, least)
	}
	return template.CSS(fmt.Sprintf(":root{--accent:%s;--accent-dark:%s}", accent, dark)) //nolint:gosec // two colours
}
