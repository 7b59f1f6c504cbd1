package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/gatehouse-auth/gatehouse/server"
)

// versionCommand prints what was built.
type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(c *console) error {
	version, revision := server.Version(), ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	_, err := fmt.Fprintf(c.out, "gatehouse %s%s %s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// secretCommand makes a secret.
type secretCommand struct{}

// Run prints it alone, fit for a file.
func (secretCommand) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, server.NewSecret())
	return err
}
