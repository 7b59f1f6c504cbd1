package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// policies collects what plugins ask of sessions and operations, until all
// operations are known.
type policies struct {
	stepUps   []stepUpOf
	asksRoles []string // plugins
}

type stepUpOf struct {
	plugin, op string
	within     time.Duration
}

func (p *policies) add(a *App, parts Parts) error {
	a.checks = append(a.checks, parts.Checks...)
	a.factors = append(a.factors, parts.Factors...)
	if parts.StepUp != nil {
		if a.stepUp != nil {
			return fmt.Errorf("plugin %s: another plugin already keeps fresh proofs", parts.ID)
		}
		a.stepUp = parts.StepUp
	}
	for op, within := range parts.StepUps {
		p.stepUps = append(p.stepUps, stepUpOf{parts.ID, op, within})
	}
	if parts.AsksRoles {
		p.asksRoles = append(p.asksRoles, parts.ID)
	}
	return nil
}

// settle applies what was asked and refuses what cannot be had.
func (p *policies) settle(a *App) error {
	for _, want := range p.stepUps {
		found := false
		for _, route := range a.routes.all {
			if route.Op.ID == want.op {
				route.Op.Access = route.Op.Access.StepUp(want.within)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("plugin %s asks a fresh proof for operation %q, which no plugin has", want.plugin, want.op)
		}
	}
	for _, route := range a.routes.all {
		if route.Op.Access.proofWithin > 0 && a.stepUp == nil {
			return fmt.Errorf("operation %s needs a fresh proof, but no plugin keeps them: add plugins/stepup", route.Op.ID)
		}
	}
	if len(p.asksRoles) > 0 && a.authority == nil {
		return fmt.Errorf("plugin %s has settings per role, but no plugin knows roles: add plugins/admin", p.asksRoles[0])
	}
	return nil
}

// HasRole reports whether user holds one of roles. A plugin that calls it says
// so in Parts.AsksRoles.
func (a *App) HasRole(ctx context.Context, user *User, roles ...string) (bool, error) {
	if a.authority == nil {
		return false, errors.New("gatehouse: no plugin knows roles")
	}
	return a.authority.HasRole(ctx, user, roles...)
}
