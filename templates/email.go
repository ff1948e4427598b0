package templates

import (
	"fmt"
	"html/template"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// letter is what email.html may use. What is no template type is escaped by html/template.
type letter struct {
	look
	Subject, Preheader    string
	Brand, BrandURL, Logo string
	Greeting, Title       template.HTML
	Lead, Next, Act       template.HTML
	ActNeeded             bool // whether Act asks for something, under ActLabel
	ActLabel              string
	Steps                 []step
	Rows                  []richRow
	Link, Track           string
	Signature             []string // a line each
	Support, Why          template.HTML
	Contact               contact // the same as Support, when there is something to tap
	Preferences, Manage   string  // the page of choices and what to call it
	Parcel                *parcelDelivery
}

// step is one stage of the bar.
type step struct {
	Label     string
	Done, Now bool
	Reached   bool // either of them
}

// richRow is a row with its value in HTML.
type richRow struct {
	Label string
	Value template.HTML
}

// contact is the support sentence in parts, its address as something to tap.
type contact struct {
	Before, Address, After string
	Link                   template.URL
}

// writeEmail writes subject, HTML and the plain part, which is written by itself rather than made from the HTML.
func writeEmail(d *draft) (notify.Words, error) {
	rows := d.rows()
	l := d.letter(rows)
	html, err := d.set.email.fill(l)
	if err != nil {
		return notify.Words{}, fmt.Errorf("fill e-mail layout: %w", err)
	}
	return notify.Words{Title: d.headline(), Text: d.plainLetter(l, rows), HTML: html}, nil
}

func (d *draft) letter(rows []row) letter {
	accent := accentOf(d.in.Brand.Color)
	act, needed := d.act()
	l := letter{
		look: look{Lang: d.locale, Dir: direction(d.locale), Start: "left", LabelPad: "10px 12px 10px 0",
			Accent: accent.color, OnAccent: accent.on, Button: accent.button},
		Subject: bare(d.headline()), Preheader: bare(d.lead()),
		Brand: d.in.Brand.Name, BrandURL: safeLink(d.in.Brand.URL), Logo: safeLink(d.in.Brand.LogoURL),
		Greeting: markup(d.greeting()), Title: markup(d.title()), Lead: markup(d.lead()), Next: markup(d.next()),
		Act: markup(act), ActNeeded: needed, ActLabel: d.plain("label.act"),
		Steps: d.steps(), Rows: make([]richRow, len(rows)),
		Link: d.link, Track: d.plain("label.track"), Signature: lines(d.in.Brand.Signature),
		Support: markup(d.support()), Contact: d.contact(), Why: markup(d.why()),
		Preferences: d.preferences(), Manage: d.plain("footer.manage"), Parcel: d.parcelDelivery(),
	}
	if d.rtl {
		l.Start, l.LabelPad = "right", "10px 0 10px 12px"
	}
	for i, r := range rows {
		l.Rows[i] = richRow{r.Label, markup(r.Value)}
	}
	return l
}

// markup returns a text as HTML, with what is set apart in it as elements that do the same.
func markup(text string) template.HTML {
	return template.HTML(bdi.Replace(template.HTMLEscapeString(text)))
}

var bdi = strings.NewReplacer(isolateFirst, "<bdi>", isolateEnd, "</bdi>")

// lines are those of a text that are not empty.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = clean(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func (d *draft) plainLetter(l letter, rows []row) string {
	track, manage := d.linkRow(l.Track, l.Link), d.linkRow(l.Manage, l.Preferences)
	act, needed := d.act()
	if needed {
		act = d.text("phrase.row", map[string]any{"Label": l.ActLabel, "Value": act})
	}
	return paragraphs(d.greeting(), d.lead(), d.next(), act, strings.Join(d.lines(rows), "\n"), track, strings.Join(l.Signature, "\n"),
		d.support(), d.data["Brand"].(string), d.why(), manage) + "\n"
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
		steps = append(steps, step{Label: d.plain(s.Key), Done: s.Done, Now: s.Now, Reached: s.Done || s.Now})
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
