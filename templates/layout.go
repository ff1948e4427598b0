package templates

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"unicode/utf8"
)

// layout is the HTML of an e-mail with places for its values.
type layout struct {
	template *template.Template
	comments []string
}

// look is what is the same in all mails of a brand in a language. Each value is one of ours, or was checked to be a colour, and
// stands in many places: it is put in by itself, past the escaping that costs more than all else.
type look struct {
	Lang, Dir, Start         string // Start is the side on which lines begin
	LabelPad                 string // padding of a label, away from that side
	Accent, OnAccent, Button string
}

// lookNames are the fields of look as a layout names them, in the order of values.
var lookNames = []string{".Lang", ".Dir", ".Start", ".LabelPad", ".Accent", ".OnAccent", ".Button"}

func (l look) values() [7]string {
	return [7]string{l.Lang, l.Dir, l.Start, l.LabelPad, l.Accent, l.OnAccent, l.Button}
}

var (
	// conditional is a comment that Outlook on Windows reads as markup. html/template drops all comments, so these are taken out
	// before it and put back behind it.
	conditional = regexp.MustCompile(`(?s)<!--\[if .*?<!\[endif\]-->`)
	lookPlace   = regexp.MustCompile(`\{\{\$?(\.[A-Za-z]+)\}\}`)
)

// mark announces, while html/template works, a piece that is put in behind it; the character after it says which: a value of the
// look, counted from lookMark, or a comment, counted from commentMark. They mean nothing to anybody.
const (
	mark        = '\uE000'
	lookMark    = '\uE100'
	commentMark = '\uE200'
)

func readLayout(source string) (*layout, error) {
	var l layout
	source = conditional.ReplaceAllStringFunc(source, func(comment string) string {
		l.comments = append(l.comments, comment)
		return string([]rune{mark, commentMark + rune(len(l.comments)-1)})
	})
	source = lookPlace.ReplaceAllStringFunc(source, func(place string) string {
		name := lookPlace.FindStringSubmatch(place)[1]
		for i, n := range lookNames {
			if n == name {
				return string([]rune{mark, lookMark + rune(i)})
			}
		}
		return place
	})
	t, err := template.New("email.html").Option("missingkey=error").Parse(source)
	if err != nil {
		return nil, fmt.Errorf("parse e-mail layout: %w", err)
	}
	l.template = t
	return &l, nil
}

// fill writes the layout with its values.
func (l *layout) fill(values letter) (string, error) {
	var filled strings.Builder
	filled.Grow(20 << 10)
	if err := l.template.Execute(&filled, values); err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(filled.Len() + 4<<10)
	looks := values.look.values()
	rest := filled.String()
	for {
		before, after, found := strings.Cut(rest, string(mark))
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		which, size := utf8.DecodeRuneInString(after)
		b.WriteString(l.piece(which, looks[:]))
		rest = after[size:]
	}
}

// piece is what a mark stands for; "" for one that no layout has made.
func (l *layout) piece(which rune, looks []string) string {
	if i := int(which - lookMark); i >= 0 && i < len(looks) {
		return looks[i]
	}
	if i := int(which - commentMark); i >= 0 && i < len(l.comments) {
		return l.comments[i]
	}
	return ""
}
