package check_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/internal/wire"
)

// shapes are the Go types of the schemas in testdata/zod.json.
var shapes = map[string]reflect.Type{
	"string": reflect.TypeFor[struct {
		V string `json:"v"`
	}](),
	"optString": reflect.TypeFor[struct {
		V *string `json:"v"`
	}](),
	"nullString": reflect.TypeFor[struct {
		V *string `json:"v" check:"nullable,required"`
	}](),
	"nullishString": reflect.TypeFor[struct {
		V *string `json:"v" check:"nullable"`
	}](),
	"bool": reflect.TypeFor[struct {
		V bool `json:"v"`
	}](),
	"optBool": reflect.TypeFor[struct {
		V *bool `json:"v"`
	}](),
	"number": reflect.TypeFor[struct {
		V float64 `json:"v"`
	}](),
	"rangeNumber": reflect.TypeFor[struct {
		V float64 `json:"v" check:"min=1,max=5"`
	}](),
	"int": reflect.TypeFor[struct {
		V int `json:"v"`
	}](),
	"strings": reflect.TypeFor[struct {
		V []string `json:"v"`
	}](),
	"someStrings": reflect.TypeFor[struct {
		V []string `json:"v" check:"min=1,max=2"`
	}](),
	"record": reflect.TypeFor[struct {
		V map[string]any `json:"v"`
	}](),
	"stringRecord": reflect.TypeFor[struct {
		V map[string]string `json:"v"`
	}](),
	"any": reflect.TypeFor[struct {
		V any `json:"v"`
	}](),
	"nested": reflect.TypeFor[struct {
		O struct {
			A string `json:"a"`
			B *struct {
				C float64 `json:"c"`
			} `json:"b"`
		} `json:"o"`
	}](),
	"optNested": reflect.TypeFor[struct {
		O *struct {
			A string `json:"a"`
		} `json:"o"`
	}](),
	"email": reflect.TypeFor[struct {
		V string `json:"v" check:"email"`
	}](),
	"emailMax": reflect.TypeFor[struct {
		V string `json:"v" check:"email,max=12"`
	}](),
	"minEmailMax": reflect.TypeFor[struct {
		V string `json:"v" check:"min=5,email,max=8"`
	}](),
	"minMax": reflect.TypeFor[struct {
		V string `json:"v" check:"min=3,max=4"`
	}](),
	"nonempty": reflect.TypeFor[struct {
		V string `json:"v" check:"nonempty"`
	}](),
	"enum": reflect.TypeFor[struct {
		V string `json:"v" check:"enum=a|b"`
	}](),
	"oneEnum": reflect.TypeFor[struct {
		V string `json:"v" check:"enum=q"`
	}](),
	"optEnum": reflect.TypeFor[struct {
		V *string `json:"v" check:"enum=a|b"`
	}](),
	"strict": reflect.TypeFor[struct {
		_ struct{} `check:"strict"`
		A string   `json:"a"`
	}](),
	"nestedStrict": reflect.TypeFor[struct {
		N struct {
			_ struct{} `check:"strict"`
			A string   `json:"a"`
		} `json:"n"`
	}](),
	"signUp": reflect.TypeFor[signUp](),
	"root":   reflect.TypeFor[map[string]any](),
	"optRoot": reflect.TypeFor[*struct {
		A string `json:"a"`
	}](),
	"coerce": reflect.TypeFor[struct {
		V string `json:"v" check:"coerce"`
	}](),
	"union": reflect.TypeFor[struct {
		V string `json:"v" check:"union"`
	}](),
	"order": reflect.TypeFor[struct {
		B string `json:"b"`
		A string `json:"a"`
		C bool   `json:"c"`
	}](),
	"objects": reflect.TypeFor[struct {
		V []struct {
			A string `json:"a"`
		} `json:"v"`
	}](),
}

type signUp struct {
	_        struct{}       `check:"record"`
	Name     string         `json:"name" check:"nonempty"`
	Email    string         `json:"email" check:"email"`
	Password string         `json:"password" check:"nonempty"`
	Image    *string        `json:"image"`
	Remember *bool          `json:"rememberMe"`
	More     map[string]any `json:"*"`
}

