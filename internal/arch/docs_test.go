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
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
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
	{"urgent", "docs/merchants.md", urgent},
	{"variables", "docs/merchants.md", variables},
	{"settings", "docs/operations.md", settings},
	{"metrics", "docs/operations.md", metrics},
	{"retention", "docs/operations.md", retention},
	{"languages", "docs/words.md", languages},
	{"licences", "docs/licences.md", licences},
	{"consequences", "docs/providers.md", consequences},
	{"outcomes of twilio", "docs/providers.md", outcomes(sms.Outcomes)},
	{"outcomes of line", "docs/providers.md", outcomes(line.Outcomes)},
	{"outcomes of email", "docs/providers.md", outcomes(email.Outcomes)},
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
	rows := [][]string{{"market", "languages", "time zones", "channels", "quiet hours", "consent on record for", "advertising by", "at", "with"}}
	for _, name := range slices.Sorted(maps.Keys(pack)) {
		m := pack[name]
		a := m.Marketing
		rows = append(rows, []string{code(m.Code), codes(m.Locales), zones(m), codes(m.Channels), quiet(m.Quiet), codes(recorded(m)),
			codes(a.Channels), hours(a), asked(a)})
	}
	return grid(rows...)
}

func urgent(*testing.T) string {
	rows := [][]string{{"news", "kinds of event it may speak about"}}
	for _, u := range notify.Urgents() {
		rows = append(rows, []string{code(u), codes(rules.KindsOf(u))})
	}
	return grid(rows...)
}

func zones(m *rules.Market) string {
	if n := len(m.Zones); n > 1 {
		return fmt.Sprintf("%s and %d more", code(m.Zone), n-1)
	}
	return code(m.Zone)
}

// recorded lists the channels on which messages about an order need a grant.
func recorded(m *rules.Market) []notify.Channel {
	return slices.DeleteFunc(slices.Clone(m.Channels), func(c notify.Channel) bool { return !m.Consent[c].Recorded() })
}

// asked lists what advertising needs on each of its channels, and those it may not use.
func asked(a rules.Marketing) string {
	var out []string
	for _, c := range notify.Channels() {
		if slices.Contains(a.Channels, c) || a.Consent[c] == rules.NeedForbidden {
			out = append(out, string(c)+" "+code(a.Consent[c]))
		}
	}
	return strings.Join(out, ", ")
}

// hours is when advertising may go out, neighbouring days with the same hours in one.
func hours(a rules.Marketing) string {
	var out []string
	for first := 1; first <= 7; {
		last := first
		for last < 7 && slices.Equal(a.Hours.Days[first%7], a.Hours.Days[(last+1)%7]) {
			last++
		}
		if open := a.Hours.Days[first%7]; len(open) > 0 {
			out = append(out, weekdays(first, last)+" "+parts(open))
		}
		first = last + 1
	}
	if a.Hours.HolidaysClosed {
		out = append(out, "not on holidays")
	}
	if a.Hours.Eves != nil {
		out = append(out, "on their eves "+parts(a.Hours.Eves))
	}
	if len(a.Regions) > 0 {
		out = append(out, "less in "+strings.Join(slices.Sorted(maps.Keys(a.Regions)), ", "))
	}
	return strings.Join(out, "; ")
}

func weekdays(first, last int) string {
	short := func(d int) string { return time.Weekday(d % 7).String()[:3] }
	switch {
	case last-first == 6:
		return "every day"
	case first == last:
		return short(first)
	default:
		return short(first) + "-" + short(last)
	}
}

func parts(spans []notify.Span) string {
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = s.String()
	}
	return strings.Join(words, " and ")
}

func quiet(q notify.Quiet) string {
	s := q.From.String() + " to " + q.To.String()
	for _, later := range []struct {
		name  string
		until notify.Clock
	}{{"Saturdays", q.SaturdaysUntil}, {"Sundays", q.SundaysUntil}, {"holidays", q.HolidaysUntil}} {
		if later.until > 0 {
			s += ", " + later.name + " to " + later.until.String()
		}
	}
	if a := q.Also; a != nil {
		s += fmt.Sprintf(", and %s %s to %s %s", a.FromDay, a.From, a.ToDay, a.To)
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

func languages(t *testing.T) string {
	c, err := locales.New()
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"locale", "language", "then"}}
	for _, l := range c.Locales() {
		rows = append(rows, []string{code(l), c.Format(l).Name(), codes(c.Chain(l)[1:])})
	}
	return grid(rows...)
}

// metrics is what there is to look at while Landfall runs.
func metrics(*testing.T) string {
	rows := [][]string{{"metric", "kind", "labels", "what it is"}}
	for _, m := range app.Metrics() {
		rows = append(rows, []string{code(m.Name), m.Kind, codes(m.Labels), m.Means})
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

// consequences is what each kind of failure leads to.
func consequences(*testing.T) string {
	var b strings.Builder
	b.WriteString("| kind | the delivery | next channel | the address | consent | the sender | counts as a try |\n|---|---|---|---|---|---|---|\n")
	for _, c := range channels.Consequences() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", c.Kind, c.Delivery, yes(c.Next, "yes"), yes(c.DeadEnd, "not written to again until something reaches it"),
			yes(c.Consent, "withdrawn for the channel"), yes(c.Parks, "rests"), yes(c.Spent, "yes"))
	}
	return b.String()
}

func yes(holds bool, word string) string {
	if holds {
		return word
	}
	return ""
}

// outcomes is one provider's table.
func outcomes(of func() channels.Outcomes) func(*testing.T) string {
	return func(*testing.T) string {
		var b strings.Builder
		b.WriteString("| answer | what it means | kind | again after | tries at most | counts against the sender |\n|---|---|---|---|---|---|\n")
		for _, o := range of() {
			again, tries := "", ""
			if o.Again > 0 {
				again = strings.TrimSuffix(strings.TrimSuffix(o.Again.String(), "0s"), "0m")
			}
			if o.Tries > 0 {
				tries = fmt.Sprint(o.Tries)
			}
			fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s | %s |\n", o.Code, o.Means, o.Kind, again, tries, yes(o.Down || o.Kind == channels.Misconfigured, "yes"))
		}
		return b.String()
	}
}
