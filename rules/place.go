package rules

import (
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// place is a line and column of a file, both from 1.
type place struct{ line, column int }

// places returns where each character of a scalar's value stands in the file, and one more for its end. A scalar's
// value differs from what is written: quotes and indents are gone, escapes are resolved, lines may be folded into
// one. But the characters keep their order, so walking along both finds every one again.
func places(lines [][]rune, n *yaml.Node) []place {
	c := begin(lines, n)
	value := []rune(n.Value)
	all := make([]place, 0, len(value)+1)
	for _, v := range value {
		if unicode.IsSpace(v) {
			all = append(all, c.blank(v))
			continue
		}
		all = append(all, c.find())
	}
	return append(all, c.place())
}

// cursor walks over the characters of a scalar as they stand in the file; row and col count from 0.
type cursor struct {
	lines    [][]rune
	row, col int
	style    yaml.Style
}

// begin returns a cursor at the first character of n's value.
func begin(lines [][]rune, n *yaml.Node) *cursor {
	c := &cursor{lines: lines, row: n.Line - 1, col: n.Column - 1, style: n.Style}
	switch {
	case c.is(yaml.LiteralStyle), c.is(yaml.FoldedStyle):
		c.row, c.col = c.row+1, 0 // the line of | or > holds nothing of the value
	case c.is(yaml.SingleQuotedStyle), c.is(yaml.DoubleQuotedStyle):
		c.col++
	}
	return c
}

func (c *cursor) is(s yaml.Style) bool { return c.style&s != 0 }

func (c *cursor) place() place { return place{c.row + 1, c.col + 1} }

// here returns the character under the cursor, or a line break at the end of a line.
func (c *cursor) here() rune { return c.ahead(0) }

func (c *cursor) ahead(n int) rune {
	if c.row >= len(c.lines) || c.col+n >= len(c.lines[c.row]) {
		return '\n'
	}
	return c.lines[c.row][c.col+n]
}

// blank takes a space of the value. Where the file has a line break in its stead the cursor stays, and the next
// character is found behind the indent.
func (c *cursor) blank(v rune) place {
	c.join()
	at := c.place()
	if here := c.here(); here == v && here != '\n' {
		c.col++
	} else if here == '\\' && c.is(yaml.DoubleQuotedStyle) {
		c.col += c.width()
	}
	return at
}

// find takes a character of the value that is no space.
func (c *cursor) find() place {
	for c.row < len(c.lines) && (c.join() || c.step()) {
	}
	at := c.place()
	c.col += c.width()
	return at
}

// step moves over one space or line break, and reports whether there was one.
func (c *cursor) step() bool {
	switch {
	case c.col >= len(c.lines[c.row]):
		c.row, c.col = c.row+1, 0
	case unicode.IsSpace(c.here()):
		c.col++
	case c.spaceEscape():
		c.col += c.width()
	default:
		return false
	}
	return true
}

// join moves over a backslash that joins two lines of a double-quoted text, and reports whether there was one.
func (c *cursor) join() bool {
	if !c.is(yaml.DoubleQuotedStyle) || c.here() != '\\' || c.ahead(1) != '\n' {
		return false
	}
	c.row, c.col = c.row+1, 0
	for c.row < len(c.lines) && c.col < len(c.lines[c.row]) && unicode.IsSpace(c.here()) {
		c.col++
	}
	return true
}

// spaceEscape reports whether an escape for some kind of space is under the cursor.
func (c *cursor) spaceEscape() bool {
	if c.here() != '\\' || !c.is(yaml.DoubleQuotedStyle) {
		return false
	}
	letter := c.ahead(1)
	if escape(letter) == 2 {
		return strings.ContainsRune(" \tntvfrN_LP", letter)
	}
	var digits []rune
	for i := 2; i < escape(letter); i++ {
		digits = append(digits, c.ahead(i))
	}
	code, err := strconv.ParseUint(string(digits), 16, 32)
	return err == nil && unicode.IsSpace(rune(code))
}

// width is how many characters of the file stand for the one under the cursor.
func (c *cursor) width() int {
	switch here := c.here(); {
	case here == '\'' && c.is(yaml.SingleQuotedStyle):
		return 2
	case here == '\\' && c.is(yaml.DoubleQuotedStyle):
		return escape(c.ahead(1))
	default:
		return 1
	}
}

// escape is the length of an escape in a double-quoted text, by the letter after the backslash.
func escape(letter rune) int {
	switch letter {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	default:
		return 2
	}
}
