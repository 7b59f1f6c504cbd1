package admin_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/gatehousetest"
	"github.com/gatehouse-auth/gatehouse/internal/vectors"
	"github.com/gatehouse-auth/gatehouse/plugins/admin"
)

// TestPermissionVectors asks as a person who holds the role.
func TestPermissionVectors(t *testing.T) {
	h := build(t, admin.Options{})
	h.enrol(t, root, "admin")
	for _, v := range vectors.All(t, "admin-permission-") {
		var in struct {
			Role        string
			Permissions map[string][]string
		}
		var want struct{ Allowed bool }
		v.Decode(t, &in, &want)
		address := v.ID + "@example.com"
		h.enrol(t, address, strings.Split(in.Role, ",")...)
		answer := `{"error":null,"success":false}`
		if want.Allowed {
			answer = `{"error":null,"success":true}`
		}
		h.Enter(address).Post("/admin/has-permission", map[string]any{"permissions": in.Permissions}).Expect(gatehousetest.OK(answer))
	}
}
