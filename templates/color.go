package templates

import (
	"math"
	"strconv"
)

// ownColor is used where a merchant names none.
const ownColor = "#1F4E79"

// accent is a merchant's colour with what can be read on it.
type accent struct {
	color  string
	on     string // letters upon it
	button string // the colour itself if white letters can be read on it, else our own
}

// readableContrast is what WCAG 2 asks of ordinary text.
const readableContrast = 4.5

func accentOf(color string) accent {
	rgb, ok := parseColor(color)
	if !ok {
		return accent{color: ownColor, on: "#FFFFFF", button: ownColor}
	}
	if contrastWithWhite(rgb) >= readableContrast {
		return accent{color: color, on: "#FFFFFF", button: color}
	}
	return accent{color: color, on: ink, button: ownColor}
}

// parseColor reads "#rrggbb" and nothing else: the value goes into style attributes.
func parseColor(s string) (rgb [3]float64, ok bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb, false
	}
	for i := range rgb {
		n, err := strconv.ParseUint(s[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return rgb, false
		}
		rgb[i] = float64(n) / 255
	}
	return rgb, true
}

// contrastWithWhite is the contrast ratio of WCAG 2 between a colour and white.
func contrastWithWhite(rgb [3]float64) float64 {
	var light [3]float64
	for i, c := range rgb {
		if c <= 0.04045 {
			light[i] = c / 12.92
		} else {
			light[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 1.05 / (0.2126*light[0] + 0.7152*light[1] + 0.0722*light[2] + 0.05)
}
