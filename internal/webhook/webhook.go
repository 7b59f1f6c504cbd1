// Package webhook signs calls to other systems as Standard Webhooks 1.0.0
// (https://www.standardwebhooks.com) says. It sends nothing itself.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// MinSecretBytes is the least length of a secret.
const MinSecretBytes = 24

// Key is the signing key of a secret: the bytes of "whsec_" and base64, or of
// plain text.
func Key(secret string) ([]byte, error) {
	key := []byte(secret)
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, errors.New("secret must be base64 after whsec_")
		}
		key = decoded
	}
	if len(key) < MinSecretBytes {
		return nil, fmt.Errorf("secret must be at least %d bytes long", MinSecretBytes)
	}
	return key, nil
}

// CheckURL refuses what is no https address; http is for this machine, and
// elsewhere only if plain allows it. An address may not hold a password.
func CheckURL(address string, plain bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("url must be an https address")
	}
	if u.User != nil {
		return errors.New("url must not hold a password: calls are signed")
	}
	if u.Scheme == "http" && !plain && !egress.IsLoopback(u.Hostname()) {
		return errors.New("url must begin with https:// (http only on loopback)")
	}
	return nil
}

// IsID reports whether a message id can be sent: printable ASCII without dots,
// which separate it in what is signed.
func IsID(id string) bool {
	return id != "" && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '.' })
}

// Sign adds the headers webhook-id, webhook-timestamp (seconds) and
// webhook-signature: "v1," and the base64 HMAC-SHA-256 of "id.timestamp.body".
func Sign(header http.Header, key []byte, id string, now time.Time, body []byte) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", timestamp)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// Verdict is what an answer's status means for the sender.
type Verdict int

// The verdicts.
const (
	Taken Verdict = iota
	Later         // try again
	Never         // trying again will not help
)

// Judge reads a status: 2xx is taken; 4xx will not change but for 408, 425 and
// 429; everything else may.
func Judge(status int) Verdict {
	switch {
	case status/100 == 2:
		return Taken
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout,
		status == http.StatusTooEarly, status/100 != 4:
		return Later
	}
	return Never
}