// TestWordsAgreeWithReference runs every input of testdata/zod.json and
// expects the issues that zod itself reported, in its words and order.
func TestWordsAgreeWithReference(t *testing.T) {
	text, err := os.ReadFile("testdata/zod.json")
	if err != nil {
		t.Fatal(err)
	}
	var data struct {
		Cases []struct {
			Shape  string
			Body   *string
			Issues []string
		}
	}
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	for _, c := range data.Cases {
		typ, ok := shapes[c.Shape]
		if !ok {
			t.Fatalf("no Go type for schema %q", c.Shape)
		}
		shape, err := check.Compile(typ, "json")
		if err != nil {
			t.Fatal(err)
		}
		var value any
		body := "(none)"
		if c.Body != nil {
			body = *c.Body
			if value, err = wire.Parse([]byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		got := shape.Decode("body", value, c.Body != nil, reflect.New(typ).Elem())
		if !slices.Equal(got, c.Issues) {
			t.Errorf("%s %s\ngot  %q\nwant %q", c.Shape, body, got, c.Issues)
		}
	}
}

func decode(t *testing.T, tag, body string, into any) []string {
	t.Helper()
	v := reflect.ValueOf(into).Elem()
	shape, err := check.Compile(v.Type(), tag)
	if err != nil {
		t.Fatal(err)
	}
	value, err := wire.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return shape.Decode("body", value, true, v)
}

func TestDecodedValues(t *testing.T) {
	var got signUp
	issues := decode(t, "json", `{"name":"Ada","email":"a@b.co","password":"p","rememberMe":false,"role":"admin","__proto__":{"x":1},"Name":"other"}`, &got)
	if issues != nil {
		t.Fatal(issues)
	}
	no := false
	want := signUp{Name: "Ada", Email: "a@b.co", Password: "p", Remember: &no,
		More: map[string]any{"role": "admin", "__proto__": map[string]any{"x": 1.0}, "Name": "other"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodedKinds(t *testing.T) {
	type point struct {
		X int64 `json:"x"`
	}
	type all struct {
		Strings []string          `json:"strings"`
		Record  map[string]any    `json:"record"`
		Labels  map[string]string `json:"labels" check:"optional"`
		Any     any               `json:"any"`
		Points  []point           `json:"points"`
		One     *point            `json:"one"`
		None    *point            `json:"none" check:"nullable"`
		ID      string            `json:"id" check:"coerce"`
		hidden  string            //nolint:unused // not a field of the body
		Other   string            `query:"other"`
		Skipped string            `json:"-"`
	}
	var got all
	issues := decode(t, "json", `{"strings":["a","b"],"record":{"k":[1]},"any":[null],"points":[{"x":1},{"x":-2}],"one":{"x":3},"none":null,"id":42,"Other":"o","-":"s"}`, &got)
	if issues != nil {
		t.Fatal(issues)
	}
	want := all{Strings: []string{"a", "b"}, Record: map[string]any{"k": []any{1.0}}, Any: []any{nil},
		Points: []point{{1}, {-2}}, One: &point{3}, ID: "42"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestQuery(t *testing.T) {
	type query struct {
		Token *string  `query:"token"`
		Flag  bool     `query:"flag"`
		Maybe *bool    `query:"maybe"`
		Limit *float64 `query:"limit"`
		List  []string `query:"list" check:"optional"`
	}
	yes, no, ten := true, false, 10.0
	text := "t"
	for _, tt := range []struct {
		query  string
		want   query
		issues []string
	}{
		{"", query{}, nil},
		{"flag=false&maybe=&limit=10&token=t", query{Token: &text, Flag: true, Maybe: &no, Limit: &ten}, nil},
		{"flag=&maybe=0", query{Maybe: &yes}, nil},
		{"flag=&flag=", query{Flag: true}, nil},
		{"list=a&list=b", query{List: []string{"a", "b"}}, nil},
		{"token=a&token=b", query{}, []string{"[query.token] Invalid input: expected string, received array"}},
		{"limit=ten", query{}, []string{"[query.limit] Invalid input: expected number, received NaN"}},
		{"limit=inf", query{}, []string{"[query.limit] Invalid input: expected number, received NaN"}},
		{"list=a", query{}, []string{"[query.list] Invalid input: expected array, received string"}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			shape, err := check.Compile(reflect.TypeFor[query](), "query")
			if err != nil {
				t.Fatal(err)
			}
			var got query
			issues := shape.DecodeQuery("query", wire.ParseForm(tt.query), reflect.ValueOf(&got).Elem())
			if !slices.Equal(issues, tt.issues) || issues == nil && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v %q\nwant %+v %q", got, issues, tt.want, tt.issues)
			}
		})
	}
}

func TestUnionHidesDetails(t *testing.T) {
	type either struct {
		_       struct{} `check:"strict,union"`
		Account *string  `json:"accountId"`
		Cookie  *bool    `json:"useAccountCookie"`
	}
	var in either
	want := []string{"[body] Invalid input"}
	if got := decode(t, "json", `{"accountId":1,"x":2}`, &in); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

type cyclic struct {
	Next *cyclic `json:"next"`
}

func TestCompileRefuses(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[cyclic](),
		reflect.TypeFor[chan int](),
		reflect.TypeFor[struct {
			V error `json:"v"`
		}](),
		reflect.TypeFor[struct {
			V string `json:"v" check:"emial"`
		}](),
		reflect.TypeFor[struct {
			V bool `json:"v" check:"email"`
		}](),
		reflect.TypeFor[struct {
			V bool `json:"v" check:"min=1"`
		}](),
		reflect.TypeFor[struct {
			V string `json:"v" check:"min=x"`
		}](),
		reflect.TypeFor[struct {
			V map[int]string `json:"v"`
		}](),
		reflect.TypeFor[struct {
			V string `json:"*"`
		}](),
		reflect.TypeFor[struct {
			_ struct{} `check:"loose"`
		}](),
	} {
		if _, err := check.Compile(typ, "json"); err == nil {
			t.Errorf("%s compiles", typ)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"","email":"x","password":[],"n":{"a":1}}`))
	shape, err := check.Compile(reflect.TypeFor[signUp](), "json")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := wire.Parse(body)
		if err != nil {
			return
		}
		var in signUp
		issues := shape.Decode("body", value, true, reflect.ValueOf(&in).Elem())
		if len(issues) == 0 && (in.Name == "" || !check.IsEmail(in.Email)) {
			t.Errorf("%s passes as %+v", body, in)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	shape, err := check.Compile(reflect.TypeFor[signUp](), "json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		value, _ := wire.Parse([]byte(`{"name":"Ada","email":"ada@example.com","password":"correct horse","rememberMe":true}`))
		var in signUp
		if shape.Decode("body", value, true, reflect.ValueOf(&in).Elem()) != nil {
			b.Fatal("refused")
		}
	}
}

func TestSingleAndFilled(t *testing.T) {
	type body struct {
		Role []string `json:"role" check:"single,union"`
		Name string   `json:"name" check:"filled"`
		ID   string   `json:"id" check:"coerce,filled"`
	}
	for text, want := range map[string][]string{
		`{"role":"a","name":"n","id":5}`:   nil,
		`{"role":["a"],"name":"n","id":5}`: nil,
		`{"role":[],"name":"n","id":null}`: nil,
		`{"role":5,"name":"","id":""}`:     {"[body.role] Invalid input", "[body.name] name cannot be empty", "[body.id] id cannot be empty"},
		`{"role":["a",5],"name":5}`: {"[body.role] Invalid input", "[body.name] Invalid input: expected string, received number",
			"[body.id] Invalid input: expected nonoptional, received undefined"},
	} {
		var got body
		if issues := decode(t, "json", text, &got); !slices.Equal(issues, want) {
			t.Errorf("%s\ngot  %q\nwant %q", text, issues, want)
		}
		if want == nil && !strings.Contains(text, "[]") && !slices.Equal(got.Role, []string{"a"}) {
			t.Errorf("%s: got %q", text, got.Role)
		}
	}
}
