package wire_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                            `""`,
		`a"b\c/`:                      `"a\"b\\c/"`,
		"\b\t\n\f\r\x00\x1f\x7f":      "\"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\"",
		"<a href='x'>&</a>":           `"<a href='x'>&</a>"`,
		"\u2028\u2029é𝒳":              "\"\u2028\u2029é𝒳\"",
		"\xff\xe2\x82x":               "\"\ufffd\ufffd\ufffdx\"",
		"\ufffd":                      "\"\ufffd\"",
		strings.Repeat("long ", 1000): `"` + strings.Repeat("long ", 1000) + `"`,
	} {
		if got := string(wire.AppendString(nil, in)); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestAppendTime(t *testing.T) {
	for want, in := range map[string]time.Time{
		`"2026-01-02T03:04:05.678Z"`:    time.UnixMilli(1767323045678),
		`"2026-01-02T03:04:05.000Z"`:    time.Date(2026, 1, 2, 5, 4, 5, 999_999, time.FixedZone("", 7200)),
		`"0001-01-01T00:00:00.000Z"`:    {},
		`"+010000-01-01T00:00:00.000Z"`: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		`"-000001-12-31T23:59:59.999Z"`: time.Date(-1, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	} {
		if got := string(wire.AppendTime(nil, in)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMarshal(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want string
	}{
		{"<>&\u2028\u2029", "\"<>&\u2028\u2029\""},
		{`\u2028 \\u2028`, `"\\u2028 \\\\u2028"`},
		{"\xff\ufffd", "\"\ufffd\ufffd\""},
		{[]any{nil, true, 1.5, 1e21, 1e-7, "é"}, `[null,true,1.5,1e+21,1e-7,"é"]`},
		{struct {
			B int             `json:"b"`
			A json.RawMessage `json:"a"`
		}{1, json.RawMessage(`{ "z": "\u2028" , "y":[ ] }`)}, "{\"b\":1,\"a\":{\"z\":\"\u2028\",\"y\":[]}}"},
	} {
		got, err := wire.Marshal(tt.in)
		if err != nil || string(got) != tt.want {
			t.Errorf("%v becomes %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	if _, err := wire.Marshal(math.NaN()); err == nil {
		t.Error("NaN has no JSON")
	}
}

func TestParse(t *testing.T) {
	type m = map[string]any
	for in, want := range map[string]any{
		`null`:                          nil,
		` true `:                        true,
		"\t[1 , -0.5e+2,\r\n0]":         []any{1.0, -50.0, 0.0},
		`{"email":"a","email":"b"}`:     m{"email": "b"},
		`{"Email":"a","email":"b"}`:     m{"Email": "a", "email": "b"},
		`{"__proto__":{"a":1}}`:         m{"__proto__": m{"a": 1.0}},
		`{"":[]}`:                       m{"": []any{}},
		"\ufeff{}":                      m{},
		`[1e400,-1e400,1e-400]`:         []any{math.Inf(1), math.Inf(-1), 0.0},
		`"\"\\\/\b\f\n\r\t\u00e9"`:      "\"\\/\b\f\n\r\té",
		`"\u0000"`:                      "\x00",
		`"\ud835\udcb3"`:                "𝒳",
		`"\ud835"`:                      "\ufffd",
		`"\udcb3\ud835"`:                "\ufffd\ufffd",
		`"\ud835\u0041"`:                "\ufffdA",
		`"\ud835\ud835\udcb3"`:          "\ufffd𝒳",
		"\"\xff\xe2\x82x\xf0\x90\x80\"": "\ufffd\ufffdx\ufffd",
		"\"\xed\xa0\x80\xc0\xaf\"":      "\ufffd\ufffd\ufffd\ufffd\ufffd",
		"\"\xe2\x80\xa8\x7f\"":          "\u2028\x7f",
		`9007199254740993`:              9007199254740992.0,
	} {
		got, err := wire.Parse([]byte(in))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, %v, want %#v", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "{", "[1,]", "[,1]", `{"a":1,}`, `{a:1}`, `{'a':1}`, `{"a"}`, `{"a":}`, "1 2", "{}x", "// c\n1", "/**/1",
		"01", "+1", ".5", "1.", "1e", "1e+", "-", "0x1", "NaN", "Infinity", "undefined", "True", "nul",
		`"a`, "\"\n\"", "\"\x00\"", `"\x41"`, `"\u00g0"`, `"\u00"`, `"\`, "\ufeff\ufeff1", "1\ufeff", "\xff\xfe{", "{\x00\"\x00",
		"\u00a01", "\v1", strings.Repeat("[", 10001) + strings.Repeat("]", 10001), strings.Repeat("[", 1_000_000), strings.Repeat(`{"a":`, 1_000_000),
	} {
		if got, err := wire.Parse([]byte(in)); err == nil {
			t.Errorf("%.40q reads as %v", in, got)
		}
	}
}

func TestDeepBodies(t *testing.T) {
	for _, depth := range []int{2000, wire.MaxDepth} {
		body := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if _, err := wire.Parse([]byte(body)); err != nil {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
}

func TestMembers(t *testing.T) {
	members, err := wire.Members([]byte(` { "a" : {"x":[1, "}"]} , "\u0062":"\"", "a":-1.5e3 } `))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		got = append(got, m.Key+"="+string(m.Raw))
	}
	want := []string{`a={"x":[1, "}"]}`, `b="\""`, `a=-1.5e3`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []string{"", "[]", "{", `{"a":}`, `{"a":1,}`, `{"a":1}x`, `{"a":"\x"}`, `{"a":[1}`, `{a:1}`} {
		if m, err := wire.Members([]byte(bad)); err == nil {
			t.Errorf("%q has members %v", bad, m)
		}
	}
}

func TestAppendCanonical(t *testing.T) {
	for in, want := range map[string]string{
		` { "b" : 1.0 , "a" : [ 1e3 , -0, 1E400, "\u003c\u2028\/\u000A" , { } , [ ] , null , true ] } `: "{\"b\":1,\"a\":[1000,0,null,\"<\u2028/\\n\",{},[],null,true]}",
		`"\ud800"`: "\"\ufffd\"",
		`0.1`:      `0.1`,
	} {
		got, err := wire.AppendCanonical(nil, []byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s becomes %s, %v, want %s", in, got, err, want)
		}
	}
	for _, bad := range []string{"", "{", "[1", `{"a" 1}`, "1 1"} {
		if _, err := wire.AppendCanonical(nil, []byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestParseForm(t *testing.T) {
	got := wire.ParseForm("a=1&a=2&b+c=d+e&f&=g&&h=%zz%41%&i=%ff&j=x=y;z")
	want := map[string][]string{"a": {"1", "2"}, "b c": {"d e"}, "f": {""}, "": {"g"}, "h": {"%zzA%"}, "i": {"\ufffd"}, "j": {"x=y;z"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzParse holds Parse against encoding/json: the same texts are valid, and
// what both read is the same. A byte order mark and broken UTF-8 differ.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\u00e9\ud835\udcb3",null,true],"a":{}}`, "[[[]]]", `"\/"`, "-0", "1e400"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := wire.Parse(body)
		if bytes.HasPrefix(body, []byte("\ufeff")) {
			return
		}
		if (err == nil) != json.Valid(body) {
			t.Fatalf("%q: %v, encoding/json says %v", body, err, json.Valid(body))
		}
		var want any
		if err != nil || !utf8.Valid(body) || json.Unmarshal(body, &want) != nil {
			return // encoding/json refuses 1e400
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %#v, want %#v", body, got, want)
		}
		text, err := wire.AppendCanonical(nil, body)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if again, err := wire.Parse(text); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%q becomes %q: %v", body, text, err)
		}
	})
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":{"x":[1,"}"]},"b":"\""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		members, err := wire.Members(text)
		parsed, perr := wire.Parse(text)
		object, isObject := parsed.(map[string]any)
		if bytes.HasPrefix(text, []byte("\ufeff")) {
			return
		}
		if (err == nil) != (perr == nil && isObject) {
			t.Fatalf("%q: %v and %v", text, err, perr)
		}
		for _, m := range members {
			if _, ok := object[m.Key]; !ok {
				t.Fatalf("%q: no member %q", text, m.Key)
			}
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\x00\u2028é\xff")
	f.Fuzz(func(t *testing.T, s string) {
		text := wire.AppendString(nil, s)
		if got, err := wire.Parse(text); err != nil || utf8.ValidString(s) && got != s {
			t.Fatalf("%q becomes %q: %v", s, text, err)
		}
		if marshalled, err := wire.Marshal(s); err != nil || utf8.ValidString(s) && string(marshalled) != string(text) {
			t.Fatalf("%q: %q and %q", s, marshalled, text)
		}
	})
}
