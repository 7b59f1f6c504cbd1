package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

// Shop has one option of every supported type.
type Shop struct {
	// AppName is shown in mails. Default Gatehouse.
	AppName          string
	BaseURL          string
	Secret           string `secret:"true"`
	EmailAndPassword Passwords
	Session          Session
	Mail             *Mail
	TrustedOrigins   []string
	Secrets          []Version
	Vouchers         Vouchers            `secret:"true"`
	Providers        map[string]Provider `option:"socialProviders"`
	Rules            map[string]*Rule
	Statements       map[string][]string
	Proxies          []netip.Prefix
	IPv6Subnet       uint8
	Ratio            float64
	AutoSignIn       *bool
	Kind             Union
	Plugins          []Plugin
	Embedded

	Hidden  string `option:"-"`
	Logger  interface{ Log() }
	OnEvent func()
	Wake    chan int
	private string
}

type Embedded struct {
	DisabledPaths []string
}

type Passwords struct {
	Enabled           bool
	MinPasswordLength int
	MaxPasswordLength int
	ResetTTL          time.Duration
}

func (p Passwords) Check() error {
	if p.MaxPasswordLength > 0 && p.MinPasswordLength > p.MaxPasswordLength {
		return errors.New("minPasswordLength is above maxPasswordLength")
	}
	return nil
}

type Session struct {
	// ExpiresIn is how long a session lives. Default 7 days, at most 1 year.
	ExpiresIn time.Duration
	SameSite  SameSite
}

type SameSite string

func (SameSite) Options() []string { return []string{"lax", "strict", "none"} }

type Mail struct {
	Host     string
	Port     int    `default:"587"`
	Password string `secret:"true"`
}

func (m *Mail) Check() error {
	if m.Port < 0 {
		return errors.New("port is below 0")
	}
	return nil
}

type Version struct {
	Version int
	Value   string `secret:"true"`
}

// Vouchers are written as a list or as "2:new,1:old".
type Vouchers []Version

func (p *Vouchers) SetListText(text string) error {
	for entry := range strings.SplitSeq(text, ",") {
		number, value, _ := strings.Cut(strings.TrimSpace(entry), ":")
		version, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("entry %d has no number", len(*p)+1)
		}
		*p = append(*p, Version{version, value})
	}
	return nil
}

type Provider struct {
	ClientID string
	Scope    []string
}

func (p Provider) Check() error {
	if p.ClientID == "" {
		return errors.New("clientID is missing")
	}
	return nil
}

type Rule struct {
	Window time.Duration
	Max    int
}

type Plugin struct {
	ID      string
	Options config.Section
}

// Union is a word or a list of words.
type Union struct{ Words []string }

func (u *Union) SetOption(value any) error {
	switch v := value.(type) {
	case string:
		u.Words = []string{v}
		return nil
	case []any:
		u.Words = nil
		for _, one := range v {
			u.Words = append(u.Words, fmt.Sprint(one))
		}
		return nil
	}
	return fmt.Errorf("expected a type or a list of values, found %v", value)
}

func (u Union) MarshalJSON() ([]byte, error) { return json.Marshal(u.Words) }

func ptr[T any](v T) *T { return &v }

var compare = cmp.Options{
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type().String() == "config.Section" }, cmp.Ignore()),
	cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "private") }, cmp.Ignore()),
}
