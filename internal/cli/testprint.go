package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"landfall/internal/cases"
	"landfall/internal/report"
)

// tested is a case for a program.
type tested struct {
	File     string               `json:"file"`
	Name     string               `json:"name"`
	OK       bool                 `json:"ok"`
	Problems []string             `json:"problems"`
	Rows     []report.Explanation `json:"rows"`
}

// print says what came of all suites; the error is errNo when something failed.
func (c testCmd) print(e Env, suites []*suite) error {
	var b strings.Builder
	failed := 0
	for _, s := range suites {
		for _, f := range s.files {
			failed += f.failed()
			if err := c.file(&b, f); err != nil {
				return err
			}
		}
		if !c.JSON && c.Only == "" {
			printUntouched(&b, s)
		}
	}
	switch {
	case c.JSON:
	case failed > 0:
		b.WriteString("FAIL\n")
	default:
		b.WriteString("PASS\n")
	}
	if _, err := io.WriteString(e.Stdout, b.String()); err != nil {
		return err
	}
	if failed > 0 {
		return errNo
	}
	return nil
}

func (c testCmd) file(b *strings.Builder, f *testFile) error {
	if c.JSON {
		return encodeFile(b, f)
	}
	if f.wrong != nil {
		fmt.Fprintf(b, "%v\n", f.wrong)
	}
	for _, r := range f.results {
		c.result(b, f, r)
	}
	count := fmt.Sprintf("%d cases", len(f.results))
	if len(f.results) == 1 {
		count = "1 case"
	}
	switch n := f.failed(); {
	case f.wrong != nil:
		fmt.Fprintf(b, "FAIL\t%s\tcannot be run\n", f.name)
	case n > 0:
		fmt.Fprintf(b, "FAIL\t%s\t%s, %d failed\t%.2fs\n", f.name, count, n, f.took().Seconds())
	default:
		fmt.Fprintf(b, "ok\t%s\t%s\t%.2fs\n", f.name, count, f.took().Seconds())
	}
	return nil
}

func (c testCmd) result(b *strings.Builder, f *testFile, r timed) {
	if r.OK() && !c.Verbose {
		return
	}
	verdict := "PASS"
	if !r.OK() {
		verdict = "FAIL"
	}
	fmt.Fprintf(b, "--- %s: %s: %s (%.2fs)\n", verdict, filepath.Base(f.name), r.Case.Name, r.took.Seconds())
	for _, line := range r.Lines() {
		fmt.Fprintf(b, "    %s\n", line)
	}
	if !r.OK() {
		return
	}
	for _, row := range r.Rows {
		fmt.Fprintf(b, "    %s\n", cases.Sentence(row))
	}
}

func encodeFile(w io.Writer, f *testFile) error {
	out := json.NewEncoder(w)
	if f.wrong != nil {
		return out.Encode(tested{File: f.name, Problems: strings.Split(f.wrong.Error(), "\n"), Rows: report.Explain(nil)})
	}
	for _, r := range f.results {
		t := tested{File: f.name, Name: r.Case.Name, OK: r.OK(), Problems: append([]string{}, r.Lines()...), Rows: report.Explain(r.Rows)}
		if err := out.Encode(t); err != nil {
			return err
		}
	}
	return nil
}

// printUntouched says what no case came across, when all of a suite's cases were played.
func printUntouched(b *strings.Builder, s *suite) {
	if s.merchant == nil || !s.whole {
		return
	}
	rules, markets := s.untouched()
	var parts []string
	if len(rules) > 0 {
		parts = append(parts, "rules "+strings.Join(rules, ", "))
	}
	if len(markets) > 0 {
		parts = append(parts, "markets "+strings.Join(markets, ", "))
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "never touched by a case: %s\n", strings.Join(parts, "; "))
	}
}
