package console

import "strings"

// Device is what a User-Agent header says of itself, in the few words that help
// a person tell their devices apart. Whoever sent it may have lied.
type Device struct {
	Browser string `json:"browser"` // "" when not known
	OS      string `json:"os"`      // likewise
	Kind    string `json:"kind"`    // desktop, mobile, tablet, bot or unknown
}

// The order decides: every browser names those that it wants to be taken for.
var (
	browsers = []struct{ sign, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}, {"okhttp/", "okhttp"}, {"node", "Node.js"},
	}
	systems = []struct{ sign, name, kind string }{
		{"iPad", "iPadOS", "tablet"}, {"iPhone", "iOS", "mobile"}, {"Android", "Android", "mobile"}, {"CrOS", "ChromeOS", "desktop"},
		{"Windows", "Windows", "desktop"}, {"Macintosh", "macOS", "desktop"}, {"Linux", "Linux", "desktop"},
	}
	bots = []string{"bot", "spider", "crawler", "curl/", "wget/", "python-requests", "go-http-client"}
)

func deviceOf(agent string) Device {
	d := Device{Kind: "unknown"}
	for _, b := range browsers {
		if strings.Contains(agent, b.sign) {
			d.Browser = b.name
			break
		}
	}
	for _, s := range systems {
		if strings.Contains(agent, s.sign) {
			d.OS, d.Kind = s.name, s.kind
			break
		}
	}
	if d.OS == "Android" && !strings.Contains(agent, "Mobile") {
		d.Kind = "tablet"
	}
	lower := strings.ToLower(agent)
	for _, sign := range bots {
		if strings.Contains(lower, sign) {
			d.Kind = "bot"
		}
	}
	return d
}
