package postgres

import (
	"errors"
	"strings"

	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/jackc/pgx/v5/pgconn"
)

// Fault goes by SQLSTATE, PostgreSQL appendix A.
func (dialect) Fault(err error) store.Fault {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return store.Fault{Kind: store.FaultUnavailable}
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return store.Fault{}
	}
	switch {
	case e.Code == "23505":
		return store.Fault{Kind: store.FaultUnique, Table: e.TableName, Constraint: e.ConstraintName,
			Columns: columnsOf(e.Detail)}
	case e.Code == "23503":
		return store.Fault{Kind: store.FaultReference, Table: e.TableName, Constraint: e.ConstraintName}
	case unavailable(e.Code):
		return store.Fault{Kind: store.FaultUnavailable}
	}
	return store.Fault{}
}

// unavailable: connection exception, insufficient resources, operator
// intervention, and what another try may mend: serialization failure, deadlock,
// lock timeout, a server that is read-only since a fail-over.
func unavailable(code string) bool {
	switch code {
	case "40001", "40P01", "55P03", "25006":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57")
}
