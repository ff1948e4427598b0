package app

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"landfall/channels"
	"landfall/internal/notify"
)

const deploy = "../../docs/deploy/"

// alert is a rule of Prometheus'.
type alert struct {
	Alert, Expr string
	Labels      map[string]string
	Annotations struct{ Summary, Description string }
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alert }
	}
	if err := yaml.Unmarshal([]byte(page(t, deploy+"alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatal("there are no alerts")
	}
	return file.Groups[0].Rules
}

type panel struct {
	Title   string
	Type    string
	Targets []struct{ Expr, LegendFormat string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var file struct{ Panels []panel }
	if err := json.Unmarshal([]byte(page(t, deploy+"grafana-dashboard.json")), &file); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(file.Panels, func(p panel) bool { return p.Type == "row" })
}

func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryAlertAsksForWhatThereIs(t *testing.T) {
	t.Parallel()
	operations := page(t, "../../docs/operations.md")
	for _, a := range alerts(t) {
		asks(t, a.Alert, a.Expr)
		if a.Annotations.Summary == "" || a.Annotations.Description == "" || !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: say how bad it is, what it is, and what to do", a.Alert)
		}
		if !strings.Contains(operations, "`"+a.Alert+"`") {
			t.Errorf("docs/operations.md does not name %s", a.Alert)
		}
	}
}

func TestTheDashboardShowsEveryMetric(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, p := range panels(t) {
		if len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			asks(t, p.Title, target.Expr)
			all.WriteString(target.Expr + "\n")
		}
	}
	for _, m := range Metrics() {
		if !regexp.MustCompile(m.Name + `\b|` + m.Name + `_(bucket|count|sum)\b`).MatchString(all.String()) {
			t.Errorf("%s is not shown", m.Name)
		}
	}
}

// series is a metric as an expression names it, with what it asks of its labels.
var series = regexp.MustCompile(`(landfall_[a-z_]+)(\{[^}]*\})?`)

// asks insists that an expression names metrics there are, by labels and values they have.
func asks(t *testing.T, where, expr string) {
	t.Helper()
	found := series.FindAllStringSubmatch(expr, -1)
	if len(found) == 0 {
		t.Errorf("%s asks for no metric of ours: %s", where, expr)
	}
	var labels []string
	for _, f := range found {
		m, ok := metricOf(f[1])
		if !ok {
			t.Errorf("%s: there is no metric %s", where, f[1])
			continue
		}
		labels = append(labels, m.Labels...)
		selects(t, where, m, f[2])
	}
	for _, by := range regexp.MustCompile(`\bby \(([^)]*)\)`).FindAllStringSubmatch(expr, -1) {
		for l := range strings.SplitSeq(by[1], ", ") {
			if l != "le" && !slices.Contains(labels, l) {
				t.Errorf("%s: none of its metrics has the label %s", where, l)
			}
		}
	}
}

// metricOf finds the metric behind the name of a series: of a histogram only its parts are there.
func metricOf(name string) (Metric, bool) {
	for _, m := range Metrics() {
		part, ok := strings.CutPrefix(name, m.Name)
		if ok && (m.Kind == histogram) == slices.Contains([]string{"_bucket", "_count", "_sum"}, part) && (part == "" || m.Kind == histogram) {
			return m, true
		}
	}
	return Metric{}, false
}

// selects insists that each value a selector names may occur.
func selects(t *testing.T, where string, m Metric, selector string) {
	t.Helper()
	for _, s := range regexp.MustCompile(`(\w+)(?:=~|!~|!=|=)"([^"]*)"`).FindAllStringSubmatch(selector, -1) {
		if !slices.Contains(m.Labels, s[1]) {
			t.Errorf("%s: %s has no label %s", where, m.Name, s[1])
		}
		for v := range strings.SplitSeq(s[2], "|") {
			if !occurs(m, s[1], v) {
				t.Errorf("%s: %s is never %q in %s", where, s[1], v, m.Name)
			}
		}
	}
}

// occurs reports whether a label may have a value: a state, a reason, a kind of failure, or a word that the metric's row explains.
func occurs(m Metric, label, value string) bool {
	switch label {
	case "state":
		return slices.ContainsFunc(notify.States(), func(f notify.StateFact) bool { return string(f.State) == value })
	case "reason":
		return slices.ContainsFunc(notify.Reasons(), func(f notify.ReasonFact) bool { return string(f.Reason) == value })
	}
	return strings.Contains(m.Means, "`"+value+"`") || m.Name == "landfall_provider_call_seconds" && slices.Contains(channels.Kinds(), channels.Kind(value))
}
