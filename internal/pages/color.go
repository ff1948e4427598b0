package pages

import (
	"fmt"
	"math"
	"strconv"
)

// palette is a brand's colour made readable: as a band with letters on it, and as an accent on either background.
type palette struct {
	band, letters string
	light, dark   string // the accent on the light and the dark card
}

// readable is the contrast WCAG 2 asks of ordinary text.
const readable = 4.5

var (
	white     = rgb{1, 1, 1}
	black     = rgb{0, 0, 0}
	lightCard = white
	darkCard  = rgb{0x1b / 255.0, 0x21 / 255.0, 0x29 / 255.0} // --card of page.css in the dark
	ours      = rgb{0x1f / 255.0, 0x4e / 255.0, 0x79 / 255.0} // for merchants that name no colour
)

// paletteOf reads a colour as "#1F4E79"; anything else gives our own.
func paletteOf(color string) palette {
	c, ok := parseColor(color)
	if !ok {
		c = ours
	}
	letters := white
	if contrast(c, black) > contrast(c, white) {
		letters = black
	}
	return palette{
		band: c.String(), letters: letters.String(),
		light: c.until(lightCard, black).String(), dark: c.until(darkCard, white).String(),
	}
}

// rgb is a colour of sRGB, each part between 0 and 1.
type rgb [3]float64

func parseColor(s string) (c rgb, ok bool) {
	if len(s) != 7 || s[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return c, false
	}
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c, true
}

// String returns the form "#1f4e79".
func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// until moves c towards another colour just as far as it takes to be read on a background.
func (c rgb) until(background, towards rgb) rgb {
	const steps = 40
	for i := range steps {
		m := c.mix(towards, float64(i)/steps)
		if contrast(m, background) >= readable {
			return m
		}
	}
	return towards
}

// mix returns the colour a share of the way from c to d, rounded to what can be written.
func (c rgb) mix(d rgb, share float64) rgb {
	var m rgb
	for i := range m {
		m[i] = math.Round((c[i]+(d[i]-c[i])*share)*255) / 255
	}
	return m
}

// contrast is the contrast ratio of WCAG 2.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2.
func (c rgb) luminance() float64 {
	var light rgb
	for i, v := range c {
		if v <= 0.04045 {
			light[i] = v / 12.92
		} else {
			light[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*light[0] + 0.7152*light[1] + 0.0722*light[2]
}
