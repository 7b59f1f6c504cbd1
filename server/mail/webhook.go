package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/webhook"
)

// Limits of a webhook call.
const (
	maxHookBytes   = 256 << 10 // of a request
	maxAnswerBytes = 64 << 10  // read of an answer, so that the connection can be used again
)

// WebhookOptions name who takes the mails over.
type WebhookOptions struct {
	// URL that every mail is posted to. Required; https, or http on loopback.
	URL string
	// Secret signs the calls: "whsec_" and base64, or plain text of at least 24
	// bytes. Required.
	Secret string `secret:"true"`
	// Timeout of one call. Default 10 seconds, at most 1 minute.
	Timeout time.Duration
	// InsecurePlain allows http beyond loopback: links and codes can be read on
	// the way. Default false.
	InsecurePlain bool

	// Now is the clock of the timestamp. Default time.Now.
	Now func() time.Time `option:"-"`
	// Transport makes the calls. Default a clone of http.DefaultTransport.
	Transport http.RoundTripper `option:"-"`
}

// Webhook posts messages, unrendered, as {"id","kind","to","data"}, signed as
// in Standard Webhooks 1.0.0: headers webhook-id, webhook-timestamp (seconds)
// and webhook-signature, "v1," and the base64 HMAC-SHA-256 of
// "id.timestamp.body". The id is that of the outbox row and the same for every
// attempt. Safe for concurrent use.
type Webhook struct {
	options WebhookOptions
	key     []byte
	client  *http.Client
}

var _ Sender = (*Webhook)(nil)

// NewWebhook checks the options; it does not connect.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Timeout < 0 || o.Timeout > time.Minute {
		return nil, errors.New("mail webhook: timeout must be at most 1 minute")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	if err := webhook.CheckURL(o.URL, o.InsecurePlain); err != nil {
		return nil, fmt.Errorf("mail webhook: %w", err)
	}
	key, err := webhook.Key(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("mail webhook: %w", err)
	}
	client := &http.Client{
		Transport: o.Transport,
		Timeout:   o.Timeout,
		// A redirect would carry the mail, with its links, to someone else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Webhook{options: o, key: key, client: client}, nil
}

// Send posts one message. 2xx is success. Of the rest, 4xx is ErrPermanent but
// for 408, 425 and 429; redirects are not followed and, as a wrong address, may
// be tried again.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	req, err := w.request(ctx, m)
	if err != nil {
		return err
	}
	res, err := w.client.Do(req)
	if err != nil {
		return fmt.Errorf("mail webhook: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswerBytes)) // only the status counts
	switch webhook.Judge(res.StatusCode) {
	case webhook.Taken:
		return nil
	case webhook.Later:
		return fmt.Errorf("mail webhook: answered %d", res.StatusCode)
	default:
		return permanent("mail webhook: answered %d", res.StatusCode)
	}
}

func (w *Webhook) request(ctx context.Context, m Message) (*http.Request, error) {
	if !webhook.IsID(m.ID) {
		return nil, permanent("mail webhook: the message has no usable id")
	}
	body, err := json.Marshal(struct {
		ID   string         `json:"id"`
		Kind string         `json:"kind"`
		To   string         `json:"to"`
		Data map[string]any `json:"data"`
	}{m.ID, m.Kind, m.To, m.Data})
	if err != nil {
		return nil, permanent("mail webhook: %w", err)
	}
	if len(body) > maxHookBytes {
		return nil, permanent("mail webhook: the message is larger than %d KiB", maxHookBytes>>10)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.options.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("mail webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Gatehouse")
	webhook.Sign(req.Header, w.key, m.ID, w.options.Now(), body)
	return req, nil
}
