// Package configdoc writes the configuration reference and the JSON Schema
// from the Go structs and their comments, so that an option is described once.
package configdoc

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/config"
	"github.com/gatehouse-auth/gatehouse/server"
)

// The files that are written, below the root of the project.
const (
	ReferenceFile = "docs/reference/configuration.md"
	SchemaFile    = "server/schema.json"
)

// Files gives the content of both files, from the sources below root.
func Files(root string) (map[string][]byte, error) {
	folders := []string{".", "standard", "server", "server/mail", "web"}
	plugins, err := filepath.Glob(filepath.Join(root, "plugins", "*"))
	if err != nil {
		return nil, err
	}
	for i := range folders {
		folders[i] = filepath.Join(root, folders[i])
	}
	docs, err := config.ParseDocs(append(folders, plugins...)...)
	if err != nil {
		return nil, err
	}
	schema, err := config.Schema(server.Defaults(), docs)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{ReferenceFile: reference(docs), SchemaFile: append(schema, '\n')}, nil
}

const head = `# Configuration

<!-- Made by "go generate ./server" from the comments in the Go code. Change those. -->

Options come from three places, and a later one wins: one YAML file, environment variables, flags.

- **File**: ` + "`gatehouse.yaml`" + ` in the working directory if it is there, or the one named by ` + "`--config`" + ` or ` + "`GATEHOUSE_CONFIG`" + `.
- **Environment**: the variable named with each option. A list of words is written with commas; other lists and maps as YAML.
- **Flags**: ` + "`--addr`, `--data`, `--migrate`" + `, and ` + "`--set OPTION=VALUE`" + ` for every option.

Durations are a number of seconds or a text such as ` + "`90s`, `15m`, `7d`" + `. Text may hold ` + "`${file:PATH}` and `${env:NAME}`" + `: keep secrets out of the file that way. An unknown option, a wrong type or an impossible value stops the start with the line and the nearest right name. ` + "`gatehouse config check`" + ` looks without starting, ` + "`gatehouse config print`" + ` tells where each value comes from, and ` + "`gatehouse config schema`" + ` prints a JSON Schema for editors.

The names are the protocol's. Defaults are the server's: sign-up with e-mail and password, verification, reset and change of address by mail, and the notices that go with them are on; deleting one's own account is off. A program that embeds the library starts from its zero values instead, where a feature that is not named is off.

`

func reference(docs config.Docs) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	o := server.Defaults()
	env := config.EnvNames(o, server.EnvPrefix)
	entries := config.Reference(o, docs)
	// What is in no section comes first, under no heading.
	for _, entry := range entries {
		if !inSection(entries, entry) {
			option(&b, entry, env[entry.Path])
		}
	}
	for _, entry := range entries {
		switch {
		case !inSection(entries, entry):
		case entry.Section && !strings.Contains(entry.Path, "."):
			fmt.Fprintf(&b, "\n## `%s`\n\n", entry.Path)
			if entry.Doc != "" {
				fmt.Fprintf(&b, "%s\n\n", paragraphs(entry.Doc))
			}
		default:
			option(&b, entry, env[entry.Path])
		}
	}
	return b.Bytes()
}

// inSection reports whether an entry is a section of its own or below one.
func inSection(entries []config.Entry, entry config.Entry) bool {
	top, _, _ := strings.Cut(entry.Path, ".")
	for _, e := range entries {
		if e.Path == top {
			return e.Section
		}
	}
	return false // below a list
}

func option(b *bytes.Buffer, entry config.Entry, env string) {
	facts := []string{entry.Type}
	if entry.Default != "" {
		facts = append(facts, "default `"+strings.ReplaceAll(entry.Default, "`", "'")+"`")
	}
	if entry.Secret {
		facts = append(facts, "secret")
	}
	if env != "" {
		facts = append(facts, "`"+env+"`")
	}
	fmt.Fprintf(b, "- **`%s`** (%s)", entry.Path, strings.Join(facts, ", "))
	if entry.Doc != "" {
		fmt.Fprintf(b, "<br>%s", paragraphs(entry.Doc))
	}
	b.WriteByte('\n')
}

func paragraphs(doc string) string { return strings.ReplaceAll(doc, "\n", "<br>") }
