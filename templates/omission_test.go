package templates_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"landfall/locales"
	"landfall/templates"
)

// A translator's catalog is complete, or is told what is missing and where: a key, a value, a plural form. Esperanto, which is
// not shipped, has the English words here.
func TestCheck_TellsOfEveryOmission(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../locales/catalogs/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ cut, put, want string }{
		"nothing":     {"", "", ""},
		"a key":       {"    title: Your parcel has been shipped\n", "", `eo.yaml: "notice.shipped.title" is missing`},
		"a value":     {"sms: Your parcel ({{.Item}}) has been shipped.", "sms: Your parcel has been shipped.", `"notice.shipped.sms" does not use {{.Item}}, which en.yaml does`},
		"a plural":    {"    one: \"{{.First}} and {{.Count}} more item\"\n", "    few: x {{.First}} {{.Count}}\n", `"phrase.items" has no form "one", which 1 takes in this language`},
		"a variant":   {"      lead: Your parcel ({{.Item}}) is delayed by bad weather. We are sorry for the wait.\n", "      lead: Your parcel is late.\n", `"notice.delayed.weather.lead" does not use {{.Item}}`},
		"too long":    {"sms: Your parcel ({{.Item}}) has been shipped.", "sms: ({{.Item}}) " + strings.Repeat("shipped ", 40), `shipped for sms in eo to the customer: the number of segments is`},
		"a new value": {"sms: Your parcel ({{.Item}}) has been shipped.", "sms: Your parcel ({{.Item}}) {{.Weight}}", `"notice.shipped.sms" asks for {{.Weight}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(source), tt.cut) {
				t.Fatalf("en.yaml no longer has %q", tt.cut)
			}
			report := with(t, "eo.yaml", strings.Replace(string(source), tt.cut, tt.put, 1)).Check("eo")
			var told []string
			for _, err := range report.Problems {
				if strings.Contains(err.Error(), "eo") {
					told = append(told, err.Error())
				}
			}
			all := strings.Join(told, "\n")
			if tt.want == "" && all != "" || !strings.Contains(all, tt.want) {
				t.Errorf("told %q, want %q", all, tt.want)
			}
			if whole := report.Cells == report.Sound; whole != (tt.want == "") {
				t.Errorf("%d of %d messages are complete", report.Sound, report.Cells)
			}
		})
	}
}

// with returns the shipped set with one catalog more.
func with(t *testing.T, file, source string) *templates.Set {
	t.Helper()
	c, err := locales.New(fstest.MapFS{file: {Data: []byte(source)}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
