package report

import (
	"time"

	"landfall/internal/notify"
)

// Explanation is a row in the words of a rule test: these fields, always all of them. Its decisions come without the facts
// they rest on.
type Explanation struct {
	Person    notify.PersonID    `json:"person"`
	Say       notify.TemplateKey `json:"say"`
	Rule      string             `json:"rule"`
	Channel   notify.Channel     `json:"channel" doc:"Empty when no channel could carry it."`
	Outcome   string             `json:"outcome" doc:"sent, held, dropped, superseded, expired, failed or unknown"`
	Reason    notify.Reason      `json:"reason"`
	At        time.Time          `json:"at" doc:"When it would be sent, at the earliest if it is held, or when it was decided that it is not."`
	HeldFor   notify.Reason      `json:"held_for"`
	Locale    string             `json:"locale"`
	Text      string             `json:"text"`
	Segments  int                `json:"segments" doc:"Text message segments; each is billed."`
	Skipped   []Skipped          `json:"skipped"`
	Decisions []notify.Decision  `json:"decisions"`
}

// Explain puts rows into the words of a rule test.
func Explain(rows []Row) []Explanation {
	out := make([]Explanation, len(rows))
	for i, r := range rows {
		out[i] = Explanation{Person: r.Person, Say: r.Say, Rule: r.Rule, Channel: r.Channel, Outcome: r.Outcome, Reason: r.Reason, At: r.At,
			HeldFor: r.HeldFor, Locale: r.Locale, Text: r.Text, Segments: r.Segments,
			Skipped: append([]Skipped{}, r.Skipped...), Decisions: append([]notify.Decision{}, r.Decisions...)}
		for j := range out[i].Decisions {
			out[i].Decisions[j].Facts = nil
		}
	}
	return out
}
