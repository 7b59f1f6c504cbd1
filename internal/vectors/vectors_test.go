package vectors_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

// waiting are the vectors of features that do not exist yet. The text stands
// in the source as soon as the feature does: then a test has to read them.
var waiting = map[string]string{
	"totp":                              `"/two-factor/verify-totp"`,
	"trust-device-token":                `"/two-factor/verify-totp"`,
	"api-key-hash":                      `"/api-key/create"`,
	"verification-identifier-overrides": `"/sign-in/magic-link"`,
	"otp-hash":                          `Path: "/sign-in/email-otp"`,
	"team-membership-key":               `"/organization/add-team-member"`,
	"reservation-id":                    `revoke-unproven-account-access`,
	"jwks-row":                          `Path: "/jwks"`,
	"placeholder-email":                 `"/sign-in/anonymous"`,
}

// TestEveryVectorIsRead: each value of the reference is compared with ours by
// a test of the package that has the logic, or belongs to a feature to come.
func TestEveryVectorIsRead(t *testing.T) {
	tests, source := module(t)
	families, single := map[string]string{}, map[string]string{} // arguments of All, of One
	for name, file := range tests {
		ast.Inspect(file, func(n ast.Node) bool {
			switch function, argument := read(t, name, n); function {
			case "All":
				families[argument] = name
			case "One":
				single[argument] = name
			}
			return true
		})
	}
	used := map[string]bool{}
	for _, v := range vectors.All(t, "") {
		_, isRead := match(v.ID, families)
		isRead = isRead || single[v.ID] != ""
		family, isWaiting := match(v.ID, waiting)
		used[family] = true
		switch {
		case isRead && isWaiting:
			t.Errorf("%s is read by a test: take %q off the list of those that wait", v.ID, family)
		case !isRead && !isWaiting:
			t.Errorf("%s is read by no test: compare it where the logic lives, with vectors.All(t, …)", v.ID)
		}
	}
	for family, sign := range waiting {
		if !used[family] {
			t.Errorf("no vector is called %q", family)
		}
		for name, text := range source {
			if strings.Contains(text, sign) {
				t.Errorf("%q waits for what %s has: read it in a test there", family, name)
			}
		}
	}
}

// match finds the family of an id among keys: all of it, or a part that ends
// at a hyphen, so that no key takes in what it does not name.
func match[V any](id string, keys map[string]V) (key string, ok bool) {
	for key := range keys {
		whole := strings.TrimSuffix(key, "-")
		if rest, found := strings.CutPrefix(id, whole); found && whole != "" && (rest == "" || rest[0] == '-') {
			return key, true
		}
	}
	return "", false
}

// read is the argument of a call of All or One. Only a literal tells what is read.
func read(t *testing.T, file string, n ast.Node) (function, argument string) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return "", ""
	}
	callee, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if pkg, ok := callee.X.(*ast.Ident); !ok || pkg.Name != "vectors" {
		return "", ""
	}
	literal, ok := call.Args[1].(*ast.BasicLit)
	if !ok {
		t.Errorf("%s: vectors.%s wants its vectors named in place", file, callee.Sel.Name)
		return "", ""
	}
	argument, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return callee.Sel.Name, argument
}

// module is every test of the module but this one, and the text of the rest.
func module(t *testing.T) (tests map[string]*ast.File, source map[string]string) {
	t.Helper()
	tests, source = map[string]*ast.File{}, map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && name != root
		switch {
		case entry.IsDir() && (hidden || entry.Name() == "node_modules" || entry.Name() == "vectors"):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !strings.HasSuffix(name, "_test.go") {
			source[name] = string(text)
			return nil
		}
		tests[name], err = parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests, source
}
