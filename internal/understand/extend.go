package understand

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Extension is what a merchant adds to the words of some languages.
type Extension struct {
	files map[string]file // by language
}

// added is a file of an extension: forms that are added to lists there are, and goods of the merchant's own.
type added struct {
	Concepts map[string][]string `yaml:"concepts"`
	Items    map[string][]string `yaml:"items"`
	Colours  map[string][]string `yaml:"colours"`
}

// ReadExtension reads a folder with a file for each language that is added to, such as de.yaml; nil when there is none. The error is a sentence that names the file.
func ReadExtension(dir fs.FS) (*Extension, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil || len(names) == 0 {
		return nil, err
	}
	e := &Extension{files: map[string]file{}}
	for _, name := range names {
		tag := strings.TrimSuffix(path.Base(name), ".yaml")
		base, err := readFile(tag)
		if err != nil {
			return nil, fmt.Errorf("%s: there are no words of this language to add to; name the file as one of %s", name, strings.Join(tags(), ".yaml, ")+".yaml")
		}
		source, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var more added
		if err := yaml.Load(source, &more, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s: %w; it may have the keys concepts, items and colours, each with lists by name", name, err)
		}
		if err := base.add(more); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, err := compile(tag, base); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		e.files[tag] = base
	}
	return e, nil
}

// tags are the languages there are files for.
func tags() []string {
	files, err := fs.Glob(shipped, "words/*.yaml")
	if err != nil {
		return nil
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// add puts more forms into the lists of a file.
func (f *file) add(more added) error {
	for _, lists := range []struct {
		kind string
		into map[string][]string
		more map[string][]string
		open bool // names that are not there yet may be added
	}{{"concepts", f.Concepts.Lists, more.Concepts, false}, {"colours", f.Colours, more.Colours, false}, {"items", f.Items, more.Items, true}} {
		for _, name := range slices.Sorted(maps.Keys(lists.more)) {
			if _, known := lists.into[name]; !known && !lists.open {
				return fmt.Errorf("there is no %s under %s; write one of %s", name, lists.kind, strings.Join(slices.Sorted(maps.Keys(lists.into)), ", "))
			}
			lists.into[name] = append(lists.into[name], lists.more[name]...)
		}
	}
	return nil
}

// Extend returns a reader that knows more words. The one it is made from stays as it is; nil adds nothing.
func (r *Reader) Extend(e *Extension) (*Reader, error) {
	if e == nil {
		return r, nil
	}
	out := *r
	out.languages = slices.Clone(r.languages)
	for i, l := range out.languages {
		f, ok := e.files[l.tag]
		if !ok {
			continue
		}
		more, err := compile(l.tag, f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.tag, err)
		}
		more.function = l.function // what tells languages apart is nobody's to change
		out.languages[i] = more
	}
	return &out, nil
}
