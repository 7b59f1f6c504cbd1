package gatehouse

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Upload is the body of an operation whose Body.Upload is set, as it comes. At
// most Body.MaxBytes can be read of it, then ErrBodyTooLarge is returned. A
// client may take longer for it than the server's ReadTimeout, but not for one
// piece of it.
func (c *Call) Upload() io.Reader {
	if c.Request.Body == nil {
		return http.NoBody
	}
	return &upload{
		from: http.MaxBytesReader(nil, c.Request.Body, c.op.Body.limit()), connection: http.NewResponseController(c.answer),
	}
}

func (b Body) limit() int64 {
	if b.MaxBytes == 0 {
		return defaultMaxBodyBytes
	}
	return b.MaxBytes
}

type upload struct {
	from       io.Reader
	connection *http.ResponseController
}

func (u *upload) Read(p []byte) (int, error) {
	_ = u.connection.SetReadDeadline(time.Now().Add(streamPatience)) // not every ResponseWriter has one
	n, err := u.from.Read(p)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = ErrBodyTooLarge
	}
	if err != nil {
		_ = u.connection.SetReadDeadline(time.Time{}) // what follows is no reading
	}
	return n, err
}

// UploadBytes is how long the body of a request may be whose operation reads an
// upload, and 0 for all others: for a handler around the App that bounds
// bodies.
func (a *App) UploadBytes(r *http.Request) int64 {
	path, ok := a.pathBelowBase(r)
	if !ok {
		return 0
	}
	route, _ := a.routes.find(r.Method, path)
	if route == nil || !route.Op.Body.Upload {
		return 0
	}
	return route.Op.Body.limit()
}
