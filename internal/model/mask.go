package model

import (
	"regexp"
	"strings"
)

var (
	addresses = regexp.MustCompile(`[^\s<>()]+@[^\s<>()]+`)
	links     = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`)
	// figures are runs of digits that may name somebody or something: numbers of orders, telephones, houses with codes. "2 weeks" stays.
	figures = regexp.MustCompile(`[\p{L}]{0,4}[-#/]?\+?\p{Nd}[\p{Nd} ./()-]{2,}\p{Nd}`)
)

// Mask leaves out of a message what names somebody: addresses, links, longer figures and the names given.
func Mask(text string, names ...string) string {
	text = links.ReplaceAllString(text, "[link]")
	text = addresses.ReplaceAllString(text, "[address]")
	text = figures.ReplaceAllString(text, "[number]")
	for _, whole := range names {
		for name := range strings.FieldsSeq(whole) {
			if len([]rune(name)) > 1 {
				text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(name)).ReplaceAllString(text, "[name]")
			}
		}
	}
	if r := []rune(text); len(r) > longestText {
		text = string(r[:longestText])
	}
	return text
}
