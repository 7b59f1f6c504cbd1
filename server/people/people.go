// Package people moves people in and out: from a file or a live better-auth
// database into Gatehouse ([Import]), out into a file ([Export]), and one
// person's complete data ([Data]). It refuses to know about terminals. Read
// this file, then import.go.
package people

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/check"
	"github.com/gatehouse-auth/gatehouse/standard"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Person is a user with the ways to sign in, as it is carried from place to
// place.
type Person struct {
	ID            string // "": a new one
	Email         string
	Name          string
	EmailVerified bool
	Image         *string
	CreatedAt     time.Time // zero: now
	// PasswordHash is in a form that sign-in understands; Password is hashed.
	// At most one of them is given.
	PasswordHash string
	Password     string
	Identities   []Identity
	// Fields are added columns by their declared name, as store.Extra has them.
	Fields map[string]any
}

// Identity is an account at a provider, without its tokens.
type Identity struct {
	ProviderID string     `json:"providerId"`
	AccountID  string     `json:"accountId"`
	Scope      *string    `json:"scope,omitempty"`
	CreatedAt  *time.Time `json:"createdAt,omitempty"`
}

func (i Identity) key() string { return i.ProviderID + "\x00" + i.AccountID }

// Row is one person of a source, or why there is none.
type Row struct {
	Number int // from 1, without the header
	Person
	Refusal string
}

// Source gives rows one after the other, then io.EOF. Any other error ends the
// import.
type Source interface{ Next() (*Row, error) }

// SourceError is what ends an import: behind it nothing is known about where
// rows begin.
type SourceError struct {
	Row   int // from 1
	Cause error
}

func (e *SourceError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Cause) }

func (e *SourceError) Unwrap() error { return e.Cause }

// The limits of what a row may hold.
const (
	maxRowBytes  = 8 << 20  // what is read at all
	maxTextBytes = 64 << 10 // of one value
	maxEmail     = 254      // RFC 5321 §4.5.3.1.3, less the angle brackets
	maxID        = 255
	maxProviders = 100
)

// names of what every file may hold; the others are those of added columns.
var coreNames = []string{"id", "email", "name", "emailVerified", "image", "createdAt", "passwordHash", "password", "accounts"}

// form knows which fields a person may have here.
type form struct {
	house  *standard.House
	added  []store.Field
	byName map[string]store.Field
}

func newForm(house *standard.House) *form {
	f := &form{house: house, added: house.DB.AddedFields("user"), byName: map[string]store.Field{}}
	for _, field := range f.added {
		f.byName[field.Name] = field
	}
	return f
}

// check returns why p cannot be a user here.
func (f *form) check(p *Person) error {
	switch {
	case p.Email == "":
		return errors.New("there is no e-mail address")
	case len(p.Email) > maxEmail || !check.IsEmail(p.Email):
		return errors.New("the e-mail address is not one")
	case len(p.ID) > maxID:
		return fmt.Errorf("id is longer than %d bytes", maxID)
	case p.Image != nil && !gatehouse.SafeImage(*p.Image):
		return gatehouse.ErrImage
	case p.Password != "" && p.PasswordHash != "":
		return errors.New("there are both a password and a passwordHash")
	case p.PasswordHash != "" && f.house.Passwords.CheckHash(p.PasswordHash) != nil:
		return errors.New("passwordHash is of no known format: argon2id, bcrypt and better-auth's scrypt are")
	}
	for _, text := range []string{p.ID, p.Email, p.Name, deref(p.Image)} {
		if err := checkText(text); err != nil {
			return err
		}
	}
	if err := checkIdentities(p.Identities); err != nil {
		return err
	}
	for _, field := range f.added {
		if _, given := p.Fields[field.Name]; !given && field.Required && field.Default == nil {
			return fmt.Errorf("%s is required", field.Name)
		}
	}
	return nil
}

func checkIdentities(all []Identity) error {
	if len(all) > maxProviders {
		return fmt.Errorf("there are more than %d accounts", maxProviders)
	}
	seen := map[string]bool{}
	for _, i := range all {
		switch {
		case i.ProviderID == "" || i.AccountID == "" || len(i.ProviderID) > maxID || len(i.AccountID) > maxID:
			return fmt.Errorf("an account needs a providerId and an accountId of at most %d bytes", maxID)
		case i.ProviderID == gatehouse.CredentialProvider:
			return errors.New("a password comes as password or passwordHash, not as an account")
		case seen[i.key()]:
			return fmt.Errorf("account %q is there twice", i.ProviderID)
		}
		seen[i.key()] = true
		for _, text := range []string{i.ProviderID, i.AccountID, deref(i.Scope)} {
			if err := checkText(text); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkText refuses what not every store can keep.
func checkText(text string) error {
	switch {
	case len(text) > maxTextBytes:
		return fmt.Errorf("a value is longer than %d bytes", maxTextBytes)
	case !utf8.ValidString(text):
		return errors.New("a value is not UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return errors.New("a value has a NUL")
	}
	return nil
}

// user is a fresh record of p: hooks may change it, and a second attempt
// begins anew.
func (p *Person) user() *gatehouse.User {
	user := &gatehouse.User{ID: p.ID, Email: p.Email, Name: p.Name, EmailVerified: p.EmailVerified, Image: p.Image, CreatedAt: p.CreatedAt}
	for name, value := range p.Fields {
		user.Set(name, value)
	}
	return user
}

// accounts are the ways p signs in.
func (p *Person) accounts(userID string) []*gatehouse.Account {
	var list []*gatehouse.Account
	if p.PasswordHash != "" {
		hash := p.PasswordHash
		list = append(list, &gatehouse.Account{UserID: userID, AccountID: userID, ProviderID: gatehouse.CredentialProvider, PasswordHash: &hash, CreatedAt: p.CreatedAt})
	}
	for _, i := range p.Identities {
		account := &gatehouse.Account{UserID: userID, AccountID: i.AccountID, ProviderID: i.ProviderID, Scope: i.Scope, CreatedAt: p.CreatedAt}
		if i.CreatedAt != nil {
			account.CreatedAt = *i.CreatedAt
		}
		list = append(list, account)
	}
	return list
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
