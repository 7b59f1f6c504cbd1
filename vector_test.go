package gatehouse_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
	"github.com/gatehouse-auth/gatehouse/standard"
)

// counted are the keys of the rate limits that a request has touched.
func counted(t *testing.T, house *gatehousetest.House) []string {
	t.Helper()
	return rows(t, house, `SELECT "key" FROM "rateLimit"`)
}

// from sends a request of a client address to any address.
func from(house *gatehousetest.House, ip, method, url string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, url, nil)
	request.RemoteAddr = ip + ":4711"
	answer := httptest.NewRecorder()
	house.ServeHTTP(answer, request)
	return answer
}

// TestRateLimitKeyVectors: nodes of ours and of the reference that share a
// table count in the same row.
func TestRateLimitKeyVectors(t *testing.T) {
	for _, v := range vectors.All(t, "rate-limit-key") {
		var in struct{ IP, Path string }
		var want struct{ Key string }
		v.Decode(t, &in, &want)
		house := newHouse(t, limited("database"))
		from(house, in.IP, http.MethodPost, gatehousetest.BaseURL+"/api/auth"+in.Path)
		if got := counted(t, house); !slices.Equal(got, []string{want.Key}) {
			t.Errorf("%s: counted %q, want %q", v.ID, got, want.Key)
		}
	}
}

// TestPathVectors: limits and disabled paths see the path as the reference
// does. A spelling that it would tidy up first is no route here at all, so it
// neither has a bucket of its own nor gets around a disabled path.
func TestPathVectors(t *testing.T) {
	const ip = "203.0.113.7"
	for _, v := range vectors.All(t, "normalize-path-") {
		var in struct{ URL, BasePath string }
		var want struct{ Path string }
		v.Decode(t, &in, &want)
		tidy := strings.HasPrefix(in.URL, "http://h"+in.BasePath+"/") && !strings.HasSuffix(in.URL, "/")
		for _, lenient := range []bool{false, true} {
			house := newHouse(t, func(o *standard.Options) {
				limited("database")(o)
				o.BasePath, o.Advanced.SkipTrailingSlashes = in.BasePath, lenient
			})
			method := http.MethodGet
			if strings.HasPrefix(want.Path, "/sign-in") {
				method = http.MethodPost
			}
			status, keys := from(house, ip, method, in.URL).Code, counted(t, house)
			switch {
			case tidy && (status == http.StatusNotFound || !slices.Equal(keys, []string{ip + "|" + want.Path})):
				t.Errorf("%s: answers %d and counts %q, want it counted as %s", v.ID, status, keys, want.Path)
			case !tidy && (status != http.StatusNotFound || len(keys) != 0):
				t.Errorf("%s: answers %d and counts %q, want 404 and nothing counted", v.ID, status, keys)
			}
			closed := newHouse(t, func(o *standard.Options) {
				o.BasePath, o.Advanced.SkipTrailingSlashes = in.BasePath, lenient
				o.DisabledPaths = []string{want.Path}
			})
			if status := from(closed, ip, method, in.URL).Code; status != http.StatusNotFound {
				t.Errorf("%s: answers %d where %s is disabled, want 404", v.ID, status, want.Path)
			}
		}
	}
	house := newHouse(t, func(o *standard.Options) {
		limited("database")(o)
		o.Advanced.SkipTrailingSlashes = true
	})
	for _, spelling := range []string{"/ok", "/ok/", "/ok?x=/", "/ok/?x"} {
		from(house, ip, http.MethodGet, gatehousetest.BaseURL+"/api/auth"+spelling)
	}
	if got := counted(t, house); !slices.Equal(got, []string{ip + "|/ok"}) {
		t.Errorf("spellings of one path are counted as %q", got)
	}
}

func TestAddQueryVectors(t *testing.T) {
	for _, v := range vectors.All(t, "append-query-") {
		var in struct {
			URL    string
			Params map[string]string
		}
		var want struct{ URL string }
		v.Decode(t, &in, &want)
		var pairs []string
		for _, name := range []string{"error", "error_description"} {
			if value, ok := in.Params[name]; ok {
				pairs = append(pairs, name, value)
			}
		}
		if got := gatehouse.AddQuery(in.URL, pairs...); got != want.URL || len(pairs) != 2*len(in.Params) {
			t.Errorf("%s: %s with %q is %s, want %s", v.ID, in.URL, pairs, got, want.URL)
		}
	}
}

func TestStoredIdentifierVectors(t *testing.T) {
	house := newHouse(t, func(o *standard.Options) { o.Verification.StoreIdentifier = "hashed" })
	for _, v := range vectors.All(t, "verification-identifier-hash-") {
		var in struct{ Identifier string }
		var want struct{ Stored string }
		v.Decode(t, &in, &want)
		if err := house.Verifications.Create(t.Context(), in.Identifier, v.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
		got := rows(t, house, `SELECT "identifier" FROM "verification" WHERE "value" = '`+v.ID+`'`)
		if !slices.Equal(got, []string{want.Stored}) {
			t.Errorf("%s: stored as %q, want %s", v.ID, got, want.Stored)
		}
	}
}
