package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a market file.
type Problem struct {
	File   string // as the loader was asked for it; "pack/..." for the shipped ones
	Line   int    // from 1; 0 when the whole file is meant
	Column int    // from 1, in characters
	Text   string // what is written there; empty when something is missing
	// Message is one sentence that says what is wrong and what to do.
	Message string
	Remark  bool // it may be meant
}

// Error returns "file:line:column: message (offending text)".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": " + p.Message)
	if p.Text != "" {
		b.WriteString(" (" + p.Text + ")")
	}
	return b.String()
}

// Problems is everything wrong with a folder of market files, in order of file, line and column. It is never empty
// when returned as an error.
type Problems []Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single problems.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// err returns ps in order as an error, or nil when there is none.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	ps.sort()
	return ps
}

// sort puts ps in order of file, line and column.
func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// maxText is how many characters of an offending text are shown.
const maxText = 60

// shown cuts s to one line of bearable length.
func shown(s string) string {
	s, _, cut := strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > maxText {
		s, cut = string(r[:maxText]), true
	}
	if cut {
		return strings.TrimRight(s, " \r") + " ..."
	}
	return s
}

// suggest returns the end of a sentence that names the known word closest to wrong, or all of them when none is close
// and they are few.
func suggest(wrong string, known []string) string {
	if near := closest(wrong, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	if len(known) > 0 && len(known) <= maxNamed {
		return "; write one of " + strings.Join(known, ", ")
	}
	return ""
}

// maxNamed is how many words a sentence names.
const maxNamed = 24

// closest returns the known word that takes the fewest edits to get from wrong, or "" when none is near.
func closest(wrong string, known []string) string {
	best, limit := "", max(1, len(wrong)/3)
	for _, word := range known {
		if d := edits(strings.ToLower(wrong), strings.ToLower(word)); d <= limit {
			best, limit = word, d-1
		}
	}
	return best
}

// edits counts the insertions, deletions, replacements and swaps of neighbours between two words.
func edits(a, b string) int {
	a, b = a[:min(len(a), 2*maxText)], b[:min(len(b), 2*maxText)]
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+unequal(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func unequal(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
