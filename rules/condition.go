package rules

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v4"
)

// Condition is a compiled condition of a rule. The zero Condition always holds. Its language is that of
// github.com/expr-lang/expr, cut down to what ends soon and depends on nothing but Env.
type Condition struct {
	source  string
	program *vm.Program
	places  []place // of each character of source in its file
}

// String returns the condition as it is written; "" for one that always holds.
func (c Condition) String() string { return c.source }

// The limits of a condition. The expression language can be stopped neither by a step limit nor from outside, so
// loops are bounded by what they may run over (Env's lists, at most maxList long), how deep they may lie in one
// another and how many a condition has room for.
const (
	maxCondition = 2000  // characters; parentheses are no nodes and would otherwise nest without end
	maxNodes     = 300   // of the syntax tree
	maxDepth     = 2     // of loops in loops
	memoryBudget = 10000 // in the expression language's own units, about one for each element built
)

// builtins lists the functions of the expression language that conditions may call. Left out is what reads a clock or
// a time zone, what builds lists or texts longer than those it is given, and what yields values whose type is only
// known at run time.
var builtins = [...]string{"all", "any", "none", "one", "filter", "map", "count", "sum", "find", "len", "first", "last",
	"abs", "ceil", "floor", "round", "min", "max", "int", "float", "string", "trim", "upper", "lower",
	"trimPrefix", "trimSuffix", "hasPrefix", "hasSuffix", "indexOf", "duration", "date"}

// fault is a mistake in a condition: which of its characters, and what is wrong with them.
type fault struct {
	from, to int
	message  string
}

// compile checks and compiles a condition. It returns every fault found.
func compile(source string) (Condition, []fault) {
	if n := utf8.RuneCountInString(source); n > maxCondition {
		message := fmt.Sprintf("this condition has %d characters; make several rules of it, of up to %d each", n, maxCondition)
		return Condition{}, []fault{{0, n, message}}
	}
	checks := &lint{}
	program, err := guarded(source, checks)
	faults := checks.faults
	if err != nil {
		faults = append(faults, explain(err, source))
	} else if t := program.Node().Type(); t.Kind() != reflect.Bool {
		faults = append(faults, fault{0, utf8.RuneCountInString(source),
			"a condition must come out as true or false, and this is " + plainType(t)})
	}
	if len(faults) > 0 {
		return Condition{}, inOrder(faults)
	}
	return Condition{source: source, program: program}, nil
}

// inOrder sorts faults by place and keeps the first of each place, which is the more particular one.
func inOrder(faults []fault) []fault {
	slices.SortStableFunc(faults, func(a, b fault) int { return cmp.Compare(a.from, b.from) })
	return slices.CompactFunc(faults, func(a, b fault) bool { return a.from == b.from })
}

// guarded compiles source. Merchants' files are read while the program runs, and a panic of the compiler must not
// end it.
func guarded(source string, checks *lint) (program *vm.Program, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the condition is too unusual to be compiled")
		}
	}()
	return expr.Compile(source, options(checks)...)
}

func options(checks *lint) []expr.Option {
	opts := []expr.Option{
		expr.Env(Env{}),
		expr.MaxNodes(maxNodes),
		// The optimizer of 1.17.8 fails on filter(...)[0].field and folds ranges outside the memory budget.
		expr.Optimize(false),
		expr.Patch(checks),
		expr.DisableAllBuiltins(),
	}
	for _, name := range builtins {
		opts = append(opts, expr.EnableBuiltin(name))
	}
	return opts
}

// holds evaluates c. An error is a *file.Error and may quote values of env: see blame.
func (c Condition) holds(machine *vm.VM, env *Env) (bool, error) {
	if c.program == nil {
		return true, nil
	}
	out, err := machine.Run(c.program, env)
	if err != nil {
		return false, err
	}
	yes, ok := out.(bool)
	if !ok {
		return false, errors.New("not true or false")
	}
	return yes, nil
}

// blame words the error of an evaluation by where it happened, leaving out the original text: that may quote what
// a customer ordered.
func (r *Rule) blame(err error) error {
	at, text := r.At, r.When.source
	if e, ok := errors.AsType[*file.Error](err); ok {
		from, to := clip(e.From, e.To, text)
		text = string([]rune(text)[from:to])
		if from < len(r.When.places) {
			at.Line, at.Column = r.When.places[from].line, r.When.places[from].column
		}
	}
	return fmt.Errorf("evaluate rule %q: %s: there is no answer for this parcel; allow for short lists and texts that are no numbers (%s)",
		r.Name, at, shown(text))
}

// unquoted adds to the message about a condition that ends too early when YAML took its rest for a comment.
func (r *reader) unquoted(places []place, message string) string {
	end := places[len(places)-1]
	if message == endsEarly && strings.HasPrefix(strings.TrimSpace(r.rest(end.line, end.column)), "#") {
		return "YAML takes the rest, from the # on, for a comment; put the condition in quotes"
	}
	return message
}

// clip keeps a range of characters inside s.
func clip(from, to int, s string) (int, int) {
	n := utf8.RuneCountInString(s)
	from = min(max(from, 0), n)
	return from, min(max(to, from), n)
}

// expression is a condition in a rule.
type expression struct {
	condition Condition
	node      *yaml.Node
}

func (e *expression) read(r *reader, n *yaml.Node) {
	e.node = n
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && strings.TrimSpace(n.Value) == "" {
		r.note(n.Line, n.Column, "", "this condition is empty; write one or leave the key out")
		return
	}
	source, ok := r.text(n, "a condition")
	if !ok {
		return
	}
	condition, faults := compile(source)
	condition.places = places(r.lines, n)
	for _, f := range faults {
		from, to := clip(f.from, f.to, source)
		at := condition.places[from]
		r.note(at.line, at.column, string([]rune(source)[from:to]), r.unquoted(condition.places, f.message))
	}
	if len(faults) == 0 {
		e.condition = condition
	}
}
