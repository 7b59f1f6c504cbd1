package kdf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/kdf"
)

func TestCheckKnowsWhatVerifyUnderstands(t *testing.T) {
	pool, err := kdf.New(kdf.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const bcrypt = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	for hash, want := range map[string]error{
		bcrypt:                                 nil,
		"salt:" + strings.Repeat("ab", 64):     nil,
		strings.Replace(bcrypt, "lh", "!h", 1): kdf.ErrFormat,
		bcrypt[:59]:                            kdf.ErrFormat,
		"salt:" + strings.Repeat("ab", 63):     kdf.ErrFormat,
		"$argon2id$v=19$m=99999999,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8": kdf.ErrFormat,
		"5f4dcc3b5aa765d61d8327deb882cf99": kdf.ErrFormat,
		"":                                 kdf.ErrFormat,
	} {
		if got := pool.Check(hash); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", hash, got, want)
		}
	}
}
