package pages

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// scan is one line of the list.
type scan struct {
	When  moment
	Label string
	Place string
	Note  string // the carrier's own words, in whatever language
}

// scans lists what the carrier reported, newest first.
func (r *reader) scans(marks []parcel.Mark, p *notify.Person) []scan {
	kept := reported(marks)
	scans := make([]scan, 0, len(kept))
	for _, e := range slices.Backward(kept) {
		scans = append(scans, scan{When: r.moment(e.HappenedAt), Label: r.label(e.Kind), Place: r.place(e.Place), Note: note(e, p)})
	}
	return scans
}

// label names a kind. A code nobody knows has no name; the carrier's words beside it say what it was.
func (r *reader) label(k parcel.Kind) string {
	if k == parcel.Unknown {
		return r.text("remark", nil)
	}
	return r.shared("kind."+string(k), nil)
}

// place writes a place; "" for an unknown one.
func (r *reader) place(p parcel.Place) string {
	if p.City == "" || p.Country == "" {
		return p.City + r.country(p.Country)
	}
	return r.shared("phrase.place", map[string]any{"City": p.City, "Country": r.country(p.Country)})
}

func (r *reader) country(code string) string {
	if code == "" {
		return ""
	}
	return r.format.Country(code)
}

// reported leaves out our own conclusions, what says nothing, and what was said before; oldest first.
func reported(marks []parcel.Mark) []parcel.Event {
	var kept []parcel.Event
	for _, m := range marks {
		e := m.Event
		if spoken(e) && (m.Entered || !repeats(e, kept)) {
			kept = append(kept, e)
		}
	}
	return kept
}

// spoken reports whether a carrier said something.
func spoken(e parcel.Event) bool {
	f, ok := parcel.FactOf(e.Kind)
	return ok && f.Class != parcel.Derived && (e.Kind != parcel.Unknown || strings.TrimSpace(e.Note) != "")
}

// echo is how far apart two feeds may report the same scan: they round, and some guess the zone.
const echo = 2 * time.Hour

// repeats reports whether e says again what the last scan said, or is another feed's word for a scan close by.
func repeats(e parcel.Event, kept []parcel.Event) bool {
	for i, k := range kept {
		if k.Kind != e.Kind || k.Detail != e.Detail || !samePlace(k.Place, e.Place) {
			continue
		}
		again := i == len(kept)-1 && k.Note == e.Note
		echoed := k.Feed != e.Feed && e.HappenedAt.Sub(k.HappenedAt) <= echo
		if again || echoed {
			return true
		}
	}
	return false
}

// samePlace reports whether two places may be one; feeds differ in how much of a place they know.
func samePlace(a, b parcel.Place) bool {
	city := a.City == "" || b.City == "" || strings.EqualFold(a.City, b.City)
	return city && (a.Country == "" || b.Country == "" || a.Country == b.Country)
}

// lastWord is when a carrier last reported anything; zero when none has.
func lastWord(marks []parcel.Mark) time.Time {
	for _, m := range slices.Backward(marks) {
		if spoken(m.Event) {
			return m.Event.HappenedAt
		}
	}
	return time.Time{}
}

// note returns the carrier's own words unless they say who the person is: "signed by M. TANAKA" is for the person,
// but a link can be passed on.
func note(e parcel.Event, p *notify.Person) string {
	if p != nil && reveals(e.Note, *p) {
		return ""
	}
	return strings.TrimSpace(e.Note)
}

// reveals reports whether a text holds part of a person's name, their postal code, or a way to reach them.
func reveals(text string, p notify.Person) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, "@") && p.Email != "" && strings.Contains(text, strings.ToLower(string(p.Email))) {
		return true
	}
	if n := digits(string(p.Phone)); len(n) >= 7 && strings.Contains(digits(text), n[len(n)-7:]) {
		return true
	}
	words := strings.FieldsFunc(text, separates)
	for _, part := range strings.FieldsFunc(strings.ToLower(p.Name)+" "+strings.ToLower(p.Postal.PostalCode), separates) {
		if slices.Contains(words, part) || spaceless(part) && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func separates(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }

// spaceless reports whether a name is written in a script that sets no spaces between words.
func spaceless(name string) bool {
	return len([]rune(name)) > 1 && strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
