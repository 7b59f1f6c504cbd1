// Command floor is the least a server can do, to measure Gatehouse against. It
// has three modes:
//
//	session   a signed cookie checked, one prepared indexed read of session
//	          and user, JSON: what a session check cannot do without
//	argon2    one Argon2id hash a request, as many at once as there are cores:
//	          what a sign-in cannot do without
//	constant  the same bytes for every request: net/http itself
//
// It follows the environment of servers under test (conformance/README.md):
// CONFORMANCE_PORT, CONFORMANCE_DATABASE_URL. Read session.go next.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gatehouse-auth/gatehouse/bench/internal/fixture"
)

func main() {
	mode := flag.String("mode", "session", "session, argon2 or constant")
	flag.Parse()
	if err := serve(*mode); err != nil {
		log.Fatal("floor: ", err)
	}
}

func serve(mode string) error {
	work, err := handler(mode)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+fixture.BasePath+"/ok", constant)
	mux.Handle(fixture.BasePath+"/", work)
	server := &http.Server{
		Addr:              net.JoinHostPort("127.0.0.1", os.Getenv("CONFORMANCE_PORT")),
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handler(mode string) (http.Handler, error) {
	switch mode {
	case "session":
		return openSessions(os.Getenv("CONFORMANCE_DATABASE_URL"))
	case "argon2":
		return newHasher(), nil
	case "constant":
		return http.HandlerFunc(constant), nil
	}
	return nil, fmt.Errorf("no mode %q: session, argon2 or constant", mode)
}

func constant(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"session":{},"user":{}}`)
}
