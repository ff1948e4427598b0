package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/parcel"
)

// document is the part of an OpenAPI document that the tests look at.
type document struct {
	OpenAPI string
	Info    struct{ Title, Version string }
	Servers []struct{ URL string }
	Paths   map[string]map[string]operation
}

type operation struct {
	OperationID, Summary string
	Parameters           []struct {
		Name, In string
		Required bool
	}
	Responses map[string]any
	Security  []map[string][]string
}

// described returns the API and the document it serves.
func described(t *testing.T) (*api, string, document) {
	t.Helper()
	a := build(Config{Metrics: http.NotFoundHandler(), Pages: http.NotFoundHandler(), Widget: http.NotFoundHandler(), Version: "1.2.3", Now: time.Now, PublicURL: "https://notify.example.com"})
	w := httptest.NewRecorder()
	a.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://evil.example/openapi.json", nil))
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return a, w.Body.String(), d
}

func TestOpenAPI_ListsExactlyTheRoutes(t *testing.T) {
	t.Parallel()
	a, _, d := described(t)
	var listed, mounted []string
	for path, operations := range d.Paths {
		for method := range operations {
			listed = append(listed, strings.ToUpper(method)+" "+path)
		}
	}
	for _, pattern := range a.mux.patterns {
		if !strings.HasPrefix(pattern, "GET /openapi") { // the document does not describe itself
			mounted = append(mounted, pattern)
		}
	}
	slices.Sort(listed)
	slices.Sort(mounted)
	if diff := cmp.Diff(mounted, listed); diff != "" {
		t.Errorf("mounted and listed differ (-mounted +listed):\n%s", diff)
	}
	if len(listed) < 18 {
		t.Errorf("only %d routes are listed: %v", len(listed), listed)
	}
}

func TestOpenAPI_IsThreeOne(t *testing.T) {
	t.Parallel()
	_, text, d := described(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || d.Info.Title != "Landfall" || d.Info.Version != "1.2.3" {
		t.Errorf("it says openapi %s, %+v", d.OpenAPI, d.Info)
	}
	if len(d.Servers) != 1 || d.Servers[0].URL != "https://notify.example.com" {
		t.Errorf("servers are %v; they must not come from the Host header", d.Servers)
	}
	for _, alien := range []string{"evil.example", `"$schema"`, "unpkg", "jsdelivr", "cdn"} {
		if strings.Contains(text, alien) {
			t.Errorf("the document holds %s", alien)
		}
	}
}

var inBraces = regexp.MustCompile(`\{([a-z]+)\}`)

func TestOpenAPI_OperationsAreWhole(t *testing.T) {
	t.Parallel()
	_, _, d := described(t)
	ids := map[string]string{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			where := method + " " + path
			if op.Summary == "" || op.OperationID == "" || len(op.Responses) == 0 {
				t.Errorf("%s lacks summary, id or responses: %+v", where, op)
			}
			if other, taken := ids[op.OperationID]; taken {
				t.Errorf("%s and %s share the id %s", where, other, op.OperationID)
			}
			ids[op.OperationID] = where
			for _, name := range inBraces.FindAllStringSubmatch(path, -1) {
				if !declares(op, name[1]) {
					t.Errorf("%s does not declare {%s}", where, name[1])
				}
			}
		}
	}
}

func declares(op operation, name string) bool {
	for _, p := range op.Parameters {
		if p.Name == name && p.In == "path" && p.Required {
			return true
		}
	}
	return false
}

func TestOpenAPI_KindsOfEvent(t *testing.T) {
	t.Parallel()
	_, text, _ := described(t)
	var d struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []parcel.Kind }
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parcel.Kinds(), d.Components.Schemas["OwnEvent"].Properties["kind"].Enum); diff != "" {
		t.Errorf("kinds (-code +document):\n%s", diff)
	}
}

func TestOpenAPI_ReferencesResolve(t *testing.T) {
	t.Parallel()
	_, text, _ := described(t)
	var root map[string]any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	refs := references(root)
	if len(refs) == 0 {
		t.Fatal("the document has no references at all")
	}
	for _, ref := range refs {
		if !resolves(root, ref) {
			t.Errorf("%s names nothing", ref)
		}
	}
}

// references collects every $ref below v.
func references(v any) (refs []string) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			refs = append(refs, ref)
		}
		for _, child := range v {
			refs = append(refs, references(child)...)
		}
	case []any:
		for _, child := range v {
			refs = append(refs, references(child)...)
		}
	}
	return refs
}

func resolves(root map[string]any, ref string) bool {
	path, local := strings.CutPrefix(ref, "#/")
	var at any = root
	for step := range strings.SplitSeq(path, "/") {
		object, ok := at.(map[string]any)
		if !ok || object[step] == nil {
			return false
		}
		at = object[step]
	}
	return local
}
