// Package arch keeps the shape of the code: which package may import which, who alone may touch a foreign library, where
// a clock is read, and which tables of the documentation are made from the code. It holds tests only and is imported by
// nobody; what the packages do is tested beside them.
package arch

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// TestShape reads the module once and holds each rule against it.
func TestShape(t *testing.T) {
	t.Parallel()
	packages := read(t)
	for name, holds := range map[string]func(*testing.T, []*source){
		"every package imports only its neighbours":            neighbourly,
		"the table of neighbours is no longer than the code":   allThere,
		"foreign libraries stay with their owners":             owned,
		"pure packages have no effects":                        effectless,
		"clocks are read at the edge only":                     clockless,
		"secrets are compared in constant time":                unhurried,
		"nobody sleeps":                                        awake,
		"nothing runs before main":                             uninitialized,
		"every package says what it is for":                    introduced,
		"every exported name is explained":                     explained,
		"import chains stay short":                             shallow,
		"the readme's table of packages has every one of them": listed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holds(t, packages)
		})
	}
}

func neighbourly(t *testing.T, packages []*source) {
	for _, p := range packages {
		row, known := neighbours[p.path]
		if !known {
			t.Errorf("%s: the table of neighbours does not know this package; add what it may import and why", p.path)
			continue
		}
		for _, i := range p.imports {
			if i.ours() && !slices.Contains(row.may, i.inside()) {
				t.Errorf("%s: %s imports %s; %s", i.at, p.path, i.inside(), row.why)
			}
		}
	}
}

func allThere(t *testing.T, packages []*source) {
	for path := range neighbours {
		if !slices.ContainsFunc(packages, func(p *source) bool { return p.path == path }) {
			t.Errorf("%s: the table of neighbours names this package and there is none; take it out", path)
		}
	}
}

func owned(t *testing.T, packages []*source) {
	for _, p := range packages {
		for _, i := range p.imports {
			for _, o := range owners {
				if o.owns(i.path) && !within(p.path, o.packages) {
					t.Errorf("%s: %s imports %s; %s", i.at, p.path, i.path, o.why)
				}
			}
		}
	}
}

func effectless(t *testing.T, packages []*source) {
	for _, p := range packages {
		if !within(p.path, pure) {
			continue
		}
		for _, i := range p.imports {
			if slices.Contains(effects, i.path) {
				t.Errorf("%s: %s imports %s; it decides with values alone, so that explain and tests run the code of production", i.at, p.path, i.path)
			}
		}
	}
}

func clockless(t *testing.T, packages []*source) {
	for _, p := range packages {
		if within(p.path, clockReaders) {
			continue
		}
		for _, f := range p.files {
			for _, at := range f.uses("time", "Now", "Since", "Until") {
				t.Errorf("%s: %s reads the clock; take the time as an argument, or a func() time.Time", at, p.path)
			}
		}
	}
}

func awake(t *testing.T, packages []*source) {
	for _, p := range packages {
		for _, f := range slices.Concat(p.files, p.tests) {
			for _, at := range f.uses("time", "Sleep") {
				t.Errorf("%s: time.Sleep makes a wait as long as its worst case; wait for a signal instead", at)
			}
		}
	}
}

func uninitialized(t *testing.T, packages []*source) {
	for _, p := range packages {
		for _, f := range slices.Concat(p.files, p.tests) {
			for _, d := range f.ast.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: init runs whether it is wanted or not; call a function from where it is needed", f.at(d.Pos()))
				}
			}
		}
	}
}

func introduced(t *testing.T, packages []*source) {
	for _, p := range packages {
		if p.comment() == "" {
			t.Errorf("%s: no package comment; say what it is responsible for, its neighbours, and what it does not do", p.path)
		}
	}
}

func explained(t *testing.T, packages []*source) {
	for _, p := range packages {
		for _, f := range p.files {
			for _, d := range f.ast.Decls {
				if name, ok := unexplained(d); ok {
					t.Errorf("%s: %s has no comment; say what it means, its units and its errors", f.at(d.Pos()), name)
				}
			}
		}
	}
}

// longestChain is how many packages may stand on one another's shoulders, from the command to the innermost.
const longestChain = 12

func shallow(t *testing.T, packages []*source) {
	chain := longest(packages, "cmd/landfall")
	t.Logf("longest import chain, %d packages: %s", len(chain), strings.Join(chain, " -> "))
	if len(chain) > longestChain {
		t.Errorf("the chain is longer than %d packages; let an inner one take a function or a value instead of a package", longestChain)
	}
}
