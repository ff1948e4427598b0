package locales

import (
	"errors"
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
	for _, locale := range c.Locales() {
		w := c.locales[locale]
		for _, key := range c.Keys(Root) {
			if !w.has(key) {
				errs = append(errs, fmt.Errorf("%s.yaml: %q is missing", locale, key))
			}
		}
		for _, key := range c.Keys(locale) {
			errs = append(errs, w.plurals(key)...)
			if locale != Root && c.Has(Root, key) {
				errs = append(errs, strangers(w.messages[key], key, c.variables(key))...)
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

// variables lists what a message may ask for: what the shipped words of the root language do, and those that have
// taken their place.
func (c *Catalog) variables(key string) []string {
	known := slices.Concat(c.original[key].variables(), c.locales[Root].messages[key].variables())
	slices.Sort(known)
	return slices.Compact(known)
}

// strangers finds variables in a translation that the original does not have: they would never be filled.
func strangers(m phrase, key string, known []string) []error {
	var errs []error
	for _, v := range m.variables() {
		if !slices.Contains(known, v) {
			errs = append(errs, &VariableError{Place: m.place, Key: key, Variable: v, Known: known})
		}
	}
	return errs
}

// VariableError is a message that asks for a value it is not given.
type VariableError struct {
	Place    string   // file:line:column of the message
	Key      string   // of the message
	Variable string   // the name it asks for
	Known    []string // the names it may use, sorted
}

// Error names the place, the variable, and those there are.
func (e *VariableError) Error() string {
	may := "it has no variables"
	if len(e.Known) > 0 {
		may = "it may use {{." + strings.Join(e.Known, "}}, {{.") + "}}"
	}
	return fmt.Sprintf("%s: %q asks for {{.%s}}; %s", e.Place, e.Key, e.Variable, may)
}

// Same reports whether err is, or wraps, the same mistake, whatever values were at hand when it showed.
func (e *VariableError) Same(err error) bool {
	o, ok := errors.AsType[*VariableError](err)
	return ok && o.Place == e.Place && o.Key == e.Key && o.Variable == e.Variable
}

func (m phrase) at(format string, args ...any) error {
	return fmt.Errorf("%s: %w", m.place, fmt.Errorf(format, args...))
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
