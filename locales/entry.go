package locales

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// entry is one message of a catalog and where it was written.
type entry struct {
	forms map[string]form // plural category -> words; a plain entry has only "other"
	place string          // file:line:column
}

// form is the words of one plural category, read once and filled often.
type form struct {
	source string
	parts  []part             // what to join, where the words are text and values only
	rest   *template.Template // the others: those with conditions
}

// part is a stretch of text, or the name of the value that stands between two of them.
type part struct{ text, name string }

// readForm reads words; the error says what is wrong with the template they are.
func readForm(source string) (form, error) {
	if parts, ok := split(source); ok {
		return form{source: source, parts: parts}, nil
	}
	t, err := template.New("").Option("missingkey=error").Parse(source)
	return form{source: source, rest: t}, err
}

// split takes apart words whose only actions are values such as {{.Item}}; ok is false for any other.
func split(source string) (parts []part, ok bool) {
	for {
		text, rest, found := strings.Cut(source, "{{")
		if text != "" {
			parts = append(parts, part{text: text})
		}
		if !found {
			return parts, true
		}
		action, after, closed := strings.Cut(rest, "}}")
		name, isValue := strings.CutPrefix(action, ".")
		if !closed || !isValue || name == "" || strings.ContainsFunc(name, notLetter) {
			return nil, false
		}
		parts, source = append(parts, part{name: name}), after
	}
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

// fill puts the data in its places. A value that data does not hold is an error.
func (f form) fill(data map[string]any) (string, error) {
	var b strings.Builder
	if f.rest != nil {
		err := f.rest.Execute(&b, data)
		return b.String(), err
	}
	if len(f.parts) == 1 && f.parts[0].name == "" {
		return f.parts[0].text, nil
	}
	b.Grow(2 * len(f.source))
	for _, p := range f.parts {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		switch v := data[p.name].(type) {
		case string:
			b.WriteString(v)
		case nil:
			return "", fmt.Errorf("there is no %s", p.name)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String(), nil
}

// variables lists the names a message asks for, sorted.
func (m entry) variables() []string {
	var names []string
	found := func(name string) { names = append(names, name) }
	for _, f := range m.forms {
		for _, p := range f.parts {
			if p.name != "" {
				found(p.name)
			}
		}
		if f.rest != nil {
			walk(f.rest.Root, found)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func walk(n parse.Node, found func(string)) {
	switch n := n.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			walk(child, found)
		}
	case *parse.ActionNode:
		walkPipe(n.Pipe, found)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, found)
	}
}

func walkBranch(n *parse.BranchNode, found func(string)) {
	walkPipe(n.Pipe, found)
	walk(n.List, found)
	if n.ElseList != nil {
		walk(n.ElseList, found)
	}
}

func walkPipe(n *parse.PipeNode, found func(string)) {
	for _, command := range n.Cmds {
		for _, arg := range command.Args {
			if field, ok := arg.(*parse.FieldNode); ok {
				found(field.Ident[0])
			}
		}
	}
}

func (m entry) at(format string, args ...any) error {
	return fmt.Errorf("%s: %w", m.place, fmt.Errorf(format, args...))
}
