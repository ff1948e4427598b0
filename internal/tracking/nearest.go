package tracking

import (
	"fmt"
	"strings"
)

// instead advises on a word that is none of known: the one most likely meant, or where to find them all. what says which
// words these are.
func instead(word, what string, known []string) string {
	best, distance := "", len(word)/3+2
	for _, k := range known {
		if d := edits(strings.ToLower(word), k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return what + " are listed at /openapi.json"
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// edits counts the letters to insert, drop or change to make a of b. It gives up on a long word, which is no slip.
func edits(a, b string) int {
	if len(a) > longestName {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
