package gatehouse_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/gatehouse-auth/gatehouse"

// ranks are the rooms of the house, by the longest prefix that fits. A
// package imports lower ranks, and packages of its own room.
var ranks = map[string]int{
	"internal": 0,
	"store":    1, "oauth": 1,
	"":         2,
	"plugins":  3,
	"standard": 4, "gatehousetest": 4, "web": 4,
	"server": 5,
	"cmd":    6, "conformance": 6, "bench": 6, "examples": 6,
}

// onlyIn are third-party modules and the one room that may import each. A
// room is a folder, with what lies below it.
var onlyIn = map[string]string{
	"github.com/jackc/pgx/v5":         "store/postgres",
	"modernc.org/sqlite":              "store/sqlite",
	"github.com/go-jose/go-jose/v4":   "oauth",
	"github.com/goccy/go-yaml":        "internal/config",
	"golang.org/x/crypto":             "internal",
	"golang.org/x/text":               "internal", // and NFC in the root
	"golang.org/x/sys":                "internal",
	"golang.org/x/net":                "internal",
	"golang.org/x/term":               "cmd",
	"github.com/wneessen/go-mail":     "server/mail",
	"github.com/trustelem/zxcvbn":     "internal/strength",
	"github.com/emersion/go-smtp":     "server/mail",
	"github.com/emersion/go-sasl":     "server/mail",
	"github.com/alecthomas/kong":      "cmd",
	"github.com/mattn/go-isatty":      "cmd",
	"github.com/rogpeppe/go-internal": "cmd",
}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
	Module     *struct{ Path string }
}

func packages(t *testing.T, args ...string) []listed {
	t.Helper()
	var errText bytes.Buffer
	command := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports,Standard,Module"}, args...)...)
	command.Stderr = &errText
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, errText.String())
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room cuts the module's path off a package's.
func room(importPath string) (string, bool) {
	rest, ok := strings.CutPrefix(importPath, module)
	return strings.TrimPrefix(rest, "/"), ok && (rest == "" || rest[0] == '/')
}

func rankOf(t *testing.T, pkg string) int {
	t.Helper()
	top, _, _ := strings.Cut(pkg, "/")
	rank, ok := ranks[top]
	if !ok {
		t.Errorf("%s is in no room: give %s a rank in layers_test.go and ARCHITECTURE.md", pkg, top)
	}
	return rank
}

// plugin is the feature that a package of plugins/… belongs to.
func plugin(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "plugins/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func within(pkg, parent string) bool {
	return parent == "" || pkg == parent || strings.HasPrefix(pkg, parent+"/")
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t, "./...") {
		from, ok := room(p.ImportPath)
		if !ok {
			t.Fatalf("%s is not ours", p.ImportPath)
		}
		for _, imported := range p.Imports {
			to, ours := room(imported)
			if !ours {
				continue
			}
			neighbours := from != "" && to != "" && topOf(from) == topOf(to)
			if rankOf(t, to) >= rankOf(t, from) && !neighbours && !(rankOf(t, from) == 0 && rankOf(t, to) == 0) {
				t.Errorf("%s imports %s: a room imports lower ranks only", orRoot(from), orRoot(to))
			}
			if a, b := plugin(from), plugin(to); a != "" && b != "" && a != b {
				t.Errorf("plugin %s imports its sibling %s: the type they share belongs into the root", a, b)
			}
			if within(from, "store/sqlite") && within(to, "store/postgres") || within(from, "store/postgres") && within(to, "store/sqlite") {
				t.Errorf("%s imports %s: who uses one database links no other", from, to)
			}
		}
	}
}

func topOf(pkg string) string {
	top, _, _ := strings.Cut(pkg, "/")
	return top
}

func orRoot(pkg string) string {
	if pkg == "" {
		return "the root"
	}
	return pkg
}

// TestRootStaysSmall: who embeds the root with PostgreSQL links no SQLite, no
// OAuth client and no console.
func TestRootStaysSmall(t *testing.T) {
	for _, p := range packages(t, "-deps", ".") {
		pkg, ours := room(p.ImportPath)
		switch {
		case p.Standard:
		case ours && (within(pkg, "oauth") || within(pkg, "web") || within(pkg, "server") || within(pkg, "store/sqlite") || within(pkg, "store/postgres")):
			t.Errorf("the root depends on %s", pkg)
		case p.Module != nil && (p.Module.Path == "modernc.org/sqlite" || strings.HasPrefix(p.Module.Path, "github.com/jackc/")):
			t.Errorf("the root depends on the driver %s", p.ImportPath)
		}
	}
}

// TestThirdPartyModulesHaveOneRoom: a dependency that is replaced is replaced
// in one place.
func TestThirdPartyModulesHaveOneRoom(t *testing.T) {
	for _, p := range packages(t, "./...") {
		from, _ := room(p.ImportPath)
		if within(from, "bench") {
			continue // its yardsticks stand beside the product and share nothing with it
		}
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			if _, ours := room(imported); ours || !strings.Contains(first, ".") {
				continue
			}
			allowed, known := ownerOf(imported)
			if !known {
				t.Errorf("%s imports %s: name its room in layers_test.go and docs/dependencies.md", orRoot(from), imported)
			} else if !within(from, allowed) && !(from == "" && imported == "golang.org/x/text/unicode/norm") {
				t.Errorf("%s imports %s, which only %s may", orRoot(from), imported, allowed)
			}
		}
	}
}

// ownerOf finds the room that may use the module of an import path.
func ownerOf(imported string) (owner string, known bool) {
	for p := imported; p != "."; p = path.Dir(p) {
		if owner, known = onlyIn[p]; known {
			return owner, true
		}
	}
	return "", false
}
