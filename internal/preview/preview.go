// Package preview draws every message a merchant can send as its reader would see it: each notice in each of its variants, on
// every channel, in every locale, on one HTML page that needs nothing else. What stands on it was written by the code that
// writes to customers; only the phones around it are drawn.
//
// It sends nothing, reads no clock and opens no file.
package preview

import (
	"errors"
	"slices"
	"sync"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/templates"
)

// Voice is one way a merchant speaks, to be shown by itself.
type Voice struct {
	Name  string // "everywhere", or the code of a market
	Brand templates.Brand
	Words *templates.Set
}

// Question is what to show. Without an event it is everything, about a parcel of which much is known.
type Question struct {
	Voices  []Voice
	Locales []string // none: all there are words in
	// Event is one event to show the notices Say of; nil for all notices.
	Event *parcel.Event
	Say   []notify.TemplateKey
	Now   time.Time // when the messages are written; the zero value is that of the samples
}

// Message is one message on the page.
type Message struct {
	Voice    string         `json:"voice"`
	Say      string         `json:"say"`
	Variant  string         `json:"variant,omitempty"` // the event, where a notice has several
	Locale   string         `json:"locale"`
	RTL      bool           `json:"rtl,omitempty"`
	Channel  notify.Channel `json:"channel"`
	Chat     bool           `json:"chat,omitempty"` // on WhatsApp within a day of the customer's own message
	Words    notify.Words   `json:"words"`
	Problems []string       `json:"problems,omitempty"`
}

// Messages writes everything that is asked for, in the order of the page: by voice, locale, notice and channel.
func Messages(q Question) []Message {
	type task struct {
		voice  Voice
		locale string
	}
	var tasks []task
	for _, v := range q.Voices {
		for _, l := range v.Words.Locales() {
			if len(q.Locales) == 0 || slices.Contains(q.Locales, l) {
				tasks = append(tasks, task{v, l})
			}
		}
	}
	written := make([][]Message, len(tasks))
	var wg sync.WaitGroup
	for i, t := range tasks {
		wg.Go(func() { written[i] = q.write(t.voice, t.locale) })
	}
	wg.Wait()
	return slices.Concat(written...)
}

func (q Question) write(v Voice, locale string) []Message {
	var all []Message
	words := v.Words.Approved()
	for _, in := range q.inputs(v, locale) {
		all = append(all, message(v, words, in))
		if in.Channel == notify.WhatsApp {
			in.Conversing = true
			all = append(all, message(v, words, in))
		}
	}
	return all
}

// inputs are the samples of a locale, or the event that was chosen.
func (q Question) inputs(v Voice, locale string) []templates.Input {
	var all []templates.Input
	for _, in := range v.Words.Samples(locale) {
		if in.Audience != notify.Customer || in.Order == nil || in.Identify {
			continue // what the reader of a preview need not see: little known, and values at their longest
		}
		in.Brand = v.Brand
		if q.Event != nil {
			if again := slices.ContainsFunc(all, func(i templates.Input) bool { return i.Say == in.Say && i.Channel == in.Channel }); again || !slices.Contains(q.Say, in.Say) {
				continue
			}
			in.Event = *q.Event
		}
		if !q.Now.IsZero() {
			in.Now = q.Now
		}
		all = append(all, in)
	}
	return all
}

func message(v Voice, words *templates.Set, in templates.Input) Message {
	m := Message{Voice: v.Name, Say: string(in.Say), Variant: variant(in.Event), Locale: in.Locale, Channel: in.Channel, Chat: in.Conversing,
		RTL: templates.RunsRTL(in.Locale)}
	w, err := words.Render(in)
	switch {
	case errors.Is(err, templates.ErrNoContent):
		m.Problems = []string{"WhatsApp carries this only within 24 hours of the customer's own message: whatsapp.yaml lists no template for it."}
	case err != nil:
		m.Problems = []string{err.Error()}
	default:
		m.Words, m.Problems = w, templates.Problems(in, w)
	}
	if err == nil && in.Channel == notify.WhatsApp && !in.Conversing && !v.Words.HasContent(v.Words.ContentKey(in.Say, in.Event, in.Audience), in.Locale) {
		m.Problems = append(m.Problems, "Not approved yet: whatsapp.yaml has no ContentSid for it in this language.")
	}
	return m
}

func variant(e parcel.Event) string {
	if e.Detail != "" {
		return string(e.Kind) + " " + e.Detail
	}
	return string(e.Kind)
}
