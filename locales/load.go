package locales

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// named is a layer whose files errors call by another name.
type named struct {
	fs.FS
	name string
}

// Named returns layer under a name: errors then speak of "acme/locales/de.yaml" where they would of "de.yaml", which a
// shipped catalog is called too.
func Named(name string, layer fs.FS) fs.FS { return named{layer, name} }

// nameIn is what errors call a file of a layer.
func nameIn(layer fs.FS, file string) string {
	if n, ok := layer.(named); ok {
		return path.Join(n.name, file)
	}
	return file
}

// merge lays the catalogs of a layer over those there are, key by key.
func merge(into map[string]map[string]entry, layer fs.FS) error {
	files, err := fs.Glob(layer, "*.yaml")
	if err != nil {
		return fmt.Errorf("list catalogs: %w", err)
	}
	for _, file := range files {
		locale := strings.TrimSuffix(file, ".yaml")
		if canonical(locale) != locale {
			return fmt.Errorf("%s: %q is no locale; name the file as in de.yaml or pt-BR.yaml", nameIn(layer, file), locale)
		}
		if into[locale] == nil {
			into[locale] = map[string]entry{}
		}
		if err := mergeFile(into[locale], layer, file); err != nil {
			return err
		}
	}
	return nil
}

func mergeFile(into map[string]entry, layer fs.FS, file string) error {
	source, err := fs.ReadFile(layer, file)
	if err != nil {
		return fmt.Errorf("read %s: %w", nameIn(layer, file), err)
	}
	r := reader{file: nameIn(layer, file), into: into}
	var documents []yaml.Node
	if err := yaml.Load(source, &documents, yaml.WithAllDocuments()); err != nil {
		return fmt.Errorf("%s%w", r.file, position(err))
	}
	if len(documents) > 1 {
		r.complain(&documents[1], "a catalog is one document; remove the line with ---")
	}
	for _, d := range documents {
		r.group("", root(&d))
	}
	return errors.Join(r.errs...)
}

// root is the mapping a document holds; that of a file with comments only is empty.
func root(document *yaml.Node) *yaml.Node {
	if len(document.Content) == 0 || document.Content[0].Tag == "!!null" {
		return &yaml.Node{Kind: yaml.MappingNode}
	}
	return document.Content[0]
}

// position puts the line and column of a YAML error in front, so that an editor finds it.
func position(err error) error {
	if e, ok := errors.AsType[*yaml.LoadError](err); ok && e.Mark.Line > 0 {
		return fmt.Errorf(":%d:%d: %s", e.Mark.Line, e.Mark.Column, e.Message)
	}
	return fmt.Errorf(": %w", err)
}

// reader walks one file and gathers its messages and mistakes.
type reader struct {
	file string
	into map[string]entry
	errs []error
}

func (r *reader) group(prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%q must be a mapping of keys to words", strings.TrimSuffix(prefix, "."))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.entry(prefix+n.Content[i].Value, n.Content[i], n.Content[i+1])
	}
}

func (r *reader) entry(key string, at, n *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode:
		r.add(key, at, map[string]string{"other": n.Value})
	case isPlural(n):
		r.add(key, at, r.plural(key, n))
	default:
		r.group(key+".", n)
	}
}

func isPlural(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "other" {
			return n.Content[i+1].Kind == yaml.ScalarNode
		}
	}
	return false
}

func (r *reader) plural(key string, n *yaml.Node) map[string]string {
	forms := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		category, value := n.Content[i], n.Content[i+1]
		if !slices.Contains(categories, category.Value) {
			r.complain(category, "%q of %q is no plural form; the forms are %s", category.Value, key, strings.Join(categories, ", "))
		}
		forms[category.Value] = value.Value
	}
	return forms
}

func (r *reader) add(key string, at *yaml.Node, forms map[string]string) {
	m := entry{forms: make(map[string]form, len(forms)), place: r.place(at)}
	for _, category := range categories {
		text, ok := forms[category]
		if !ok {
			continue
		}
		if strings.TrimSpace(text) == "" {
			r.complain(at, "%q has no words", key)
		}
		f, err := readForm(text)
		if err != nil {
			r.complain(at, "%q cannot be read: %v", key, err)
		}
		m.forms[category] = f
	}
	r.into[key] = m
}

func (r *reader) complain(at *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s", r.place(at), fmt.Sprintf(format, args...)))
}

func (r *reader) place(at *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", r.file, at.Line, at.Column)
}
