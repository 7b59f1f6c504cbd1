package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// Docs are the doc comments of option structs, by "package.Type.Field" and, for
// the struct itself, "package.Type". A generator makes them when the program is
// built, since a running program has no comments; as JSON they embed well.
type Docs map[string]string

// ParseDocs collects the comments of all structs in the Go files of some
// folders. Tests are left out.
func ParseDocs(dirs ...string) (Docs, error) {
	docs := Docs{}
	for _, dir := range dirs {
		files, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("read the comments: %w", err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil,
				parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("read the comments: %w", err)
			}
			docs.addFile(file)
		}
	}
	return docs, nil
}

func (docs Docs) addFile(file *ast.File) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			typ := spec.(*ast.TypeSpec)
			structure, ok := typ.Type.(*ast.StructType)
			if !ok {
				continue
			}
			name := file.Name.Name + "." + typ.Name.Name
			docs.add(name, typ.Doc, group.Doc)
			docs.addFields(name, structure)
		}
	}
}

func (docs Docs) addFields(owner string, structure *ast.StructType) {
	for _, f := range structure.Fields.List {
		for _, name := range f.Names {
			docs.add(owner+"."+name.Name, f.Doc, f.Comment)
		}
	}
}

// add keeps the first comment that says anything, as one paragraph per line.
func (docs Docs) add(name string, comments ...*ast.CommentGroup) {
	for _, c := range comments {
		if text := flow(c.Text()); text != "" {
			docs[name] = text
			return
		}
	}
}

func flow(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "\n")
}

// of is the comment of an option, told of the option and not of the Go field.
func (docs Docs) of(f field) string {
	text := docs[f.owner.String()+"."+f.goName]
	if rest, ok := strings.CutPrefix(text, f.goName+" "); ok {
		return f.name + " " + rest
	}
	return text
}

func (docs Docs) ofType(t reflect.Type) string { return docs[t.String()] }

// defaultWords finds "Default 1 hour, at most …" in a comment: our way to name
// what a zero value means.
var defaultWords = regexp.MustCompile(`\bDefaults?(?: is| to|:)? ((?:"[^"]*"|\.\S|[^,.;(\n])+)`)

func defaultIn(doc string) string {
	if m := defaultWords.FindStringSubmatch(doc); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}
