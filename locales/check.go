package locales

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is something a translator has left undone or got wrong.
type Problem struct {
	Locale, Key string
	err         error
}

// Error says what it is, and where.
func (p *Problem) Error() string { return p.err.Error() }

// Unwrap returns a VariableError, if it is one.
func (p *Problem) Unwrap() error { return p.err }

// Check returns what a translator has left undone: a key of the root language that a locale does not have, a plural
// form its grammar needs, a variable of the root's words that is not used, and one that they do not have. Each is a *Problem
// and names the file, and line and column where there is one.
func (c *Catalog) Check() []error {
	var problems []error
	for _, locale := range c.Locales() {
		note := func(key string, errs ...error) {
			for _, err := range errs {
				problems = append(problems, &Problem{Locale: locale, Key: key, err: err})
			}
		}
		w := c.locales[locale]
		for _, key := range c.Keys(Root) {
			if !w.has(key) {
				note(key, fmt.Errorf("%s.yaml: %q is missing", locale, key))
			}
		}
		for _, key := range c.Keys(locale) {
			note(key, w.plurals(key)...)
			if locale != Root && c.Has(Root, key) {
				note(key, strangers(w.messages()[key], key, c.variables(key))...)
				note(key, c.unused(w.messages()[key], key)...)
			}
		}
	}
	return problems
}

// plurals finds the plural categories of the language that a message has no words for.
func (w *words) plurals(key string) []error {
	m := w.messages()[key]
	if len(m.forms) == 1 {
		return nil
	}
	for _, n := range counts {
		if category := w.plural().category(n); m.forms[category].source == "" {
			return []error{m.at("%q has no form %q, which %d takes in this language", key, category, n)}
		}
	}
	return nil
}

// variables lists what a message may ask for: what the shipped words of the root language do, and those that have
// taken their place.
func (c *Catalog) variables(key string) []string {
	known := slices.Concat(c.original.messages()[key].variables(), c.locales[Root].messages()[key].variables())
	slices.Sort(known)
	return slices.Compact(known)
}

// strangers finds variables in a translation that the original does not have: they would never be filled.
func strangers(m entry, key string, known []string) []error {
	var errs []error
	for _, v := range m.variables() {
		if !slices.Contains(known, v) {
			errs = append(errs, &VariableError{Place: m.place, Key: key, Variable: v, Known: known})
		}
	}
	return errs
}

// unused finds values that the root's words name and a translation leaves out: the reader would miss them.
func (c *Catalog) unused(m entry, key string) []error {
	var errs []error
	uses, first := m.variables(), c.original.messages()[key].variables()
	for _, v := range c.locales[Root].messages()[key].variables() {
		added := len(c.original.messages()[key].forms) > 0 && !slices.Contains(first, v) // by a merchant, to their own words
		if !added && !slices.Contains(uses, v) {
			errs = append(errs, m.at("%q does not use {{.%s}}, which %s.yaml does", key, v, Root))
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
