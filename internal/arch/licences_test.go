package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dependency is a module that Landfall is built with, as the module cache has it.
type dependency struct{ path, version string }

var required = regexp.MustCompile(`(?m)^\t([^\s/]+\.\S+) (v\S+)`)

// licences is the table of modules in go.mod and their licences, read from the files that lie beside their code.
func licences(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| module | version | licence |\n|---|---|---|\n")
	for _, d := range dependencies(t) {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", d.path, d.version, d.licence(t))
	}
	return b.String()
}

func dependencies(t *testing.T) (all []dependency) {
	t.Helper()
	for _, m := range required.FindAllStringSubmatch(text(t, "go.mod"), -1) {
		all = append(all, dependency{m[1], m[2]})
	}
	slices.SortFunc(all, func(a, b dependency) int { return strings.Compare(a.path, b.path) })
	if len(all) < 40 {
		t.Fatalf("go.mod names %d modules only", len(all))
	}
	return all
}

// modules is the module cache.
func modules(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		return dir
	}
	if dir := os.Getenv("GOPATH"); dir != "" {
		return filepath.Join(filepath.SplitList(dir)[0], "pkg", "mod")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, "go", "pkg", "mod")
}

// escaped writes capitals as the module cache does.
func escaped(path string) string {
	return regexp.MustCompile("[A-Z]").ReplaceAllStringFunc(path, func(s string) string { return "!" + strings.ToLower(s) })
}

// licence is what a module's own file says, by the words that make a licence what it is.
func (d dependency) licence(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(modules(t), escaped(d.path)+"@"+d.version)
	var found []string
	for _, name := range []string{"LICENSE*", "LICENCE*", "License*", "license*", "COPYING*", "LICENSES/*"} {
		files, err := filepath.Glob(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	for _, file := range found {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // a folder
		}
		if name := named(string(b)); name != "" {
			return name
		}
	}
	t.Errorf("%s@%s has no licence that is known here, among %d files; run go mod download, or read what lies there and add its words to this file", d.path, d.version, len(found))
	return ""
}

// marks are words that are in one licence and in no other, the longer lists first.
var marks = []struct {
	name string
	has  []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MPL-2.0", []string{"Mozilla Public License", "2.0"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "Neither the name"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "may be used to endorse"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"ISC", []string{"Permission to use, copy, modify, and/or distribute this software"}},
	{"ISC", []string{"Permission to use, copy, modify, and distribute this software"}},
	{"MIT", []string{"Permission is hereby granted, free of charge"}},
}

func named(licence string) string {
	plain := strings.Join(strings.Fields(licence), " ")
	for _, m := range marks {
		if !slices.ContainsFunc(m.has, func(words string) bool { return !strings.Contains(plain, words) }) {
			return m.name
		}
	}
	return ""
}
