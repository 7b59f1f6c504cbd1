package oauthtest

import (
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// grant is what a code or a refresh token stands for.
type grant struct {
	person                        Person
	redirectURI, challenge, nonce string
	scope                         string
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.record(r)
	behaviour, _ := s.now()
	if replaced := behaviour.Replace[r.URL.Path]; replaced != nil {
		replaced.ServeHTTP(w, r)
		return
	}
	switch r.URL.Path {
	case Configuration:
		s.configuration(w, behaviour)
	case Authorize:
		s.authorize(w, r, behaviour)
	case Token:
		s.token(w, r, behaviour)
	case UserInfo:
		s.userInfo(w, r, behaviour)
	case JWKS:
		s.jwks(w, behaviour)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) record(r *http.Request) {
	query := r.URL.Query()
	form := url.Values{}
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		raw, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		form, _ = url.ParseQuery(string(raw))
		r.PostForm, r.Form = form, form
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.Header.Clone(), query, form})
}

func (s *Server) configuration(w http.ResponseWriter, b Behaviour) {
	send(w, http.StatusOK, b.Document, map[string]any{
		"issuer":                 s.URL,
		"authorization_endpoint": s.URL + Authorize,
		"token_endpoint":         s.URL + Token,
		"userinfo_endpoint":      s.URL + UserInfo,
		"jwks_uri":               s.URL + JWKS,
		"authorization_response_iss_parameter_supported": true,
		"id_token_signing_alg_values_supported":          []string{"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"},
	})
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request, b Behaviour) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || query.Get("client_id") != s.ClientID {
		http.Error(w, "unknown client or redirect_uri", http.StatusBadRequest)
		return
	}
	answer := back.Query()
	answer.Set("state", query.Get("state"))
	answer.Set("iss", s.URL)
	switch {
	case b.Deny != "":
		answer.Set("error", b.Deny)
	case query.Get("response_type") != "code":
		answer.Set("error", "unsupported_response_type")
	default:
		answer.Set("code", s.grant(query))
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) grant(query url.Values) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := "code-" + rand.Text()
	s.grants[code] = grant{
		person: s.person, redirectURI: query.Get("redirect_uri"), challenge: query.Get("code_challenge"),
		nonce: query.Get("nonce"), scope: query.Get("scope"),
	}
	return code
}

func (s *Server) token(w http.ResponseWriter, r *http.Request, b Behaviour) {
	if r.Method != http.MethodPost || !s.knows(r) {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	var g grant
	var ok bool
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		g, ok = s.take(r.PostForm.Get("code"))
		verifier := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		ok = ok && g.redirectURI == r.PostForm.Get("redirect_uri") &&
			(g.challenge == "" || g.challenge == Encode(verifier[:]))
	case "refresh_token":
		g, ok = s.refreshable(r.PostForm.Get("refresh_token"))
		g.nonce = ""
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	send(w, http.StatusOK, b.Answer, s.issue(g, b))
}

// knows checks the client, by Basic (RFC 6749 §2.3.1) or by the form.
func (s *Server) knows(r *http.Request) bool {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(pass)
	}
	return id == s.ClientID && secret == s.ClientSecret
}

// take gives a code's grant once.
func (s *Server) take(code string) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[code]
	delete(s.grants, code)
	return g, ok
}

func (s *Server) refreshable(token string) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.refresh[token]
	return g, ok
}

func (s *Server) issue(g grant, b Behaviour) map[string]any {
	access, refresh := "access-"+rand.Text(), "refresh-"+rand.Text()
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600, "scope": g.scope}
	s.mu.Lock()
	s.access[access] = g.person
	if !b.NoRefreshToken {
		s.refresh[refresh] = g
		answer["refresh_token"] = refresh
	}
	s.mu.Unlock()
	if !b.NoIDToken {
		claims := s.Claims()
		for name, value := range profile(g.person) {
			claims[name] = value
		}
		if g.nonce != "" {
			claims["nonce"] = g.nonce
		}
		if b.Claims != nil {
			b.Claims(claims)
		}
		answer["id_token"] = s.Sign(claims)
	}
	return answer
}

func (s *Server) userInfo(w http.ResponseWriter, r *http.Request, b Behaviour) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	person, ok := s.access[token]
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	send(w, http.StatusOK, b.Profile, profile(person))
}

func profile(p Person) map[string]any {
	return map[string]any{
		"sub": p.Subject, "email": p.Email, "email_verified": p.EmailVerified, "name": p.Name, "picture": p.Picture,
	}
}

func (s *Server) jwks(w http.ResponseWriter, b Behaviour) {
	s.mu.Lock()
	keys := make([]any, len(s.keys))
	for i, key := range s.keys {
		keys[i] = key.JWK()
		if key.Algorithm == "RS256" {
			delete(keys[i].(map[string]any), "alg") // for PS256, too
		}
	}
	s.mu.Unlock()
	send(w, http.StatusOK, b.Keys, map[string]any{"keys": keys})
}

func refuse(w http.ResponseWriter, status int, code string) {
	send(w, status, nil, map[string]any{"error": code})
}

func send(w http.ResponseWriter, status int, change func(map[string]any), object map[string]any) {
	if change != nil {
		change(object)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(marshal(object))
}
