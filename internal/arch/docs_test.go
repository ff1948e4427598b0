package arch

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/config"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
)

var update = flag.Bool("update", false, "write the documentation's tables anew")

// tables are made from the code they describe and stand in a page between two comments of their name.
var tables = []struct {
	name, page string
	make       func(*testing.T) string
}{
	{"states", "docs/architecture.md", states},
	{"reasons", "docs/architecture.md", reasons},
	{"kinds", "docs/merchants.md", kinds},
	{"markets", "docs/merchants.md", markets},
	{"variables", "docs/merchants.md", variables},
	{"settings", "docs/operations.md", settings},
	{"retention", "docs/operations.md", retention},
}

// TestTablesOfTheDocumentationAreTheCodes is not parallel: two tables of one page would be written over each other.
func TestTablesOfTheDocumentationAreTheCodes(t *testing.T) {
	for _, table := range tables {
		t.Run(table.name, func(t *testing.T) {
			page := text(t, table.page)
			before, old, after, ok := between(page, table.name)
			if !ok {
				t.Fatalf("%s has no comments 'begin %s' and 'end %s'; the table goes between them", table.page, table.name, table.name)
			}
			made := "\n" + table.make(t)
			if *update {
				write(t, table.page, before+made+after)
				return
			}
			if diff := cmp.Diff(made, old); diff != "" {
				t.Errorf("%s is not what the code says; run 'make golden' (-code +page):\n%s", table.page, diff)
			}
		})
	}
}

// between cuts a page at a table's comments, which stay with before and after.
func between(page, name string) (before, table, after string, ok bool) {
	begin, end := "<!-- begin "+name+" -->", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", "", "", false
	}
	table, after, ok = strings.Cut(rest, end)
	return before + begin, table, end + after, ok
}

// listed belongs to TestShape.
func listed(t *testing.T, packages []*source) {
	readme := text(t, "README.md")
	for _, p := range packages {
		if !strings.Contains(readme, "`"+p.path+"`") {
			t.Errorf("README.md: the table of packages lacks `%s`", p.path)
		}
	}
}

func text(t *testing.T, page string) string {
	t.Helper()
	b, err := os.ReadFile(root + "/" + page)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, page, content string) {
	t.Helper()
	if err := os.WriteFile(root+"/"+page, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// grid lays rows out as a table in Markdown; the first is its head.
func grid(rows ...[]string) string {
	var b strings.Builder
	for i, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(r)))
		}
	}
	return b.String()
}

func code[T ~string](s T) string {
	if s == "" {
		return ""
	}
	return "`" + string(s) + "`"
}

func codes[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = code(w)
	}
	return strings.Join(out, ", ")
}

func states(*testing.T) string {
	rows := [][]string{{"state", "means", "may still become"}}
	for _, f := range notify.States() {
		rows = append(rows, []string{code(f.State), f.Means, successors(f)})
	}
	return grid(rows...)
}

// successors is where a provider's later report may move a delivery; on its way Landfall itself moves it on.
func successors(f notify.StateFact) string {
	if !f.End {
		return "any later state"
	}
	var next []notify.State
	for _, other := range notify.States() {
		if f.State.Follows(other.State) && reportable(other.State) {
			next = append(next, other.State)
		}
	}
	if len(next) == 0 {
		return "nothing"
	}
	return codes(next)
}

// reportable are the states a provider reports.
func reportable(s notify.State) bool {
	return s == notify.Arrived || s == notify.Read || s == notify.Failed
}

func reasons(*testing.T) string {
	rows := [][]string{{"reason", "means"}}
	for _, f := range notify.Reasons() {
		rows = append(rows, []string{code(f.Reason), f.Means})
	}
	return grid(rows...)
}

func kinds(*testing.T) string {
	rows := [][]string{{"kind", "class", "stage of the parcel then"}}
	for _, f := range parcel.Facts() {
		rows = append(rows, []string{code(f.Kind), string(f.Class), code(f.Stage)})
	}
	return grid(rows...)
}

func markets(t *testing.T) string {
	pack, err := rules.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"market", "locale", "channels", "quiet hours", "consent on record for"}}
	for _, name := range slices.Sorted(maps.Keys(pack)) {
		m := pack[name]
		var recorded []notify.Channel
		for _, c := range m.Channels {
			if m.Consent[c].Recorded() {
				recorded = append(recorded, c)
			}
		}
		rows = append(rows, []string{code(m.Code), code(m.Locale), codes(m.Channels), quiet(m.Quiet), codes(recorded)})
	}
	return grid(rows...)
}

func quiet(q notify.Quiet) string {
	s := q.From.String() + " to " + q.To.String()
	if q.SundaysUntil > 0 {
		s += ", Sundays to " + q.SundaysUntil.String()
	}
	return s
}

func retention(*testing.T) string {
	rows := [][]string{{"class", "what", "days"}}
	for _, c := range ledger.Classes() {
		rows = append(rows, []string{code(c.Name), c.Means, fmt.Sprint(int(c.Keep.Hours() / 24))})
	}
	return grid(rows...)
}

func settings(*testing.T) string {
	rows := [][]string{{"variable", "flag and name in landfall.yaml", "default", "meaning"}}
	return grid(fields(rows, reflect.TypeFor[config.Settings]())...)
}

func fields(rows [][]string, settings reflect.Type) [][]string {
	for f := range settings.Fields() {
		if f.Anonymous {
			rows = fields(rows, f.Type)
			continue
		}
		tag := f.Tag
		rows = append(rows, []string{code(tag.Get("env")), code(tag.Get("name")), code(tag.Get("default")), tag.Get("help")})
	}
	return rows
}
