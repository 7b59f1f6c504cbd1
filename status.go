package gatehouse

import (
	"net/http"
	"regexp"
)

// builtInRoutes are the two that belong to no feature.
func (a *App) builtInRoutes() []Route {
	return []Route{
		Endpoint(Op{
			ID: "ok", Method: http.MethodGet, Path: "/ok", Access: Public,
			Doc: "Says that the server answers.",
		}, func(*Call, struct{}) (Alive, error) { return Alive{OK: true}, nil }),
		Endpoint(Op{
			ID: "error", Method: http.MethodGet, Path: "/error", Access: Public,
			Doc: "Sends a person whose flow failed to the error page, with the code.",
		}, a.errorPage),
	}
}

// Status is the answer of operations that have nothing to tell but success.
type Status struct {
	Status bool `json:"status"`
}

// Alive is the answer of GET /ok.
type Alive struct {
	OK bool `json:"ok"`
}

// safeCode is what an error code may look like; anything else could be a
// text that somebody wants a page of ours to show.
var safeCode = regexp.MustCompile(`^['A-Za-z0-9_-]+$`)

func (a *App) errorPage(c *Call, _ struct{}) (Page, error) {
	query := c.query()
	code := query.Get("error")
	if !safeCode.MatchString(code) {
		code = "UNKNOWN"
	}
	target := a.config.OnAPIError.ErrorURL
	if target == "" {
		target = "/"
	}
	pairs := []string{"error", code}
	if description := query.Get("error_description"); description != "" {
		pairs = append(pairs, "error_description", description)
	}
	c.Header().Set("Location", AddQuery(target, pairs...))
	return Page{Status: http.StatusFound}, nil
}
