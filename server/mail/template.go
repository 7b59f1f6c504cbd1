package mail

import (
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	text "text/template"
	"time"
)

//go:embed templates
var embedded embed.FS

// Limits of what a template may make.
const (
	maxSubjectRunes = 150
	maxBodyBytes    = 256 << 10
)

// layoutFile holds the parts that all HTML mails share; it can be overridden too.
const layoutFile = "layout.html"

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

// View is what a template sees. Text that strangers chose is already harmless:
// one line, no markup, nothing a mail client would make a link of.
type View struct {
	App, AppURL string
	To          string
	Name, Email string // of the user; empty when not known
	NewEmail    string
	URL         string // http or https
	Token, Code string
	Expires     string         // "1 hour"; empty when not known
	Data        map[string]any // everything, as JSON gives it, with its text made harmless
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
	for _, from := range []fs.FS{builtIn, folder} {
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
			files[entry.Name()] = source{string(raw), from == folder}
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
	parsed.html, err = html.New(layoutFile).Parse(files[layoutFile].text)
	if err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[layoutFile].name(layoutFile), err)
	}
	file := kind + ".html"
	if parsed.html, err = parsed.html.New(file).Parse(files[file].text); err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[file].name(file), err)
	}
	return parsed, nil
}

func parseText(file string, files map[string]source) (*text.Template, error) {
	t, err := text.New(file).Parse(files[file].text)
	if err != nil {
		return nil, fmt.Errorf("mail templates: %s: %w", files[file].name(file), err)
	}
	return t, nil
}

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

// view collects what the templates may show.
func (t *Templates) view(m Message) (View, error) {
	data, err := plainData(m.Data)
	if err != nil {
		return View{}, err
	}
	user, _ := data["user"].(map[string]any)
	v := View{
		App: t.options.AppName, AppURL: t.options.AppURL, To: neutralAddress(m.To),
		Name:     neutralName(word(user, "name")),
		Email:    neutralAddress(word(user, "email")),
		NewEmail: neutralAddress(word(data, "newEmail")),
		URL:      word(data, "url"),
		Token:    word(data, "token"),
		Code:     word(data, "otp"),
	}
	if v.Code == "" {
		v.Code = word(data, "code")
	}
	if v.URL != "" && !isLink(v.URL) {
		return View{}, errors.New("its url is not an http or https address")
	}
	if seconds, ok := data["expiresIn"].(float64); ok && seconds >= 1 && seconds < 1e9 {
		v.Expires = span(time.Duration(seconds) * time.Second)
	}
	v.Data, _ = neutralData("", data).(map[string]any)
	return v, nil
}

func word(data map[string]any, key string) string {
	text, _ := data[key].(string)
	return text
}

// neutralData makes all text in the data harmless but what the server itself
// made: links and tokens.
func neutralData(key string, value any) any {
	switch v := value.(type) {
	case string:
		switch {
		case key == "url" && isLink(v), key == "token":
			return v
		case strings.HasSuffix(strings.ToLower(key), "email"):
			return neutralAddress(v)
		}
		return neutralText(v)
	case []any:
		for i := range v {
			v[i] = neutralData(key, v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = neutralData(k, v[k])
		}
	}
	return value
}

// span says a duration in its largest even unit: "1 hour", "90 minutes".
func span(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.size; n > 0 && d%unit.size == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "a moment"
}
