package rules

import (
	"io/fs"

	"landfall/internal/parcel"

	"github.com/expr-lang/expr/ast"
)

// verdict is what can be said of a condition, or of a part of it, without an event.
type verdict int

const (
	maybe verdict = iota
	always
	never
)

func verdictOf(holds bool) verdict {
	if holds {
		return always
	}
	return never
}

func (v verdict) not() verdict {
	switch v {
	case always:
		return never
	case never:
		return always
	default:
		return maybe
	}
}

func (v verdict) and(other verdict) verdict {
	switch {
	case v == never || other == never:
		return never
	case v == always && other == always:
		return always
	default:
		return maybe
	}
}

func (v verdict) or(other verdict) verdict { return v.not().and(other.not()).not() }

// guess is what the fields of few words may hold for one event.
type guess struct{ kind, stage, market string }

// neverHolds reports whether the condition of r is false for whatever event r speaks about.
func (m *Market) neverHolds(r *Rule) bool {
	return r.When.program != nil && m.excluded(r.On, claim{node: r.When.program.Node()})
}

// implies reports whether the condition of other holds for every event that r speaks about and whose condition holds.
func (m *Market) implies(r, other *Rule) bool {
	if other.When.program == nil {
		return true
	}
	claims := []claim{{other.When.program.Node(), true}}
	if r.When.program != nil {
		claims = append(claims, claim{node: r.When.program.Node()})
	}
	return m.excluded(r.On, claims...)
}

// excluded reports whether claims are never true together of events of these kinds. It tries every kind with every stage and
// market that may go with it; of the other fields it knows what they are compared with.
func (m *Market) excluded(kinds []parcel.Kind, claims ...claim) bool {
	for _, kind := range kinds {
		if m.mayHold(kind, claims...) {
			return false
		}
	}
	return len(kinds) > 0
}

// mayHold reports whether claims are not known to exclude one another for every event of a kind.
func (m *Market) mayHold(kind parcel.Kind, claims ...claim) bool {
	for _, stage := range stagesAt(kind) {
		for _, market := range [...]string{m.Code, ""} {
			if (guess{string(kind), stage, market}).possible(claims...) {
				return true
			}
		}
	}
	return false
}

// stagesAt lists the stages a parcel may be in at the moment of an event. A milestone is news when the parcel enters it.
func stagesAt(k parcel.Kind) []string {
	if milestone(k) {
		f, _ := parcel.FactOf(k)
		return []string{string(f.Stage)}
	}
	return append(names(parcel.Stages()), "")
}

func milestone(k parcel.Kind) bool {
	f, _ := parcel.FactOf(k)
	return f.Class == parcel.Milestone
}

func (g guess) judge(node ast.Node) verdict {
	switch n := node.(type) {
	case *ast.BoolNode:
		return verdictOf(n.Value)
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return g.judge(n.Node).not()
		}
	case *ast.BinaryNode:
		return g.binary(n)
	case *ast.ConditionalNode:
		if cond := g.judge(n.Cond); cond != maybe {
			return g.judge(map[verdict]ast.Node{always: n.Exp1, never: n.Exp2}[cond])
		}
	}
	return maybe
}

func (g guess) binary(n *ast.BinaryNode) verdict {
	switch n.Operator {
	case "&&", "and":
		return g.judge(n.Left).and(g.judge(n.Right))
	case "||", "or":
		return g.judge(n.Left).or(g.judge(n.Right))
	case "==":
		return g.equal(n.Left, n.Right)
	case "!=":
		return g.equal(n.Left, n.Right).not()
	case "in":
		return g.among(n.Left, n.Right)
	default:
		return maybe
	}
}

func (g guess) among(item, list ast.Node) verdict {
	array, written := list.(*ast.ArrayNode)
	if !written {
		return maybe
	}
	found := never
	for _, option := range array.Nodes {
		found = found.or(g.equal(item, option))
	}
	return found
}

func (g guess) equal(a, b ast.Node) verdict {
	left, knownLeft := g.text(a)
	right, knownRight := g.text(b)
	switch {
	case !knownLeft || !knownRight:
		return maybe
	case left == right:
		return always
	case strayed(a, right) || strayed(b, left):
		return maybe
	default:
		return never
	}
}

// text returns a text that is written or guessed.
func (g guess) text(n ast.Node) (string, bool) {
	if literal, ok := n.(*ast.StringNode); ok {
		return literal.Value, true
	}
	switch dotted(n) {
	case "event.kind":
		return g.kind, true
	case "parcel.kind":
		return g.kind, milestone(parcel.Kind(g.kind))
	case "parcel.stage":
		return g.stage, true
	case "person.market":
		return g.market, true
	}
	return "", false
}

// strayed reports whether n is a person's market and code a country that is not shipped: who lives where the merchant has no
// market comes to the default one.
func strayed(n ast.Node, code string) bool {
	if dotted(n) != "person.market" {
		return false
	}
	_, err := fs.Stat(Pack(), code+".yaml")
	return err != nil
}
