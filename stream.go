package gatehouse

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Stream is a handler's output that is written as it is made: for what is too
// long to hold, such as an export. Its headers are sent with the first byte,
// so an error of Write before that is answered as any other; one after it
// breaks the connection off, and the client sees that the end is missing.
type Stream struct {
	ContentType string
	// Filename is what a browser saves the answer as; "": it shows it.
	Filename string
	// Write writes the body. It is called once, after the handler and the hooks
	// and outside of their transactions; the Call it closes over is still good.
	// It may take longer than the server's timeouts. The writer is a Flusher,
	// for lines that should not wait.
	Write func(io.Writer) error
}

// Flusher sends what was written so far.
type Flusher interface{ Flush() error }

// streamPatience is how long a client may take for each piece of a Stream.
const streamPatience = 30 * time.Second

// stream answers with s.
func (c *Call) stream(w http.ResponseWriter, s Stream) {
	body := &streamBody{c: c, stream: s, w: w, connection: http.NewResponseController(w)}
	_ = body.connection.SetReadDeadline(time.Time{}) // a deadline that passes is taken for a client that is gone
	err := s.Write(body)
	switch {
	case err == nil:
		body.end()
	case !body.begun:
		c.respond(w, nil, err)
	default:
		if body.failed == nil && c.Request.Context().Err() == nil { // else the client is gone: nobody to tell
			c.Log().ErrorContext(c, "answer broken off", "err", err)
		}
		panic(http.ErrAbortHandler)
	}
}

// streamBody sends the headers before the first byte.
type streamBody struct {
	c          *Call
	stream     Stream
	w          http.ResponseWriter
	connection *http.ResponseController
	begun      bool
	failed     error
}

func (b *streamBody) Write(p []byte) (int, error) {
	b.begin()
	b.allow(time.Now().Add(streamPatience))
	n, err := b.w.Write(p)
	if err != nil {
		b.failed = fmt.Errorf("send answer: %w", err)
	}
	return n, b.failed
}

// Flush sends what was written so far.
func (b *streamBody) Flush() error {
	if !b.begun {
		return nil
	}
	b.allow(time.Now().Add(streamPatience))
	err := b.connection.Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil // it goes when it goes
	}
	return err
}

func (b *streamBody) begin() {
	if b.begun {
		return
	}
	b.begun = true
	if b.stream.Filename != "" {
		b.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": b.stream.Filename}))
	}
	b.c.sendHead(b.w, http.StatusOK, b.stream.ContentType)
}

// end sends what is left while the client is still being waited for, then
// gives the connection back without a deadline where the server sets none.
func (b *streamBody) end() {
	b.begin()
	b.allow(time.Now().Add(streamPatience))
	_ = b.connection.Flush() // the client is gone: nobody to tell
	server, _ := b.c.Request.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil || server.WriteTimeout <= 0 {
		b.allow(time.Time{})
	}
}

// allow moves the deadline of the connection, in place of the server's for
// short answers. Not every ResponseWriter has one.
func (b *streamBody) allow(until time.Time) { _ = b.connection.SetWriteDeadline(until) }
