package approval_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/plugins/approval"
)

func TestDomainsHoldOnEveryWay(t *testing.T) {
	trash := filepath.Join(t.TempDir(), "disposable.txt")
	if err := os.WriteFile(trash, []byte("# throw-away\ntrash.test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		domains approval.DomainOptions
		taken   []string
		refused []string
	}{
		{"deny", approval.DomainOptions{Deny: []string{"evil.test", "*.corp.test", "Bücher.test"}},
			[]string{"a@example.com", "a@corp.test", "a@notevil.test", "a@sub.evil.test"},
			[]string{"a@evil.test", "A@EVIL.test", "a@mail.corp.test", "a@xn--bcher-kva.test"}},
		{"allow", approval.DomainOptions{Allow: []string{"example.com", "*.example.com"}, Deny: []string{"bad.example.com"}},
			[]string{"a@example.com", "a@mail.example.com"},
			[]string{"a@example.org", "a@evilexample.com", "a@example.com.evil.test", "a@bad.example.com"}},
		{"disposable", approval.DomainOptions{DisposableFile: trash},
			[]string{"a@example.com"},
			[]string{"a@trash.test", "a@x.trash.test"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seeded := open(t, approval.Options{})
			h := seeded.twin(t, approval.Options{EmailDomains: tt.domains})
			create := func(ctx context.Context, address string) error {
				return h.Users.Create(ctx, &gatehouse.User{Name: "x", Email: address})
			}
			admin := h.Browser()
			admin.Post("/door", gatehousetest.Knock{Email: root}).ExpectStatus(http.StatusOK)
			for _, address := range tt.refused {
				h.Post("/sign-up/email", signUp(address)).Expect(gatehousetest.Fails(approval.ErrDomain))
				h.Post("/test/register", map[string]string{"email": address}).Expect(gatehousetest.Fails(approval.ErrDomain))
				admin.Post("/test/create", map[string]string{"email": address}).Expect(gatehousetest.Fails(approval.ErrDomain))
				admin.Post("/change-email", map[string]string{"newEmail": address}).Expect(gatehousetest.Fails(approval.ErrDomain))
				if err := create(context.Background(), address); err == nil {
					t.Errorf("a program created %s", address)
				}
				if h.user(t, address) != nil {
					t.Errorf("%s has an account", address)
				}
			}
			for _, address := range tt.taken {
				h.Post("/test/register", map[string]string{"email": address}).ExpectStatus(http.StatusOK)
			}
		})
	}
}

// A rule that came later takes nobody's account, but the old address cannot be
// changed to another refused one, whatever link is out already.
func TestDomainRuleOnChangeOfAddress(t *testing.T) {
	before := open(t, approval.Options{})
	before.Invite("ada@old.test")
	link, err := before.SignEmailProof(gatehouse.EmailProof{
		Email: "ada@old.test", UpdateTo: "ada@evil.test", RequestType: gatehouse.ProofVerifiesChange, UserID: before.user(t, "ada@old.test").ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := before.twin(t, approval.Options{EmailDomains: approval.DomainOptions{Deny: []string{"old.test", "evil.test"}}})
	b := h.Browser()
	b.Post("/door", gatehousetest.Knock{Email: "ada@old.test"}).ExpectStatus(http.StatusOK)
	b.Post("/update-user", map[string]string{"name": "Ada L."}).ExpectStatus(http.StatusOK)
	b.Get("/verify-email?token=" + link).Expect(gatehousetest.Fails(approval.ErrDomain))
	if h.user(t, "ada@old.test") == nil || h.user(t, "ada@evil.test") != nil {
		t.Error("the address changed")
	}
}
