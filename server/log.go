package server

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// NewLogger makes the log of a server that writes to w.
func (o *Options) NewLogger(w io.Writer, terminal bool) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	settings := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	var lines slog.Handler
	if o.Log.Format == "text" || o.Log.Format != "json" && terminal {
		lines = slog.NewTextHandler(w, settings)
	} else {
		lines = slog.NewJSONHandler(w, settings)
	}
	return slog.New(withRequest{lines})
}

// secretKeys are attributes that must not reach a log. No line of ours has
// them; this is the net below.
var secretKeys = map[string]bool{
	"password": true, "newpassword": true, "token": true, "secret": true, "cookie": true, "set-cookie": true,
	"authorization": true, "otp": true, "code_verifier": true, "hash": true,
}

// maxLogBytes bounds one value, so that a client cannot fill a disk.
const maxLogBytes = 8 << 10

func redact(_ []string, a slog.Attr) slog.Attr {
	if secretKeys[strings.ToLower(a.Key)] {
		return slog.String(a.Key, "[redacted]")
	}
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String()) // JSON would give nanoseconds
	}
	if a.Value.Kind() == slog.KindString && len(a.Value.String()) > maxLogBytes {
		return slog.String(a.Key, strings.ToValidUTF8(a.Value.String()[:maxLogBytes], "")+"…")
	}
	return a
}

type requestIDKey struct{}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// withRequest adds the request's id to every line that is logged with its
// context, whoever logs it.
type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}

// maxPathBytes bounds the path in an access line.
const maxPathBytes = 256

// loggedPath is a path fit for the log: without the query, and with a star
// for each part that may be a token. Those have digits or capitals; the parts
// of our routes have neither.
func loggedPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) >= 12 && strings.ContainsFunc(part, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsUpper(r) || r == '%' }) {
			parts[i] = "*"
		}
	}
	path = strings.Join(parts, "/")
	if len(path) > maxPathBytes {
		path = path[:maxPathBytes] + "…"
	}
	return path
}
