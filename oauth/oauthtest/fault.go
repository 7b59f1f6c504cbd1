package oauthtest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Answer is a fixed answer of JSON, or of what claims to be.
func Answer(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the client may have left
	})
}

// Redirect sends the client elsewhere, with its method and body.
func Redirect(to string) http.Handler {
	return http.RedirectHandler(to, http.StatusTemporaryRedirect)
}

// Hang takes a request and never answers.
func Hang() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

// Trickle begins an answer and then never ends it.
func Trickle() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"access_`) //nolint:errcheck // the client may have left
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
}

// Endless answers JSON for as long as somebody listens.
func Endless() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { pour(w) })
}

// Bomb is Endless in gzip: a thousand times smaller on the way.
func Bomb() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		pour(gzip.NewWriter(w))
	})
}

// HeaderFlood answers with megabytes of headers.
func HeaderFlood() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 3000 {
			w.Header().Set(fmt.Sprintf("X-Flood-%d", i), strings.Repeat("x", 1000))
		}
		io.WriteString(w, "{}") //nolint:errcheck // the client may have left
	})
}

// pour writes up to 10 GB of one JSON text.
func pour(w io.Writer) {
	if _, err := io.WriteString(w, `{"filler":"`); err != nil {
		return
	}
	chunk := []byte(strings.Repeat("a", 1<<20))
	for range 10 << 10 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}
