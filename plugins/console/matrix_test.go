package console_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"

	"context"
)

// withServer gives the console a server whose parts leave a trace.
func withServer(touched *[]string) change {
	did := func(what string) { *touched = append(*touched, what) }
	return func(o *standard.Options) {
		o.Server = console.Server{
			Version: "1.2.3",
			Migrations: func(context.Context) ([]string, error) {
				return []string{"ALTER TABLE x"}, nil
			},
			Findings: func(context.Context) ([]console.Finding, error) {
				return []console.Finding{{ID: "mail", Status: "unsafe", Message: "m"}}, nil
			},
			Settings: func() (string, []console.Setting) {
				did("settings")
				return "gatehouse.yaml", []console.Setting{{Path: "secret", Value: true, Source: "env", Secret: true}}
			},
			RenderMail: func(kind, to string, data map[string]any) (string, string, string, error) {
				return kind + " to " + to, text(data), "<p>" + text(data) + "</p>", nil
			},
			Import: func(_ context.Context, job console.ImportJob) (console.ImportSummary, error) {
				did("import")
				raw, err := io.ReadAll(job.File)
				return console.ImportSummary{Rows: len(raw)}, err
			},
			Export: func(_ context.Context, w io.Writer, format string, _ []store.Condition, _ map[string]any) error {
				did("export")
				_, err := io.WriteString(w, format)
				return err
			},
			Data: func(_ context.Context, user *gatehouse.User) ([]byte, error) {
				did("data")
				return []byte(`{"user":"` + user.ID + `"}`), nil
			},
		}
	}
}

// TestAccess: who may call what. No request of somebody who may not tells
// whether there is such a person, or does anything.
func TestAccess(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched), func(o *standard.Options) { o.Features.Admin = &admin.Options{AllowImpersonatingAdmins: true} })
	h.enrol(t, peer, "admin")
	h.crowd(t, 1)
	acting := h.Enter(root)
	acting.Post("/admin/impersonate-user", map[string]any{"userId": h.id(t, peer)}).ExpectStatus(http.StatusOK)
	who := map[string]*gatehousetest.Browser{
		"nobody": h.Browser(), "user": h.Enter(ann), "moderator": h.Enter(mod), "admin": h.Enter(root), "admin as an admin": acting,
	}
	routes := []struct {
		method, path, body string
		moderator          bool
	}{
		{"GET", "/console/access", "", true}, {"GET", "/console/users", "", true}, {"GET", "/console/overview", "", true},
		{"GET", "/console/roles", "", true}, {"GET", "/console/user/%s", "", true}, {"GET", "/console/sessions", "", true},
		{"POST", "/console/sessions/revoke", `{"id":"nobody"}`, true}, {"GET", "/console/user/%s/data", "", false},
		{"POST", "/console/users/bulk", `{"ids":["%s"],"action":"ban"}`, true}, {"POST", "/console/users/bulk", `{"ids":["%s"],"action":"unban"}`, true},
		{"POST", "/console/users/bulk", `{"ids":["%s"],"action":"revoke-sessions"}`, true}, {"POST", "/console/users/bulk", `{"ids":["%s"],"action":"role","role":"user"}`, false},
		{"POST", "/console/users/bulk", `{"ids":["%s"],"action":"approve"}`, false}, {"POST", "/console/users/bulk", `{"ids":["%s"],"action":"reject"}`, false},
		{"POST", "/console/users/bulk", `{"ids":["gone"],"action":"remove"}`, false},
		{"GET", "/console/mail", "", false}, {"GET", "/console/mail/none", "", false}, {"GET", "/console/mail/none/html", "", false}, {"POST", "/console/mail/none/retry", "", false},
		{"GET", "/console/health", "", false}, {"GET", "/console/settings", "", false}, {"GET", "/console/export", "", false},
		{"POST", "/console/import", "email\n", false},
	}
	for _, r := range routes {
		for name, b := range who {
			t.Run(name+" "+r.method+" "+r.path+" "+r.body, func(t *testing.T) {
				fill := func(text, id string) string {
					if strings.Contains(text, "%s") {
						return fmt.Sprintf(text, id)
					}
					return text
				}
				send := func(id string) *gatehousetest.Answer {
					kind := ""
					if r.method == "POST" && r.body != "" {
						kind = "application/json"
					}
					if strings.HasSuffix(r.path, "/import") {
						kind = "text/csv"
					}
					return b.Send(r.method, fill(r.path, id), kind, fill(r.body, id))
				}
				before := len(touched)
				known, unknown := send("u000"), send("nobody-there")
				want, code := http.StatusOK, ""
				switch {
				case name == "nobody":
					want, code = http.StatusUnauthorized, "UNAUTHORIZED"
				case name == "admin as an admin":
					want, code = http.StatusForbidden, "NOT_WHILE_IMPERSONATING"
				case name == "user", name == "moderator" && !r.moderator:
					want, code = http.StatusForbidden, "FORBIDDEN"
				case strings.Contains(r.path, "/mail/none"):
					want, code = http.StatusNotFound, "MAIL_NOT_FOUND"
				}
				if known.Status != want || known.Text("code") != code {
					t.Errorf("got %d %s, want %d %s", known.Status, known.Body, want, code)
				}
				if want == http.StatusUnauthorized || want == http.StatusForbidden {
					if known.Status != unknown.Status || string(known.Body) != string(unknown.Body) {
						t.Errorf("tells who is there: %s, %s", known.Body, unknown.Body)
					}
					if len(touched) != before {
						t.Errorf("did %s", touched[before:])
					}
				}
			})
		}
	}
	walked := map[string]bool{}
	for _, r := range routes {
		walked[r.method+" "+strings.ReplaceAll(strings.ReplaceAll(r.path, "%s", ":id"), "none", ":id")] = true
	}
	for _, route := range h.Routes() {
		if strings.HasPrefix(route.Op.Path, "/console/") && !walked[route.Op.Method+" "+route.Op.Path] {
			t.Errorf("%s %s is in no row", route.Op.Method, route.Op.Path)
		}
	}
}

// TestAccessTellsWhatOneMay: the pages show what the server said.
func TestAccessTellsWhatOneMay(t *testing.T) {
	var touched []string
	h := newHouse(t, withServer(&touched))
	may := get[console.Access](t, h.Enter(mod), "/console/access")
	if got := text(may); got != `{"permissions":{"session":["list","revoke"],"user":["list","ban","get"]},`+
		`"features":{"approval":true,"audit":true,"lockout":true,"mail":true,"server":true,"import":true,"export":true,"stepUp":false},`+
		`"limits":{"page":200,"bulk":500,"importBytes":67108864},"version":"1.2.3"}` {
		t.Error(got)
	}
	all := get[console.Access](t, h.Enter(root), "/console/access")
	if got := text(all.Permissions); !strings.Contains(got, `"mail":["read","retry"]`) || !strings.Contains(got, `"people":["import","export"]`) || !strings.Contains(got, `"system":["read"]`) {
		t.Error(got)
	}
	roles := get[console.RoleList](t, h.Enter(root), "/console/roles")
	if len(roles.Roles) != 3 || !roles.Roles[0].Admin || roles.Roles[0].Name != "admin" || !roles.Roles[2].Default || roles.Custom {
		t.Error(text(roles))
	}
}
