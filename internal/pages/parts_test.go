package pages

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

func testHandler() *handler {
	return &handler{Config: Config{Now: func() time.Time { return today }}}
}

// Every language has every word: the label of every kind, and a headline with advice for each that can head a page.
func TestWords_Complete(t *testing.T) {
	t.Parallel()
	h := testHandler()
	for _, locale := range []string{"de", "en", "fr", "id", "ja", "pt-BR", "th", "zh-Hans"} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			for _, key := range words().Keys(locales.Root) {
				if strings.HasPrefix(key, "page.") && !words().Has(locale, key) {
					t.Errorf("%s is missing", key)
				}
			}
			for _, k := range parcel.Kinds() {
				everyWordOf(t, h, locale, k)
			}
		})
	}
}

func everyWordOf(t *testing.T, h *handler, locale string, k parcel.Kind) {
	t.Helper()
	if !words().Has(locale, "kind."+string(k)) {
		t.Errorf("no label for %s", k)
	}
	s := tell("", parcel.Event{Kind: k, HappenedAt: ago(30), Note: "x"})
	s.Person.Locale = locale
	r := h.reader(s, shop(), "")
	if _, err := r.view(s, shop().Brand); err != nil {
		t.Errorf("%s: %v", k, err)
	}
}

func TestWords_Sound(t *testing.T) {
	t.Parallel()
	c := words()
	for _, err := range c.Check() {
		p, ok := errors.AsType[*locales.Problem](err)
		if !ok || strings.HasPrefix(p.Key, "page.") && c.Has(p.Locale, everyPage) {
			t.Error(err)
		}
	}
}

// A word nobody can reach would be kept in eight languages for nothing.
func TestWords_AllUsed(t *testing.T) {
	t.Parallel()
	for _, key := range words().Keys(locales.Root) {
		name, ok := strings.CutPrefix(key, "page.now.")
		if !ok {
			continue
		}
		kind := name
		if _, known := parcel.FactOf(parcel.Kind(name)); !known {
			kind = baseOf(name)
		}
		f, known := parcel.FactOf(parcel.Kind(kind))
		if !known || f.Class == parcel.Derived && !strings.Contains(fmt.Sprint(silences), kind) {
			t.Errorf("%s heads no page", key)
		}
	}
}

// baseOf is the longest kind a name with a detail begins with.
func baseOf(name string) string {
	longest := ""
	for _, k := range parcel.Kinds() {
		if strings.HasPrefix(name, string(k)+"_") && len(k) > len(longest) {
			longest = string(k)
		}
	}
	return longest
}

