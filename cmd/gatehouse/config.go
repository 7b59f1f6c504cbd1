package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatehouse-auth/gatehouse/server"
)

type configCommand struct {
	Print  printConfigCommand  `cmd:"" help:"Print the options in force, each with where it comes from. Secrets are left out."`
	Check  checkConfigCommand  `cmd:"" help:"Check the configuration without touching the database."`
	Schema schemaConfigCommand `cmd:"" help:"Print a JSON Schema of the configuration file, for editors."`
}

type printConfigCommand struct{}

// Run prints YAML that can be read again.
func (printConfigCommand) Run(c *console) error {
	o, err := c.load(nil)
	if err != nil {
		return err
	}
	_, err = c.out.Write(o.Print())
	return err
}

type checkConfigCommand struct{}

// Run says in one line that all is well, or every mistake.
func (checkConfigCommand) Run(ctx context.Context, c *console) error {
	o, err := c.load(nil)
	if err != nil {
		return err
	}
	if err := server.CheckWiring(ctx, o.Options); err != nil {
		return err
	}
	from := o.File
	if from == "" {
		from = "no configuration file"
	}
	_, err = fmt.Fprintf(c.out, "%s: the configuration is right\n", from)
	return err
}

type schemaConfigCommand struct{}

// Run prints the schema.
func (schemaConfigCommand) Run(c *console) error {
	_, err := c.out.Write(server.Schema())
	return err
}

type doctorCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the findings and exits with 1 if one is unsafe for production.
func (d *doctorCommand) Run(ctx context.Context, c *console) error {
	o, err := c.load(nil)
	if err != nil {
		return err
	}
	findings := server.Diagnose(ctx, o)
	if d.JSON {
		err = c.json(findings)
	} else {
		err = c.printFindings(findings)
	}
	for _, f := range findings {
		if f.Status == server.Unsafe {
			return errors.Join(err, errSaid)
		}
	}
	return err
}

func (c *console) printFindings(findings []server.Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(c.out, "%-6s  %s: %s\n", f.Status, f.Check, f.Message); err != nil {
			return err
		}
		if f.Fix != "" {
			fmt.Fprintf(c.out, "        mend: %s\n", f.Fix)
		}
	}
	return nil
}
