package provider

import "github.com/gatehouse-auth/gatehouse/oauth"

// placeholder gives a person whose provider tells no address one that nobody
// can own (RFC 2606 §2), so that they can have an account all the same
// (PROTOCOL 13.8). It is never verified.
func placeholder(i oauth.Identity, provider string) oauth.Identity {
	if i.Email == "" && i.Subject != "" {
		i.Email, i.EmailVerified = i.Subject+"@"+provider+".placeholder.invalid", false
	}
	return i
}
