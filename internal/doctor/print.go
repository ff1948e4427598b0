package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// wide is how wide a terminal is.
const wide = 80

// Print writes one line for each finding, and what to do below it, then how many there are.
func Print(w io.Writer, findings []Finding) error {
	var b strings.Builder
	column := 0
	for _, f := range findings {
		column = max(column, min(utf8.RuneCountInString(f.Check), 20))
	}
	indent := strings.Repeat(" ", len("warning")+2+column+2)
	for _, f := range findings {
		head := fmt.Sprintf("%-7s  %-*s  ", f.State, column, f.Check)
		if n := utf8.RuneCountInString(head); n > len(indent) {
			head = strings.TrimRight(head, " ") + "\n" + indent
		}
		b.WriteString(head + folded(f.Says, indent) + "\n")
		if f.Do != "" {
			b.WriteString(indent + folded("→ "+f.Do, indent+"  ") + "\n")
		}
	}
	b.WriteString("\n" + summary(findings) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// folded breaks a text between words, so that with indent before each line it is no wider than a terminal.
func folded(s, indent string) string {
	var lines []string
	line, room := "", wide-utf8.RuneCountInString(indent)
	for word := range strings.FieldsSeq(s) {
		if line != "" && utf8.RuneCountInString(line+" "+word) > room {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n"+indent)
}

func summary(findings []Finding) string {
	faults, warnings := Count(findings)
	said := count(len(findings), "check")
	switch {
	case faults == 0 && warnings == 0:
		return said + ", and all is well"
	case faults == 0:
		return said + ": " + count(warnings, "warning")
	case warnings == 0:
		return said + ": " + count(faults, "fault")
	}
	return said + ": " + count(faults, "fault") + ", " + count(warnings, "warning")
}

// Count says how many findings are faults, and how many are warnings.
func Count(findings []Finding) (faults, warnings int) {
	for _, f := range findings {
		switch f.State {
		case Fault:
			faults++
		case Warning:
			warnings++
		}
	}
	return faults, warnings
}

// PrintJSON writes the findings for a program.
func PrintJSON(w io.Writer, findings []Finding) error {
	faults, warnings := Count(findings)
	return json.NewEncoder(w).Encode(struct {
		Checks   []Finding `json:"checks"`
		Faults   int       `json:"faults"`
		Warnings int       `json:"warnings"`
	}{findings, faults, warnings})
}
