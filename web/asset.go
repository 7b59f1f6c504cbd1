package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// app is one of the two builds.
type app struct {
	name  string
	base  string
	start start
	files map[string]*file
}

// start is shell.json: the files that the first load takes, relative to base.
type start struct {
	Script      string              `json:"script"`
	Imports     []string            `json:"imports"`
	Pages       map[string][]string `json:"pages"` // by name, with the files of their own
	Styles      []string            `json:"styles"`
	Font        string              `json:"font"`
	Icon        string              `json:"icon"`
	Locales     map[string]string   `json:"locales"`     // catalogues of the first load
	PageLocales map[string]string   `json:"pageLocales"` // and of what a page adds
}

// file is one built file. Its name has a hash of its content, so it never
// changes.
type file struct {
	kind   string
	plain  []byte
	brotli []byte // nil: not worth it
	gzip   func() []byte
}

var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png",
}

func loadApp(name, base string) (*app, error) {
	a := &app{name: name, base: base, files: map[string]*file{}}
	root := "dist/" + name
	described, err := dist.ReadFile(root + "/shell.json")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if err := json.Unmarshal(described, &a.start); err != nil {
		return nil, fmt.Errorf("web: %s/shell.json: %w", root, err)
	}
	err = fs.WalkDir(dist, root+"/assets", func(full string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(full, ".br") {
			return err
		}
		kind, ok := kinds[path.Ext(full)]
		if !ok {
			return fmt.Errorf("web: %s is of no known kind", full)
		}
		plain, err := dist.ReadFile(full)
		if err != nil {
			return err
		}
		brotli, _ := dist.ReadFile(full + ".br") // fonts have none
		a.files[strings.TrimPrefix(full, root+"/")] = &file{
			kind: kind, plain: plain, brotli: brotli, gzip: sync.OnceValue(func() []byte { return gzipped(plain) }),
		}
		return nil
	})
	return a, err
}

// gzipped is for the few clients that do not read brotli: made when the first
// of them asks.
func gzipped(plain []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is right
	_, _ = w.Write(plain)                                   // to memory
	_ = w.Close()
	return out.Bytes()
}

func (a *app) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	f := a.files[name]
	if f == nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	body := f.plain
	if f.brotli != nil {
		h.Set("Vary", "Accept-Encoding")
		switch accepted := r.Header.Values("Accept-Encoding"); {
		case accepts(accepted, "br"):
			h.Set("Content-Encoding", "br")
			body = f.brotli
		case accepts(accepted, "gzip"):
			h.Set("Content-Encoding", "gzip")
			body = f.gzip()
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone: nobody to tell
	}
}

// accepts reports whether Accept-Encoding names a coding, and not with q=0
// (RFC 9110 §12.5.3).
func accepts(values []string, coding string) bool {
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			name, parameter, _ := strings.Cut(item, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			quality, found := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(parameter, " ", "")), "q=")
			number, err := strconv.ParseFloat(quality, 64)
			return !found || (err == nil && number > 0)
		}
	}
	return false
}
