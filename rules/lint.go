package rules

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"landfall/internal/parcel"

	"github.com/expr-lang/expr/ast"
)

// lint looks at the syntax tree of a condition for what its compiler lets pass: words a field can never hold, texts
// that are no durations or dates, and loops that could run for seconds.
type lint struct {
	faults []fault
	depths map[ast.Node]int // of each loop body, how many loops deep it is, itself included
}

// Visit looks at one node; its children have been visited before.
func (l *lint) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		l.binary(n)
	case *ast.PredicateNode:
		l.loop(n)
	case *ast.BuiltinNode:
		l.call(n)
	case *ast.MemberNode:
		l.member(n)
	}
}

func (l *lint) add(n ast.Node, length int, format string, args ...any) {
	from := n.Location().From
	l.faults = append(l.faults, fault{from, from + length, fmt.Sprintf(format, args...)})
}

func (l *lint) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "==", "!=":
		l.compare(dotted(n.Left), n.Right)
		l.compare(dotted(n.Right), n.Left)
	case "in":
		if options, ok := n.Right.(*ast.ArrayNode); ok {
			for _, option := range options.Nodes {
				l.compare(dotted(n.Left), option)
			}
		}
	case "..":
		l.add(n, len(n.Operator), "ranges are not allowed in conditions; name the items you mean")
	}
}

// compare checks a literal that a field is compared with.
func (l *lint) compare(field string, literal ast.Node) {
	text, ok := literal.(*ast.StringNode)
	v, closed := fieldWords(field)
	if !ok || !closed || v.has(text.Value) {
		return
	}
	from, to := text.Location().From, text.Location().To
	hint := suggest(text.Value, v.words)
	for _, other := range [...]string{strings.ToUpper(text.Value), strings.ToLower(text.Value)} {
		if v.has(other) {
			hint = fmt.Sprintf("; did you mean %q?", other)
		}
	}
	l.faults = append(l.faults, fault{from, to, field + " is never this: it is not " + v.noun + hint})
}

var (
	countryShape  = regexp.MustCompile(`^([A-Z]{2})?$`)
	currencyShape = regexp.MustCompile(`^([A-Z]{3})?$`)
	carrierShape  = regexp.MustCompile(`^[a-z0-9-]*$`)
)

// fieldWords returns the vocabulary of a field, and false for one that may hold anything.
func fieldWords(field string) (vocabulary, bool) {
	switch field {
	case "parcel.stage":
		return vocabulary{noun: "a stage", words: names(parcel.Stages())}, true
	case "parcel.kind", "event.kind":
		return vocabulary{noun: "a kind of event", words: names(parcel.Kinds())}, true
	case "parcel.carrier":
		return vocabulary{noun: "a carrier's short name in small letters", shape: carrierShape}, true
	case "person.market", "event.place.country":
		return vocabulary{noun: "a country of two capital letters", shape: countryShape}, true
	case "order.value.currency":
		return vocabulary{noun: "a currency of three capital letters", shape: currencyShape}, true
	}
	return vocabulary{}, false
}

// dotted returns a chain of fields as it would be written with dots, or "" for anything else.
func dotted(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return dotted(n.Node)
	case *ast.MemberNode:
		base := dotted(n.Node)
		if name, ok := n.Property.(*ast.StringNode); ok && base != "" {
			return base + "." + name.Value
		}
	}
	return ""
}

// loop notes predicates that lie too deep in one another.
func (l *lint) loop(n *ast.PredicateNode) {
	inner := &deepest{depths: l.depths}
	ast.Walk(&n.Node, inner)
	if l.depths == nil {
		l.depths = map[ast.Node]int{}
	}
	l.depths[n] = inner.depth + 1
	if inner.depth+1 == maxDepth+1 {
		l.add(n, maxCondition, "loops may lie %d deep in one another; take this apart", maxDepth)
	}
}

// deepest finds the deepest loop among nodes.
type deepest struct {
	depths map[ast.Node]int
	depth  int
}

// Visit looks at one node.
func (d *deepest) Visit(node *ast.Node) { d.depth = max(d.depth, d.depths[*node]) }

// call checks the literals that durations and dates are made from.
func (l *lint) call(n *ast.BuiltinNode) {
	if len(n.Arguments) != 1 {
		return
	}
	text, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		return
	}
	from, to := text.Location().From, text.Location().To
	switch n.Name {
	case "duration":
		if _, err := time.ParseDuration(text.Value); err != nil {
			l.faults = append(l.faults, fault{from, to, "this is not " + spanNoun})
		}
	case "date":
		if !date(text.Value) {
			l.faults = append(l.faults, fault{from, to, "this is not a date such as 2026-12-24 or 2026-12-24T18:00:00Z"})
		}
	}
}

func date(s string) bool {
	for _, layout := range [...]string{time.DateOnly, time.DateTime, time.RFC3339} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// member notes what would make the answer depend on the machine it is computed on.
func (l *lint) member(n *ast.MemberNode) {
	if name, ok := n.Property.(*ast.StringNode); ok && name.Value == "Local" {
		l.add(name, len(name.Value), "the time zone of the machine must not decide; now is in UTC")
	}
}
