package gatehouse

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Secret is one version of a rotated secret.
type Secret struct {
	// Version is unique and not negative; it is stored beside ciphertexts.
	Version int
	Value   string `secret:"true"`
}

// Secrets are the versions of a rotated secret, the one in use first.
type Secrets []Secret

// ParseSecrets reads the text form of rotated secrets, "2:new,1:old", as it
// stands in an environment variable (PROTOCOL 4.2): versions and values, the
// one in use first. A value may hold colons and no comma; spaces around it are
// left out. Whether the values are strong is for New to say. Errors count the
// entries and quote none.
func ParseSecrets(text string) (Secrets, error) {
	var all Secrets
	seen := map[int]bool{}
	for entry := range strings.SplitSeq(text, ",") {
		one, err := parseSecret(strings.TrimSpace(entry))
		if err == nil && seen[one.Version] {
			err = fmt.Errorf("repeats version %d: give every secret a version of its own", one.Version)
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d %w", len(all)+1, err)
		}
		seen[one.Version] = true
		all = append(all, one)
	}
	return all, nil
}

func parseSecret(entry string) (Secret, error) {
	version, value, ok := strings.Cut(entry, ":")
	if !ok {
		return Secret{}, errors.New(`has no version: write "2:NEW,1:OLD", without commas in a secret`)
	}
	number, err := strconv.ParseUint(strings.TrimSpace(version), 10, 31)
	if err != nil {
		return Secret{}, errors.New("does not start with a version, which is a whole number from 0, and a colon")
	}
	if value = strings.TrimSpace(value); value == "" {
		return Secret{}, errors.New("has no secret after the colon: run `gatehouse secret` to make one")
	}
	return Secret{Version: int(number), Value: value}, nil
}

// SetListText is ParseSecrets for a configuration file or variable.
func (s *Secrets) SetListText(text string) (err error) {
	*s, err = ParseSecrets(text)
	return err
}

// checkSecrets refuses secrets that can be guessed. The bound is the
// protocol's: 32 characters and 120 bits by the naive measure.
func (c *Config) checkSecrets() error {
	seen := map[int]bool{}
	for _, s := range c.Secrets {
		if s.Version < 0 || seen[s.Version] {
			return fmt.Errorf("secrets: version %d is negative or used twice", s.Version)
		}
		seen[s.Version] = true
		if err := checkSecret(fmt.Sprintf("secrets, version %d", s.Version), s.Value); err != nil {
			return err
		}
	}
	if len(c.Secrets) > 0 && c.Secret == "" {
		return nil
	}
	return checkSecret("secret", c.Secret)
}

func checkSecret(name, value string) error {
	if value == "" {
		return fmt.Errorf("%s is missing: run `gatehouse secret` to make one", name)
	}
	distinct := map[rune]bool{}
	for _, r := range value {
		distinct[r] = true
	}
	if value == "better-auth-secret-12345678901234567890" {
		return fmt.Errorf("%s is the well-known development value: run `gatehouse secret` to make one", name)
	}
	if len(value) < 32 || float64(len(value))*math.Log2(float64(len(distinct))) < 120 {
		return fmt.Errorf("%s is too weak (32 random characters at least): run `gatehouse secret` to make one", name)
	}
	return nil
}
