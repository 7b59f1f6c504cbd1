package console

import (
	"context"

	"github.com/gatehouse-auth/gatehouse"
)

func (k *Console) routes() []gatehouse.Route {
	return []gatehouse.Route{
		gatehouse.Endpoint(accessOp, k.access),
		gatehouse.Endpoint(usersOp, k.listUsers),
		gatehouse.Endpoint(overviewOp, k.overview),
		gatehouse.Endpoint(sessionsOp, k.listSessions),
		gatehouse.Endpoint(revokeSessionOp, k.revokeSession),
		gatehouse.Endpoint(userOp, k.user),
		gatehouse.Endpoint(bulkOp, k.bulk),
		gatehouse.Endpoint(mailsOp, k.listMails),
		gatehouse.Endpoint(mailOp, k.mail),
		gatehouse.Endpoint(mailFrameOp, k.mailFrame),
		gatehouse.Endpoint(retryMailOp, k.retryMail),
		gatehouse.Endpoint(healthOp, k.health),
		gatehouse.Endpoint(settingsOp, k.settings),
		gatehouse.Endpoint(rolesOp, k.roles),
		gatehouse.Endpoint(exportOp, k.export),
		gatehouse.Endpoint(userDataOp, k.userData),
		gatehouse.Endpoint(k.importOp(), k.importPeople),
	}
}

// record tells the auditor what was done or looked at. Outside of a request it
// was the system.
func (k *Console) record(ctx context.Context, e gatehouse.Event) error { return k.app.Record(ctx, e) }
