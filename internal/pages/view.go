package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/templates"
)

// view is everything the page shows, in words.
type view struct {
	frame
	Head     panel
	Place    string
	Since    moment // when the head became true
	Also     []panel
	Arrival  *arrival
	Goods    []goods
	More     string // how many goods are not listed
	Order    string
	Shipment string
	Steps    []step
	Scans    []scan
	AsOf     string // how old all this is
	Zones    string // the scans' distance from UTC
	Support  *link
}

// panel says one thing about the parcel and what follows from it.
type panel struct {
	Tone     tone
	Headline string
	Label    string // what kind of advice it is
	Advice   string
}

type goods struct {
	Title    string
	Quantity string // "3 ×"; empty for one
}

// view puts a story into words.
func (r *reader) view(s *notify.Story, b templates.Brand) (view, error) {
	st := s.Parcel.State
	v := view{Place: r.place(st.Place), Arrival: r.arrival(st), Steps: r.journey(st, s.Marks), Support: supportOf(b.Support)}
	panels := r.panels(st, s.Marks)
	v.Head, v.Also = panels[0], panels[1:]
	if since := headSince(st); !since.IsZero() {
		v.Since = r.moment(since)
	}
	r.order(&v, s)
	r.history(&v, s)
	v.frame = r.frame(v.Head.Headline, b)
	return v, r.err
}

// troubled reports whether an open exception is newer than the milestone, and so what the page begins with.
func troubled(st parcel.State) bool { return st.Trouble != nil && !st.Trouble.Since.Before(st.Since) }

func headSince(st parcel.State) time.Time {
	if troubled(st) {
		return st.Trouble.Since
	}
	return st.Since
}

// panels begins with the newest of milestone and exception. An exception an older milestone lies under says it all;
// one that a newer milestone did not settle stands beside it, as damage does beside a delivery.
func (r *reader) panels(st parcel.State, marks []parcel.Mark) []panel {
	var panels []panel
	if !troubled(st) {
		panels = append(panels, r.panel(st.Kind, st.Detail))
	}
	if t := st.Trouble; t != nil {
		panels = append(panels, r.panel(t.Kind, t.Detail))
	}
	if k := silence(st, marks); k != "" {
		panels = append(panels, r.panel(k, ""))
	}
	return panels
}

// silences are our own conclusions that deserve a word of their own. The others speak of the delivery day, which
// stands on the page anyway.
var silences = []parcel.Kind{parcel.NeverScanned, parcel.Stuck, parcel.Expired}

// silence is the last such conclusion when the carrier has said nothing since and the goods are still awaited.
func silence(st parcel.State, marks []parcel.Mark) parcel.Kind {
	if st.Ended {
		return ""
	}
	for _, m := range slices.Backward(marks) {
		switch {
		case spoken(m.Event):
			return ""
		case m.News() && slices.Contains(silences, m.Event.Kind):
			return m.Event.Kind
		}
	}
	return ""
}

// panel writes about a kind, in words for just this detail where there are any.
func (r *reader) panel(k parcel.Kind, detail string) panel {
	name := string(k)
	if special := name + "_" + detail; detail != "" && r.words.Has(r.locale, "page.now."+special) {
		name = special
	}
	p := panel{Tone: toneOf(k), Headline: r.text("now."+name, nil), Advice: r.text("then."+name, nil)}
	p.Label = r.text(p.Tone.label(), nil)
	return p
}

// tone is how a panel looks, and the name of its class in page.css.
type tone string

const (
	calm tone = "calm" // all goes its way
	good tone = "good"
	act  tone = "act" // the person has to do something
	bad  tone = "bad"
)

// tones lists the kinds that are not calm.
var tones = map[parcel.Kind]tone{
	parcel.Delivered: good,

	parcel.CustomsInfo: act, parcel.CustomsPay: act, parcel.Attempted: act, parcel.Pickup: act, parcel.PickupAgain: act,
	parcel.BadAddress: act, parcel.Moved: act, parcel.HeldPayment: act, parcel.HeldPapers: act,

	parcel.Problem: bad, parcel.Refused: bad, parcel.Delay: bad, parcel.Damaged: bad, parcel.Lost: bad,
	parcel.Destroyed: bad, parcel.Cancelled: bad, parcel.CarrierSayNo: bad, parcel.Returning: bad, parcel.Returned: bad,
	parcel.NeverScanned: bad, parcel.Stuck: bad, parcel.Expired: bad,
}

func toneOf(k parcel.Kind) tone {
	if t, ok := tones[k]; ok {
		return t
	}
	return calm
}

// label is the key of the words above an advice.
func (t tone) label() string {
	switch t {
	case calm:
		return "next"
	case good:
		return "wrong"
	default:
		return "todo"
	}
}

// mostGoods is how many lines of an order are listed; a long one would push the parcel's way off the screen.
const mostGoods = 5

func (r *reader) order(v *view, s *notify.Story) {
	v.Order, v.Shipment = string(s.Parcel.Order), shipment(s.Parcel)
	if s.Order == nil {
		return
	}
	v.Order = string(s.Order.ID)
	for _, i := range s.Order.Items[:min(mostGoods, len(s.Order.Items))] {
		g := goods{Title: i.Title}
		if i.Quantity > 1 {
			g.Quantity = strconv.Itoa(i.Quantity) + " ×"
		}
		v.Goods = append(v.Goods, g)
	}
	if rest := len(s.Order.Items) - mostGoods; rest > 0 {
		v.More = r.text("more", map[string]any{"Count": rest})
	}
}

// shipment is the carrier and the number on the label: whoever calls the carrier is asked for both.
func shipment(p parcel.Parcel) string {
	words := strings.FieldsFunc(string(p.Carrier), func(c rune) bool { return c == '-' || c == '_' || c == ' ' })
	for i, w := range words {
		if abbreviated := len(w) <= 3 || len(words) == 1 && len(w) == 4; abbreviated {
			words[i] = strings.ToUpper(w)
			continue
		}
		_, n := utf8.DecodeRuneInString(w)
		words[i] = strings.ToUpper(w[:n]) + w[n:]
	}
	return strings.TrimSpace(strings.Join(words, " ") + " " + string(p.Number))
}

func (r *reader) history(v *view, s *notify.Story) {
	v.Scans = r.scans(s.Marks, s.Person)
	last := lastWord(s.Marks)
	if last.IsZero() {
		return
	}
	v.AsOf = r.text("asof", map[string]any{"When": r.moment(last).Words, "Age": r.age(last)})
	v.Zones = r.text("times", map[string]any{"Zone": r.offsets(s.Marks)})
}

// offsets names the distance from UTC of every time listed: two of them when the clocks changed on the way.
func (r *reader) offsets(marks []parcel.Mark) string {
	var names []string
	for _, e := range reported(marks) {
		if name := offset(e.HappenedAt.In(r.zone)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " / ")
}
