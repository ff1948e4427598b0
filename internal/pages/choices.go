package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/policy"
	"landfall/internal/token"
)

// choices is everything the page of preferences shows, in words.
type choices struct {
	frame
	Saved    bool
	Locales  []option
	Ways     []option
	From, To []option // of quiet hours
	Usual    string   // those of everybody; "" for none
	Topics   []topic
	Support  *link
}

// option is one of several of which one holds.
type option struct {
	Value, Label string
	Note         string // what stands beside it in small print
	Chosen       bool
}

// topic is a purpose with a box for each channel that may serve it.
type topic struct {
	Purpose     notify.Purpose
	Legend, Ask string
	Boxes       []box
}

// box is one channel for one purpose.
type box struct {
	Channel notify.Channel
	Key     string // "sms.marketing"
	Label   string
	Address string // its outline
	On      bool
	Fixed   string // why it cannot be switched on here; "" when it can, or is on
}

// showChoices shows what holds. It changes nothing.
func (h *handler) showChoices(w http.ResponseWriter, r *http.Request) {
	g, err := h.chooser(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	v, err := h.readerOf(g, r.Header.Get("Accept-Language")).choices(g)
	v.Saved = r.URL.Query().Has("saved")
	if err == nil {
		err = send(w, http.StatusOK, "choices", v, v.frame)
	}
	if err != nil {
		h.refuse(w, r, fmt.Errorf("show preferences: %w", err))
	}
}

// chooser is whom the token of a page of preferences names.
func (h *handler) chooser(r *http.Request) (*guest, error) {
	text, err := h.Tokens.Open(token.Preferences, r.PathValue("token"), h.Now())
	if err != nil {
		return nil, err
	}
	merchant, id, _ := strings.Cut(text, "/")
	return h.guest(r.Context(), merchant, id)
}

// choices puts what holds for a guest into words.
func (r *reader) choices(g *guest) (choices, error) {
	v := choices{
		frame: r.frame(r.text("prefs.title", nil), g.brand()).form(), Support: supportOf(g.brand().Support),
		Locales: r.languages(g), Ways: r.ways(g), Topics: r.topics(g),
	}
	v.From, v.To = r.hours(g.chosen.Quiet)
	if q := g.market.Quiet; q.From != q.To {
		v.Usual = r.usual(r.format.TimeRange(clock(q.From), clock(q.To)))
	}
	return v, r.err
}

// languages are those there are words in, each by its own name, after that of somebody who does not choose.
func (r *reader) languages(g *guest) []option {
	plain := g.person
	if g.chosen.Locale != "" {
		plain.Locale = ""
	}
	usual, _ := r.words.Resolve(cmp.Or(plain.Locale, g.market.LocaleAt(plain.Postal)))
	options := []option{{Label: r.usual(r.named(usual)), Chosen: g.chosen.Locale == ""}}
	for _, l := range r.words.Locales() {
		options = append(options, option{Value: l, Label: r.named(l), Chosen: g.chosen.Locale == l})
	}
	return options
}

// named is a language's own name for itself.
func (r *reader) named(locale string) string {
	return cmp.Or(r.words.Format(locale).Name(), locale)
}

func (r *reader) usual(what string) string {
	return r.text("prefs.usual_is", map[string]any{"What": what})
}

func (r *reader) ways(g *guest) []option {
	var options []option
	for _, c := range g.ways() {
		options = append(options, option{Value: string(c), Label: r.text("channel."+string(c), nil), Note: outline(g.person, c), Chosen: g.chosen.Prefer == c})
	}
	if len(options) == 0 {
		return nil
	}
	return append([]option{{Label: r.text("prefs.any", nil), Chosen: g.chosen.Prefer == ""}}, options...)
}

// outline is the address on a channel, as far as its owner knows it again. The inbox has none to show.
func outline(p notify.Person, c notify.Channel) string {
	if c == notify.InApp {
		return ""
	}
	a, _ := p.Address(c)
	return notify.Mask(a.Value.Reveal())
}

const halfHour = 30 // minutes

// hours are a day's half hours, as the beginning and as the end of quiet hours.
func (r *reader) hours(chosen *notify.Quiet) (from, to []option) {
	usual := option{Label: r.text("prefs.usual", nil), Chosen: chosen == nil}
	from, to = []option{usual}, []option{usual}
	for c := notify.Clock(0); c < 24*60; c += halfHour {
		begins, ends := option{Value: c.String(), Label: r.format.Time(clock(c))}, option{Value: c.String(), Label: r.format.Time(clock(c))}
		begins.Chosen, ends.Chosen = chosen != nil && chosen.From == c, chosen != nil && chosen.To == c
		from, to = append(from, begins), append(to, ends)
	}
	return from, to
}

// clock is a time of day on some day.
func clock(c notify.Clock) time.Time { return time.Date(2000, 1, 1, 0, int(c), 0, 0, time.UTC) }

func (r *reader) topics(g *guest) []topic {
	var topics []topic
	for _, p := range notify.Purposes() {
		t := topic{Purpose: p, Legend: r.text("purpose."+string(p), nil), Ask: r.ask(g, p)}
		for _, c := range g.permits(p) {
			t.Boxes = append(t.Boxes, r.box(g, c, p))
		}
		if len(t.Boxes) > 0 {
			topics = append(topics, t)
		}
	}
	return topics
}

// ask is what a guest says yes to. It names the shop: a consent is given to somebody.
func (r *reader) ask(g *guest, p notify.Purpose) string {
	return r.text("ask."+string(p), map[string]any{"Brand": g.name()})
}

func (g *guest) name() string { return cmp.Or(g.brand().Name, string(g.merchant.ID)) }

func (r *reader) box(g *guest, c notify.Channel, p notify.Purpose) box {
	cand := g.candidate(c, p)
	b := box{Channel: c, Key: string(c) + "." + string(p), Label: r.text("channel."+string(c), nil), Address: outline(g.person, c),
		On: policy.Agreed(cand, g.now)}
	if why := barrier(cand); why != "" && !b.On {
		b.Fixed = r.text("fixed."+why, nil)
	}
	return b
}
