package pages

import (
	"cmp"
	"fmt"
	"time"

	"golang.org/x/text/language"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

// reader is whom a page is written for: their language, their zone and the instant they look.
type reader struct {
	words  *locales.Catalog
	locale string // of the words
	format locales.Format
	zone   *time.Location
	now    time.Time
	err    error // the first text that could not be written
}

// reader finds out in which language and zone a story is told: the person's, else their market's, else what the
// browser asks for.
func (h *handler) reader(s *notify.Story, m *dispatcher.Merchant, accept string) *reader {
	p := personOf(s)
	market := marketOf(m, p)
	zone := m.Clock(p, market)
	asked := cmp.Or(p.Locale, market.LocaleAt(p.Postal))
	if asked == "" {
		asked = h.accepted(accept)
	}
	return h.readerIn(asked, zone)
}

func (h *handler) readerIn(asked string, zone *time.Location) *reader {
	locale, foreign := h.resolve(asked)
	if foreign {
		asked = locale
	}
	return &reader{words: words(), locale: locale, format: words().Format(asked), zone: zone, now: h.Now().In(zone)}
}

// everyPage is a key that each language of the pages has.
const everyPage = "page.facts"

// resolve returns the locale a page is written in for one asked for: the first of its chain that the pages have words in, which
// are fewer than messages have. foreign is set when it is another language than the reader's.
func (h *handler) resolve(asked string) (locale string, foreign bool) {
	for _, l := range words().Chain(asked) {
		if words().Has(l, everyPage) {
			return l, locales.Foreign(asked, l)
		}
	}
	return locales.Root, true
}

// personOf is whom a story is about; nobody known when the order has no customer yet.
func personOf(s *notify.Story) notify.Person {
	if s.Person == nil {
		return notify.Person{}
	}
	return *s.Person
}

// brandOf is the merchant's in the market of a story.
func brandOf(s *notify.Story, m *dispatcher.Merchant) templates.Brand {
	return m.VoiceIn(marketOf(m, personOf(s)).Code).Brand
}

// marketOf is the market whose rules apply to p; an empty one when the merchant has none for them.
func marketOf(m *dispatcher.Merchant, p notify.Person) *rules.Market {
	for _, code := range []string{p.MarketCode(), m.DefaultMarket} {
		if market := m.Markets[code]; market != nil {
			return market
		}
	}
	return &rules.Market{}
}

// accepted is the first language of an Accept-Language header there are words for.
func (h *handler) accepted(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return locales.Root
	}
	for _, tag := range tags {
		if _, foreign := h.resolve(tag.String()); !foreign {
			return tag.String()
		}
	}
	return locales.Root
}

// text returns words of the page's own; the first mistake is kept, so that builders read as sentences.
func (r *reader) text(key string, data map[string]any) string { return r.shared("page."+key, data) }

// shared returns words the page has in common with messages.
func (r *reader) shared(key string, data map[string]any) string {
	text, err := r.words.Text(r.locale, key, data)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("write in %s: %w", r.locale, err)
	}
	return text
}

// moment is an instant as people and as programs read it.
type moment struct{ Words, Machine string }

// moment writes t in the reader's zone with the day named from where they stand: "yesterday, Mon 23 Nov, 14:00".
func (r *reader) moment(t time.Time) moment {
	t = t.In(r.zone)
	return moment{Words: r.format.At(r.format.RelativeDay(r.now, t), r.format.Time(t)), Machine: t.Format(time.RFC3339)}
}

// age says how long ago t was.
func (r *reader) age(t time.Time) string {
	d := r.now.Sub(t)
	if d < time.Hour {
		return r.text("age.moments", nil)
	}
	return r.format.Ago(d)
}

// offset names t's distance from UTC: "UTC+9", "UTC-3:30".
func offset(t time.Time) string {
	_, seconds := t.Zone()
	minutes := seconds / 60
	switch {
	case minutes == 0:
		return "UTC"
	case minutes%60 == 0:
		return fmt.Sprintf("UTC%+d", minutes/60)
	default:
		return fmt.Sprintf("UTC%+d:%02d", minutes/60, max(minutes, -minutes)%60)
	}
}

// rightToLeft are the scripts written that way.
var rightToLeft = map[string]bool{"Arab": true, "Hebr": true, "Nkoo": true, "Syrc": true, "Thaa": true}

// direction is the value of HTML's dir for a locale.
func direction(locale string) string {
	script, _ := language.Make(locale).Script()
	if rightToLeft[script.String()] {
		return "rtl"
	}
	return "ltr"
}
