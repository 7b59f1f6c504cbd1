package server_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/plugins/console"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/store"
)

// boss signs up and is made an administrator.
func (p *product) boss() map[string]string {
	p.t.Helper()
	session := p.signUp("boss@example.com")
	user, err := p.House.Users.ByEmail(p.t.Context(), "boss@example.com")
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.House.Users.Update(p.t.Context(), user.ID, store.Change{Field: "role", Value: "admin"}, store.Change{Field: "emailVerified", Value: true}); err != nil {
		p.t.Fatal(err)
	}
	return map[string]string{"Cookie": session, "Origin": p.House.Origin()}
}

func (p *product) bring(as map[string]string, query, contentType, file string) reply {
	p.t.Helper()
	header := map[string]string{"Content-Type": contentType}
	for name, value := range as {
		header[name] = value
	}
	return p.do(http.MethodPost, "/api/auth/console/import"+query, file, header)
}

func (p *product) people() int64 {
	p.t.Helper()
	n, err := store.Define[gatehouse.User](p.House.DB, "user").CountWhere(p.t.Context(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestImportOverHTTP(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database))
		boss := p.boss()
		const file = "email,name,emailVerified,role\n" +
			"ada@example.com,Ada,true,user\n" +
			"ada@example.com,Again,true,user\n" +
			"not an address,Bob,true,user\n" +
			"boss@example.com,Boss,true,user\n" +
			"cy@example.com,'=cmd(),false,moderator\n" +
			"di@example.com,Di,maybe,user\n"
		const refusals = `{"type":"refused","row":2,"email":"ada@example.com","reason":"row 1 has the same e-mail address"}
{"type":"refused","row":3,"email":"not an address","reason":"the e-mail address is not one"}
{"type":"skipped","row":4,"email":"boss@example.com","reason":"a user with this e-mail address is already there"}
{"type":"refused","row":6,"email":"di@example.com","reason":`
		for _, tt := range []struct {
			query string
			want  string
			left  int64
		}{
			{"?dryRun=true", `"rows":6,"created":2,"skipped":1,"refused":3,"dryRun":true}`, 1},
			{"?name=crm.csv", `"rows":6,"created":2,"skipped":1,"refused":3,"dryRun":false}`, 3},
			{"?name=again", `"rows":6,"created":0,"skipped":3,"refused":3,"dryRun":false}`, 3},
		} {
			got := p.bring(boss, tt.query, "text/csv", file)
			lines := strings.Split(strings.TrimSpace(got.Body), "\n")
			if got.Status != http.StatusOK || got.Header.Get("Content-Type") != "application/x-ndjson" || !strings.HasSuffix(lines[len(lines)-1], tt.want) || !strings.Contains(got.Body, `{"type":"progress",`) {
				t.Errorf("%s: %d %s", tt.query, got.Status, got.Body)
			}
			if tt.query != "?name=again" && !strings.HasPrefix(got.Body, refusals) {
				t.Errorf("%s: %s", tt.query, got.Body)
			}
			if n := p.people(); n != tt.left {
				t.Errorf("%s: %d people, want %d", tt.query, n, tt.left)
			}
		}
		cy, err := p.House.Users.ByEmail(t.Context(), "cy@example.com")
		if err != nil || cy.Name != "=cmd()" || cy.EmailVerified {
			t.Errorf("%v %v", cy, err)
		}
		admin, err := p.House.Users.ByEmail(t.Context(), "boss@example.com")
		if err != nil {
			t.Fatal(err)
		}
		entries := p.get2(boss, "/api/auth/admin/audit/list?action=user.import")
		if !strings.Contains(entries.Body, `"actor":"`+admin.ID+`"`) || !strings.Contains(entries.Body, `"source":"crm.csv"`) || strings.Contains(entries.Body, `"actor":"system"`) {
			t.Errorf("recorded %s", entries.Body)
		}
		lines := `{"email":"eve@example.com","name":"Eve","password":"` + password + `"}` + "\n" + `{"email":"x"}` + "\n" + "no JSON\n"
		if got := p.bring(boss, "", "application/x-ndjson; charset=utf-8", lines); !strings.HasSuffix(got.Body, `"rows":3,"created":1,"skipped":0,"refused":2,"dryRun":false}`+"\n") {
			t.Errorf("%d %s", got.Status, got.Body)
		}
		if got := p.post("/api/auth/sign-in/email", map[string]string{"email": "eve@example.com", "password": password}); got.Status != http.StatusOK {
			t.Errorf("who was imported cannot sign in: %d %s", got.Status, got.Body)
		}
	})
}

