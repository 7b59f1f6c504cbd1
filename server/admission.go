package server

import (
	"context"
	"errors"

	"github.com/gatehouse-auth/gatehouse/plugins/approval"
	"github.com/gatehouse-auth/gatehouse/plugins/firstadmin"
)

// admission is who may have an account, for people, and the link by which the
// first administrator comes in, if there is none.
func (h *House) admission(ctx context.Context) (registration, firstAdmin string, err error) {
	if h.Approvals == nil {
		registration = "open to anybody"
	} else {
		mode, err := h.Approvals.InForce(ctx)
		if err != nil {
			return "", "", err
		}
		if registration = registrationTexts[mode]; mode == approval.Closed && h.Options.Features.Approval.Mode != approval.Closed {
			registration = "closed until there is an administrator, then " + registrationTexts[h.Options.Features.Approval.Mode]
		}
	}
	if h.FirstAdmin == nil {
		return registration, "", nil
	}
	firstAdmin, err = h.FirstAdmin.Offer(ctx)
	if errors.Is(err, firstadmin.ErrNoRoster) {
		err = nil // nobody is an administrator here
	}
	return registration, firstAdmin, err
}

var registrationTexts = map[approval.Mode]string{
	approval.Open:     "open to anybody",
	approval.Approval: "by approval of an administrator",
	approval.Invite:   "by invitation",
	approval.Closed:   "closed: administrators create accounts",
}
