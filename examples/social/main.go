// Command social is sign-in with another identity provider, to try on one
// machine: it runs a provider on loopback, where two people have accounts, and
// Gatehouse, which knows it by its discovery address alone.
//
//	go run ./examples/social
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/oauth/provider"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/server"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/web"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	acme, err := newProvider("http://" + listener.Addr().String())
	if err != nil {
		return err
	}
	go func() {
		if err := http.Serve(listener, acme); !errors.Is(err, net.ErrClosed) { //nolint:gosec // a toy on loopback
			log.Print(err)
		}
	}()
	defer listener.Close()

	options := server.Defaults()
	options.Data = filepath.Join(os.TempDir(), "gatehouse-social")
	if addr := os.Getenv("ADDR"); addr != "" {
		options.Listen = addr
	}
	if data := os.Getenv("DATA"); data != "" {
		options.Data = data
	}
	// The provider is on loopback, where Gatehouse goes only if it may.
	options.Outbound.AllowPrivate = true
	options.Features.Approval.Mode = approval.Open
	options.Features.GenericOAuth = &standard.GenericOAuthOptions{Config: []provider.Generic{{
		ProviderID: "acme", Name: "Acme",
		DiscoveryURL: acme.issuer + "/.well-known/openid-configuration",
		ClientID:     clientID, ClientSecret: clientSecret, Scopes: []string{"openid", "email", "profile"},
	}}}
	gatehouse, err := server.New(ctx, options, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	fmt.Printf("The provider is at %s.\nSign in at %s%s\n", acme.issuer, gatehouse.Started().BaseURL, web.SignInPath)
	return gatehouse.Serve(ctx)
}
