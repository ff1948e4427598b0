package rules

import (
	"testing"
	"unicode"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// However a text is written in YAML, each of its characters is found where it stands.
func TestPlaces_FindEveryCharacter(t *testing.T) {
	t.Parallel()
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	letters := []rune("ab\"'\\ \n#|>:é税\t\u00a0")
	rapid.Check(t, func(t *rapid.T) {
		value := "x" + rapid.StringOfN(rapid.SampledFrom(letters), 0, 40, -1).Draw(t, "value") + "x"
		written := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: rapid.SampledFrom(styles).Draw(t, "style")}
		data, err := yaml.Dump(map[string]any{"k": map[string]any{"when": written}}, yaml.WithLineWidth(20))
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if err := yaml.Load(data, &root); err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		n := root.Content[0].Content[1].Content[1]
		checkPlaces(t, data, n)
	})
}

func checkPlaces(t *rapid.T, data []byte, n *yaml.Node) {
	lines, value := split(string(data)), []rune(n.Value)
	all := places(lines, n)
	if len(all) != len(value)+1 {
		t.Fatalf("%d places for %d characters", len(all), len(value))
	}
	for i, v := range value {
		if unicode.IsSpace(v) {
			continue
		}
		p := all[i]
		if p.line > len(lines) || p.column > len(lines[p.line-1]) {
			t.Fatalf("character %d of %q is said to be at %v, outside of\n%s", i, n.Value, p, data)
		}
		if got := lines[p.line-1][p.column-1]; got != v && got != '\\' {
			t.Fatalf("character %d of %q is said to be at %v, where %q stands in\n%s", i, n.Value, p, got, data)
		}
	}
}
