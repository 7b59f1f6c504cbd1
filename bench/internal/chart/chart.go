// Package chart draws horizontal bars as an SVG picture that reads on a light
// and on a dark page. It knows nothing of what the numbers mean.
package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Panel is one group of bars with a scale of its own.
type Panel struct {
	Title string
	Bars  []Bar
}

// Bar is one value, 0 or more. Ours makes it stand out.
type Bar struct {
	Label string
	Value float64
	Ours  bool
}

const (
	width     = 760
	labelEnd  = 210 // where the labels end and the bars begin
	barSpace  = 460
	lineStep  = 26
	barHeight = 16
)

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#24292f}
.title{font-weight:600;font-size:14px}
.bar{fill:#8c959f}.ours{fill:#0969da}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.ours{fill:#58a6ff}}
</style>`

// SVG is the picture of the panels, one below the other; panels without bars
// are left out.
func SVG(panels []Panel) string {
	var b strings.Builder
	y := 24
	for _, p := range panels {
		if len(p.Bars) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<text class=\"title\" x=\"0\" y=\"%d\">%s</text>\n", y, html.EscapeString(p.Title))
		y += 12
		longest := math.SmallestNonzeroFloat64
		for _, bar := range p.Bars {
			longest = max(longest, bar.Value)
		}
		for _, bar := range p.Bars {
			drawBar(&b, bar, y, bar.Value/longest)
			y += lineStep
		}
		y += 30
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">\n%s\n%s</svg>\n",
		width, y-24, width, style, b.String())
}

func drawBar(b *strings.Builder, bar Bar, y int, share float64) {
	class := "bar"
	if bar.Ours {
		class = "ours"
	}
	length := max(1, share*barSpace)
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", labelEnd-8, y+13, html.EscapeString(bar.Label))
	fmt.Fprintf(b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>", class, labelEnd, y, length, barHeight)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", labelEnd+length+6, y+13, number(bar.Value))
}

// number writes v with three digits or as a whole number, thousands apart.
func number(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.3g", v)
	}
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u2009" + digits[i:]
	}
	return digits
}
