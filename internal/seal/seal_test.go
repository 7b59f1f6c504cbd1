package seal_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/seal"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
)

func TestSymmetricVectors(t *testing.T) {
	for _, v := range vectors.All(t, "symmetric-encrypt-") {
		var in struct{ Key, Data string }
		var want struct{ Ciphertext, Decrypted string }
		v.Decode(t, &in, &want)
		keys := seal.Keys{Legacy: in.Key}
		if got, err := seal.Decrypt(keys, want.Ciphertext); err != nil || string(got) != want.Decrypted {
			t.Errorf("%s: opens as %q, %v", v.ID, got, err)
		}
		text, err := seal.Encrypt(keys, []byte(in.Data), rand.Reader)
		if err != nil || len(text) != len(want.Ciphertext) {
			t.Errorf("%s: seals as %q, %v", v.ID, text, err)
		}
		if got, err := seal.Decrypt(keys, text); err != nil || string(got) != in.Data {
			t.Errorf("%s: comes back as %q, %v", v.ID, got, err)
		}
	}
}

func TestOtherSealedVectors(t *testing.T) {
	for _, tt := range []struct {
		vector        vectors.Vector
		purpose, want string // want is what the vector does not tell
	}{
		{vectors.One(t, "oauth-state-cookie"), "oauth-state-cookie", ""},
		{vectors.One(t, "backup-codes-encrypted"), "", `["Jrjj9-yxnzn","gTO23-AY7QS"]`},
	} {
		var in struct{ Secret, Data string }
		var out struct{ Ciphertext, Stored string }
		tt.vector.Decode(t, &in, &out)
		keys := seal.Keys{Legacy: in.Secret}
		if tt.purpose != "" {
			keys = keys.Purpose(tt.purpose)
		}
		got, err := seal.Decrypt(keys, out.Ciphertext+out.Stored)
		if err != nil || string(got) != in.Data+tt.want {
			t.Errorf("%s: opens as %q, %v", tt.vector.ID, got, err)
		}
	}
}

func TestPurposeVectors(t *testing.T) {
	for _, v := range vectors.All(t, "purpose-key-") {
		var in struct{ Secret, Purpose string }
		var want struct{ DerivedSecretHex string }
		v.Decode(t, &in, &want)
		if got := seal.PurposeSecret(in.Secret, in.Purpose); got != want.DerivedSecretHex {
			t.Errorf("%s: got %s", v.ID, got)
		}
	}
}

func TestEnvelopeVectors(t *testing.T) {
	for _, v := range vectors.All(t, "envelope-parse-") {
		var in struct{ Data string }
		var want *struct {
			Version    int
			Ciphertext string
		}
		v.Decode(t, &in, &want)
		version, body, ok := seal.Envelope(in.Data)
		if ok != (want != nil) || ok && (version != want.Version || body != want.Ciphertext) {
			t.Errorf("%s: %q is %d, %q, %v", v.ID, in.Data, version, body, ok)
		}
	}
}

// TestRotation is row 119 of the attack list for what is sealed.
func TestRotation(t *testing.T) {
	var in struct {
		Secrets []struct {
			Version int
			Value   string
		}
		LegacySecret string
	}
	var out struct{ Ciphertext string }
	vectors.One(t, "secret-envelope").Decode(t, &in, &out)
	keys := seal.Keys{
		Current: seal.Key{Version: in.Secrets[0].Version, Value: in.Secrets[0].Value},
		Old:     []seal.Key{{Version: in.Secrets[1].Version, Value: in.Secrets[1].Value}},
		Legacy:  in.LegacySecret,
	}
	sealed := map[string]string{out.Ciphertext: "rotated"}
	for _, v := range []vectors.Vector{vectors.One(t, "secret-envelope-legacy"), vectors.One(t, "secret-envelope-old-version")} {
		var in struct{ Ciphertext string }
		var want struct{ Decrypted string }
		v.Decode(t, &in, &want)
		sealed[in.Ciphertext] = want.Decrypted
	}
	for text, want := range sealed {
		if got, err := seal.Decrypt(keys, text); err != nil || string(got) != want {
			t.Errorf("%s opens as %q, %v", text, got, err)
		}
	}
	text, err := seal.Encrypt(keys, []byte("new"), rand.Reader)
	if err != nil || !strings.HasPrefix(text, "$ba$2$") {
		t.Errorf("the current key seals %q, %v", text, err)
	}
	for name, tt := range map[string]struct {
		keys seal.Keys
		text string
		want error
	}{
		"a dropped version":               {seal.Keys{Current: keys.Old[0], Legacy: keys.Legacy}, text, seal.ErrNoKey},
		"the version's number re-used":    {seal.Keys{Current: seal.Key{Version: 2, Value: "x"}, Legacy: keys.Current.Value}, text, seal.ErrOpen},
		"a bare text without legacy":      {seal.Keys{Current: keys.Current}, text[6:], seal.ErrNoKey},
		"an envelope and a single secret": {seal.Keys{Legacy: keys.Current.Value}, text, seal.ErrOpen},
		"no keys":                         {seal.Keys{}, text, seal.ErrNoKey},
		"a changed tag":                   {keys, text[:len(text)-2] + "00", seal.ErrOpen},
		"cut":                             {keys, text[:20], seal.ErrOpen},
		"no hex":                          {keys, "$ba$2$zz", seal.ErrOpen},
		"empty":                           {keys, "", seal.ErrOpen},
	} {
		if got, err := seal.Decrypt(tt.keys, tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: opens as %q, %v", name, got, err)
		}
	}
	if _, err := seal.Encrypt(seal.Keys{}, nil, rand.Reader); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("no keys seal: %v", err)
	}
	if _, err := seal.Encrypt(keys, nil, strings.NewReader("short")); err == nil {
		t.Error("seals without randomness")
	}
}

func TestPurposeKeepsVersions(t *testing.T) {
	keys := seal.Keys{Current: seal.Key{Version: 2, Value: "b"}, Old: []seal.Key{{Version: 1, Value: "a"}}, Legacy: "l"}
	text, err := seal.Encrypt(keys.Purpose("p"), []byte("x"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.Decrypt(keys.Purpose("p"), text); err != nil || string(got) != "x" {
		t.Errorf("opens as %q, %v", got, err)
	}
	if got, err := seal.Decrypt(keys.Purpose("q"), text); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another purpose opens it as %q, %v", got, err)
	}
	if got := (seal.Keys{Legacy: "l"}).Purpose("p"); got.Current.Value != "" || got.Legacy != seal.PurposeSecret("l", "p") {
		t.Errorf("a single secret becomes %+v", got)
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add("$ba$2$dcfe04f2c7ad6d0b")
	f.Add("1e14638c6b9b8526e65856e262a338c54cff3087d883ff170a878c08f57e440a19dc7e995a15b7888a47780cd1")
	keys := seal.Keys{Current: seal.Key{Version: 2, Value: "secret"}, Legacy: "legacy"}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := seal.Decrypt(keys, text); err == nil {
			t.Errorf("%q opens as %q", text, got)
		}
	})
}
