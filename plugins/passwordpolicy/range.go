package passwordpolicy

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the form in which breached passwords are published
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Range is a BreachSource that asks a service by range: it sends 5 hexadecimal
// digits of a hash and looks for the other 35 in the answer, which is padded so
// that its length does not tell the range to who watches the line.
type Range struct {
	base   string
	client *http.Client
}

var _ BreachSource = (*Range)(nil)

const (
	prefixDigits = 5
	suffixDigits = 2*sha1.Size - prefixDigits
	// maxRangeBytes is ten times the longest answer there is.
	maxRangeBytes = 1 << 20
)

// NewRange returns the source for a service at base, an https URL (http only
// on this machine) to which "/range/" and the digits are appended.
func NewRange(base string) (*Range, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("want an address such as https://api.pwnedpasswords.com")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, errors.New("want https: without it anyone on the way can tell which password is new")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = 16, 4
	transport.MaxResponseHeaderBytes = 64 << 10
	return &Range{base: strings.TrimRight(u.String(), "/"), client: &http.Client{
		Transport:     transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && address.IsLoopback())
}

// Breached asks the service. Its errors do not carry the URL, which has digits
// of the hash.
func (r *Range) Breached(ctx context.Context, hash [sha1.Size]byte) (bool, error) {
	digits := fmt.Sprintf("%X", hash)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/range/"+digits[:prefixDigits], nil)
	if err != nil {
		return false, errors.New("ask for breached passwords: the address does not fit")
	}
	request.Header.Set("Add-Padding", "true")
	request.Header.Set("User-Agent", "gatehouse")
	response, err := r.client.Do(request)
	if err != nil {
		var detailed *url.Error
		if errors.As(err, &detailed) {
			err = detailed.Err
		}
		return false, fmt.Errorf("ask for breached passwords: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("ask for breached passwords: the service answers %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRangeBytes+1))
	if err != nil {
		return false, fmt.Errorf("read breached passwords: %w", err)
	}
	return findSuffix(body, digits[prefixDigits:])
}

var errNoRange = errors.New("read breached passwords: the answer is no list of hashes")

// findSuffix looks for a line "suffix:count" with a count above 0: padding has
// count 0. Anything but such lines is an error, for a proxy's log-in page has
// status 200 too.
func findSuffix(body []byte, suffix string) (found bool, err error) {
	if len(body) == 0 || len(body) > maxRangeBytes {
		return false, errNoRange
	}
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) < suffixDigits+2 || line[suffixDigits] != ':' || !isHex(line[:suffixDigits]) || !isDecimal(line[suffixDigits+1:]) {
			return false, errNoRange
		}
		counted := len(bytes.Trim(line[suffixDigits+1:], "0")) > 0
		found = found || (counted && strings.EqualFold(string(line[:suffixDigits]), suffix))
	}
	return found, nil
}

func isHex(text []byte) bool {
	for _, b := range text {
		if (b < '0' || b > '9') && (b < 'A' || b > 'F') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return true
}

func isDecimal(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) > 0
}

// Close ends idle connections.
func (r *Range) Close() error {
	r.client.CloseIdleConnections()
	return nil
}