func (p *product) get2(as map[string]string, path string) reply {
	p.t.Helper()
	return p.do(http.MethodGet, path, "", as)
}

// TestImportRefusesWhole: what cannot be read makes nobody, and leaves no file.
func TestImportRefusesWhole(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	p := serve(t, options(t, func(o *server.Options) {
		o.Features.Console = &console.Options{MaxImportBytes: 2 << 20}
		o.Limits.MaxBodyBytes = 1 << 10
	}))
	boss := p.boss()
	for _, tt := range []struct {
		name, query, kind, file string
		status                  int
		code                    string
	}{
		{"empty", "", "text/csv", "", 400, "IMPORT_UNREADABLE"},
		{"unknown column", "", "text/csv", "email,admin\na@x.example,true\n", 400, "IMPORT_UNREADABLE"},
		{"no address", "", "text/csv", "name\nAda\n", 400, "IMPORT_UNREADABLE"},
		{"no type", "", "application/octet-stream", "email\na@x.example\n", 400, "VALIDATION_ERROR"},
		{"unknown format", "?format=xml", "text/csv", "email\na@x.example\n", 400, "VALIDATION_ERROR"},
		{"too large", "", "text/csv", "email\n" + strings.Repeat("a@x.example\n", 200_000), 413, "IMPORT_TOO_LARGE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := p.bring(boss, tt.query, tt.kind, tt.file)
			if got.Status != tt.status || !strings.Contains(got.Body, `"code":"`+tt.code+`"`) {
				t.Errorf("got %d %s, want %d %s", got.Status, got.Body, tt.status, tt.code)
			}
		})
	}
	t.Run("larger than other bodies may be", func(t *testing.T) {
		got := p.bring(boss, "?dryRun=true", "text/csv", "email\n"+strings.Repeat("a@x.example\n", 5000))
		if got.Status != 200 || !strings.Contains(got.Body, `"rows":5000,"created":1,"skipped":0,"refused":4999,"dryRun":true`) {
			t.Errorf("%d %.300s", got.Status, got.Body)
		}
		if got := p.do(http.MethodPost, "/api/auth/sign-in/email", `{"email":"`+strings.Repeat("x", 2<<10)+`"}`, nil); got.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("another body: %d", got.Status)
		}
	})
	t.Run("a quote that is never closed", func(t *testing.T) {
		got := p.bring(boss, "?dryRun=true", "text/csv", "email,name\na@x.example,A\nb@x.example,\"B\n"+strings.Repeat("c@x.example,C\n", 10))
		if got.Status != 200 && got.Status != 400 || strings.Contains(got.Body, `"created":2`) {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	t.Run("broken off", func(t *testing.T) {
		connection, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(connection, "POST /api/auth/console/import HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nOrigin: %s\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nemail\na@x.example\nb@x.example\n", boss["Cookie"], boss["Origin"])
		connection.Close()
		eventually(t, "the upload's file is gone", func() bool {
			left, err := filepath.Glob(filepath.Join(folder, "gatehouse-import-*"))
			return err == nil && len(left) == 0
		})
	})
	if n := p.people(); n != 1 {
		t.Errorf("%d people", n)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind %v %v", left, err)
	}
}

// TestSlowImport: neither the upload nor the answer is bound by the time for
// short requests.
func TestSlowImport(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) {
		o.Limits.ReadTimeout, o.Limits.WriteTimeout, o.Limits.ReadHeaderTimeout = 500*time.Millisecond, 500*time.Millisecond, 500*time.Millisecond
		o.EmailAndPassword.Hash.Workers = 1
	}))
	boss := p.boss()
	reader, writer := io.Pipe()
	go func() {
		var file bytes.Buffer
		file.WriteString("email,password\n")
		for i := range 12 {
			fmt.Fprintf(&file, "p%d@example.com,%s\n", i, password)
		}
		half := file.Len() / 2
		_, _ = writer.Write(file.Bytes()[:half])
		time.Sleep(700 * time.Millisecond)
		_, _ = writer.Write(file.Bytes()[half:])
		writer.Close()
	}()
	request, err := http.NewRequest(http.MethodPost, p.URL+"/api/auth/console/import?format=csv", reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range boss {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(text), `"created":12,`) || !strings.Contains(string(text), `"type":"done"`) {
		t.Errorf("%v %s", err, text)
	}
}

