package console

import (
	"io"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var mailFrameOp = gatehouse.Op{
	ID: "consoleMailFrame", Method: http.MethodGet, Path: "/console/mail/:id/html",
	Doc:    "Shows the HTML of one mail as a page of its own, without the tokens in it: a page that runs nothing and loads nothing.",
	Access: gatehouse.Can("mail", "read"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrMailNotFound},
}

// framePolicy lets a mail have the styles that mails have, and nothing else:
// no script, no picture, no form, an origin of its own. Only our pages frame it.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

func (k *Console) mailFrame(c *gatehouse.Call, in OneMail) (gatehouse.Stream, error) {
	view, err := k.Mail(c, in.ID)
	if err != nil {
		return gatehouse.Stream{}, err
	}
	if view.Preview == nil {
		return gatehouse.Stream{}, ErrMailNotFound
	}
	h := c.Header()
	h.Set("Content-Security-Policy", framePolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	return gatehouse.Stream{
		ContentType: "text/html; charset=utf-8",
		Write: func(w io.Writer) error {
			_, err := io.WriteString(w, view.Preview.HTML)
			return err
		},
	}, nil
}
