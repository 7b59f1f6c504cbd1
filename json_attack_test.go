package gatehouse_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/password"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// TestBodiesThatAreNotJSON: what JSON.parse refuses we refuse, and of two
// readings of a text there is one everywhere (row 109).
func TestBodiesThatAreNotJSON(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	good := `{"email":"ada@example.com","password":"correct horse battery"}`
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"good", good, 200},
		{"a byte order mark", "\xef\xbb\xbf" + good, 200},
		{"white space around it", " \r\n\t" + good + "\n ", 200},
		{"the last of two keys counts", `{"email":"eve@example.com","email":"ada@example.com","password":"x","password":"correct horse battery"}`, 200},
		{"keys differ by case", `{"Email":"ada@example.com","PASSWORD":"correct horse battery","email":"eve@example.com","password":"x"}`, 401},
		{"keys in capitals only", `{"EMAIL":"ada@example.com","Password":"correct horse battery"}`, 400},
		{"an unknown key", `{"email":"ada@example.com","password":"correct horse battery","a":{"b":[1e999,null]}}`, 200},
		{"__proto__", `{"__proto__":{"email":"ada@example.com","password":"correct horse battery"}}`, 400},
		{"nothing", "", 400},
		{"trailing data", good + "{}", 400},
		{"a trailing comma", `{"email":"ada@example.com","password":"correct horse battery",}`, 400},
		{"a comment", `{"email":"ada@example.com","password":"correct horse battery"}//`, 400},
		{"single quotes", `{'email':'ada@example.com','password':'correct horse battery'}`, 400},
		{"bare keys", `{email:"ada@example.com",password:"correct horse battery"}`, 400},
		{"UTF-16", "\xff\xfe{\x00}\x00", 400},
		{"cut", good[:len(good)-2], 400},
		{"NaN", `{"email":NaN}`, 400},
		{"hexadecimal", `{"email":0x10}`, 400},
		{"a lone surrogate", `{"email":"\ud800@example.com","password":"correct horse battery"}`, 400},
		{"NUL in a text", `{"email":"ada\u0000@example.com","password":"correct horse battery"}`, 400},
		{"bytes in a text", "{\"email\":\"ada\xff@example.com\",\"password\":\"correct horse battery\"}", 400},
		{"a control character in a text", "{\"email\":\"ada\n@example.com\"}", 400},
		{"a thousand arrays", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), 400},
		{"a million open arrays", strings.Repeat("[", 1_000_000), 400},
		{"a million open objects", strings.Repeat(`{"a":`, 200_000), 400},
		{"more than a MiB", `{"email":"` + strings.Repeat("a", 1<<20) + `"}`, 413},
		{"a text", `"text"`, 400}, {"a number", `7`, 400}, {"null", `null`, 400}, {"a list", `[]`, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := house.Browser().Send("POST", "/sign-in/email", "application/json", tt.body)
			if got.Status != tt.status {
				t.Errorf("answers %d %s, want %d", got.Status, got.Body, tt.status)
			}
		})
	}
}

// TestForms: what a form may and may not be taken for.
func TestForms(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	for _, tt := range []struct {
		name, kind, body string
		status           int
	}{
		{"a form", "application/x-www-form-urlencoded", "email=ada%40example.com&password=correct+horse+battery", 200},
		{"with a charset", "application/x-www-form-urlencoded; charset=utf-8", "email=ada%40example.com&password=correct+horse+battery", 200},
		{"in capitals", "APPLICATION/X-WWW-FORM-URLENCODED", "email=ada%40example.com&password=correct+horse+battery", 200},
		{"the last of two values counts", "application/x-www-form-urlencoded", "email=x&email=ada%40example.com&password=correct+horse+battery", 200},
		{"a text is no boolean", "application/x-www-form-urlencoded", "email=ada%40example.com&password=correct+horse+battery&rememberMe=true", 400},
		{"a list", "application/x-www-form-urlencoded", "email[]=ada%40example.com&password[$ne]=x", 400},
		{"a bad escape", "application/x-www-form-urlencoded", "email=%zz", 400},
		{"a semicolon", "application/x-www-form-urlencoded", "email=a;password=b", 400},
		{"JSON called a form", "application/x-www-form-urlencoded", `{"email":"ada@example.com","password":"correct horse battery"}`, 400},
		{"a form called JSON", "application/json", "email=ada%40example.com&password=correct+horse+battery", 400},
		{"JSON with a charset", "application/json; charset=utf-8", `{"email":"ada@example.com","password":"correct horse battery"}`, 200},
		{"JSON of another name", "application/vnd.api+json", `{"email":"ada@example.com","password":"correct horse battery"}`, 415},
		{"two types", "application/json, text/plain", `{}`, 415},
		{"no type is no body", "", `{"email":"ada@example.com","password":"correct horse battery"}`, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := house.Browser()
			b.Header.Set("Sec-Fetch-Site", "same-origin")
			b.Header.Set("Sec-Fetch-Mode", "navigate")
			if got := b.Send("POST", "/sign-in/email", tt.kind, tt.body); got.Status != tt.status {
				t.Errorf("answers %d %s, want %d", got.Status, got.Body, tt.status)
			}
		})
	}
}

