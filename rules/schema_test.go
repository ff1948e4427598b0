package rules

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"landfall/internal/notify"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
)

// The schema is generated here and not in the program, which only hands out the committed file.

func (word[L]) JSONSchema() *jsonschema.Schema {
	var lexicon L
	v := lexicon.vocabulary()
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range v.words {
		s.Enum = append(s.Enum, w)
	}
	if v.shape != nil {
		s.Pattern = v.shape.String()
	}
	return s
}

func (list[L]) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	item := word[L]{}.JSONSchema()
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{item, {Type: "array", Items: item, MinItems: &one, UniqueItems: true}}}
}

func (span) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))+$`, Examples: []any{"36h", "90m"}}
}

func (clock) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, Examples: []any{"22:00"}}
}

func (toggle) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "boolean"} }

func (expression) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Examples: []any{`order.value.amount > 150 && parcel.carrier != "dhl"`}}
}

func (count) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: json.Number(strconv.Itoa(maxCount))}
}

func (urgency) JSONSchema() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, u := range notify.Urgents() {
		s.Enum = append(s.Enum, u)
	}
	return s
}

func (weekClock) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([Ss]un|[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at) (([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`,
		Examples: []any{"Fri 15:00"}}
}

func (spans) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	item := &jsonschema.Schema{Type: "string", Pattern: `^([01][0-9]|2[0-3]):[0-5][0-9] ?- ?(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, Examples: []any{"09:00-20:00"}}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{item, {Type: "array", Items: item, MinItems: &one}}}
}

func (week) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{Type: "object", PatternProperties: map[string]*jsonschema.Schema{dayKey.String(): spans{}.JSONSchema()},
		AdditionalProperties: jsonschema.FalseSchema, MinProperties: &one}
}

func (regions) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", PatternProperties: map[string]*jsonschema.Schema{regionShape.String(): week{}.JSONSchema()},
		AdditionalProperties: jsonschema.FalseSchema}
}

func (consents) JSONSchema() *jsonschema.Schema { return needsSchema(needs) }

func (adConsents) JSONSchema() *jsonschema.Schema { return needsSchema(adNeeds) }

func needsSchema(needs func(notify.Channel) []Need) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, c := range notify.Channels() {
		channel := &jsonschema.Schema{Type: "string"}
		for _, need := range needs(c) {
			channel.Enum = append(channel.Enum, need)
		}
		s.Properties.Set(string(c), channel)
	}
	return s
}

func (placeList) JSONSchema() *jsonschema.Schema {
	r := reflector()
	item := r.Reflect(&placeDoc{})
	item.Version = ""
	return &jsonschema.Schema{Type: "array", Items: item}
}

func reflector() jsonschema.Reflector {
	return jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Anonymous: true}
}

func generate(t *testing.T) []byte {
	t.Helper()
	r := reflector()
	s := r.Reflect(&document{})
	s.Title = "A market of Landfall"
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func TestSchema_IsMadeFromTheTypesTheLoaderReads(t *testing.T) {
	t.Parallel()
	want := generate(t)
	if *update {
		if err := os.WriteFile(filepath.Join("markets", "market.schema.json"), want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(Schema())); diff != "" {
		t.Errorf("market.schema.json is stale; run go test ./rules -update (-generated +committed):\n%s", diff)
	}
}

func TestSchema_KnowsEveryKey(t *testing.T) {
	t.Parallel()
	var s struct {
		Schema     string `json:"$schema"`
		Properties map[string]struct {
			Properties map[string]any `json:"properties"`
			Items      struct {
				Properties           map[string]any `json:"properties"`
				AdditionalProperties any            `json:"additionalProperties"`
			} `json:"items"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	if want := "https://json-schema.org/draft/2020-12/schema"; s.Schema != want {
		t.Errorf("$schema = %q, want %q", s.Schema, want)
	}
	for _, k := range slots(&document{}) {
		if _, ok := s.Properties[k.key]; !ok {
			t.Errorf("the schema does not know the key %s", k.key)
		}
	}
	rule := s.Properties["rules"].Items
	for _, k := range slots(&ruleDoc{}) {
		if _, ok := rule.Properties[k.key]; !ok {
			t.Errorf("the schema does not know a rule's key %s", k.key)
		}
	}
	for _, k := range slots(&advertising{}) {
		if _, ok := s.Properties["marketing"].Properties[k.key]; !ok {
			t.Errorf("the schema does not know the key %s of advertising", k.key)
		}
	}
	for _, k := range slots(&placeDoc{}) {
		if _, ok := s.Properties["places"].Items.Properties[k.key]; !ok {
			t.Errorf("the schema does not know a place's key %s", k.key)
		}
	}
	if rule.AdditionalProperties != false {
		t.Errorf("a rule's additionalProperties = %v, want false", rule.AdditionalProperties)
	}
}

func TestPack_FilesNameTheirSchema(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("markets", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the pack: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := bytes.Cut(b, []byte("\n"))
		if !strings.HasSuffix(string(first), "$schema=./market.schema.json") {
			t.Errorf("%s begins with %q, want the comment that names its schema", file, first)
		}
	}
}
