package argon2

import (
	_ "unsafe" // for go:linkname

	_ "golang.org/x/crypto/argon2" // has the functions below
)

// The block function G of RFC 9106 §3.5 in golang.org/x/crypto, with its
// vector instructions where the processor has them. It is not exported there;
// if a new version renames it, the build stops here, and if one changes it,
// the tests do. processBlock sets out to G(in1, in2), processBlockXOR adds it.

//go:linkname processBlock golang.org/x/crypto/argon2.processBlock
//go:noescape
func processBlock(out, in1, in2 *block)

//go:linkname processBlockXOR golang.org/x/crypto/argon2.processBlockXOR
//go:noescape
func processBlockXOR(out, in1, in2 *block)
