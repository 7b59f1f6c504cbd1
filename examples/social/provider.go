package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	clientID     = "gatehouse"
	clientSecret = "a secret between the two"
)

// person has an account at the provider.
type person struct{ ID, Name, Email string }

var people = []person{
	{"1815", "Ada Lovelace", "ada@acme.example"},
	{"1906", "Grace Hopper", "grace@acme.example"},
}

// acme is an identity provider as small as one can be: people choose who they
// are. It issues codes with PKCE and signed ID tokens.
type acme struct {
	issuer string
	key    *rsa.PrivateKey
	mux    *http.ServeMux

	mu    sync.Mutex
	codes map[string]grant
}

type grant struct {
	person              person
	challenge, nonce    string
	redirectURI, client string
}

func newProvider(issuer string) (*acme, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	a := &acme{issuer: issuer, key: key, mux: http.NewServeMux(), codes: map[string]grant{}}
	a.mux.HandleFunc("GET /.well-known/openid-configuration", a.describe)
	a.mux.HandleFunc("GET /jwks", a.keys)
	a.mux.HandleFunc("GET /authorize", a.ask)
	a.mux.HandleFunc("POST /authorize", a.choose)
	a.mux.HandleFunc("POST /token", a.token)
	return a, nil
}

func (a *acme) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *acme) describe(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": a.issuer, "authorization_endpoint": a.issuer + "/authorize", "token_endpoint": a.issuer + "/token",
		"jwks_uri": a.issuer + "/jwks", "id_token_signing_alg_values_supported": []string{"RS256"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (a *acme) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
		"n": encode(a.key.N.Bytes()), "e": encode(big.NewInt(int64(a.key.E)).Bytes()),
	}}})
}

var askPage = template.Must(template.New("ask").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Acme</title>
<h1>Acme: who are you?</h1>
{{range .People}}<form method="post" action="/authorize?{{$.Query}}"><button name="id" value="{{.ID}}">{{.Name}}</button></form>
{{end}}</html>
`))

func (a *acme) ask(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("client_id") != clientID {
		http.Error(w, "unknown client", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = askPage.Execute(w, map[string]any{"People": people, "Query": template.URL(r.URL.Query().Encode())}) //nolint:gosec // encoded
}

func (a *acme) choose(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || query.Get("client_id") != clientID {
		http.Error(w, "unknown client or address", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	for _, p := range people {
		if p.ID == r.PostFormValue("id") {
			a.mu.Lock()
			a.codes[code] = grant{p, query.Get("code_challenge"), query.Get("nonce"), query.Get("redirect_uri"), clientID}
			a.mu.Unlock()
		}
	}
	back.RawQuery = url.Values{"code": {code}, "state": query["state"], "iss": {a.issuer}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func (a *acme) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	g, known := a.codes[r.PostFormValue("code")]
	delete(a.codes, r.PostFormValue("code"))
	a.mu.Unlock()
	verifier := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("client_secret") != clientSecret || encode(verifier[:]) != g.challenge ||
		r.PostFormValue("redirect_uri") != g.redirectURI {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	now := time.Now().Unix()
	idToken, err := a.sign(map[string]any{
		"iss": a.issuer, "aud": g.client, "sub": g.person.ID, "name": g.person.Name, "email": g.person.Email, "email_verified": true,
		"nonce": g.nonce, "iat": now, "exp": now + 300,
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "scope": "openid email profile", "id_token": idToken,
	})
}

// sign makes a compact JWS with RS256 (RFC 7515 §3.1, RFC 7518 §3.3).
func (a *acme) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := encode([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, a.key, crypto.SHA256, sum[:])
	return signed + "." + encode(signature), err
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