func TestExportOverHTTP(t *testing.T) {
	onBothStores(t, func(t *testing.T, database func(*server.Options)) {
		p := serve(t, options(t, database))
		boss := p.boss()
		for _, name := range []string{`=HYPERLINK("http://evil.example")`, "+1", "-1", "@x", "\tx", "'x", "plain, with \"quotes\"\nand lines"} {
			user := &gatehouse.User{Name: name, Email: fmt.Sprintf("u%d@example.com", len(name)*7+int(name[0])), EmailVerified: true}
			if err := p.House.Users.Create(t.Context(), user); err != nil {
				t.Fatal(err)
			}
		}
		got := p.get2(boss, "/api/auth/console/export?format=csv")
		if got.Status != 200 || got.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment; filename=users-") || strings.Contains(got.Body, "argon2") {
			t.Fatalf("%d %v %s", got.Status, got.Header, got.Body)
		}
		rows, err := csv.NewReader(strings.NewReader(got.Body)).ReadAll()
		if err != nil || len(rows) != 9 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("a spreadsheet runs %q", cell)
				}
			}
		}
		// What goes out comes in elsewhere as it was.
		other := serve(t, options(t))
		chief := other.boss()
		if back := other.bring(chief, "", "text/csv", got.Body); !strings.Contains(back.Body, `"created":7,"skipped":1,"refused":0,"dryRun":false`) {
			t.Errorf("%s", back.Body)
		}
		if user, err := other.House.Users.ByEmail(t.Context(), "u"+fmt.Sprint(2*7+int('+'))+"@example.com"); err != nil || user.Name != "+1" {
			t.Errorf("%v %v", user, err)
		}
		lines := p.get2(boss, "/api/auth/console/export?role=admin&status=active")
		if strings.Count(lines.Body, "\n") != 1 || !strings.Contains(lines.Body, `"email":"boss@example.com"`) {
			t.Errorf("filtered: %s", lines.Body)
		}
		if none := p.get2(boss, "/api/auth/console/export?search=ab&searchMode=contains"); none.Status != 400 {
			t.Errorf("%d %s", none.Status, none.Body)
		}
		admin, err := p.House.Users.ByEmail(t.Context(), "boss@example.com")
		if err != nil {
			t.Fatal(err)
		}
		data := p.get2(boss, "/api/auth/console/user/"+admin.ID+"/data")
		var record struct {
			User     struct{ Email string }
			Accounts []map[string]any
			Sessions []map[string]any
		}
		if err := json.Unmarshal([]byte(data.Body), &record); err != nil || record.User.Email != "boss@example.com" || len(record.Accounts) != 1 || len(record.Sessions) != 1 || strings.Contains(data.Body, "argon2") {
			t.Errorf("%d %v %s", data.Status, err, data.Body)
		}
		if missing := p.get2(boss, "/api/auth/console/user/none/data"); missing.Status != 404 {
			t.Errorf("%d %s", missing.Status, missing.Body)
		}
		entries := p.get2(boss, "/api/auth/admin/audit/list?target="+admin.ID+"&action=user.data")
		if strings.Count(entries.Body, `"action":"user.data"`) != 1 || !strings.Contains(entries.Body, `"actor":"`+admin.ID) {
			t.Errorf("recorded %s", entries.Body)
		}
		if entries := p.get2(boss, "/api/auth/admin/audit/list?action=user.export"); !strings.Contains(entries.Body, `"fields":["role","status"]`) || !strings.Contains(entries.Body, `"actor":"`+admin.ID) {
			t.Errorf("recorded %s", entries.Body)
		}
	})
}

