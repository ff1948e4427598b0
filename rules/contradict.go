package rules

import (
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"
)

// claim is a part of a condition that has to hold, or that has to fail.
type claim struct {
	node  ast.Node
	fails bool
}

// atom is a comparison of a field with values that are written: one of them, or several for "in".
type atom struct {
	field, op string
	values    []any // float64, string or bool; durations are nanoseconds
}

// search looks for a way in which claims may all be true at once.
type search struct {
	guess guess
	ways  int // how many more may be tried
}

// maxWays bounds a search: each "or" doubles the ways. A condition with more is taken for one that may hold.
const maxWays = 256

// possible reports whether claims may all be true of one event, as far as comparisons with written values tell.
func (g guess) possible(claims ...claim) bool {
	s := &search{guess: g, ways: maxWays}
	return s.find(claims, nil)
}

func (s *search) find(claims []claim, atoms []atom) bool {
	if s.ways <= 0 {
		return true
	}
	if len(claims) == 0 {
		s.ways--
		return consistent(atoms)
	}
	c, rest := claims[0], claims[1:]
	switch s.guess.judge(c.node) {
	case verdictOf(c.fails):
		return false
	case verdictOf(!c.fails):
		return s.find(rest, atoms)
	}
	if inner, ok := negated(c.node); ok {
		return s.find(slices.Concat([]claim{{inner, !c.fails}}, rest), atoms)
	}
	if n, ok := c.node.(*ast.BinaryNode); ok && joins(n.Operator) {
		return s.joined(n, c.fails, rest, atoms)
	}
	if a, ok := atomOf(c); ok {
		atoms = append(slices.Clip(atoms), a)
	}
	return s.find(rest, atoms)
}

// joined takes an "and" that holds, or an "or" that fails, for two claims more, and the others for two ways to go.
func (s *search) joined(n *ast.BinaryNode, fails bool, rest []claim, atoms []atom) bool {
	left, right := claim{n.Left, fails}, claim{n.Right, fails}
	if conjunction := n.Operator == "&&" || n.Operator == "and"; conjunction != fails {
		return s.find(slices.Concat([]claim{left, right}, rest), atoms)
	}
	return s.find(slices.Concat([]claim{left}, rest), atoms) || s.find(slices.Concat([]claim{right}, rest), atoms)
}

func joins(operator string) bool {
	return slices.Contains([]string{"&&", "and", "||", "or"}, operator)
}

// negated returns what a "not" is about.
func negated(node ast.Node) (ast.Node, bool) {
	n, ok := node.(*ast.UnaryNode)
	if !ok || n.Operator != "!" && n.Operator != "not" {
		return nil, false
	}
	return n.Node, true
}

// atomOf reads a comparison of a field with what is written. A field by itself is compared with true.
func atomOf(c claim) (atom, bool) {
	n, ok := c.node.(*ast.BinaryNode)
	if !ok {
		field := dotted(c.node)
		return atom{field, "==", []any{!c.fails}}, field != ""
	}
	a := atom{field: dotted(n.Left), op: n.Operator, values: written(n.Right)}
	if a.field == "" {
		a = atom{field: dotted(n.Right), op: mirrored(n.Operator), values: written(n.Left)}
	}
	if c.fails {
		a.op = opposite(a.op)
	}
	return a, a.field != "" && a.op != "" && len(a.values) > 0
}

// written returns the values of a literal or of a list of literals; none for anything else.
func written(node ast.Node) []any {
	list, ok := node.(*ast.ArrayNode)
	if !ok {
		list = &ast.ArrayNode{Nodes: []ast.Node{node}}
	}
	var values []any
	for _, n := range list.Nodes {
		v := literal(n)
		if v == nil {
			return nil
		}
		values = append(values, v)
	}
	return values
}

func literal(node ast.Node) any {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return float64(n.Value)
	case *ast.FloatNode:
		return n.Value
	case *ast.StringNode:
		return n.Value
	case *ast.BoolNode:
		return n.Value
	case *ast.BuiltinNode:
		return lengthOf(n)
	}
	return nil
}

// lengthOf is the length of duration("72h").
func lengthOf(n *ast.BuiltinNode) any {
	if n.Name != "duration" || len(n.Arguments) != 1 {
		return nil
	}
	text, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		return nil
	}
	d, err := time.ParseDuration(text.Value)
	if err != nil {
		return nil
	}
	return float64(d)
}

// operators lists comparisons with what they are from the other side, and what holds when they do not.
var operators = [...]struct{ op, mirrored, opposite string }{
	{"==", "==", "!="}, {"!=", "!=", "=="}, {"<", ">", ">="}, {">", "<", "<="}, {"<=", ">=", ">"}, {">=", "<=", "<"},
	{"in", "", "not in"},
}

func mirrored(op string) string {
	for _, o := range operators {
		if o.op == op {
			return o.mirrored
		}
	}
	return ""
}

func opposite(op string) string {
	for _, o := range operators {
		if o.op == op {
			return o.opposite
		}
	}
	return ""
}

// neverNegative lists the fields that are 0 or more.
var neverNegative = [...]string{"order.value.amount", "parcel.attempts", "dwell"}

// consistent reports whether each field may have a value that fits all that is said of it.
func consistent(atoms []atom) bool {
	said := map[string][]atom{}
	for _, a := range atoms {
		said[a.field] = append(said[a.field], a)
	}
	for field, about := range said {
		if slices.Contains(neverNegative[:], field) {
			about = append(about, atom{field, ">=", []any{0.0}})
		}
		if !fits(about) {
			return false
		}
	}
	return true
}

// fits looks for a value among those that are named, at the ends of what the comparisons leave and between them.
func fits(about []atom) bool {
	for _, v := range candidates(about) {
		if !slices.ContainsFunc(about, func(a atom) bool { return !a.allows(v) }) {
			return true
		}
	}
	return false
}

// elsewhere stands for a text that no comparison names.
const elsewhere = "\x00"

// candidates lists values to try. Whatever is true of a number is true of one that is named, lies right beside one, or half way
// between two.
func candidates(about []atom) []any {
	out := []any{elsewhere, true, false}
	var numbers []float64
	for _, a := range about {
		for _, v := range a.values {
			if n, ok := v.(float64); ok {
				numbers = append(numbers, n)
			}
			out = append(out, v)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		out = append(out, n-1, n+1)
		if i > 0 {
			out = append(out, (numbers[i-1]+n)/2)
		}
	}
	return out
}

// allows reports whether a is true of a field that holds v. What it knows nothing about it allows.
func (a atom) allows(v any) bool {
	switch a.op {
	case "==", "in":
		return slices.Contains(a.values, v)
	case "!=", "not in":
		return !slices.Contains(a.values, v)
	}
	limit, isNumber := a.values[0].(float64)
	n, ok := v.(float64)
	if !isNumber || !ok {
		return !isNumber
	}
	return map[string]bool{"<": n < limit, ">": n > limit, "<=": n <= limit, ">=": n >= limit}[a.op]
}
