package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/oauth"
)

// wire are the values of the token endpoint's fields by their names.
var wire = map[string]string{
	"code": "CODE", "code_verifier": verifier, "refresh_token": "RT",
	"client_id": "CID", "appid": "CID", "client_secret": "SEC", "secret": "SEC",
}

// formOf is the form that has exactly these fields.
func (s *subject) formOf(grant string, names []string, more map[string]string) url.Values {
	form := url.Values{}
	for _, name := range names {
		value := wire[name]
		switch name {
		case "grant_type":
			value = grant
		case "redirect_uri":
			value = callback + s.id
		case "scope":
			value = strings.Join(s.facts.DefaultScopes, s.facts.ScopeSeparator)
		}
		if own, ok := more[name]; ok {
			value = own
		}
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// clientKey is the option's value, if the recorded file sets one.
func (s *subject) clientKey() string {
	key, _ := s.Options["clientKey"].(string)
	return key
}

func (s *subject) testExchange(t *testing.T) {
	n := s.network(t)
	client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
	tokens, err := client.Exchange(t.Context(), s.build(t, nil), s.code())
	if err != nil {
		t.Fatal(err)
	}
	s.checkTokenCall(t, n.requests(), s.tokenMethod()+" "+s.facts.TokenEndpoint, s.facts.ClientAuth,
		s.formOf("authorization_code", s.facts.TokenRequestFields, map[string]string{"client_key": s.clientKey()}))
	s.checkTokens(t, n.token, tokens)

	if !slices.Contains(s.facts.TokenRequestFields, "client_key") || s.clientKey() != "" {
		return
	}
	exchange := s.code()
	exchange.DeviceID = ""
	if slices.Contains(s.facts.TokenRequestFields, "device_id") {
		exchange.DeviceID = "DEVICE"
	}
	if _, err := client.Exchange(t.Context(), s.build(t, map[string]any{"clientKey": "CKEY"}), exchange); err != nil {
		t.Fatal(err)
	}
	s.checkTokenCall(t, n.requests(), s.tokenMethod()+" "+s.facts.TokenEndpoint, s.facts.ClientAuth,
		s.formOf("authorization_code", s.facts.TokenRequestFields, map[string]string{"client_key": "CKEY", "device_id": exchange.DeviceID}))
}

// code is what a person brings back.
func (s *subject) code() oauth.Exchange {
	return oauth.Exchange{Code: "CODE", Verifier: verifier, RedirectURI: callback + s.id}
}

func (s *subject) testRefresh(t *testing.T) {
	n := s.network(t)
	client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
	tokens, err := client.Refresh(t.Context(), s.build(t, nil), "RT")
	if s.facts.Refresh == nil {
		if !errors.Is(err, oauth.ErrNoRefresh) || len(n.requests()) > 0 {
			t.Errorf("refresh = %v; want ErrNoRefresh and no request", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	s.checkTokenCall(t, n.requests(), s.tokenMethod()+" "+s.facts.Refresh.Endpoint, s.facts.Refresh.Auth,
		s.formOf("refresh_token", s.facts.Refresh.Fields, map[string]string{"client_key": s.clientKey()}))
	s.checkTokens(t, n.token, tokens)
}

// checkTokenCall compares a request to the token endpoint to the last byte.
func (s *subject) checkTokenCall(t *testing.T, requests []sent, key, auth string, form url.Values) {
	t.Helper()
	if len(requests) != 1 {
		t.Fatalf("%d requests to the token endpoint: %v", len(requests), requests)
	}
	got := requests[0]
	body := got.Body
	if strings.HasPrefix(key, http.MethodGet) {
		got.Key, body, _ = strings.Cut(got.Key, "?")
	} else if media := got.Header.Get("Content-Type"); media != "application/x-www-form-urlencoded" {
		t.Errorf("content type = %q", media)
	}
	if got.Key != key {
		t.Errorf("request = %s, want %s", got.Key, key)
	}
	values, err := url.ParseQuery(body)
	if err != nil || !maps.EqualFunc(values, form, slices.Equal) {
		t.Errorf("form:\n got %v\nwant %v", values, form)
	}
	if sum := sha256.Sum256([]byte(values.Get("code_verifier"))); s.facts.PKCE && values.Has("code") &&
		base64.RawURLEncoding.EncodeToString(sum[:]) != challenge {
		t.Errorf("code_verifier = %q does not fit the challenge", values.Get("code_verifier"))
	}
	want := ""
	if strings.HasPrefix(auth, "basic") {
		want = "Basic " + base64.StdEncoding.EncodeToString([]byte("CID:SEC"))
	}
	if header := got.Header.Get("Authorization"); header != want {
		t.Errorf("Authorization = %q, want %q", header, want)
	}
	if accept := got.Header.Get("Accept"); accept != "application/json" {
		t.Errorf("Accept = %q", accept)
	}
}

func (s *subject) checkTokens(t *testing.T, answer map[string]any, got *oauth.Tokens) {
	t.Helper()
	text := func(name string) string { value, _ := answer[name].(string); return value }
	if got.AccessToken != text("access_token") || got.AccessToken == "" ||
		got.RefreshToken != text("refresh_token") || got.IDToken != text("id_token") {
		t.Errorf("tokens = %+v of %v", got, answer)
	}
	var life time.Duration
	switch seconds := answer["expires_in"].(type) {
	case int:
		life = time.Duration(seconds) * time.Second
	case float64:
		life = time.Duration(seconds) * time.Second
	}
	if want := now.Add(life); life > 0 && !got.AccessTokenExpiresAt.Equal(want) {
		t.Errorf("expires at %v, want %v", got.AccessTokenExpiresAt, want)
	}
}

// request is one of userInfo in the facts.
type request struct {
	Method, URL, Auth, Body string
	Headers                 map[string]string
}

// userInfo are the facts' requests for a profile; none where the ID token is
// the profile.
func (s *subject) userInfo() []request {
	var list []request
	if json.Unmarshal(s.facts.UserInfo, &list) != nil {
		return nil
	}
	openid, _ := s.Token["openid"].(string)
	fill := strings.NewReplacer("{accessToken}", "AT", "{openid}", openid)
	for i := range list {
		list[i].URL, list[i].Auth, list[i].Body = fill.Replace(list[i].URL), fill.Replace(list[i].Auth), fill.Replace(list[i].Body)
	}
	return list
}

func (r request) key() string { return r.Method + " " + r.URL }

// profileRequests are the keys of the requests for a profile, in order.
func (s *subject) profileRequests() []string {
	if s.Requests != nil {
		return s.Requests
	}
	var keys []string
	for _, r := range s.userInfo() {
		keys = append(keys, r.key())
	}
	return keys
}

// testProfile checks the requests for a profile, and testIdentity what it says.
func (s *subject) testProfile(t *testing.T) {
	n := s.network(t)
	if _, err := s.identify(t, n); err != nil {
		t.Fatal(err)
	}
	got := n.requests()
	var keys []string
	for _, one := range got {
		keys = append(keys, one.Key)
	}
	if want := s.profileRequests(); !slices.Equal(keys, want) {
		t.Fatalf("requests:\n got %q\nwant %q", keys, want)
	}
	for _, want := range s.userInfo() {
		at := slices.Index(keys, want.key())
		if at < 0 {
			t.Errorf("no request %s", want.key())
			continue
		}
		want.check(t, got[at])
	}
	s.testIdentity(t)
}

func (r request) check(t *testing.T, got sent) {
	t.Helper()
	bearer := ""
	if strings.HasPrefix(r.Auth, "Bearer ") {
		bearer = r.Auth
	}
	if header := got.Header.Get("Authorization"); header != bearer {
		t.Errorf("%s: Authorization = %q, want %q", r.key(), header, bearer)
	}
	for name, value := range r.Headers {
		if header := got.Header.Get(name); header != value {
			t.Errorf("%s: %s = %q, want %q", r.key(), name, header, value)
		}
	}
	if plain(got.Body) != plain(r.Body) {
		t.Errorf("%s: body\n got %s\nwant %s", r.key(), got.Body, r.Body)
	}
}

// plain is a body without what does not matter: the order of a form's fields,
// the white space within a GraphQL query.
func plain(body string) string {
	var query struct{ Query string }
	if json.Unmarshal([]byte(body), &query) == nil {
		return strings.Join(strings.Fields(query.Query), " ")
	}
	if form, err := url.ParseQuery(body); err == nil {
		return form.Encode()
	}
	return body
}

// identify runs the way from a code to a person, and forgets the token request.
func (s *subject) identify(t *testing.T, n *network) (*oauth.Identity, error) {
	t.Helper()
	p := s.build(t, nil)
	client := oauth.NewClient(oauth.Options{Transport: n, Now: clock})
	tokens, err := client.Exchange(t.Context(), p, s.code())
	if err != nil {
		return nil, err
	}
	n.requests()
	tokens.PostedUser = s.PostedUser
	return client.Identity(t.Context(), p, tokens, "")
}

func (s *subject) testIdentity(t *testing.T) {
	got, err := s.identify(t, s.network(t))
	switch {
	case s.Refused && err == nil:
		t.Errorf("%+v came out, want nobody", identityOf(got))
	case s.Refused:
	case err != nil:
		t.Error(err)
	case identityOf(got) != s.Identity:
		t.Errorf("identity:\n got %+v\nwant %+v", identityOf(got), s.Identity)
	}
}
