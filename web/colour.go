package web

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// rgb is a colour in sRGB.
type rgb struct{ r, g, b uint8 }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

var hexColour = regexp.MustCompile(`^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)

// parseColour reads #rgb and #rrggbb.
func parseColour(text string) (rgb, bool) {
	if !hexColour.MatchString(text) {
		return rgb{}, false
	}
	digits := text[1:]
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return rgb{uint8(n >> 16), uint8(n >> 8 & 0xff), uint8(n & 0xff)}, err == nil
}

// linear undoes the transfer function of one sRGB channel.
func linear(channel uint8) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b rgb) float64 {
	luminance := func(c rgb) float64 { return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b) }
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// nearest is the colour of the same hue, and as strong as its lightness
// allows, that reaches a contrast to the ground. The lightness moves in Oklab,
// away from the ground, until it does.
func nearest(c, ground rgb, ratio float64) rgb {
	if contrast(c, ground) >= ratio {
		return c
	}
	l, a, b := toOklab(c)
	groundLightness, _, _ := toOklab(ground)
	step := 0.002
	if groundLightness > 0.5 {
		step = -step
	}
	for ; l > 0 && l < 1; l += step {
		if found := fit(l, a, b); contrast(found, ground) >= ratio {
			return found
		}
	}
	if step < 0 {
		return rgb{}
	}
	return rgb{255, 255, 255}
}

// fit weakens a colour until sRGB has it.
func fit(l, a, b float64) rgb {
	for strength := 1.0; strength > 0; strength -= 0.02 {
		if c, ok := fromOklab(l, a*strength, b*strength); ok {
			return c
		}
	}
	c, _ := fromOklab(l, 0, 0)
	return c
}

// toOklab and fromOklab are Björn Ottosson's (https://bottosson.github.io/posts/oklab/).
func toOklab(c rgb) (l, a, b float64) {
	red, green, blue := linear(c.r), linear(c.g), linear(c.b)
	long := math.Cbrt(0.4122214708*red + 0.5363325363*green + 0.0514459929*blue)
	middle := math.Cbrt(0.2119034982*red + 0.6806995451*green + 0.1073969566*blue)
	short := math.Cbrt(0.0883024619*red + 0.2817188376*green + 0.6299787005*blue)
	return 0.2104542553*long + 0.7936177850*middle - 0.0040720468*short,
		1.9779984951*long - 2.4285922050*middle + 0.4505937099*short,
		0.0259040371*long + 0.7827717662*middle - 0.8086757660*short
}

// fromOklab reports false for what lies outside of sRGB.
func fromOklab(l, a, b float64) (rgb, bool) {
	cube := func(x float64) float64 { return x * x * x }
	long := cube(l + 0.3963377774*a + 0.2158037573*b)
	middle := cube(l - 0.1055613458*a - 0.0638541728*b)
	short := cube(l - 0.0894841775*a - 1.2914855480*b)
	red, okRed := channel(4.0767416621*long - 3.3077115913*middle + 0.2309699292*short)
	green, okGreen := channel(-1.2684380046*long + 2.6097574011*middle - 0.3413193965*short)
	blue, okBlue := channel(-0.0041960863*long - 0.7034186147*middle + 1.7076147010*short)
	return rgb{red, green, blue}, okRed && okGreen && okBlue
}

func channel(c float64) (uint8, bool) {
	const slack = 0.0005 // half a step of eight bits
	inside := c >= -slack && c <= 1+slack
	c = min(max(c, 0), 1)
	if c <= 0.0031308 {
		c *= 12.92
	} else {
		c = 1.055*math.Pow(c, 1/2.4) - 0.055
	}
	return uint8(math.Round(c * 255)), inside
}
