package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/report"
)

// printRows prints rows for people.
func printRows(w io.Writer, remark string, rows []report.Row) error {
	var b strings.Builder
	if remark != "" {
		fmt.Fprintf(&b, "%s\n\n", remark)
	}
	for _, r := range rows {
		printRow(&b, r)
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func printRow(b *strings.Builder, r report.Row) {
	head := strings.ToUpper(r.Outcome)
	if r.Say != "" {
		head += fmt.Sprintf("  %s to %s", r.Say, r.Person)
	}
	if r.Channel != "" {
		head += " on " + label(r.Channel)
	}
	when := "at"
	if r.Outcome == string(notify.Held) {
		when = "until"
	}
	fmt.Fprintf(b, "%s  %s %s\n", head, when, r.At.UTC().Format(time.RFC3339))
	fmt.Fprintf(b, "  why    %s\n", because(r))
	if r.Rule != "" {
		fmt.Fprintf(b, "  rule   %s\n", r.Rule)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(b, "  not    on %s: %s (%s)\n", label(s.Channel), s.Reason.Means(), s.Reason)
	}
	printWords(b, r)
	b.WriteString("\n")
}

// because says why a row ended as it did; of one that would be sent, what allows it.
func because(r report.Row) string {
	if r.Outcome != "sent" {
		return r.Why + " (" + string(r.Reason) + ")"
	}
	r.Skipped = nil // they have lines of their own
	return why(r)
}

func printWords(b *strings.Builder, r report.Row) {
	if r.Text == "" {
		return
	}
	segments := ""
	switch {
	case r.Segments == 1:
		segments = ", 1 text message segment"
	case r.Segments > 1:
		segments = fmt.Sprintf(", %d text message segments", r.Segments)
	}
	fmt.Fprintf(b, "  words  in %s%s:\n", r.Locale, segments)
	for line := range strings.Lines(r.Text) {
		fmt.Fprintln(b, strings.TrimRight("         "+line, " \n"))
	}
}
