package oauthtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
)

// Key signs tokens. It does what it is told, so that a test can forge.
type Key struct {
	// ID and Algorithm are what the header of a token says by default.
	ID, Algorithm string
	signer        crypto.Signer
	secret        []byte // of HS256
}

// NewKey makes a key that no server knows. The algorithm is RS…, PS…, ES… or
// EdDSA.
func NewKey(algorithm, id string) *Key {
	return &Key{ID: id, Algorithm: algorithm, signer: generate(algorithm)}
}

// RSAKey makes an RSA key of any size, which a strong one is not.
func RSAKey(id string, bits int) *Key {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	check(err)
	return &Key{ID: id, Algorithm: "RS256", signer: private}
}

// SecretKey signs with HS256 under any bytes, such as a public key's.
func SecretKey(secret []byte, id string) *Key {
	return &Key{ID: id, Algorithm: "HS256", secret: secret}
}

// Keys of RSA take long to make, so a process has a few and lends them in turn.
const rsaKeys = 4

var (
	rsaMutex sync.Mutex
	rsaNext  int
	rsaPool  [rsaKeys]*rsa.PrivateKey
)

func generate(algorithm string) crypto.Signer {
	var signer crypto.Signer
	var err error
	switch algorithm {
	case "ES256":
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		signer, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		rsaMutex.Lock()
		defer rsaMutex.Unlock()
		i := rsaNext % rsaKeys
		rsaNext++
		if rsaPool[i] == nil {
			rsaPool[i], err = rsa.GenerateKey(rand.Reader, 2048)
		}
		signer = rsaPool[i]
	}
	check(err)
	return signer
}

// Public is the public half, nil for a SecretKey.
func (k *Key) Public() crypto.PublicKey {
	if k.signer == nil {
		return nil
	}
	return k.signer.Public()
}

// JWK is the public half as a member of a key set (RFC 7517).
func (k *Key) JWK() map[string]any {
	jwk := map[string]any{"kid": k.ID, "alg": k.Algorithm, "use": "sig"}
	switch public := k.Public().(type) {
	case *rsa.PublicKey:
		jwk["kty"], jwk["n"] = "RSA", Encode(public.N.Bytes())
		jwk["e"] = Encode(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		check(err)
		half := (len(point) - 1) / 2
		jwk["kty"], jwk["crv"] = "EC", public.Curve.Params().Name
		jwk["x"], jwk["y"] = Encode(point[1:1+half]), Encode(point[1+half:])
	case ed25519.PublicKey:
		jwk["kty"], jwk["crv"], jwk["x"] = "OKP", "Ed25519", Encode(public)
	}
	return jwk
}

// Sign makes a compact JWS of claims. header adds to alg and kid, replaces
// them, or with nil takes them out.
func (k *Key) Sign(header, claims map[string]any) string {
	full := map[string]any{"alg": k.Algorithm, "kid": k.ID, "typ": "JWT"}
	for name, value := range header {
		full[name] = value
		if value == nil {
			delete(full, name)
		}
	}
	return k.SignText(string(marshal(full)), string(marshal(claims)))
}

// SignText makes a compact JWS of texts that need not be JSON. How it is
// signed is the key's Algorithm, whatever the header says.
func (k *Key) SignText(header, payload string) string {
	input := Encode([]byte(header)) + "." + Encode([]byte(payload))
	return input + "." + Encode(k.signature([]byte(input)))
}

func (k *Key) signature(input []byte) []byte {
	if k.signer == nil {
		mac := hmac.New(sha256.New, k.secret)
		mac.Write(input)
		return mac.Sum(nil)
	}
	if k.Algorithm == "EdDSA" {
		signature, err := k.signer.Sign(rand.Reader, input, crypto.Hash(0))
		check(err)
		return signature
	}
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[k.Algorithm[2:]]
	digest := hash.New()
	digest.Write(input)
	if private, ok := k.signer.(*ecdsa.PrivateKey); ok {
		r, s, err := ecdsa.Sign(rand.Reader, private, digest.Sum(nil))
		check(err)
		size := (private.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	var options crypto.SignerOpts = hash
	if strings.HasPrefix(k.Algorithm, "PS") {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	signature, err := k.signer.Sign(rand.Reader, digest.Sum(nil), options)
	check(err)
	return signature
}

// Key is the newest key of an algorithm. PS… and RS… share the RSA key.
func (s *Server) Key(algorithm string) *Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.keys) - 1; i >= 0; i-- {
		k := s.keys[i]
		if k.Algorithm == algorithm {
			return k
		}
		if _, isRSA := k.signer.(*rsa.PrivateKey); isRSA && (strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")) {
			return &Key{ID: k.ID, Algorithm: algorithm, signer: k.signer}
		}
	}
	s.t.Fatalf("oauthtest: there is no key for %s", algorithm)
	return nil
}

// Rotate replaces the keys of an algorithm by a new one with a new id.
func (s *Server) Rotate(algorithm string) *Key {
	s.mu.Lock()
	var kept []*Key
	for _, k := range s.keys {
		if k.Algorithm != algorithm {
			kept = append(kept, k)
		}
	}
	s.keys = kept
	s.mu.Unlock()
	return s.addKey(algorithm)
}

func (s *Server) addKey(algorithm string) *Key {
	key := NewKey(algorithm, "")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	key.ID = fmt.Sprintf("key-%d", s.made)
	s.keys = append(s.keys, key)
	return key
}

// Claims are those of a good ID token for the Person, issued now and good for
// an hour; without a nonce.
func (s *Server) Claims() map[string]any {
	_, person := s.now()
	now := s.Now().Unix()
	claims := profile(person)
	claims["iss"], claims["aud"], claims["iat"], claims["exp"] = s.URL, s.ClientID, now, now+3600
	return claims
}

// Sign signs claims with the key of the Behaviour's algorithm.
func (s *Server) Sign(claims map[string]any) string {
	behaviour, _ := s.now()
	algorithm := behaviour.Algorithm
	if algorithm == "" {
		algorithm = "RS256"
	}
	return s.Key(algorithm).Sign(nil, claims)
}

// Encode is base64url without padding (RFC 7515 §2).
func Encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func marshal(value any) []byte {
	raw, err := json.Marshal(value)
	check(err)
	return raw
}

// check panics: making keys and JSON of one's own does not fail.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
