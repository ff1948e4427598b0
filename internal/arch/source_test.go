package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "landfall"
	root   = "../.."
)

// source is one package as its files stand.
type source struct {
	path    string // below the module's root
	files   []file // without tests
	tests   []file
	imports []imported // of files that are no tests
}

type file struct {
	name string // below the module's root
	ast  *ast.File
	fset *token.FileSet
}

type imported struct {
	path string
	at   string // file and line
}

func (i imported) ours() bool     { return strings.HasPrefix(i.path, module+"/") }
func (i imported) inside() string { return strings.TrimPrefix(i.path, module+"/") }

// read parses every Go file of the module.
func read(t *testing.T) []*source {
	t.Helper()
	found := map[string]*source{}
	fset := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata"):
			return fs.SkipDir
		case e.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(fset, root+"/"+name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		add(found, file{name, parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return inOrder(found)
}

func add(found map[string]*source, f file) {
	dir := path.Dir(f.name)
	p := found[dir]
	if p == nil {
		p = &source{path: dir}
		found[dir] = p
	}
	if strings.HasSuffix(f.name, "_test.go") {
		p.tests = append(p.tests, f)
		return
	}
	p.files = append(p.files, f)
	for _, i := range f.ast.Imports {
		p.imports = append(p.imports, imported{unquoted(i), f.at(i.Pos())})
	}
}

func inOrder(found map[string]*source) []*source {
	var all []*source
	for _, p := range found {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *source) int { return strings.Compare(a.path, b.path) })
	return all
}

func unquoted(i *ast.ImportSpec) string {
	s, err := strconv.Unquote(i.Path.Value)
	if err != nil {
		panic(err) // the parser took it for a string
	}
	return s
}

func (f file) at(p token.Pos) string { return f.name + ":" + strconv.Itoa(f.fset.Position(p).Line) }

// uses lists the places where f calls or names one of a package's functions, under whatever name it imports it.
func (f file) uses(pkg string, names ...string) []string {
	local := f.local(pkg)
	var places []string
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
			places = append(places, f.at(n.Pos()))
		}
		return true
	})
	return places
}

// local is the name f knows a package by, "" when it does not import it.
func (f file) local(pkg string) string {
	for _, i := range f.ast.Imports {
		switch {
		case unquoted(i) != pkg:
		case i.Name != nil:
			return i.Name.Name
		default:
			return path.Base(pkg)
		}
	}
	return ""
}

// comment is the package's own; a package of tests alone has it in a test.
func (p *source) comment() string {
	files := p.files
	if len(files) == 0 {
		files = p.tests
	}
	for _, f := range files {
		if f.ast.Doc != nil && f.ast.Doc.Text() != "" {
			return f.ast.Doc.Text()
		}
	}
	return ""
}

// unexplained returns the first exported name of a declaration that has no comment.
func unexplained(d ast.Decl) (string, bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name, d.Name.IsExported() && d.Doc == nil && exportedReceiver(d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if name := exported(s); name != "" && d.Doc == nil && !commented(s) {
				return name, true
			}
		}
	}
	return "", false
}

// exportedReceiver reports whether others can call d: methods of an unexported type are explained by the interface
// they serve.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}

func exported(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				return n.Name
			}
		}
	}
	return ""
}

func commented(s ast.Spec) bool {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc != nil || s.Comment != nil
	case *ast.ValueSpec:
		return s.Doc != nil || s.Comment != nil
	}
	return true
}

// longest returns the longest chain of imports among our packages that begins at from.
func longest(packages []*source, from string) []string {
	g := graph{imports: map[string][]imported{}, known: map[string][]string{}}
	for _, p := range packages {
		g.imports[p.path] = p.imports
	}
	return g.chain(from)
}

type graph struct {
	imports map[string][]imported
	known   map[string][]string // chains worked out before
}

func (g graph) chain(from string) []string {
	if c, ok := g.known[from]; ok {
		return c
	}
	var best []string
	for _, i := range g.imports[from] {
		if !i.ours() {
			continue
		}
		if c := g.chain(i.inside()); len(c) > len(best) {
			best = c
		}
	}
	g.known[from] = append([]string{from}, best...)
	return g.known[from]
}
