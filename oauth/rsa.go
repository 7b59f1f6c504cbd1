package oauth

import (
	"crypto"
	"crypto/rsa"
	"math/big"
	"strings"
)

const (
	// RSA keys below are weak; above, they cost more to use than to refuse.
	minRSABits, maxRSABits = 2048, 8192
)

func goodRSA(key *rsa.PublicKey) bool {
	bits := key.N.BitLen()
	return bits >= minRSABits && bits <= maxRSABits && key.E >= 3 && key.E%2 == 1 && !isROCA(key.N)
}

// rocaPrimes are those that the primes of the flawed generator are built from.
var rocaPrimes = []int64{
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
	89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
}

// isROCA recognises the moduli of CVE-2017-15361, which can be factored: they
// are a power of 65537 modulo every small prime.
func isROCA(modulus *big.Int) bool {
	for _, prime := range rocaPrimes {
		rest := new(big.Int).Mod(modulus, big.NewInt(prime)).Int64()
		power := int64(1)
		for range prime {
			if power == rest {
				break
			}
			power = power * 65537 % prime
		}
		if power != rest {
			return false
		}
	}
	return true
}

// strictPSS checks a signature of PS256, PS384 or PS512 once more: its salt is
// as long as the hash (RFC 7518 §3.5), where go-jose takes any length. What is
// of another algorithm passes.
func strictPSS(key any, algorithm, input string, signature []byte) bool {
	public, isRSA := key.(*rsa.PublicKey)
	if !isRSA || !strings.HasPrefix(algorithm, "PS") {
		return true
	}
	hash := map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512}[algorithm]
	digest := hash.New()
	digest.Write([]byte(input))
	return rsa.VerifyPSS(public, hash, digest.Sum(nil), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
}
