package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"landfall/rules"
)

// place knows where in a file everything stands.
type place struct {
	file string
	doc  *yaml.Node
}

// problem is a mistake at what steps lead to: keys of mappings and indexes of lists.
func (p place) problem(message string, steps ...any) error {
	n := p.doc
	if len(n.Content) > 0 {
		n = n.Content[0] // the document's one value
	}
	for _, step := range steps {
		if child := below(n, step); child != nil {
			n = child
		}
	}
	return rules.Problem{File: p.file, Line: max(n.Line, 1), Column: max(n.Column, 1), Message: message}
}

func below(n *yaml.Node, step any) *yaml.Node {
	if i, ok := step.(int); ok {
		if n.Kind == yaml.SequenceNode && i < len(n.Content) {
			return n.Content[i]
		}
		return nil
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == step {
			return n.Content[i+1]
		}
	}
	return nil
}

// Misplaced is a mistake in a file at what steps lead to from its top: keys of mappings and indexes of lists.
func Misplaced(file string, doc *yaml.Node, message string, steps ...any) error {
	return place{file: file, doc: doc}.problem(message, steps...)
}

// Located gives every error that the YAML library found in data its place in the file, and says it in our words. into is
// what the file was read into.
func Located(file string, err error, data []byte, into any) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "no documents in stream") {
		return rules.Problem{File: file, Line: 1, Column: 1, Message: "the file is empty; write something in it, or remove it"}
	}
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		var out rules.Problems
		for _, e := range many.Errors {
			out = append(out, located(file, e, data, into))
		}
		return out
	}
	if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		return located(file, one, data, into)
	}
	return fmt.Errorf("%s: %w", file, err)
}

func located(file string, e *yaml.LoadError, data []byte, into any) rules.Problem {
	return rules.Problem{File: file, Line: max(e.Mark.Line, 1), Column: max(e.Mark.Column, 1), Message: reword(e, data, reflect.TypeOf(into))}
}
