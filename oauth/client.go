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
	http *http.Client
	now  func() time.Time

	mu       sync.Mutex
	keys     map[string]*keySet
	resolved map[*Provider]*resolution
}

// maxAnswer bounds what a provider may answer: a profile, a set of keys.
const maxAnswer = 1 << 20

// NewClient returns a Client. It is safe for concurrent use; one is enough.
func NewClient(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Transport == nil {
		o.Transport = egress.Transport(o.AllowPrivate)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{
		http: &http.Client{Transport: o.Transport, Timeout: o.Timeout, CheckRedirect: refuseRedirect},
		now:  o.Now, keys: map[string]*keySet{}, resolved: map[*Provider]*resolution{},
	}
}

var errRedirect = errors.New("oauth: the provider redirects; configure the final address")

func refuseRedirect(*http.Request, []*http.Request) error { return errRedirect }

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
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var list []Profile
	if err := decoder.Decode(&list); err != nil {
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
	answer, err := c.open(ctx, http.MethodGet, target, header, nil)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err = readAll(answer)
	return body, answer.Header.Get("Content-Type"), err
}

func (c *Client) fetch(ctx context.Context, method, target string, header http.Header, body []byte) ([]byte, error) {
	answer, err := c.open(ctx, method, target, header, body)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return readAll(answer)
}

// open sends a request. The caller closes the answer's body.
func (c *Client) open(ctx context.Context, method, target string, header http.Header, body []byte) (*http.Response, error) {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return nil, fmt.Errorf("oauth: %q is not an http or https address", redact(target))
	}
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("oauth: request: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Gatehouse")
	for name, values := range header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	answer, err := c.http.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			failed.URL = redact(failed.URL) // a token may stand in its query
		}
		return nil, fmt.Errorf("oauth: %w", err)
	}
	return answer, nil
}

// readAll reads a good answer; one of 4xx is ErrRefused with what it says.
func readAll(answer *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("oauth: read the answer: %w", err)
	}
	if len(raw) > maxAnswer {
		return nil, fmt.Errorf("oauth: the answer is over %d bytes", maxAnswer)
	}
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return raw, nil
	case answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests:
		said, _ := decodeObject(raw)
		return nil, fmt.Errorf("%w: status %d, error %q", ErrRefused, answer.StatusCode, said.Text("error"))
	default:
		return nil, fmt.Errorf("oauth: the provider answered %s", answer.Status)
	}
}

func decodeObject(raw []byte) (Profile, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object Profile
	if err := decoder.Decode(&object); err != nil || object == nil {
		return nil, fmt.Errorf("oauth: the answer is not a JSON object")
	}
	return object, nil
}

// redact drops the query of an address, which may hold secrets.
func redact(target string) string {
	bare, _, _ := strings.Cut(target, "?")
	return bare
}
