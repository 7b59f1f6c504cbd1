package storetest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// Everything has a field of every type a record can have.
type Everything struct {
	ID       string           `db:"id"`
	Text     string           `db:"text"`
	Flag     bool             `db:"flag"`
	Small    int              `db:"small"`
	Big      int64            `db:"big,bigint"`
	Ratio    float64          `db:"ratio"`
	At       time.Time        `db:"at"`
	List     []string         `db:"list"`
	Doc      json.RawMessage  `db:"doc"`
	JSONText string           `db:"jsonText,type=json"`
	PText    *string          `db:"pText"`
	PFlag    *bool            `db:"pFlag"`
	PSmall   *int             `db:"pSmall"`
	PBig     *int64           `db:"pBig,bigint"`
	PRatio   *float64         `db:"pRatio"`
	PAt      *time.Time       `db:"pAt"`
	PList    *[]string        `db:"pList"`
	PDoc     *json.RawMessage `db:"pDoc"`
	NullList []string         `db:"nullList,null"`
	Ignored  string
}

func testRecords(t *testing.T, open Open) {
	db := open(t, store.Options{})
	things := store.Define[Everything](db, "everything")
	byID := things.Select("{id} = ?")
	if _, err := db.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	base := Everything{Text: "", Small: -1, Big: 1 << 53, Ratio: 0.5, At: noonUTC,
		List: []string{}, Doc: json.RawMessage(`{"a": [1, "<&>"]}`), JSONText: `[true]`}
	full := base
	full.Text, full.Flag = "O'Brien \"; DROP TABLE user; -- ? {id} $1 \u00e9\U0001F600", true
	full.List = []string{"a", `"`, ""}
	full.PText, full.PFlag, full.PSmall, full.PBig = ptr(""), ptr(false), ptr(0), ptr(int64(-1))
	full.PRatio, full.PAt, full.PList = ptr(1e9), ptr(noonUTC), ptr([]string{"x"})
	full.PDoc, full.NullList = ptr(json.RawMessage(`null`)), []string{"y"}
	for _, tt := range []struct {
		name string
		rec  Everything
	}{{"empty", base}, {"full", full}} {
		t.Run(tt.name, func(t *testing.T) {
			rec := tt.rec
			if err := things.Insert(t.Context(), &rec); err != nil {
				t.Fatal(err)
			}
			want(t, len(rec.ID), 32)
			got := must(byID.One(t.Context(), rec.ID))(t)
			if !reflect.DeepEqual(*got, rec) {
				t.Errorf("got  %+v\nwant %+v", *got, rec)
			}
		})
	}
	t.Run("times are cut and in UTC", func(t *testing.T) {
		rec := base
		rec.At, rec.PAt = noon, ptr(noon)
		if err := things.Insert(t.Context(), &rec); err != nil {
			t.Fatal(err)
		}
		got := must(byID.One(t.Context(), rec.ID))(t)
		for _, at := range []time.Time{rec.At, *rec.PAt, got.At, *got.PAt} {
			if at != noonUTC {
				t.Errorf("got %v, want %v", at, noonUTC)
			}
		}
	})
}