// TestWrongFieldNamesSetNoEmptyPassword (row 126): a missing, empty or
// misnamed member is a 400, and the password stays.
func TestWrongFieldNamesSetNoEmptyPassword(t *testing.T) {
	house := newHouse(t, nil)
	house.AddUser(ada, passcode)
	b := house.Enter(ada)
	house.Post("/request-password-reset", password.RequestReset{Email: ada}).ExpectStatus(http.StatusOK)
	secret := tokenIn(t, house, "reset-password", ada)
	for path, bodies := range map[string][]string{
		"/change-password": {
			`{"password":"new password","currentPassword":"correct horse battery"}`, `{"newPassword":"","currentPassword":"correct horse battery"}`,
			`{"newPassword":null,"currentPassword":"correct horse battery"}`, `{"newPassword":"new password"}`, `{"newPassword":"new password","currentPassword":""}`,
		},
		"/reset-password": {
			`{"password":"new password","token":"` + secret + `"}`, `{"newPassword":"","token":"` + secret + `"}`,
			`{"newPassword":"new password","token":null}`, `{"newPassword":"new password","token":""}`, `{"newPassword":"new password"}`,
		},
		"/sign-up/email": {
			`{"email":"eve@example.com","name":"Eve","password":""}`, `{"email":"eve@example.com","name":"Eve","newPassword":"new password"}`,
			`{"email":"eve@example.com","name":"Eve","password":null}`, `{"email":"","name":"Eve","password":"new password"}`,
		},
		"/sign-in/email": {`{"email":"ada@example.com"}`, `{"email":"ada@example.com","password":null}`},
	} {
		for _, body := range bodies {
			if got := b.Send("POST", path, "application/json", body); got.Status != http.StatusBadRequest {
				t.Errorf("%s with %s answers %d %s", path, body, got.Status, got.Body)
			}
		}
	}
	house.SignIn(ada, passcode)
	house.Post("/sign-in/email", password.SignIn{Email: ada, Password: ""}).Expect(gatehousetest.Fails(password.ErrInvalidCredentials))
}

// TestAdditionalFields: each is of its declared type or refused (row 116).
func TestAdditionalFields(t *testing.T) {
	optional := at(false)
	house := newHouse(t, func(o *standard.Options) {
		o.User.AdditionalFields = map[string]gatehouse.FieldOptions{
			"nick": {Type: "string", Required: optional}, "age": {Type: "number", Required: optional}, "vip": {Type: "boolean", Required: optional},
			"born": {Type: "date", Required: optional}, "tags": {Type: "string[]", Required: optional}, "scores": {Type: "number[]", Required: optional},
			"meta": {Type: "json", Required: optional}, "plan": {Type: "string", DefaultValue: "free", FieldName: "subscription_plan"},
			"code": {Type: "string"},
		}
		o.Session.AdditionalFields = map[string]gatehouse.FieldOptions{"theme": {Type: "string", DefaultValue: "light"}}
	})
	up := map[string]any{"email": ada, "password": passcode, "name": "Ada"}
	house.Post("/sign-up/email", up).Expect(gatehousetest.Fails(gatehouse.ErrMissingField.Saying("code is required")))
	up["code"] = "x"
	b := house.Browser()
	b.Post("/sign-up/email", up).Expect(gatehousetest.OK(`{"token":"…","user":{"name":"Ada","email":"ada@example.com","emailVerified":false,"image":null,"createdAt":"…","updatedAt":"…","age":null,"born":null,"code":"x","meta":null,"nick":null,"plan":"free","scores":null,"tags":null,"vip":null,"id":"…"}}`))
	for _, tt := range []struct {
		change string
		status int
	}{
		{`{"nick":"al","age":36,"vip":true,"tags":["a","b"],"scores":[1,2.5],"meta":{"a":[1]},"born":"1815-12-10T00:00:00.000Z","plan":"pro"}`, 200},
		{`{"nick":null,"age":null,"vip":null,"tags":null}`, 200},
		{`{"tags":[]}`, 200},
		// Texts and numbers stand in for each other, as the protocol has it.
		{`{"nick":7}`, 200}, {`{"age":"36"}`, 200}, {`{"vip":"true"}`, 200}, {`{"born":"1815-12-10"}`, 200},
		{`{"nick":["a"]}`, 400}, {`{"nick":{"a":1}}`, 400}, {`{"nick":true}`, 400}, {`{"age":true}`, 400}, {`{"age":[1]}`, 400},
		{`{"vip":1}`, 400}, {`{"vip":{}}`, 400}, {`{"tags":"a"}`, 400}, {`{"tags":[1]}`, 400}, {`{"tags":{"a":"b"}}`, 400},
		{`{"scores":["a"]}`, 400}, {`{"scores":[1,"a"]}`, 400}, {`{"born":"yesterday"}`, 400}, {`{"born":7}`, 400},
		{`{"unknown":1}`, 400}, {`{}`, 400}, {`{"age":1e400}`, 400},
	} {
		if got := b.Send("POST", "/update-user", "application/json", tt.change); got.Status != tt.status {
			t.Errorf("%s answers %d %s, want %d", tt.change, got.Status, got.Body, tt.status)
		}
	}
	b.Post("/update-session", map[string]any{"theme": "dark", "other": 1}).
		Expect(gatehousetest.OK(`{"session":{"expiresAt":"…","token":"…","createdAt":"…","updatedAt":"…","ipAddress":"…","userAgent":"…","userId":"…","theme":"dark","id":"…"}}`))
}
