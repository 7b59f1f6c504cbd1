package mail

import (
	"embed"
	"fmt"
	html "html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	text "text/template"
)

//go:embed templates
var embedded embed.FS

// layoutFile holds the parts that all HTML mails share; it can be overridden too.
const layoutFile = "layout.html"

// source is a template file and where it came from.
type source struct {
	text     string
	override bool
}

func (s source) name(file string) string {
	if s.override {
		return file + " (of the template folder)"
	}
	return file + " (built in)"
}

func templateFiles(folder fs.FS) (map[string]source, error) {
	files := map[string]source{}
	builtIn, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, err
	}
	for i, from := range []fs.FS{builtIn, folder} {
		if from == nil {
			continue
		}
		list, err := fs.ReadDir(from, ".")
		if err != nil {
			return nil, fmt.Errorf("mail templates: read the template folder: %w", err)
		}
		for _, entry := range list {
			if entry.IsDir() || !slices.Contains([]string{".subject", ".txt", ".html"}, path.Ext(entry.Name())) {
				continue
			}
			raw, err := fs.ReadFile(from, entry.Name())
			if err != nil {
				return nil, fmt.Errorf("mail templates: %w", err)
			}
			files[entry.Name()] = source{string(raw), i == 1}
		}
	}
	return files, nil
}

func kindsOf(files map[string]source) []string {
	kinds := map[string]bool{}
	for file := range files {
		if file != layoutFile {
			kinds[strings.TrimSuffix(file, path.Ext(file))] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

func parseKind(kind string, files map[string]source) (*kindTemplates, error) {
	for _, ext := range []string{".subject", ".txt", ".html"} {
		if _, ok := files[kind+ext]; !ok {
			return nil, fmt.Errorf("mail templates: %s%s is missing; there is no built-in mail of kind %q", kind, ext, kind)
		}
	}
	parsed := &kindTemplates{}
	var err error
	if parsed.subject, err = parseText(kind+".subject", files); err != nil {
		return nil, err
	}
	if parsed.text, err = parseText(kind+".txt", files); err != nil {
		return nil, err
	}
	if parsed.html, err = parseLayout(files[layoutFile]); err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[layoutFile].name(layoutFile), err)
	}
	file := kind + ".html"
	if parsed.html, err = parsed.html.New(file).Parse(files[file].text); err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[file].name(file), err)
	}
	return parsed, nil
}

func parseLayout(layout source) (*html.Template, error) {
	t, err := html.New(layoutFile).Parse(layout.text)
	if err != nil {
		return nil, err
	}
	for _, part := range []string{"top", "button", "bottom"} {
		if t.Lookup(part) == nil {
			return nil, fmt.Errorf("it does not define %q", part)
		}
	}
	return t, nil
}

func parseText(file string, files map[string]source) (*text.Template, error) {
	t, err := text.New(file).Parse(files[file].text)
	if err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[file].name(file), err)
	}
	return t, nil
}
