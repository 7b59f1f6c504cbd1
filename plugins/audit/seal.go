package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

// What a MAC is for: one that signs content cannot pass for one that signs a
// place.
const (
	contentLabel    = "gatehouse audit content"
	placeLabel      = "gatehouse audit place"
	stateLabel      = "gatehouse audit state"
	checkpointLabel = "gatehouse audit checkpoint"
)

// keyring holds the keys derived from every version of the app secret, by a
// short name that stands before each MAC.
type keyring struct {
	current string
	keys    map[string][]byte
}

func newKeyring(config *gatehouse.Config) keyring {
	ring := keyring{keys: map[string][]byte{}}
	add := func(secret string) {
		if secret == "" {
			return
		}
		key := []byte(seal.PurposeSecret(secret, "audit"))
		sum := sha256.Sum256(append([]byte("gatehouse audit key name"), key...))
		name := hex.EncodeToString(sum[:4])
		ring.keys[name] = key
		if ring.current == "" {
			ring.current = name
		}
	}
	for _, secret := range config.Secrets {
		add(secret.Value)
	}
	add(config.Secret)
	return ring
}

// sign makes a MAC with the current key: "<key>.<base64url>".
func (k keyring) sign(label string, content []byte) string {
	return k.current + "." + text(mac(k.keys[k.current], label, content))
}

// verdict is what a MAC says.
type verdict int

const (
	genuine verdict = iota
	forged
	unknownKey
)

func (k keyring) check(signed, label string, content []byte) verdict {
	name, sum, _ := strings.Cut(signed, ".")
	key, known := k.keys[name]
	if !known {
		if isKeyName(name) {
			return unknownKey
		}
		return forged
	}
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(given, mac(key, label, content)) {
		return forged
	}
	return genuine
}

// isCurrent reports whether a MAC names the current key.
func (k keyring) isCurrent(signed string) bool { return strings.HasPrefix(signed, k.current+".") }

func isKeyName(name string) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == 4
}

func mac(key []byte, label string, content []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(label))
	h.Write([]byte{0})
	h.Write(content)
	return h.Sum(nil)
}

func text(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum) }

// genesis is the chain value before the first entry.
var genesis = func() string {
	sum := sha256.Sum256([]byte("gatehouse audit chain 1"))
	return text(sum[:])
}()

// link is the chain value at seq.
func link(previous string, seq int64, digest [sha256.Size]byte) string {
	buffer := append([]byte(previous), 0)
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(seq))
	sum := sha256.Sum256(append(buffer, digest[:]...))
	return text(sum[:])
}

// placed is what the MAC of a numbered entry signs.
func placed(digest [sha256.Size]byte, seq int64, chain string) []byte {
	return append(binary.BigEndian.AppendUint64(digest[:], uint64(seq)), chain...)
}

// judge checks a numbered entry by itself.
func (k keyring) judge(e *Entry) verdict {
	return k.check(e.MAC, placeLabel, placed(e.digest(), e.place(), e.Chain))
}
