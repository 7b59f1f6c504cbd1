package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

// outbox hands deliveries to the suite.
type outbox struct{ url string }

var _ gatehouse.Mailer = (*outbox)(nil)

// Send delivers a mail with the fields a callback would have been given.
func (o *outbox) Send(_ context.Context, m gatehouse.Mail) error {
	return o.post(m.Kind, m.To, m.Data)
}

func (o *outbox) post(kind, to string, data any) error {
	body, err := json.Marshal(map[string]any{"kind": kind, "to": to, "data": data})
	if err != nil {
		return err
	}
	answer, err := http.Post(o.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("outbox answered %s", answer.Status)
	}
	return nil
}
