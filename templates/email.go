package templates

import (
	"fmt"
	"html/template"
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
	Lead, Next, Act       string
	Steps                 []step
	Rows                  []row
	Link, Track           string
	Support, Why          string
	Contact               contact // the same as Support, when there is something to tap
	Preferences, Manage   string  // the page of choices and what to call it
}

// step is one stage of the bar.
type step struct {
	Label     string
	Done, Now bool
}

// contact is the support sentence in parts, its address as something to tap.
type contact struct {
	Before, Address, After string
	Link                   template.URL
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
	act, _ := d.act()
	return letter{
		Lang: d.locale, Dir: direction(d.locale),
		Subject: d.headline(), Preheader: d.lead(),
		Brand: d.in.Brand.Name, BrandURL: safeLink(d.in.Brand.URL), Logo: safeLink(d.in.Brand.LogoURL),
		Accent: template.CSS(accent.color), OnAccent: template.CSS(accent.on), Button: template.CSS(accent.button),
		Greeting: d.greeting(), Title: d.title(), Lead: d.lead(), Next: d.next(), Act: act,
		Steps: d.steps(), Rows: d.rows(),
		Link: d.link, Track: d.plain("label.track"),
		Support: d.support(), Contact: d.contact(), Why: d.why(),
		Preferences: d.preferences(), Manage: d.plain("footer.manage"),
	}
}

func (d *draft) plainLetter(l letter) string {
	track, manage := d.linkRow(l.Track, l.Link), d.linkRow(l.Manage, l.Preferences)
	return paragraphs(l.Greeting, l.Lead, l.Next, l.Act, strings.Join(d.lines(l.Rows), "\n"), track, l.Support, d.data["Brand"].(string), l.Why, manage) + "\n"
}

// linkRow writes "label: link"; "" without a link.
func (d *draft) linkRow(label, link string) string {
	if link == "" {
		return ""
	}
	return d.text("phrase.row", map[string]any{"Label": label, "Value": link})
}

// preferences is the page of choices, which staff has none of.
func (d *draft) preferences() string {
	if d.in.Audience == notify.Staff {
		return ""
	}
	return safeLink(d.in.Preferences)
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

func (d *draft) contact() contact {
	address := d.data["Support"].(string)
	before, after, _ := strings.Cut(d.support(), address)
	address = bare(address)
	return contact{Before: before, Address: address, After: after, Link: template.URL(ContactLink(address))}
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

// steps is the bar; nil for a parcel that will arrive nowhere.
func (d *draft) steps() []step {
	event, _ := parcel.FactOf(d.in.Event.Kind)
	if event.Ends && event.Class == parcel.Exception {
		return nil
	}
	var steps []step
	for _, s := range Journey(d.state(), OfCustoms(d.in.Event.Kind)) {
		steps = append(steps, step{Label: d.plain(s.Key), Done: s.Done, Now: s.Now})
	}
	return steps
}

// state is the parcel's, with the event taken into account where it is not yet.
func (d *draft) state() parcel.State {
	st, kind := d.in.Parcel.State, d.in.Event.Kind
	switch event, _ := parcel.FactOf(kind); {
	case event.Class == parcel.Exception && rankOf(st.Kind) < event.Settled:
		st.Trouble = &parcel.Trouble{Kind: kind, Detail: d.in.Event.Detail}
	case event.Class == parcel.Milestone && event.Rank > rankOf(st.Kind):
		st.Kind = kind
	}
	return st
}
