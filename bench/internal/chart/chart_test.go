package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/bench/internal/chart"
)

func TestSVG(t *testing.T) {
	picture := chart.SVG([]chart.Panel{
		{Title: "A & B", Bars: []chart.Bar{{"one <1>", 13500, true}, {"two", 0, false}, {"three", 64.25, false}}},
		{Title: "left out"},
	})
	decoder := xml.NewDecoder(strings.NewReader(picture))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, picture)
		}
	}
	for _, want := range []string{
		"A &amp; B", "one &lt;1&gt;", "13\u2009500", ">0<", "64.2",
		`class="ours" x="210" y="36" width="460.0"`, `class="bar" x="210" y="62" width="1.0"`,
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("no %q in\n%s", want, picture)
		}
	}
	if strings.Contains(picture, "left out") {
		t.Error("an empty panel was drawn")
	}
}
