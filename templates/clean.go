package templates

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/rivo/uniseg"
)

// clean makes one line of an untrusted value. Control characters and the invisible ones that turn the direction
// of text around go, so that a name cannot make the rest of a message read backwards, and so does the mark of layouts; runs of spaces become one.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case turns(r), r == mark:
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		default:
			return r
		}
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// turns reports whether r embeds, overrides or isolates a direction.
func turns(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// bare returns a text without the characters that isolated adds.
func bare(s string) string {
	return strings.NewReplacer(isolateFirst, "", isolateEnd, "").Replace(s)
}

// cut shortens s to at most n characters as a reader counts them, the last of them an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n || uniseg.GraphemeClusterCount(s) <= n {
		return s
	}
	g := uniseg.NewGraphemes(s)
	end := 0
	for i := 0; i < n-1 && g.Next(); i++ {
		_, end = g.Positions()
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// cutUnits shortens s further until a provider that counts UTF-16 units takes it.
func cutUnits(s string, n int) string {
	s = cut(s, n)
	for limit := n; units(s) > n; limit -= 10 {
		s = cut(s, limit)
	}
	return s
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// Plain is an untrusted value as it may stand in a message: without control characters, and of at most so many graphemes.
func Plain(value string, limit int) string { return cut(clean(value), limit) }
