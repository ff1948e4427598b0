package rules

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProblem_Error(t *testing.T) {
	t.Parallel()
	tests := map[string]Problem{
		"m/DE.yaml:3:9: this is not a channel (fax)": {File: "m/DE.yaml", Line: 3, Column: 9, Text: "fax", Message: "this is not a channel"},
		"m/DE.yaml:1:1: this file is empty":          {File: "m/DE.yaml", Line: 1, Column: 1, Message: "this file is empty"},
		"m/DE.yml: this file is not read":            {File: "m/DE.yml", Message: "this file is not read"},
	}
	for want, p := range tests {
		if diff := cmp.Diff(want, p.Error()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestProblems_AreOrderedAndCanBeTakenApart(t *testing.T) {
	t.Parallel()
	if err := (Problems{}).err(); err != nil {
		t.Errorf("no problems are the error %v", err)
	}
	err := Problems{{File: "b", Line: 1, Column: 1}, {File: "a", Line: 2, Column: 1}, {File: "a", Line: 1, Column: 9}, {File: "a", Line: 1, Column: 2}}.err()
	want := Problems{{File: "a", Line: 1, Column: 2}, {File: "a", Line: 1, Column: 9}, {File: "a", Line: 2, Column: 1}, {File: "b", Line: 1, Column: 1}}
	got, ok := errors.AsType[Problems](err)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if first, ok := errors.AsType[Problem](err); !ok || first != want[0] {
		t.Errorf("the first problem is %v", first)
	}
}

func TestClosest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		known []string
		want  string
	}{
		"locales":  {[]string{"market", "locale"}, "locale"},
		"WHEN":     {[]string{"when", "on"}, "when"},
		"whne":     {[]string{"name", "when"}, "when"}, // two neighbours swapped
		"smss":     {[]string{"email", "sms"}, "sms"},
		"til":      {[]string{"from", "to"}, ""},
		"telegram": {[]string{"whatsapp", "email"}, ""},
		"":         {[]string{"sms"}, ""},
		"fo":       {nil, ""},
	}
	for wrong, tt := range tests {
		if got := closest(wrong, tt.known); got != tt.want {
			t.Errorf("closest(%q, %v) = %q, want %q", wrong, tt.known, got, tt.want)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		" x \n":                 "x",
		"first\r\nsecond":       "first ...",
		strings.Repeat("é", 61): strings.Repeat("é", 60) + " ...",
		strings.Repeat("é", 60): strings.Repeat("é", 60),
	}
	for s, want := range tests {
		if got := shown(s); got != want {
			t.Errorf("shown(%q) = %q, want %q", s, got, want)
		}
	}
}
