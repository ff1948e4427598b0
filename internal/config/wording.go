package config

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

var (
	noField   = regexp.MustCompile(`^field (.+) not found in type (\S+)$`)
	noConvert = regexp.MustCompile("(?s)^cannot construct !!([a-z]+)(?: `.*`)? into (.+)$")
)

// reword says in our words what the YAML library found wrong in a file, without the value: it may be a secret.
func reword(e *yaml.LoadError, data []byte, into reflect.Type) string {
	if m := noField.FindStringSubmatch(e.Message); m != nil {
		return fmt.Sprintf("%q is no key here; %s", m[1], Instead(m[1], keysOf(named(into, m[2]))))
	}
	if m := noConvert.FindStringSubmatch(e.Message); m != nil {
		return fmt.Sprintf("this is %s; write %s", written(m[1]), wanted(named(into, m[2])))
	}
	if strings.HasPrefix(e.Message, "found character that cannot start any token") && tabbed(data, e.Mark.Line) {
		return "lines are indented with spaces, not with tabs"
	}
	if strings.HasPrefix(e.Message, "mapping key ") {
		return e.Message + "; keep one of them"
	}
	return e.Message + "; mend the YAML around here"
}

// tabbed reports whether a line, counted from 1, holds a tab.
func tabbed(data []byte, line int) bool {
	lines := bytes.Split(data, []byte("\n"))
	return line >= 1 && line <= len(lines) && bytes.ContainsRune(lines[line-1], '\t')
}

// written names a YAML tag.
func written(tag string) string {
	switch tag {
	case "seq":
		return "a list"
	case "map":
		return "a group of keys"
	case "str":
		return "a text"
	case "null":
		return "empty"
	}
	return "a " + map[string]string{"int": "number", "float": "number", "bool": "yes or no"}[tag]
}

// wanted says how a value of a Go type is written; nil is a type that cannot be told.
func wanted(t reflect.Type) string {
	switch {
	case t == nil:
		return "what the sample merchant has here"
	case t == reflect.TypeFor[time.Duration]():
		return "a time such as 15s"
	case t == reflect.TypeFor[time.Time]():
		return "a time such as 2026-12-02T02:55:00Z"
	}
	switch t.Kind() {
	case reflect.Slice:
		return "a list, each entry on a line that begins with a dash"
	case reflect.Struct, reflect.Map:
		return "a group of keys, indented below this one"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "a text"
}

// named finds the type that the YAML library calls name in what is made of t; nil when it is not there.
func named(t reflect.Type, name string) reflect.Type {
	if t.String() == name {
		return t
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return named(t.Elem(), name)
	case reflect.Struct:
		for f := range t.Fields() {
			if _, read := f.Tag.Lookup("yaml"); !read || f.Tag.Get("yaml") == "-" {
				continue
			}
			if found := named(f.Type, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// keysOf lists the keys of a struct.
func keysOf(t reflect.Type) (keys []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			keys = append(keys, keysOf(f.Type)...)
		case key != "" && key != "-":
			keys = append(keys, key)
		}
	}
	return keys
}

// Instead is the second half of a sentence about a word that is not known: the one it was meant to be, or all there are.
func Instead(word string, known []string) string {
	best, least := "", 1+len(word)/2
	for _, k := range known {
		if n := edits(word, k); n < least {
			best, least = k, n
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "use one of " + strings.Join(known, ", ")
}

// edits counts the letters to insert, drop or replace to get from a to b, or to swap with their neighbour.
func edits(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			next[j] = min(next[j-1]+1, row[j]+1, row[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
