package notify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// constants reads the values of all constants of one string type from a source file of this package.
func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			out = append(out, values(t, spec, typ)...)
		}
		return true
	})
	if len(out) == 0 {
		t.Fatalf("%s has no constants of type %s", file, typ)
	}
	return out
}

func values(t *testing.T, spec *ast.ValueSpec, typ string) []string {
	t.Helper()
	if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typ {
		return nil
	}
	var out []string
	for _, v := range spec.Values {
		s, err := strconv.Unquote(v.(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	names := constants(t, "reason.go", "Reason")
	for _, name := range names {
		if Reason(name).Means() == "" {
			t.Errorf("%s is not explained", name)
		}
		if strings.ToUpper(name) != name || strings.ContainsAny(name, ": ") {
			t.Errorf("%q is no code", name)
		}
	}
	seen := map[Reason]bool{}
	for _, f := range Reasons() {
		if seen[f.Reason] {
			t.Errorf("%s stands twice in the table", f.Reason)
		}
		seen[f.Reason] = true
	}
	if len(seen) != len(names) {
		t.Errorf("%d constants, %d rows", len(names), len(seen))
	}
}

func TestReasonDetail(t *testing.T) {
	t.Parallel()
	r := ProviderRejected.With("21211")
	if r != "PROVIDER_REJECTED:21211" || r.Code() != ProviderRejected || r.Means() != ProviderRejected.Means() {
		t.Errorf("%s has code %s and means %q", r, r.Code(), r.Means())
	}
	if got := ProviderRejected.With(""); got != ProviderRejected {
		t.Errorf("an empty detail gives %s", got)
	}
	if got := Reason("NEVER_HEARD_OF").Means(); got != "" {
		t.Errorf("an unknown code means %q", got)
	}
}
