package mail

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// View is what a template sees. Text that strangers chose is already harmless:
// one line, no markup, nothing a mail client would make a link of.
type View struct {
	App, AppURL string
	To          string
	Name, Email string // of the user; empty when not known
	NewEmail    string
	URL         string // http or https
	Token, Code string
	Expires     string         // "1 hour"; empty when not known
	Data        map[string]any // everything, as JSON gives it, with its text made harmless
}

// view collects what the templates may show.
func (t *Templates) view(m Message) (View, error) {
	data, err := plainData(m.Data)
	if err != nil {
		return View{}, err
	}
	user, _ := data["user"].(map[string]any)
	v := View{
		App: t.options.AppName, AppURL: t.options.AppURL, To: neutralAddress(m.To),
		Name:     neutralName(word(user, "name")),
		Email:    neutralAddress(word(user, "email")),
		NewEmail: neutralAddress(word(data, "newEmail")),
		URL:      word(data, "url"),
		Token:    word(data, "token"),
		Code:     word(data, "otp"),
	}
	if v.Code == "" {
		v.Code = word(data, "code")
	}
	if v.URL != "" && !isLink(v.URL) {
		return View{}, errors.New("its url is not an http or https address")
	}
	if seconds, ok := data["expiresIn"].(float64); ok && seconds >= 1 && seconds < 1e9 {
		v.Expires = span(time.Duration(seconds) * time.Second)
	}
	v.Data, _ = neutralData("", data).(map[string]any)
	return v, nil
}

func word(data map[string]any, key string) string {
	text, _ := data[key].(string)
	return text
}

// neutralData makes all text in the data harmless but what the server itself
// made: links and tokens.
func neutralData(key string, value any) any {
	switch v := value.(type) {
	case string:
		switch {
		case key == "url" && isLink(v), key == "token":
			return v
		case key == "name":
			return neutralName(v)
		case strings.HasSuffix(strings.ToLower(key), "email"):
			return neutralAddress(v)
		}
		return neutralText(v)
	case []any:
		for i := range v {
			v[i] = neutralData(key, v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = neutralData(k, v[k])
		}
	}
	return value
}

// span says a duration in its largest even unit: "1 hour", "90 minutes".
func span(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.size; n > 0 && d%unit.size == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "a moment"
}
