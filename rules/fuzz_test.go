package rules

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"landfall/internal/parcel"

	"github.com/expr-lang/expr/vm"
)

// Whatever a file holds, loading it ends with a market or with problems that name the file, and a market that was
// loaded can be matched.
func FuzzLoad(f *testing.F) {
	pack := shippedPack(f)
	for _, dir := range []string{"bad", "good", "lint"} {
		for _, a := range archives(f, dir) {
			for _, file := range a.files {
				f.Add(file.data)
			}
		}
	}
	env := storyEnv()
	f.Fuzz(func(t *testing.T, data string) {
		fsys := fstest.MapFS{"m/DE.yaml": {Data: []byte(data)}}
		markets, err := LoadMerchant(fsys, "m", pack)
		if err != nil {
			checkProblems(t, err, strings.Count(data, "\n")+1)
			return
		}
		for _, p := range markets["DE"].Lint() {
			if p.Message == "" || p.Line > strings.Count(data, "\n")+1 {
				t.Errorf("problem without message or outside of the file: %#v", p)
			}
		}
		for _, match := range markets["DE"].Match(env) {
			if match.Err != nil && match.Fired {
				t.Errorf("a rule fired with an error: %v", match.Err)
			}
		}
	})
}

func checkProblems(t *testing.T, err error, lines int) {
	t.Helper()
	problems, ok := errors.AsType[Problems](err)
	if !ok || len(problems) == 0 {
		t.Fatalf("error is %T, want Problems", err)
	}
	for _, p := range problems {
		switch {
		case p.File != "m/DE.yaml" || p.Message == "":
			t.Errorf("problem without file or message: %#v", p)
		case p.Line < 1 || p.Column < 1 || p.Line > lines+1:
			t.Errorf("problem outside of the file's %d lines: %#v", lines, p)
		case strings.Contains(p.Error(), "\n"):
			t.Errorf("problem of more than one line: %q", p.Error())
		}
	}
}

// Whatever a condition says, compiling it ends, with faults inside of it.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`order.value.amount > 150 && parcel.carrier != "dhl"`, `any(order.items, any(order.tags, # == "vip"))`,
		`filter(order.items, .quantity > 1)[0].title == "x"`, `let v = order; v.id == "é"`, "order.id == `x`", `dwell > duration("72x")`,
		`order["valu"].amount > 1`, `not (event.first) ? 1 : nil`, `order?.items[1:2] | count(.quantity > 1) > 1`, `{"a": order}.a.id == "x"`,
	} {
		f.Add(s)
	}
	env := storyEnv()
	m := &Market{Code: "DE"}
	f.Fuzz(func(t *testing.T, source string) {
		c, faults := compile(source)
		for _, fault := range faults {
			from, to := clip(fault.from, fault.to, source)
			if from > to || fault.message == "" {
				t.Errorf("fault %+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		machine := vm.VM{MemoryBudget: memoryBudget}
		if holds, err := c.holds(&machine, &env); err != nil && holds {
			t.Errorf("%q holds and fails: %v", source, err)
		} else if holds && m.neverHolds(&Rule{On: []parcel.Kind{parcel.Kind(env.Event.Kind)}, When: c}) {
			t.Errorf("%q holds and is said never to", source)
		}
	})
}
