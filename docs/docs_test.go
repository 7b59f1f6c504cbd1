// Package docs_test keeps the documents honest: every relative link of a
// Markdown page leads to a file, every #anchor to a heading, and the list of
// dependencies is what is required.
package docs_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

const root = ".."

// pages lists the Markdown pages of the project.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "node_modules" || (strings.HasPrefix(name, ".") && name != "..")) {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".md") {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	comment = regexp.MustCompile("(?s)<!--.*?-->")
	fence   = regexp.MustCompile("(?ms)^(```|~~~).*?^(```|~~~)\\s*$")
	code    = regexp.MustCompile("`[^`\n]*`")
	// target is where [text](target) and ![text](target) lead.
	target = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	// source is an image's or link's address in HTML.
	source  = regexp.MustCompile(`(?:src|href|srcset)="([^"\s]+)"`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
)

func TestRelativeLinksResolve(t *testing.T) {
	for _, page := range pages(t) {
		text := prose(t, page)
		for _, link := range append(target.FindAllStringSubmatch(text, -1), source.FindAllStringSubmatch(text, -1)...) {
			checkLink(t, page, link[1])
		}
	}
}

func checkLink(t *testing.T, page, link string) {
	t.Helper()
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return
	}
	path, anchor, _ := strings.Cut(link, "#")
	file := page
	if path != "" {
		file = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("%s: link %s leads nowhere", page, link)
		return
	}
	if anchor != "" && strings.HasSuffix(file, ".md") && !anchors(t, file)[anchor] {
		t.Errorf("%s: link %s: there is no such heading", page, link)
	}
}

// prose is a page without its code, where brackets mean something else.
func prose(t *testing.T, page string) string {
	t.Helper()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return comment.ReplaceAllString(fence.ReplaceAllString(string(raw), ""), "")
}

// anchors are the headings of a page as they stand in links.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(prose(t, page), -1) {
		found[anchorOf(match[1])] = true
	}
	return found
}

// anchorOf turns a heading into its anchor: lower case, spaces become hyphens,
// other punctuation goes.
func anchorOf(heading string) string {
	heading = code.ReplaceAllStringFunc(heading, func(s string) string { return strings.Trim(s, "`") })
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestAnchorOf(t *testing.T) {
	for heading, want := range map[string]string{
		"What works, and what comes next": "what-works-and-what-comes-next",
		"`serve`: start":                  "serve-start",
		"1. Own DDL":                      "1-own-ddl",
	} {
		if got := anchorOf(heading); got != want {
			t.Errorf("anchorOf(%q) = %q, want %q", heading, got, want)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// row matches a line of the table of Go modules: name and version.
var row = regexp.MustCompile("(?m)^\\| `([a-z0-9./-]+)` \\| (v[0-9.]+) \\|")

// required matches a line of go.mod: path, version, and whether it is indirect.
var required = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)( // indirect)?$`)

func TestModulesAreListedWithTheirVersions(t *testing.T) {
	listed := map[string]string{}
	page := read(t, "docs/dependencies.md")
	for _, match := range row.FindAllStringSubmatch(page, -1) {
		listed[match[1]] = match[2]
	}
	versions := map[string]string{}
	for _, match := range required.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		versions[match[1]] = match[2]
		if match[3] == "" && !strings.Contains(page, "`"+match[1]+"`") {
			t.Errorf("%s is required and not in docs/dependencies.md", match[1])
		}
	}
	for module, version := range listed {
		if strings.Contains(module, "/") && strings.Contains(module, ".") && versions[module] != version {
			t.Errorf("docs/dependencies.md has %s %s, go.mod %q", module, version, versions[module])
		}
	}
}

func TestNodePackagesAreListedWithTheirVersions(t *testing.T) {
	var manifest struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal([]byte(read(t, "conformance/package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	page := read(t, "docs/dependencies.md")
	for name, version := range manifest.Dependencies {
		line := regexp.MustCompile("(?m)^\\|.*`" + regexp.QuoteMeta(name) + "`.*\\| " + regexp.QuoteMeta(version) + " \\|")
		if !line.MatchString(page) {
			t.Errorf("%s %s is not in docs/dependencies.md", name, version)
		}
	}
}

func TestTheFirstProgramIsTheSameEverywhere(t *testing.T) {
	_, program, _ := strings.Cut(read(t, "README.md"), "<!-- embed:begin -->")
	program, _, found := strings.Cut(program, "<!-- embed:end -->")
	if !found || !strings.Contains(read(t, "docs/guides/embedding.md"), strings.TrimSpace(program)) {
		t.Error("the program of README.md is not in docs/guides/embedding.md")
	}
	if !strings.Contains(program, read(t, "examples/embed/main.go")) {
		t.Error("the program of README.md is not examples/embed/main.go")
	}
}
