package templates

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// The characters that keep a value's direction from mixing with that of the words around it. A reader never sees them.
const (
	isolateFirst = "\u2068" // FIRST STRONG ISOLATE: the value goes as its own first letter does
	isolateEnd   = "\u2069" // POP DIRECTIONAL ISOLATE

	rightToLeftMark = "\u200F"
)

// isolated returns a value as it may stand in a sentence: set apart where the sentence or the value runs from right to left.
// Without that, 123-456 in an Arabic sentence reads 456-123, and an Arabic name turns the English words after it around.
// Values of a left-to-right sentence that run the same way are left as they are: in a short message every character counts.
func isolated(value string, rtl bool) string {
	if value == "" || !rtl && !hasRTL(value) {
		return value
	}
	return isolateFirst + value + isolateEnd
}

func hasRTL(s string) bool {
	for _, r := range s {
		if r < 0x590 { // no letter before Hebrew does
			continue
		}
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.R, bidi.AL, bidi.AN:
			return true
		}
	}
	return false
}

// rightToLeft are the languages written that way; a merchant may add a catalog in one.
var rightToLeft = []string{"ar", "fa", "he", "ur"}

// RunsRTL reports whether a locale is written from right to left.
func RunsRTL(locale string) bool {
	language, _, _ := strings.Cut(locale, "-")
	return slices.Contains(rightToLeft, language)
}

func direction(locale string) string {
	if RunsRTL(locale) {
		return "rtl"
	}
	return "ltr"
}
