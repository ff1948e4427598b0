package subject

import (
	"cmp"
	"net/url"
	"slices"

	"landfall/internal/notify"
	"landfall/internal/report"
)

// messages lists everything that was told to a person, or kept from them, the oldest first.
func (d Dossier) messages(to []Recipient) []message {
	var out []message
	for _, t := range slices.Backward(d.Told) {
		if len(t.Deliveries) == 0 {
			out = append(out, silent(t))
		}
		for _, one := range t.Deliveries {
			out = append(out, sent(t, one, to))
		}
	}
	return out
}

func base(t report.Told) message {
	n := t.Notification
	return message{At: n.CreatedAt, Notification: n.ID, Order: n.Order, Event: n.Kind, Template: n.Notice.Say, Rule: n.Notice.Rule,
		Purpose: cmp.Or(n.Notice.Purpose, notify.OrderStatus), Class: cmp.Or(n.Notice.Class, notify.Transactional)}
}

func silent(t report.Told) message {
	m := base(t)
	m.Decision, m.Reason, m.Why = notify.Drop, t.Reason, t.Reason.Means()
	return m
}

func sent(t report.Told, d notify.Delivery, to []Recipient) message {
	m := base(t)
	m.At, m.SentAt, m.Channel, m.State, m.Reason, m.Why = d.UpdatedAt, d.SentAt, d.Channel, d.State, d.Reason, d.Reason.Means()
	if w := d.Words; w != nil {
		m.Locale, m.Title, m.Text = w.Locale, w.Title, w.Text
	}
	if last, ok := ruled(t.Decisions, d.ID); ok {
		m.Decision = last.Verdict
		if last.Verdict == notify.Allow {
			m.Basis = last.Basis()
		}
	}
	if !d.SentAt.IsZero() {
		m.Provider = provider(to, d.Channel)
	}
	return m
}

// ruled is the last decision about whether a delivery may go.
func ruled(ds []notify.Decision, id notify.DeliveryID) (notify.Decision, bool) {
	for _, d := range slices.Backward(ds) {
		if d.Delivery == id && d.Verdict != notify.Note {
			return d, true
		}
	}
	return notify.Decision{}, false
}

func provider(to []Recipient, c notify.Channel) string {
	if i := slices.IndexFunc(to, func(r Recipient) bool { return !r.Desk && slices.Contains(r.Channels, c) }); i >= 0 {
		return to[i].Name
	}
	return ""
}

// recipients leaves those who were given anything about the person.
func (d Dossier) recipients(to []Recipient) []Recipient {
	sent, handed := d.sentBy(), d.handed()
	out := []Recipient{}
	for _, r := range to {
		given := sent
		if r.Desk {
			given = handed
		}
		r.Channels = slices.DeleteFunc(slices.Clone(r.Channels), func(c notify.Channel) bool { return !given[c] })
		if len(r.Channels) > 0 {
			out = append(out, r)
		}
	}
	return append(out, d.pushServices()...)
}

// sentBy are the channels a message was given to.
func (d Dossier) sentBy() map[notify.Channel]bool {
	out := map[notify.Channel]bool{}
	for _, t := range d.Told {
		for _, one := range t.Deliveries {
			out[one.Channel] = out[one.Channel] || one.Attempts > 0
		}
	}
	return out
}

// handed are the channels whose conversations the desk has.
func (d Dossier) handed() map[notify.Channel]bool {
	out := map[notify.Channel]bool{}
	for _, h := range d.Handoffs {
		out[h.Channel] = out[h.Channel] || !h.GivenAt.IsZero()
	}
	return out
}

// pushServices are those of the person's browsers, which pass messages on that they cannot read.
func (d Dossier) pushServices() []Recipient {
	var out []Recipient
	for _, b := range d.Browsers {
		u, err := url.Parse(b.Endpoint)
		if err == nil && !slices.ContainsFunc(out, func(r Recipient) bool { return r.Host == u.Hostname() }) {
			out = append(out, Recipient{Name: "the push service of a browser, encrypted", Host: u.Hostname(), Channels: []notify.Channel{notify.InApp}})
		}
	}
	return out
}
