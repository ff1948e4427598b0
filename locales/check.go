package locales

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// counts reaches every plural category of CLDR's cardinal rules for whole numbers.
var counts = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 20, 21, 22, 25, 100, 101, 102, 103, 111, 1_000_000}

// Check returns what a translator has left undone: a key of the root language that a locale does not have, a plural
// form its grammar needs, and a variable that the root's words do not have. Each error names the file, and line
// and column where there is one.
func (c *Catalog) Check() []error {
	var errs []error
	original := c.locales[Root]
	for _, locale := range c.Locales() {
		w := c.locales[locale]
		for _, key := range c.Keys(Root) {
			if !w.has(key) {
				errs = append(errs, fmt.Errorf("%s.yaml: %q is missing", locale, key))
			}
		}
		for _, key := range c.Keys(locale) {
			errs = append(errs, w.plurals(key)...)
			if original.has(key) {
				errs = append(errs, strangers(w.messages[key], original.messages[key], key)...)
			}
		}
	}
	return errs
}

// plurals finds the counts for which a plural message has no form of its own.
func (w *words) plurals(key string) []error {
	m := w.messages[key]
	if len(m.forms) == 1 {
		return nil
	}
	data := map[string]any{}
	for _, v := range m.variables() {
		data[v] = ""
	}
	for _, n := range counts {
		data["Count"] = n
		_, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n, TemplateParser: parser})
		if err != nil {
			return []error{m.at("%q for %d: %v", key, n, err)}
		}
	}
	return nil
}

// strangers finds variables in a translation that the original does not have: they would never be filled.
func strangers(m, original phrase, key string) []error {
	known := original.variables()
	var errs []error
	for _, v := range m.variables() {
		if !slices.Contains(known, v) {
			errs = append(errs, m.at("%q has {{.%s}}, which is not one of its variables: %s", key, v, strings.Join(known, ", ")))
		}
	}
	return errs
}

func (m phrase) at(format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", m.file, m.line, m.column, fmt.Sprintf(format, args...))
}

// variables lists the names a message asks for, sorted.
func (m phrase) variables() []string {
	var names []string
	for _, text := range m.forms {
		t, err := template.New("").Parse(text)
		if err != nil || t.Tree == nil {
			continue
		}
		walk(t.Root, func(name string) { names = append(names, name) })
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
