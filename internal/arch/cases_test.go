package arch

import (
	"regexp"
	"strings"
	"testing"
)

const casesPage = "docs/cases.md"

var (
	casesRow   = regexp.MustCompile(`(?m)^\| (.+?) \| (.+) \|$`)
	casesPlace = regexp.MustCompile("`([\\w./-]+\\.(?:go|yaml|txtar))`: (`[^`]+`(?:, `[^`]+`)*)")
)

// Every case of the table is tested where it says, or says why not.
func TestCases_Table(t *testing.T) {
	t.Parallel()
	rows := 0
	for _, row := range casesRow.FindAllStringSubmatch(text(t, casesPage), -1) {
		if row[1] == "case" {
			continue
		}
		rows++
		places := casesPlace.FindAllStringSubmatch(row[2], -1)
		if len(places) == 0 && !strings.HasPrefix(row[2], "left out: ") {
			t.Errorf("%s: %q is neither tested nor left out", casesPage, row[1])
		}
		for _, place := range places {
			namesTests(t, row[1], place[1], strings.Split(strings.Trim(place[2], "`"), "`, `"))
		}
	}
	if rows < 60 {
		t.Errorf("%s has %d cases, fewer than it had", casesPage, rows)
	}
}

// namesTests insists that a file has tests of these names.
func namesTests(t *testing.T, name, file string, tests []string) {
	t.Helper()
	inside := text(t, file)
	for _, test := range tests {
		if !strings.Contains(inside, marked(file, test)) && !strings.Contains(inside, `- name: "`+test+`"`) {
			t.Errorf("%s: %q is to be tested as %q in %s, which has no such test", casesPage, name, test, file)
		}
	}
}

// marked is how a test of a name looks in a file of its kind.
func marked(file, test string) string {
	switch {
	case strings.HasSuffix(file, ".yaml"):
		return "- name: " + test + "\n"
	case strings.HasPrefix(test, "Test"):
		return "func " + test + "("
	case strings.HasSuffix(file, ".go"):
		return `"` + test + `"`
	}
	return test
}

// A machine without zone files needs the zones inside of the program; app is in every one that decides about hours.
func TestCases_NoZoneDataInContainer(t *testing.T) {
	t.Parallel()
	if !strings.Contains(text(t, "internal/app/app.go"), `_ "time/tzdata"`) {
		t.Error("internal/app does not embed the time zones")
	}
}