func TestReader_Choice(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name         string
		person       notify.Person
		fallback     string
		accept       string
		locale, zone string
	}{
		{"their own", notify.Person{Market: "JP", Locale: "de", TimeZone: "Europe/Vienna"}, "", "", "de", "Europe/Vienna"},
		{"the market's", notify.Person{Market: "JP"}, "", "fr", "ja", "Asia/Tokyo"},
		{"that of the address", notify.Person{Postal: notify.Postal{Country: "TH"}}, "", "", "th", "Asia/Bangkok"},
		{"the default market's", notify.Person{Market: "AQ"}, "FR", "", "fr", "Europe/Paris"},
		{"the browser's", notify.Person{Market: "AQ"}, "", "id", "id", "UTC"},
		{"nobody's words", notify.Person{Market: "DE", Locale: "fi"}, "", "", "en", "Europe/Berlin"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := shop()
			m.DefaultMarket = c.fallback
			r := testHandler().reader(&notify.Story{Person: &c.person}, m, c.accept)
			if got, want := r.locale+" "+r.zone.String(), c.locale+" "+c.zone; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestArrival(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, berlin) }
	midnight := func(day int, z *time.Location) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, z) }
	moving := parcel.State{Kind: parcel.InTransit, Stage: parcel.StageTransit}
	cases := []struct {
		name string
		eta  *parcel.Window
		want string
	}{
		{"not known", nil, "Not known yet"},
		{"an empty estimate", &parcel.Window{}, "Not known yet"},
		{"days", window(midnight(26, time.UTC), midnight(28, time.UTC)), "26\u2009–\u200928 Nov"},
		{"across a month", window(midnight(30, berlin), midnight(30, berlin).AddDate(0, 0, 2)), "30 Nov\u2009–\u20092 Dec"},
		{"one day written by a feed far east", window(midnight(26, time.FixedZone("", 9*3600)), time.Time{}), "Thu 26 Nov"},
		{"one day with its last minute", window(midnight(25, berlin), at(25, 23, 59)), "tomorrow, Wed 25 Nov"},
		{"hours", window(at(25, 14, 0), at(25, 18, 0)), "tomorrow, Wed 25 Nov, 14:00–18:00"},
		{"an instant", window(time.Time{}, at(25, 18, 15)), "tomorrow, Wed 25 Nov at 18:15"},
		{"the day is today", window(midnight(24, time.UTC), midnight(24, time.UTC)), "today, Tue 24 Nov"},
		{"begun but not over", window(midnight(22, time.UTC), midnight(24, time.UTC)), "22\u2009–\u200924 Nov"},
		{"the day was yesterday", window(midnight(23, time.UTC), midnight(23, time.UTC)), "Overdue. It was expected yesterday, Mon 23 Nov; a new date is not known yet."},
		{"the hours are over", window(at(24, 8, 0), at(24, 10, 0)), "Overdue. It was expected today, Tue 24 Nov, 08:00–10:00; a new date is not known yet."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st := moving
			st.ETA = c.eta
			a := testHandler().readerIn("en", berlin).arrival(st)
			if a.Words != c.want || a.Overdue != strings.HasPrefix(c.want, "Overdue") {
				t.Errorf("got %q (overdue %v), want %q", a.Words, a.Overdue, c.want)
			}
		})
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestJourney(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		kinds []parcel.Kind
		want  string // * done, > now
	}{
		{"nothing yet", nil, "Shipped, On its way, Customs, Out for delivery, Delivered"},
		{"announced", []parcel.Kind{parcel.LabelMade}, "Shipped, On its way, Customs, Out for delivery, Delivered"},
		{"handed over", []parcel.Kind{parcel.PickedUp}, ">Shipped, On its way, Customs, Out for delivery, Delivered"},
		{"in the country", []parcel.Kind{parcel.Arrived}, "*Shipped, >On its way, Customs, Out for delivery, Delivered"},
		{"in customs", []parcel.Kind{parcel.Departed, parcel.Customs}, "*Shipped, *On its way, >Customs, Out for delivery, Delivered"},
		{"released", []parcel.Kind{parcel.Customs, parcel.Released}, "*Shipped, *On its way, >*Through customs, Out for delivery, Delivered"},
		{"at the door, customs unheard of", []parcel.Kind{parcel.Departed, parcel.OutForDeliv}, "*Shipped, *On its way, >Out for delivery, Delivered"},
		{"missed", []parcel.Kind{parcel.Customs, parcel.OutForDeliv, parcel.Attempted}, "*Shipped, *On its way, *Through customs, >Out for delivery, Delivered"},
		{"on the shelf", []parcel.Kind{parcel.Pickup}, "*Shipped, *On its way, >Ready for pickup, Delivered"},
		{"delivered", []parcel.Kind{parcel.Delivered}, "*Shipped, *On its way, *Out for delivery, >*Delivered"},
		{"going back", []parcel.Kind{parcel.OutForDeliv, parcel.Returning}, "*Shipped, *On its way, *Out for delivery, >Going back"},
		{"back", []parcel.Kind{parcel.Returning, parcel.Returned}, "*Shipped, *On its way, *Out for delivery, >*Sent back"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var es []parcel.Event
			for i, k := range c.kinds {
				es = append(es, parcel.Event{Kind: k, HappenedAt: ago(100 - i)})
			}
			st, marks := parcel.Fold(events(es...))
			if diff := cmp.Diff(c.want, drawn(testHandler().readerIn("en", time.UTC).journey(st, marks))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func drawn(steps []step) string {
	var parts []string
	for _, s := range steps {
		part := s.Label
		if s.Done {
			part = "*" + part
		}
		if s.Now {
			part = ">" + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func TestScans(t *testing.T) {
	t.Parallel()
	leipzig, calais := parcel.Place{City: "Leipzig", Country: "DE"}, parcel.Place{City: "Calais", Country: "FR"}
	transit := func(feed string, hour int, p parcel.Place, note string) parcel.Event {
		return parcel.Event{Feed: feed, Kind: parcel.InTransit, HappenedAt: today.Add(time.Duration(hour) * time.Hour), Place: p, Note: note}
	}
	cases := []struct {
		name   string
		events []parcel.Event
		want   string // notes, newest first
	}{
		{"different places", []parcel.Event{transit("a", 1, leipzig, "one"), transit("a", 2, calais, "two")}, "two one"},
		{"different words of one feed", []parcel.Event{transit("a", 1, leipzig, "in"), transit("a", 2, leipzig, "out")}, "out in"},
		{"the same again", []parcel.Event{transit("a", 1, leipzig, "in"), transit("a", 9, leipzig, "in")}, "in"},
		{"back at a place", []parcel.Event{transit("a", 1, leipzig, "in"), transit("a", 2, calais, "hub"), transit("a", 9, leipzig, "in")}, "in hub in"},
		{"another feed's word for it", []parcel.Event{transit("a", 1, leipzig, "in"), transit("a", 2, leipzig, "out"), transit("b", 3, parcel.Place{}, "Arrived")}, "out in"},
		{"another feed much later", []parcel.Event{transit("a", 1, leipzig, "in"), transit("b", 9, leipzig, "Arrived")}, "Arrived in"},
		{"our own conclusions", []parcel.Event{transit("a", 1, leipzig, "in"), {Kind: parcel.Stuck, HappenedAt: today.Add(99 * time.Hour), Note: "stuck"}}, "in"},
		{"an unknown code that says something", []parcel.Event{{Kind: parcel.Unknown, HappenedAt: today, Note: "hm"}}, "hm"},
		{"an unknown code that says nothing", []parcel.Event{{Kind: parcel.Unknown, HappenedAt: today}}, ""},
		{"a second attempt", []parcel.Event{
			{Kind: parcel.OutForDeliv, HappenedAt: ago(40), Note: "van"}, {Kind: parcel.Attempted, HappenedAt: ago(38), Note: "card"},
			{Kind: parcel.OutForDeliv, HappenedAt: ago(20), Note: "van"}}, "van card van"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, marks := parcel.Fold(events(c.events...))
			r := testHandler().readerIn("en", time.UTC)
			var notes []string
			for _, s := range r.scans(marks, nil) {
				notes = append(notes, s.Note)
			}
			if got := strings.Join(notes, " "); got != c.want || r.err != nil {
				t.Errorf("got %q, want %q; %v", got, c.want, r.err)
			}
		})
	}
}

func TestReveals(t *testing.T) {
	t.Parallel()
	latin := notify.Person{Name: "Li O'Brien-Núñez", Phone: "+4915112345678", Email: "li@example.com", Postal: notify.Postal{PostalCode: "SW1A 2AA"}}
	japanese := notify.Person{Name: "田中 花子", Postal: notify.Postal{PostalCode: "100-0001"}}
	cases := []struct {
		person notify.Person
		note   string
		want   bool
	}{
		{latin, "Delivered to the parcel lift", false},
		{latin, "Signed by LI", true},
		{latin, "signed: NÚÑEZ", true},
		{latin, "Called 0151/12345678", true},
		{latin, "Mailed Li@Example.com", true},
		{latin, "Delivered in SW1A", true},
		{japanese, "田中様にお渡ししました", true},
		{japanese, "お届け済み", false},
		{notify.Person{}, "Signed by anybody, +4915112345678", false},
	}
	for _, c := range cases {
		if got := reveals(c.note, c.person); got != c.want {
			t.Errorf("%q for %q: %v", c.note, c.person.Name, got)
		}
	}
}

// Whatever colour a merchant names, what is written in it or on it can be read.
func TestPalette_Readable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := paletteOf(fmt.Sprintf("#%06X", rapid.IntRange(0, 0xffffff).Draw(rt, "color")))
		for name, c := range map[string]float64{
			"band": contrast(parsed(rt, p.band), parsed(rt, p.letters)), "light": contrast(parsed(rt, p.light), lightCard),
			"dark": contrast(parsed(rt, p.dark), darkCard),
		} {
			if c < readable {
				rt.Fatalf("%s of %+v has contrast %.2f", name, p, c)
			}
		}
	})
}

func parsed(t *rapid.T, s string) rgb {
	c, ok := parseColor(s)
	if !ok {
		t.Fatalf("%q is no colour", s)
	}
	return c
}

func TestPalette(t *testing.T) {
	t.Parallel()
	for _, color := range []string{"", "red", "#12345", "#12345G", "#+12345", "};a{", "#1F4E79"} {
		if got := paletteOf(color); got.band != "#1f4e79" || got.letters != "#ffffff" || got.light != "#1f4e79" {
			t.Errorf("%q gives %+v", color, got)
		}
	}
	if got := paletteOf("#FFEE00"); got.letters != "#000000" || got.light == "#ffee00" || got.dark != "#ffee00" {
		t.Errorf("yellow gives %+v", got)
	}
}

// The dark card of the style sheet is the one the accent is chosen for.
func TestStyle_DarkCard(t *testing.T) {
	t.Parallel()
	contains(t, stylesheet, "--card: "+darkCard.String()+";", "--card: "+lightCard.String()+";")
}

func TestSupport(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"help@acme.example": "mailto:help@acme.example", "+49 30 123456": "tel:+4930123456", "030/123 456": "tel:030123456",
		"https://acme.example/help": "https://acme.example/help", "at the counter": "", "javascript:alert(1)": "", "a@b?bcc=c@d": "",
	} {
		if got := supportOf(in); string(got.To) != want || got.Words != in {
			t.Errorf("%q leads to %q, want %q", in, got.To, want)
		}
	}
	if supportOf(" ") != nil {
		t.Error("no support becomes a link")
	}
}

func TestShipment(t *testing.T) {
	t.Parallel()
	for carrier, want := range map[parcel.Carrier]string{
		"dhl": "DHL 1", "usps": "USPS 1", "thailand-post": "Thailand Post 1", "sf-express": "SF Express 1", "": "1", "élan-express": "Élan Express 1",
	} {
		if got := shipment(parcel.Parcel{Carrier: carrier, Number: "1"}); got != want {
			t.Errorf("%s is written %q, want %q", carrier, got, want)
		}
	}
}

func TestDirectionAndOffset(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"ar": "rtl", "he-IL": "rtl", "fa": "rtl", "ur": "rtl", "de": "ltr", "az-Arab": "rtl", "zh-Hans": "ltr"} {
		if got := direction(locale); got != want {
			t.Errorf("%s runs %s", locale, got)
		}
	}
	for seconds, want := range map[int]string{0: "UTC", 3600: "UTC+1", -3 * 3600: "UTC-3", 5*3600 + 1800: "UTC+5:30", -(3*3600 + 1800): "UTC-3:30"} {
		if got := offset(today.In(time.FixedZone("", seconds))); got != want {
			t.Errorf("%d seconds are %s, want %s", seconds, got, want)
		}
	}
}

func TestOffsets_ClocksChanged(t *testing.T) {
	t.Parallel()
	_, marks := parcel.Fold(events(
		parcel.Event{Kind: parcel.PickedUp, HappenedAt: time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)},
		parcel.Event{Kind: parcel.Departed, HappenedAt: time.Date(2026, 10, 26, 12, 0, 0, 0, time.UTC)}))
	if got := testHandler().readerIn("de", zone(t, "Europe/Berlin")).offsets(marks); got != "UTC+2 / UTC+1" {
		t.Errorf("got %q", got)
	}
}

func TestSpan_DayLastsUntilMidnight(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	s := spanOf(*window(time.Date(2026, 11, 24, 0, 0, 0, 0, berlin), time.Time{}), berlin)
	if s.over(time.Date(2026, 11, 24, 23, 59, 0, 0, berlin)) {
		t.Error("a day is over before it ends")
	}
	if !s.over(time.Date(2026, 11, 25, 0, 0, 0, 0, berlin)) {
		t.Error("a day is not over when the next begins")
	}
}
