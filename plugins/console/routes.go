package console

import (
	"context"

	"github.com/gatehouse-auth/gatehouse"
)

func (k *Console) routes() []gatehouse.Route {
	return []gatehouse.Route{
		gatehouse.Endpoint(usersOp, k.listUsers),
		gatehouse.Endpoint(overviewOp, k.overview),
		gatehouse.Endpoint(sessionsOp, k.listSessions),
		gatehouse.Endpoint(revokeSessionOp, k.revokeSession),
	}
}

// record tells the auditor what was done or looked at. Outside of a request it
// was the system.
func (k *Console) record(ctx context.Context, e gatehouse.Event) error { return k.app.Record(ctx, e) }
