package people

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse"
)

// Own lets people take what is kept about them; NewOwn makes one.
type Own struct {
	app     *gatehouse.App
	running chan struct{}
}

var _ gatehouse.Plugin = (*Own)(nil)

// mostAtOnce bounds how many are collected at a time: each is held in memory.
const mostAtOnce = 2

// NewOwn returns the plugin.
func NewOwn() *Own { return &Own{running: make(chan struct{}, mostAtOnce)} }

// ErrBusy answers while others take theirs.
var ErrBusy = gatehouse.NewError(http.StatusServiceUnavailable, "DATA_EXPORT_BUSY", "Others are taking their data at the moment. Please try again shortly.")

// It is a POST so that no other site can begin it.
var ownOp = gatehouse.Op{
	ID: "takeOwnData", Method: http.MethodPost, Path: "/account/data",
	Doc:    "Sends everything that is kept about the signed-in person as a file (GDPR, Articles 15 and 20), without secrets. The session must be fresh, and that it was sent is recorded.",
	Access: gatehouse.Fresh, OwnerOnly: true, Body: gatehouse.Body{Optional: true},
	Errors: []*gatehouse.Error{ErrBusy},
}

// Plug declares the feature.
func (o *Own) Plug(app *gatehouse.App) (gatehouse.Parts, error) {
	o.app = app
	return gatehouse.Parts{
		ID:     "own-data",
		Routes: []gatehouse.Route{gatehouse.Endpoint(ownOp, o.take)},
		Limits: []gatehouse.Limit{{Match: func(path string) bool { return path == ownOp.Path }, Window: time.Minute, Max: 5}},
	}, nil
}

func (o *Own) take(c *gatehouse.Call, _ struct{}) (gatehouse.Stream, error) {
	c.Header().Set("Cache-Control", "no-store")
	return gatehouse.Stream{
		ContentType: "application/json",
		Filename:    "account-" + o.app.Now().UTC().Format("20060102T150405Z") + ".json",
		Write:       func(w io.Writer) error { return o.write(c, w) },
	}, nil
}

// write holds a place until the last byte is sent: a slow reader keeps its
// data in memory so long.
func (o *Own) write(c *gatehouse.Call, w io.Writer) error {
	select {
	case o.running <- struct{}{}:
		defer func() { <-o.running }()
	default:
		return ErrBusy
	}
	record, err := DataOf(c, o.app, c.User())
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("encode data: %w", err)
	}
	_, err = w.Write(raw)
	return err
}
