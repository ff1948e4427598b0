package rules

import (
	"fmt"
	"strings"
	"testing"

	"landfall/internal/parcel"

	"github.com/expr-lang/expr/vm"
	"pgregory.net/rapid"
)

// drawCondition puts comparisons of three fields with a few values together, up to some depth.
func drawCondition(t *rapid.T, depth int) string {
	form := rapid.IntRange(0, 5).Draw(t, "form")
	switch {
	case depth == 0 || form < 2:
		op := rapid.SampledFrom([]string{"==", "!=", "<", ">", "<=", ">="}).Draw(t, "op")
		return fmt.Sprintf("%s %s %d", rapid.SampledFrom([]string{"order.value.amount", "parcel.attempts"}).Draw(t, "field"), op, rapid.IntRange(0, 3).Draw(t, "value"))
	case form == 2:
		return rapid.SampledFrom([]string{`parcel.carrier == "dhl"`, `parcel.carrier in ["ups", "gls"]`, `parcel.carrier not in ["dhl"]`, "event.first"}).Draw(t, "word")
	case form == 3:
		return "not (" + drawCondition(t, depth-1) + ")"
	}
	op := map[int]string{4: " && ", 5: " || "}[form]
	return "(" + drawCondition(t, depth-1) + op + drawCondition(t, depth-1) + ")"
}

// holdsSomewhere tries a condition with every value that drawCondition compares with, and some beside them.
func holdsSomewhere(t *rapid.T, c Condition) bool {
	machine := vm.VM{MemoryBudget: memoryBudget}
	for i := range 9 * 5 * 4 * 2 {
		env := storyEnv()
		env.Order.Value.Amount = float64(i%9) / 2
		env.Parcel.Attempts = i / 9 % 5
		env.Parcel.Carrier = []string{"dhl", "ups", "gls", ""}[i/45%4]
		env.Event.First = i/180 == 0
		holds, err := c.holds(&machine, &env)
		if err != nil {
			t.Fatal(err)
		}
		if holds {
			return true
		}
	}
	return false
}

func TestLint_SaysNeverOnlyOfWhatNeverHolds(t *testing.T) {
	t.Parallel()
	m := &Market{Code: "DE"}
	rapid.Check(t, func(t *rapid.T) {
		c, faults := compile(drawCondition(t, 3))
		if len(faults) > 0 {
			t.Fatalf("faults %+v", faults)
		}
		r := &Rule{On: []parcel.Kind{parcel.Stuck}, When: c}
		// The other way round holds where an integer does not matter: nothing lies between 2 and 3 attempts.
		if never := m.neverHolds(r); never && holdsSomewhere(t, c) {
			t.Fatalf("%s holds and is said never to", c)
		}
	})
}

// A condition with very many ways to hold is let pass rather than looked at for ever.
func TestLint_ManyWays(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 15 {
		parts = append(parts, fmt.Sprintf(`(order.value.amount < -%d || order.id == "%d")`, i, i))
	}
	c, faults := compile(strings.Join(parts, " && "))
	if len(faults) > 0 {
		t.Fatalf("faults %+v", faults)
	}
	if (&Market{Code: "DE"}).neverHolds(&Rule{On: []parcel.Kind{parcel.Stuck}, When: c}) {
		t.Error("every way was looked at")
	}
}
