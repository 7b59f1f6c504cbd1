package kdf

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"

	"github.com/gatehouse-auth/gatehouse/internal/kdf/argon2"
)

// The costs of new hashes. Argon2id: the first choice of the OWASP Password
// Storage Cheat Sheet. scrypt: what the protocol fixes (PROTOCOL §8.1).
var (
	argonParams = argon2.Params{MemoryKiB: 19456, Time: 2, Lanes: 1, KeyBytes: 32}
)

const (
	scryptN, scryptR, scryptP, scryptKeyBytes = 16384, 16, 1, 64
	// maxHashBytes is the memory of the hungriest of the usual hashes,
	// scrypt's 128·N·r (RFC 7914 §2).
	maxHashBytes = 128 * scryptN * scryptR
)

// Limits of what a stored hash may ask for. Beyond them it is refused, so
// that a hand-written row cannot stall or starve the process.
const (
	maxArgonTime   = 32
	maxArgonLanes  = 16
	maxSaltBytes   = 128
	maxKeyBytes    = 128
	maxBcryptCost  = 15 // about three seconds
	bcryptLen      = 60
	argonPrefix    = "$argon2id$v=19$"
	saltBytes      = 16
	minArgonKey    = 16
	minArgonSalt   = 8
	scryptKeyChars = 128
)

var phc = base64.RawStdEncoding.Strict()

// recipe is a parsed stored hash.
type recipe struct {
	format Format // of new hashes, or otherFormat
	argon  argon2.Params
	salt   []byte
	key    []byte
	bcrypt string
}

const otherFormat Format = -1

// parse reads a stored hash. limit is how many bytes of memory it may ask for.
func parse(encoded string, limit int64) (recipe, error) {
	switch {
	case strings.HasPrefix(encoded, "$argon2id$"):
		return parseArgon(encoded, limit)
	case strings.HasPrefix(encoded, "$2a$"), strings.HasPrefix(encoded, "$2b$"), strings.HasPrefix(encoded, "$2y$"):
		return parseBcrypt(encoded)
	case strings.HasPrefix(encoded, "$"):
		return recipe{}, ErrFormat
	}
	return parseScrypt(encoded)
}

// parseArgon reads "$argon2id$v=19$m=19456,t=2,p=1$salt$key".
func parseArgon(encoded string, limit int64) (recipe, error) {
	rest, ok := strings.CutPrefix(encoded, argonPrefix)
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 {
		return recipe{}, ErrFormat
	}
	costs := strings.Split(parts[0], ",")
	salt, err1 := phc.DecodeString(parts[1])
	key, err2 := phc.DecodeString(parts[2])
	if len(costs) != 3 || err1 != nil || err2 != nil {
		return recipe{}, ErrFormat
	}
	m, ok1 := cost(costs[0], "m=", limit/argon2.BlockBytes)
	t, ok2 := cost(costs[1], "t=", maxArgonTime)
	p, ok3 := cost(costs[2], "p=", maxArgonLanes)
	if !ok1 || !ok2 || !ok3 || m < 8*p ||
		len(salt) < minArgonSalt || len(salt) > maxSaltBytes || len(key) < minArgonKey || len(key) > maxKeyBytes {
		return recipe{}, ErrFormat
	}
	params := argon2.Params{MemoryKiB: m, Time: t, Lanes: p, KeyBytes: uint32(len(key))}
	return recipe{format: Argon2id, argon: params, salt: salt, key: key}, nil
}

// cost reads a whole number of 1 to limit, written the one usual way.
func cost(s, name string, limit int64) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), ok && err == nil && n >= 1 && int64(n) <= limit && strconv.FormatUint(n, 10) == digits
}

// parseScrypt reads "salt:key". The salt is text and is used as text, though
// it is usually hex.
func parseScrypt(encoded string) (recipe, error) {
	salt, key, ok := strings.Cut(encoded, ":")
	raw, err := hex.DecodeString(key)
	if !ok || err != nil || len(key) != scryptKeyChars || salt == "" || len(salt) > maxSaltBytes {
		return recipe{}, ErrFormat
	}
	return recipe{format: Scrypt, salt: []byte(salt), key: raw}, nil
}

func parseBcrypt(encoded string) (recipe, error) {
	cost, err := bcrypt.Cost([]byte(encoded))
	if err != nil || cost > maxBcryptCost || len(encoded) != bcryptLen {
		return recipe{}, ErrFormat
	}
	return recipe{format: otherFormat, bcrypt: encoded}, nil
}

// current reports whether new hashes of format f look like r.
func (r recipe) current(f Format) bool {
	if r.format != f {
		return false
	}
	return f != Argon2id || r.argon == argonParams && len(r.salt) == saltBytes
}

// matches reports whether password leads to the stored key.
func (r recipe) matches(password string, w *worker) (bool, error) {
	if r.format == otherFormat {
		err := bcrypt.CompareHashAndPassword([]byte(r.bcrypt), []byte(password))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		if err != nil {
			return false, ErrFormat // a salt that is no salt shows only here
		}
		return true, nil
	}
	key, err := r.derive(password, w)
	return err == nil && subtle.ConstantTimeCompare(key, r.key) == 1, err
}

// derive computes the key of password with the salt and costs of r.
func (r recipe) derive(password string, w *worker) ([]byte, error) {
	if r.format == Scrypt {
		// Its memory is left to the collector: this form is on its way out.
		return scrypt.Key([]byte(password), r.salt, scryptN, scryptR, scryptP, scryptKeyBytes)
	}
	buf, err := w.memory.bytes(int(r.argon.MemoryKiB) * argon2.BlockBytes)
	if err != nil {
		return nil, err
	}
	return argon2.ID([]byte(password), r.salt, r.argon, buf, w.pause)
}

// fresh returns the recipe of a new hash, without its key.
func fresh(f Format, salt []byte) recipe {
	if f == Scrypt {
		return recipe{format: Scrypt, salt: []byte(hex.EncodeToString(salt))}
	}
	return recipe{format: Argon2id, argon: argonParams, salt: salt}
}

// encode writes r with key as it is stored.
func (r recipe) encode(key []byte) string {
	if r.format == Scrypt {
		return string(r.salt) + ":" + hex.EncodeToString(key)
	}
	costs := "m=" + strconv.Itoa(int(r.argon.MemoryKiB)) + ",t=" + strconv.Itoa(int(r.argon.Time)) + ",p=" + strconv.Itoa(int(r.argon.Lanes))
	return argonPrefix + costs + "$" + phc.EncodeToString(r.salt) + "$" + phc.EncodeToString(key)
}
