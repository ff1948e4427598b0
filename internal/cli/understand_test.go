package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/cli"
)

func understand(t *testing.T, in string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Args: []string{"understand"}, Stdin: strings.NewReader(in), Stdout: &out, Stderr: &err, Getenv: os.Getenv, Version: "1.2.3"})
	return result{code, out.String(), err.String()}
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	got := understand(t, `{"id":"1","text":"Where is the coat I bought last month?","now":"2026-11-22T10:00:00Z","orders":[{"id":"A1","title":"Wool coat","ordered_at":"2026-10-12","state":"in_transit"},{"id":"A2","title":"Mug","ordered_at":"2026-11-02","state":"in_transit"}]}

{"id":"2","text":"2","expecting":{"kind":"choose","options":[{"id":"A1","title":"Wool coat","ordered_at":"2026-10-12"},{"id":"A2","title":"Mug","ordered_at":"2026-11-02"}]}}
{"id":"3","text":"STOP"}
`)
	if got.code != 0 || got.err != "" {
		t.Fatalf("exit %d: %s", got.code, got.err)
	}
	type row struct {
		ID, Intent, From, To, Expect, Answer string
		Orders                               []string
	}
	var rows []row
	for dec := json.NewDecoder(strings.NewReader(got.out)); dec.More(); {
		var r row
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	want := []row{
		{ID: "1", Intent: "order_status", From: "2026-10-01", To: "2026-10-31", Expect: "order", Orders: []string{"A1"}},
		{ID: "2", Intent: "order_status", Answer: "2"},
		{ID: "3", Intent: "opt_out"},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
}

func TestUnderstand_BadLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"{\"text\":\"hi\"}\nnonsense":                 `line 2: it is no JSON object such as {"id": "1", "text": "where is my coat"}`,
		`{"text":"hi","now":"noon"}`:                  `line 1: now is "noon"; write it as 2026-12-02T03:00:00Z or 2026-12-02`,
		`{"text":"hi","expecting":{"kind":"guess"}}`:  `line 1: expecting.kind is "guess"; write "choose" or "confirm"`,
		`{"orders":[{"id":"1","ordered_at":"noon"}]}`: `"noon" is no date; write it as "2006-01-02"`,
	} {
		got := understand(t, in)
		if got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("%s: exit %d, %s", in, got.code, got.err)
		}
	}
}
