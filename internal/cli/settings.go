package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"

	"landfall/internal/config"
)

// settings is what landfall.yaml says: the same names as the flags, one a line.
type settings struct {
	values map[string]any
	getenv func(string) string
}

// settingsFile reads landfall.yaml.
func settingsFile(getenv func(string) string) kong.ConfigurationLoader {
	return func(r io.Reader) (kong.Resolver, error) {
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		s := settings{values: map[string]any{}, getenv: getenv}
		if err := yaml.Load(data, &s.values); err != nil && len(data) > 0 {
			return nil, fmt.Errorf("landfall.yaml is no list of settings (%w); write one a line, as in: listen: \":8080\"", err)
		}
		return s, nil
	}
}

// Validate refuses names that are no setting, so that a misspelt one is not silently without effect.
func (s settings) Validate(app *kong.Application) error {
	var known []string
	for _, command := range app.Children {
		for _, f := range command.Flags {
			if isSetting(f) {
				known = append(known, f.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("landfall.yaml: %q is no setting; %s", name, config.Instead(name, known))
		}
	}
	return nil
}

// isSetting tells settings from what is said for one run: settings have a variable too. So a flag of try that happens to
// bear a setting's name does not follow it.
func isSetting(f *kong.Flag) bool { return len(f.Envs) > 0 }

// Resolve returns a flag's value from the file, unless its variable is set: variables win over the file.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	if !isSetting(f) || slices.ContainsFunc(f.Envs, func(name string) bool { return s.getenv(name) != "" }) {
		return nil, nil
	}
	return s.values[f.Name], nil
}
