package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// variables lists what a condition of a rule may name, with the comments of the types behind it.
func variables(t *testing.T) string {
	f, err := parser.ParseFile(token.NewFileSet(), root+"/rules/env.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary{structs: map[string]*ast.StructType{}}
	v.collect(f)
	v.list("Env", "")
	return grid(append([][]string{{"variable", "type", "what it is"}}, v.rows...)...)
}

type vocabulary struct {
	structs map[string]*ast.StructType
	rows    [][]string
}

func (v *vocabulary) collect(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			if t, ok := s.(*ast.TypeSpec); ok {
				if body, ok := t.Type.(*ast.StructType); ok {
					v.structs[t.Name.Name] = body
				}
			}
		}
	}
}

// list adds the fields of a struct, those of structs within it under their full names.
func (v *vocabulary) list(name, prefix string) {
	for _, f := range v.structs[name].Fields.List {
		variable := prefix + tagged(f)
		kind, inner := plain(f.Type)
		if v.structs[inner] == nil {
			v.rows = append(v.rows, []string{code(variable), kind, remark(f)})
			continue
		}
		if kind == "list" {
			v.rows = append(v.rows, []string{code(variable), kind, remark(f)})
			variable += "[]"
		}
		v.list(inner, variable+".")
	}
}

func tagged(f *ast.Field) string {
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(tag).Get("expr")
}

// plain says what a type is to somebody who writes rules, and which struct it holds, if any.
func plain(e ast.Expr) (kind, inner string) {
	switch e := e.(type) {
	case *ast.ArrayType:
		_, inner := plain(e.Elt)
		return "list", inner
	case *ast.SelectorExpr:
		return strings.ToLower(e.Sel.Name), ""
	case *ast.Ident:
		if word, ok := map[string]string{"string": "text", "float64": "number", "int": "whole number", "bool": "true or false"}[e.Name]; ok {
			return word, ""
		}
		return "", e.Name
	}
	return "", ""
}

// inWords puts what only programmers know into the page's own words.
var inWords = strings.NewReplacer("parcel.Kinds", "the kinds above", "parcel.Stages", "the stages above")

func remark(f *ast.Field) string {
	for _, c := range []*ast.CommentGroup{f.Doc, f.Comment} {
		if c != nil {
			return inWords.Replace(strings.Join(strings.Fields(c.Text()), " "))
		}
	}
	return ""
}
