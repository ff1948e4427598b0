package desk

import (
	"fmt"
	"strings"
	"time"
)

// Text is a packet for people to read, where a desk has no place for its parts.
func (p Packet) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", p.Reason, p.who())
	if o := p.Order; o != nil {
		fmt.Fprintf(&b, "\nOrder %s: %s", o.ID, o.Title)
		if !o.OrderedAt.IsZero() {
			fmt.Fprintf(&b, ", ordered %s", o.OrderedAt.Format(time.DateOnly))
		}
		b.WriteByte('\n')
		for _, x := range o.Parcels {
			fmt.Fprintf(&b, "Parcel %s %s: %s", x.Carrier, x.Number, x.Kind)
			if x.Trouble != "" {
				fmt.Fprintf(&b, ", trouble: %s", x.Trouble)
			}
			if x.ETA != nil {
				fmt.Fprintf(&b, ", expected %s to %s", x.ETA.From.Format(time.DateOnly), x.ETA.To.Format(time.DateOnly))
			}
			b.WriteByte('\n')
		}
		for _, l := range o.Timeline {
			fmt.Fprintf(&b, "%s  %s\n", stamp(l.At), l.Summary)
		}
	}
	b.WriteString("\nConversation:\n")
	for _, t := range p.Turns {
		fmt.Fprintf(&b, "%s  %s: %s\n", stamp(t.At), t.From, t.Text)
	}
	return b.String()
}

func (p Packet) who() string {
	parts := []string{string(p.Person)}
	for _, s := range []string{p.Name, string(p.Channel) + " " + p.Address, p.Locale} {
		if strings.TrimSpace(s) != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
