package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"
)

// settingsFile reads landfall.yaml: the same names as the flags, one a line.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := yaml.Load(data, &values); err != nil {
		return nil, fmt.Errorf("landfall.yaml: %w", err)
	}
	return settings(values), nil
}

type settings map[string]any

// Validate refuses names that are no setting, so that a misspelt one is not silently without effect.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Children {
		for _, f := range command.Flags {
			known[f.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !known[name] {
			return fmt.Errorf("landfall.yaml: %q is no setting; landfall serve --help lists them", name)
		}
	}
	return nil
}

// Resolve returns a flag's value from the file, unless its variable is set: variables win over the file.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	return s[flag.Name], nil
}
