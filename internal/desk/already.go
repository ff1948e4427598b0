package desk

import (
	"cmp"
	"slices"
	"strings"
)

// entry is one thing that a desk has in a conversation.
type entry struct {
	id   int64
	name string // what the desk calls it when it is given
	text string
}

// already looks for a text among what a desk was given in a conversation, from the newest back to what it was given before this. It returns what the desk calls it, "" when it is not
// there. A customer may write the same twice: what came before is another message.
func already(given []entry, last, text string) string {
	newest := slices.SortedFunc(slices.Values(given), func(a, b entry) int { return cmp.Compare(b.id, a.id) })
	for _, e := range newest {
		if e.name == last {
			return ""
		}
		if alike(e.text, text) {
			return e.name
		}
	}
	return ""
}

// alike reports whether texts have the same words: desks trim spaces and write line ends their own way.
func alike(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }
