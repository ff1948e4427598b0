package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is the size of a market file in bytes that nobody reaches by writing one.
const maxFile = 1 << 20

// parse returns the root of a file's one document, or nil after noting why there is none.
func (r *reader) parse(data []byte) *yaml.Node {
	if len(data) > maxFile {
		r.note(0, 0, "", "this file is larger than 1 MiB; market files are a few pages long")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r.lines = split(string(data))
	if !r.readable(data) {
		return nil
	}
	root, err := r.documents(data)
	if err != nil {
		r.syntax(err)
		return nil
	}
	if root == nil {
		r.note(1, 1, "", "this file is empty; it needs at least the key market")
		return nil
	}
	if !r.plain(root) {
		return nil
	}
	return root
}

func split(s string) [][]rune {
	var lines [][]rune
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, []rune(strings.TrimSuffix(line, "\r")))
	}
	return lines
}

// readable notes the first character that YAML does not take or takes for a line break of its own; the YAML package
// does not say where it is.
func (r *reader) readable(data []byte) bool {
	line, column := 1, 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		following := data[size:]
		if strange(c, size) || c == '\r' && !bytes.HasPrefix(following, []byte("\n")) {
			r.note(line, column, fmt.Sprintf("%U", c), "this character cannot be used here; save the file as UTF-8 text and write it as an escape in double quotes")
			return false
		}
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
		data = following
	}
	return true
}

func strange(c rune, size int) bool {
	switch {
	case c == utf8.RuneError && size == 1:
		return true
	case c < ' ':
		return c != '\t' && c != '\n' && c != '\r'
	default:
		return c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff
	}
}

// documents returns the root of the first document and notes where a second one begins.
func (r *reader) documents(data []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := loader.Load(&second); err == nil {
		r.note(second.Line, second.Column, r.rest(second.Line, second.Column), "a second document begins here; write one market in each file")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(first.Content) == 0 || first.Content[0].ShortTag() == "!!null" {
		return nil, nil
	}
	return first.Content[0], nil
}

// plain notes what YAML offers and market files do without: it would hide where a value comes from.
func (r *reader) plain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		r.note(n.Line, n.Column, r.rest(n.Line, n.Column), "a value that begins with * is an alias, which market files do not have; write it out or in quotes")
		return false
	case n.Anchor != "":
		r.note(n.Line, n.Column, r.rest(n.Line, n.Column), "a value that begins with & is an anchor, which market files do not have; leave it out or put the value in quotes")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		r.note(n.Line, n.Column, r.rest(n.Line, n.Column), "a value that begins with ! is a tag, which market files do not have; put the value in quotes")
		return false
	}
	good := true
	for _, child := range n.Content {
		good = r.plain(child) && good
	}
	return good
}

// sentences words the YAML package's messages. A sentence marked start is about where the broken thing begins.
var sentences = [...]struct {
	message  string
	start    bool
	sentence string
}{
	{"mapping values are not allowed", false, "a colon cannot stand here; put the value in quotes, or indent the line like its neighbours"},
	{"expected ',' or ']'", true, "this list is not closed; end it with ]"},
	{"expected ',' or '}'", true, "this mapping is not closed; end it with }"},
	{"unexpected end of stream", true, "this text has no closing quote"},
	{"document indicator", true, "this text has no closing quote"},
	{"unknown anchor", false, "a value that begins with * is an alias, which market files do not have; write it out or in quotes"},
	{"cannot start any token", false, "a value cannot begin like this; put it in quotes"},
	{"expected <document start>", false, "this does not belong here; put the whole value in quotes"},
	{"expected key", false, "this does not belong here; indent it like its neighbours, and put a value that begins with a quote in quotes as a whole"},
	{"expected '-' indicator", false, "this does not belong here; indent it like the other entries of the list"},
	{"could not find expected ':'", true, "this key has no colon after it"},
	{"block sequence entries are not allowed", false, "a list cannot begin here; put the dash on a line of its own"},
}

// syntax notes an error of the YAML package.
func (r *reader) syntax(err error) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		r.note(1, 1, r.rest(1, 1), "this is not YAML")
		return
	}
	mark := e.Mark
	message := "this is not YAML: " + e.Message
	for _, s := range sentences {
		if strings.Contains(e.Message, s.message) {
			message = s.sentence
			if s.start && e.ContextMark.Line > 0 {
				mark = e.ContextMark
			}
			break
		}
	}
	if line, column, ok := r.tab(mark.Line); ok {
		r.note(line, column, r.rest(line, column), "lines are indented with spaces, not with tabs")
		return
	}
	r.note(max(mark.Line, 1), max(mark.Column, 1), r.rest(mark.Line, mark.Column), message)
}

// tab finds a tab among the blanks at the beginning of a line.
func (r *reader) tab(line int) (int, int, bool) {
	if line < 1 || line > len(r.lines) {
		return 0, 0, false
	}
	for i, c := range r.lines[line-1] {
		switch c {
		case '\t':
			return line, i + 1, true
		case ' ', '-':
		default:
			return 0, 0, false
		}
	}
	return 0, 0, false
}
