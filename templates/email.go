package templates

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// letter is what email.html may use. Strings are escaped by html/template.
type letter struct {
	Lang, Dir             string
	Subject, Preheader    string
	Brand, BrandURL, Logo string
	Accent, OnAccent      template.CSS
	Button                template.CSS
	Greeting, Title       string
	Lead, Next            string
	Steps                 []step
	Rows                  []row
	Link, Track           string
	Support, Why          string
}

// step is one station of the small timeline.
type step struct {
	Label         string
	Done, Current bool
}

// writeEmail writes subject, HTML and the plain part, which is written by itself rather than made from the HTML.
func writeEmail(d *draft) (notify.Words, error) {
	l := d.letter()
	var html strings.Builder
	if err := d.set.email.Execute(&html, l); err != nil {
		return notify.Words{}, fmt.Errorf("fill e-mail layout: %w", err)
	}
	return notify.Words{Title: l.Subject, Text: d.plainLetter(l), HTML: html.String()}, nil
}

func (d *draft) letter() letter {
	accent := accentOf(d.in.Brand.Color)
	return letter{
		Lang: d.locale, Dir: direction(d.locale),
		Subject: d.headline(), Preheader: d.lead(),
		Brand: d.in.Brand.Name, BrandURL: safeLink(d.in.Brand.URL), Logo: safeLink(d.in.Brand.LogoURL),
		Accent: template.CSS(accent.color), OnAccent: template.CSS(accent.on), Button: template.CSS(accent.button),
		Greeting: d.greeting(), Title: d.title(), Lead: d.lead(), Next: d.next(),
		Steps: d.steps(), Rows: d.rows(),
		Link: d.link, Track: d.plain("label.track"),
		Support: d.support(), Why: d.why(),
	}
}

func (d *draft) plainLetter(l letter) string {
	track := ""
	if l.Link != "" {
		track = d.text("phrase.row", map[string]any{"Label": l.Track, "Value": l.Link})
	}
	return paragraphs(l.Greeting, l.Lead, l.Next, strings.Join(d.lines(l.Rows), "\n"), track, l.Support, l.Brand, l.Why) + "\n"
}

func (d *draft) greeting() string {
	if d.data["Person"] == "" {
		return d.plain("email.hello")
	}
	return d.plain("email.greeting")
}

func (d *draft) support() string {
	if d.data["Support"] == "" || d.in.Audience == notify.Staff {
		return ""
	}
	return d.plain("email.support")
}

// why tells the reader what brought the message to them.
func (d *draft) why() string {
	switch {
	case d.in.Brand.Name == "":
		return ""
	case d.in.Audience == notify.Staff:
		return d.plain("email.staff")
	default:
		return d.plain("email.why")
	}
}

// stations are the steps of the timeline, each with the rank from which a parcel has reached it.
var stations = []struct {
	label string
	from  parcel.Kind
}{
	{"email.step.shipped", parcel.Unknown},
	{"email.step.customs", parcel.Arrived},
	{"email.step.transit", parcel.Released},
	{"email.step.delivered", parcel.Delivered},
}

// steps is the timeline; nil for a parcel that will not arrive by it.
func (d *draft) steps() []step {
	rank := max(reached(d.in.Event.Kind), rankOf(d.in.Parcel.State.Kind))
	if event, _ := parcel.FactOf(d.in.Event.Kind); rank > rankOf(parcel.Delivered) || event.Ends && event.Class == parcel.Exception {
		return nil
	}
	current := 0
	for i, s := range stations {
		if rank >= rankOf(s.from) {
			current = i
		}
	}
	steps := make([]step, len(stations))
	for i, s := range stations {
		steps[i] = step{Label: d.plain(s.label), Done: i < current, Current: i == current}
	}
	return steps
}

// reached is how far an event shows the parcel to be: one that customs holds has come as far as customs.
func reached(k parcel.Kind) int {
	if slices.Contains(groups[k], "customs") {
		return rankOf(parcel.Customs)
	}
	return rankOf(k)
}

func rankOf(k parcel.Kind) int {
	f, _ := parcel.FactOf(k)
	return f.Rank
}

// rightToLeft are the languages written that way; a merchant may add a catalog in one.
var rightToLeft = []string{"ar", "fa", "he", "ur"}

func direction(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	if slices.Contains(rightToLeft, language) {
		return "rtl"
	}
	return "ltr"
}
