package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// Options configure a Client.
type Options struct {
	// AllowPrivate lets providers live at addresses that are not public, such
	// as loopback and 10.0.0.0/8. Default false.
	AllowPrivate bool
	// Timeout bounds one request. Default 10 seconds.
	Timeout time.Duration
	// Transport and Now replace the network and the clock in tests.
	Transport http.RoundTripper
	Now       func() time.Time
}

// Client is the one way out to providers: it connects to public addresses
// only, follows no redirect, and bounds time and size. It keeps what it
// learned of them: discovery documents and keys.
type Client struct {
	transport http.RoundTripper // not an http.Client: that follows, and tells addresses
	timeout   time.Duration
	now       func() time.Time

	mu           sync.Mutex
	keys         map[string]*learned[keySet]
	descriptions map[string]*learned[Profile]
}

const (
	// maxAnswer bounds what a provider may answer, once unpacked: a profile, a
	// set of keys.
	maxAnswer = 1 << 20
	// maxHeader bounds the headers of an answer.
	maxHeader = 64 << 10
)

// NewClient returns a Client. It is safe for concurrent use; one is enough.
func NewClient(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Transport == nil {
		transport := egress.Transport(o.AllowPrivate)
		transport.MaxResponseHeaderBytes = maxHeader
		o.Transport = transport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{
		transport: o.Transport, timeout: o.Timeout, now: o.Now,
		keys: map[string]*learned[keySet]{}, descriptions: map[string]*learned[Profile]{},
	}
}

// Get asks for a JSON object.
func (c *Client) Get(ctx context.Context, target string, header http.Header) (Profile, error) {
	return c.do(ctx, http.MethodGet, target, header, nil)
}

// GetList asks for a JSON array of objects.
func (c *Client) GetList(ctx context.Context, target string, header http.Header) ([]Profile, error) {
	raw, err := c.fetch(ctx, http.MethodGet, target, header, nil)
	if err != nil {
		return nil, err
	}
	var list []Profile
	if err := decode(raw, &list); err != nil {
		return nil, errors.New("oauth: the answer is not a list of JSON objects")
	}
	return list, nil
}

// PostForm sends a form and reads a JSON object.
func (c *Client) PostForm(ctx context.Context, target string, header http.Header, form url.Values) (Profile, error) {
	return c.do(ctx, http.MethodPost, target, withType(header, "application/x-www-form-urlencoded"), []byte(form.Encode()))
}

// PostJSON sends a JSON value and reads a JSON object.
func (c *Client) PostJSON(ctx context.Context, target string, header http.Header, value any) (Profile, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	return c.do(ctx, http.MethodPost, target, withType(header, "application/json"), body)
}

// Bearer is the header that carries an access token (RFC 6750 §2.1).
func Bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

func withType(header http.Header, media string) http.Header {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", media)
	return header
}

func (c *Client) do(ctx context.Context, method, target string, header http.Header, body []byte) (Profile, error) {
	raw, err := c.fetch(ctx, method, target, header, body)
	if err != nil {
		return nil, err
	}
	return decodeObject(raw)
}

// GetBytes asks for anything, such as a picture, and returns its media type.
func (c *Client) GetBytes(ctx context.Context, target string, header http.Header) (body []byte, mediaType string, err error) {
	body, answered, err := c.ask(ctx, http.MethodGet, target, header, nil)
	return body, answered.Get("Content-Type"), err
}

func (c *Client) fetch(ctx context.Context, method, target string, header http.Header, body []byte) ([]byte, error) {
	raw, _, err := c.ask(ctx, method, target, header, body)
	return raw, err
}

// ask sends a request and reads the whole answer, within the timeout.
func (c *Client) ask(ctx context.Context, method, target string, header http.Header, body []byte) ([]byte, http.Header, error) {
	if err := checkAddress(target); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("oauth: %q cannot be asked", redact(target))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Gatehouse")
	for name, values := range header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	answer, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, nil, fmt.Errorf("oauth: %s %s: %w", method, redact(target), withoutAddress(err))
	}
	defer answer.Body.Close()
	raw, err := readAll(answer)
	if err != nil {
		return nil, nil, fmt.Errorf("oauth: %s %s: %w", method, redact(target), err)
	}
	return raw, answer.Header, nil
}

func checkAddress(target string) error {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("oauth: %q is not an http or https address", redact(target))
	}
	return nil
}

// readAll reads a good answer; one of 4xx is ErrRefused with what it says.
func readAll(answer *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", withoutAddress(err))
	}
	if len(raw) > maxAnswer {
		return nil, fmt.Errorf("the answer is over %d bytes", maxAnswer)
	}
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return raw, nil
	case answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests:
		said, _ := decodeObject(raw)
		return nil, fmt.Errorf("%w: status %d, error %q", ErrRefused, answer.StatusCode, errorCode(said))
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return nil, errors.New("the provider redirects; configure the final address")
	default:
		return nil, fmt.Errorf("the provider answered %d", answer.StatusCode)
	}
}

// errorCode is the error of an answer (RFC 6749 §5.2) if it looks like a code:
// anything else may repeat what was sent, which is secret.
func errorCode(answer Profile) string {
	code := answer.Text("error")
	foreign := func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && r != '-' }
	if len(code) > 40 || strings.ContainsFunc(code, foreign) {
		return "(unprintable)"
	}
	return code
}

// decodeObject reads one JSON object and nothing after it.
func decodeObject(raw []byte) (Profile, error) {
	var object Profile
	if err := decode(raw, &object); err != nil || object == nil {
		return nil, errors.New("oauth: the answer is not a JSON object")
	}
	return object, nil
}

func decode(raw []byte, to any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(to); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the value")
	}
	return nil
}

// redact keeps the host of an address: all else may hold a token, the path of
// some providers, too.
func redact(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return "(an address)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// withoutAddress is the cause of a failed request: what wraps it names the
// address, and with it what its query holds.
func withoutAddress(err error) error {
	for failed := (*url.Error)(nil); errors.As(err, &failed); {
		err = failed.Err
	}
	return err
}
