// Command embed is the smallest program with accounts of its own: people sign
// up and in below /api/auth/, and /hello is for those who did.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

func main() {
	handler, err := open("embed.db", "http://localhost:8080", os.Getenv("GATEHOUSE_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

func open(file, baseURL, secret string) (http.Handler, error) {
	db, err := sqlite.Open(file, store.Options{})
	if err != nil {
		return nil, err
	}
	options := standard.Options{Config: gatehouse.Config{BaseURL: baseURL, Secret: secret, DB: db, Migrate: gatehouse.MigrateApply}}
	options.EmailAndPassword.Enabled = true
	auth, err := standard.New(context.Background(), options)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth)
	mux.Handle("/hello", auth.RequireSession(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s\n", gatehouse.UserFrom(r.Context()).Name)
	})))
	return mux, nil
}
