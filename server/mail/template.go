package mail

import (
	"errors"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	text "text/template"
)

// Limits of what a template may make.
const (
	maxSubjectRunes = 150
	maxBodyBytes    = 256 << 10
)

// TemplateOptions configure what the mails say about the sender.
type TemplateOptions struct {
	// AppName is the product that the mails speak for. Default "Gatehouse".
	AppName string
	// AppURL is its front page, shown at the foot. Default none.
	AppURL string
	// Folder holds files that replace built-in templates one by one:
	// "reset-password.subject", "reset-password.txt", "reset-password.html",
	// "layout.html". A kind of its own needs all three. Default none.
	Folder fs.FS `option:"-"`
}

// Templates render messages. Safe for concurrent use.
type Templates struct {
	options TemplateOptions
	kinds   map[string]*kindTemplates
}

type kindTemplates struct {
	subject, text *text.Template
	html          *html.Template
}

// NewTemplates reads the built-in templates and those of the folder on top. A
// template that cannot be read or executed is an error that names its file.
func NewTemplates(o TemplateOptions) (*Templates, error) {
	if o.AppName == "" {
		o.AppName = "Gatehouse"
	}
	o.AppName = oneLine(o.AppName, maxNameRunes)
	if o.AppURL != "" && !isLink(o.AppURL) {
		return nil, fmt.Errorf("mail templates: appURL %q is not an http or https address", o.AppURL)
	}
	files, err := templateFiles(o.Folder)
	if err != nil {
		return nil, err
	}
	t := &Templates{options: o, kinds: map[string]*kindTemplates{}}
	for _, kind := range kindsOf(files) {
		parsed, err := parseKind(kind, files)
		if err != nil {
			return nil, err
		}
		if err := t.try(kind, parsed, files); err != nil {
			return nil, err
		}
		t.kinds[kind] = parsed
	}
	return t, nil
}

// Kinds lists what can be rendered, sorted.
func (t *Templates) Kinds() []string {
	return slices.Sorted(maps.Keys(t.kinds))
}

// Render makes the three parts of a mail. The subject is one line. An unknown
// kind or data that no template can use is ErrPermanent.
func (t *Templates) Render(m Message) (subject, text, html string, err error) {
	kind, ok := t.kinds[m.Kind]
	if !ok {
		return "", "", "", permanent("no template for mails of kind %q", m.Kind)
	}
	view, err := t.view(m)
	if err != nil {
		return "", "", "", permanent("mail %s: %w", m.Kind, err)
	}
	subject, text, html, err = kind.render(view)
	if err != nil {
		return "", "", "", permanent("mail %s: %w", m.Kind, err)
	}
	return subject, text, html, nil
}

func (k *kindTemplates) render(v View) (subject, text, html string, err error) {
	if subject, err = execute(k.subject, v); err != nil {
		return "", "", "", err
	}
	if text, err = execute(k.text, v); err != nil {
		return "", "", "", err
	}
	if html, err = execute(k.html, v); err != nil {
		return "", "", "", err
	}
	subject = oneLine(subject, maxSubjectRunes)
	if subject == "" {
		return "", "", "", errors.New("the subject is empty")
	}
	return subject, strings.TrimSpace(text) + "\n", html, nil
}

func execute(t interface {
	Execute(w io.Writer, data any) error
}, v View) (string, error) {
	var b bounded
	if err := t.Execute(&b, v); err != nil {
		return "", err
	}
	return b.String(), nil
}

// bounded refuses to grow beyond maxBodyBytes.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxBodyBytes {
		return 0, fmt.Errorf("the mail is larger than %d KiB", maxBodyBytes>>10)
	}
	return b.Builder.Write(p)
}

func (b *bounded) WriteString(s string) (int, error) { return b.Write([]byte(s)) }

// try executes a kind with sample data, full and empty, so that a misspelt
// field is found at start and not at the first mail.
func (t *Templates) try(kind string, k *kindTemplates, files map[string]source) error {
	full := View{
		App: t.options.AppName, AppURL: t.options.AppURL, To: "ada@example.com",
		Name: "Ada", Email: "ada@example.com", NewEmail: "ada@example.org",
		URL: "https://example.com/x", Token: "token", Code: "123456", Expires: "1 hour", Data: map[string]any{},
	}
	for _, v := range []View{full, {App: t.options.AppName, Data: map[string]any{}}} {
		parts := []struct {
			file string
			run  func() (string, error)
		}{
			{kind + ".subject", func() (string, error) { return execute(k.subject, v) }},
			{kind + ".txt", func() (string, error) { return execute(k.text, v) }},
			{kind + ".html", func() (string, error) { return execute(k.html, v) }},
		}
		for _, part := range parts {
			out, err := part.run()
			if err == nil && strings.TrimSpace(out) == "" {
				err = errors.New("it makes nothing")
			}
			if err != nil {
				return fmt.Errorf("mail templates: %s: %w", files[part.file].name(part.file), err)
			}
		}
	}
	return nil
}
