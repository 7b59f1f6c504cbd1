// Package oauth is the client side of OAuth 2.0 and OpenID Connect: it sends a
// person to an identity provider, takes the code they come back with, and
// says who they are there. It knows no users and no sessions; package
// plugins/social does. Read provider.go first; package oauth/provider has one
// file for each provider people use.
//
// Sources: RFC 6749, RFC 7636 (PKCE), RFC 9207 (iss), RFC 9700 (best current
// practice), OpenID Connect Core 1.0 and Discovery 1.0.
package oauth