// TestSettings: every option, where it comes from, and no secret.
func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gatehouse.yaml")
	const secret, smtp = "K7f0qWm2Zr9Xb4Vt8Lp3Ns6Hd1Jg5Cy0Ae", "smtp-Passw0rd-xyz"
	text := "secret: " + secret + "\nappName: Acme\nsession:\n  expiresIn: 2d\nmail:\n  smtp: {password: " + smtp + "}\nplugins:\n  approval: {mode: open}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := server.Load(server.Source{File: file, Env: []string{"GATEHOUSE_LOG_LEVEL=debug"}, Flags: map[string]string{"listen": "127.0.0.1:0", "data": t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	loaded.EmailAndPassword.Hash.OwnProcess = false
	p := serve(t, loaded.Options)
	boss := p.boss()
	got := p.get2(boss, "/api/auth/console/settings")
	if strings.Contains(got.Body, secret) || strings.Contains(got.Body, smtp) {
		t.Errorf("tells a secret: %s", got.Body)
	}
	for _, want := range []string{
		`{"path":"appName","value":"Acme","source":"file","secret":false,"default":"Gatehouse"}`,
		`{"path":"session.expiresIn","value":"2d","source":"file","secret":false,"default":"1w"}`,
		`{"path":"secret","value":true,"source":"file","secret":true,"default":null}`,
		`{"path":"mail.smtp.password","value":true,"source":"file","secret":true,"default":null}`,
		`{"path":"log.level","value":"debug","source":"env","secret":false,"default":"info"}`,
		`{"path":"listen","value":"127.0.0.1:0","source":"flag","secret":false,"default":"127.0.0.1:3000"}`,
		`{"path":"rateLimit.max","value":100,"source":"default","secret":false,"default":100}`,
		`{"path":"plugins.approval.mode","value":"open","source":"file","secret":false,"default":"approval"}`,
	} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("no %s", want)
		}
	}
	if !strings.Contains(got.Body, `"file":"`+file) {
		t.Errorf("not told where from: %.200s", got.Body)
	}
	health := p.get2(boss, "/api/auth/console/health")
	if !strings.Contains(health.Body, `"migrations":{"pending":[]}`) || !strings.Contains(health.Body, `"status":"ok"`) {
		t.Errorf("health %s", health.Body)
	}
	overview := p.get2(boss, "/api/auth/console/overview")
	if !strings.Contains(overview.Body, `"checklist":[{"id":"baseURL","status":"unsafe",`) {
		t.Errorf("overview %s", overview.Body)
	}
	if again := p.get2(boss, "/api/auth/console/health"); again.Status != 200 {
		t.Errorf("%d", again.Status)
	}
}

// TestMailPreview: the server's own templates, without the token.
func TestMailPreview(t *testing.T) {
	p := serve(t, options(t, func(o *server.Options) {
		o.Mail.Webhook.URL, o.Mail.Webhook.Secret = "http://127.0.0.1:9/none", strings.Repeat("s", 32)
	}))
	boss := p.boss()
	p.post("/api/auth/request-password-reset", map[string]string{"email": "boss@example.com"})
	var list struct {
		Mails []struct{ ID, Kind string }
	}
	got := p.get2(boss, "/api/auth/console/mail?state=pending")
	if err := json.Unmarshal([]byte(got.Body), &list); err != nil {
		t.Fatal(err, got.Body)
	}
	found := false
	for _, m := range list.Mails {
		if m.Kind != "reset-password" {
			continue
		}
		found = true
		shown := p.get2(boss, "/api/auth/console/mail/"+m.ID)
		if !strings.Contains(shown.Body, "Reset your password") || !strings.Contains(shown.Body, "/reset-password/REDACTED") || !strings.Contains(shown.Body, "\\u003c") && !strings.Contains(shown.Body, "<") {
			t.Errorf("%s", shown.Body)
		}
	}
	if !found {
		t.Errorf("no mail: %s", got.Body)
	}
}
