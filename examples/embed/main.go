// Command embed is a web page with sign-in of its own: Gatehouse as a library.
package main

import (
	"cmp"
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
	addr := cmp.Or(os.Getenv("ADDR"), "localhost:8080")
	db, err := sqlite.Open("embed.db", store.Options{})
	if err != nil {
		log.Fatal(err)
	}
	options := standard.Options{Config: gatehouse.Config{
		BaseURL: "http://" + addr, Secret: os.Getenv("GATEHOUSE_SECRET"), DB: db, Migrate: gatehouse.MigrateApply,
	}}
	options.EmailAndPassword.Enabled = true
	auth, err := standard.New(context.Background(), options)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/api/auth/", auth)
	http.Handle("/members", auth.RequireSession(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s\n", gatehouse.UserFrom(r.Context()).Name)
	})))
	log.Fatal(http.ListenAndServe(addr, nil))
}
