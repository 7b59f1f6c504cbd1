package console

import (
	"io"
	"net/http"

	"github.com/gatehouse-auth/gatehouse"
)

var exportOp = gatehouse.Op{
	ID: "consoleExport", Method: http.MethodGet, Path: "/console/export",
	Doc:    "Sends people as a file that import reads, without what lets anybody sign in. That somebody took them is recorded first.",
	Access: gatehouse.Can("people", "export"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrNotHere, ErrSearchTooShort},
}

var userDataOp = gatehouse.Op{
	ID: "consoleUserData", Method: http.MethodGet, Path: "/console/user/:id/data",
	Doc:    "Sends everything that is kept about one person (GDPR, Articles 15 and 20).",
	Access: gatehouse.Can("people", "export"), OwnerOnly: true,
	Errors: []*gatehouse.Error{ErrNotHere, ErrUserNotFound},
}

// Export is the query of GET /console/export: a format, and the filters of
// ListUsers.
type Export struct {
	Format      *string `query:"format" check:"enum=jsonl|csv" doc:"jsonl: one JSON object a line, the default. csv: RFC 4180 with a header; a cell that a spreadsheet would run as a formula begins with an apostrophe."`
	Search      *string `query:"search" check:"max=255"`
	SearchField *string `query:"searchField" check:"enum=email|name|id"`
	SearchMode  *string `query:"searchMode" check:"enum=prefix|contains"`
	Role        *string `query:"role" check:"max=255"`
	Status      *string `query:"status" check:"enum=active|banned|pending|rejected|unverified"`
	Verified    *string `query:"verified" check:"enum=true|false"`
	CreatedFrom *string `query:"createdFrom" check:"max=40" doc:"RFC 3339, included."`
	CreatedTo   *string `query:"createdTo" check:"max=40" doc:"RFC 3339, not included."`
}

var mediaTypes = map[string]string{"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}

func (k *Console) export(c *gatehouse.Call, in Export) (gatehouse.Stream, error) {
	write := k.sources.Server.Export
	if write == nil {
		return gatehouse.Stream{}, ErrNotHere
	}
	query, err := Filters{in.Search, in.SearchField, in.SearchMode, in.Role, in.Status, in.Verified, in.CreatedFrom, in.CreatedTo}.query()
	if err != nil {
		return gatehouse.Stream{}, err
	}
	where, err := k.where(query)
	if err != nil {
		return gatehouse.Stream{}, err
	}
	format := or(in.Format, "jsonl")
	filters := query.details(0)
	delete(filters, "found")
	filters["format"] = format
	return gatehouse.Stream{
		ContentType: mediaTypes[format],
		Filename:    "users-" + k.app.Now().Format("20060102T150405Z") + "." + format,
		Write:       func(w io.Writer) error { return write(c, w, format, where, filters) },
	}, nil
}

func (k *Console) userData(c *gatehouse.Call, in OneUser) (gatehouse.Stream, error) {
	collect := k.sources.Server.Data
	if collect == nil {
		return gatehouse.Stream{}, ErrNotHere
	}
	user, err := k.find(c, in.ID)
	if err != nil {
		return gatehouse.Stream{}, err
	}
	data, err := collect(c, user)
	if err != nil {
		return gatehouse.Stream{}, err
	}
	return gatehouse.Stream{
		ContentType: "application/json", Filename: "user-" + user.ID + ".json",
		Write: func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		},
	}, nil
}
