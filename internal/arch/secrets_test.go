package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"testing"
)

// secretive are names of what must not be guessed byte by byte.
var secretive = regexp.MustCompile(`(?i)(signature|password|passwd|hmac|bearer|secret)$|^(mac|sig)$`)

// unhurried insists that nothing secret is compared by == or !=, which take longer the more of it is right. Whether there is one at all may be asked. The stand-ins of providers guard nothing.
func unhurried(t *testing.T, packages []*source) {
	for _, p := range packages {
		if p.path == "internal/sandbox" || p.path == "channels/channeltest" {
			continue
		}
		for _, f := range p.files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				b, ok := n.(*ast.BinaryExpr)
				if ok && (b.Op == token.EQL || b.Op == token.NEQ) && !literal(b.X) && !literal(b.Y) && (secretly(b.X) || secretly(b.Y)) {
					t.Errorf("%s: a secret is compared by %s; use crypto/subtle or hmac.Equal", f.at(b.Pos()), b.Op)
				}
				return true
			})
		}
	}
}

func literal(e ast.Expr) bool {
	if name, ok := e.(*ast.Ident); ok {
		return name.Name == "nil" || name.Name == "true" || name.Name == "false"
	}
	_, ok := e.(*ast.BasicLit)
	return ok
}

// secretly reports whether an expression is named like a secret: a variable, a field, a conversion, or what a call is about.
func secretly(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretive.MatchString(e.Name)
	case *ast.SelectorExpr:
		return secretive.MatchString(e.Sel.Name) || e.Sel.Name == "Reveal" && secretly(e.X)
	case *ast.CallExpr:
		return secretly(e.Fun)
	case *ast.ParenExpr:
		return secretly(e.X)
	}
	return false
}

// The rule sees what it is there for.
func TestSecretly(t *testing.T) {
	t.Parallel()
	name := func(s string) ast.Expr { return ast.NewIdent(s) }
	field := func(x, s string) ast.Expr { return &ast.SelectorExpr{X: name(x), Sel: ast.NewIdent(s)} }
	for want, all := range map[bool][]ast.Expr{
		true: {name("signature"), name("mac"), field("c", "Password"), field("c", "ClientSecret"),
			&ast.CallExpr{Fun: &ast.SelectorExpr{X: field("c", "AuthSecret"), Sel: ast.NewIdent("Reveal")}}},
		false: {name("machine"), field("c", "Name"), name("kind")},
	} {
		for _, e := range all {
			if secretly(e) != want {
				t.Errorf("%v is secret: %t", e, !want)
			}
		}
	}
}
