package policy

import (
	"testing"
	"time"
	_ "time/tzdata"

	"landfall/internal/notify"
)

func clock(t testing.TB, s string) notify.Clock {
	t.Helper()
	var c notify.Clock
	if err := c.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return c
}

func quiet(t testing.TB, from, to string) notify.Quiet {
	t.Helper()
	return notify.Quiet{From: clock(t, from), To: clock(t, to)}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// inside is when quiet hours around an instant end, whether a Sunday is most of the reason, and whether there are any.
func inside(q notify.Quiet, loc *time.Location, at time.Time) (end time.Time, sunday, in bool) {
	w, in := Candidate{}.inside(q, loc, at, nil)
	if !in {
		return time.Time{}, false, false
	}
	return w.until, w.causes[0].reason == notify.Sunday, true
}

func TestInside(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, zone, from, to, sundays string
		at, end                       string // end "" = outside
		sunday                        bool
	}{
		{name: "inside, over midnight", zone: "Europe/Berlin", from: "21:00", to: "08:00", at: "2026-12-01T22:15:00Z", end: "2026-12-02T07:00:00Z"},
		{name: "start is inside", zone: "Europe/Berlin", from: "21:00", to: "08:00", at: "2026-12-01T20:00:00Z", end: "2026-12-02T07:00:00Z"},
		{name: "just before the start", zone: "Europe/Berlin", from: "21:00", to: "08:00", at: "2026-12-01T19:59:59.999Z"},
		{name: "last instant", zone: "Europe/Berlin", from: "21:00", to: "08:00", at: "2026-12-02T06:59:59.999Z", end: "2026-12-02T07:00:00Z"},
		{name: "end is outside", zone: "Europe/Berlin", from: "21:00", to: "08:00", at: "2026-12-02T07:00:00Z"},
		{name: "within one day", zone: "Asia/Bangkok", from: "12:00", to: "14:00", at: "2026-12-01T06:00:00Z", end: "2026-12-01T07:00:00Z"},
		{name: "Saturday night into a summer-time Sunday", zone: "Europe/Berlin", from: "21:00", to: "08:00", sundays: "09:00",
			at: "2027-03-27T21:30:00Z", end: "2027-03-28T07:00:00Z"},
		{name: "Sunday morning past the usual end", zone: "Europe/Berlin", from: "21:00", to: "08:00", sundays: "09:00",
			at: "2026-12-06T07:30:00Z", end: "2026-12-06T08:00:00Z", sunday: true},
		{name: "Monday has no Sunday rule", zone: "Europe/Berlin", from: "21:00", to: "08:00", sundays: "09:00", at: "2026-12-07T07:30:00Z"},
		{name: "end in the gap, New York", zone: "America/New_York", from: "22:00", to: "02:30", at: "2027-03-14T06:00:00Z", end: "2027-03-14T07:00:00Z"},
		{name: "end in the gap, Berlin", zone: "Europe/Berlin", from: "22:00", to: "02:30", at: "2027-03-28T00:10:00Z", end: "2027-03-28T01:00:00Z"},
		{name: "midnight that does not exist, Santiago", zone: "America/Santiago", from: "20:00", to: "00:00", at: "2027-09-05T02:00:00Z", end: "2027-09-05T04:00:00Z"},
		{name: "thirty-minute gap, Lord Howe", zone: "Australia/Lord_Howe", from: "23:00", to: "02:15", at: "2027-10-02T15:15:00Z", end: "2027-10-02T15:30:00Z"},
		{name: "start in the overlap begins at the first pass", zone: "America/New_York", from: "01:30", to: "08:00", at: "2027-11-07T05:30:00Z", end: "2027-11-07T13:00:00Z"},
		{name: "before the first pass", zone: "America/New_York", from: "01:30", to: "08:00", at: "2027-11-07T05:29:59Z"},
		{name: "end in the overlap waits for the second pass", zone: "Europe/Berlin", from: "22:00", to: "02:30", at: "2027-10-31T00:45:00Z", end: "2027-10-31T01:30:00Z"},
		{name: "Casablanca's hour", zone: "Africa/Casablanca", from: "22:00", to: "08:00", at: "2027-02-06T21:00:00Z", end: "2027-02-07T08:00:00Z"},
		{name: "no quiet hours", zone: "Europe/Berlin", from: "00:00", to: "00:00", at: "2027-02-06T21:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := quiet(t, c.from, c.to)
			if c.sundays != "" {
				q.SundaysUntil = clock(t, c.sundays)
			}
			end, sunday, in := inside(q, zone(t, c.zone), instant(t, c.at))
			if in != (c.end != "") || sunday != c.sunday {
				t.Fatalf("inside %v (sunday %v), want %v (sunday %v)", in, sunday, c.end != "", c.sunday)
			}
			if in && !end.Equal(instant(t, c.end)) {
				t.Errorf("ends %s, want %s", end.UTC(), c.end)
			}
		})
	}
}

// What waits silently where it is may light up a phone when a message to the phone might.
func TestRings(t *testing.T) {
	t.Parallel()
	evening, morning := instant(t, "2026-12-01T22:30:00Z"), instant(t, "2026-12-02T07:00:00Z")
	quietly := Windows{Quiet: quiet(t, "22:00", "08:00"), Zones: []Zone{{zone(t, "Europe/Berlin")}}}
	own := quiet(t, "00:00", "24:00")
	never := quietly
	never.OwnQuiet = &own
	for name, c := range map[string]struct {
		candidate Candidate
		at, want  time.Time
	}{
		"by day":          {Candidate{Class: notify.Transactional, Windows: quietly}, instant(t, "2026-12-01T12:00:00Z"), instant(t, "2026-12-01T12:00:00Z")},
		"at night":        {Candidate{Class: notify.Transactional, Windows: quietly}, evening, morning},
		"an answer":       {Candidate{Class: notify.ChatReply, Windows: quietly}, evening, evening},
		"what is urgent":  {Candidate{Class: notify.Transactional, Urgent: notify.CourierAtDoor, Windows: quietly}, evening, evening},
		"never":           {Candidate{Class: notify.Transactional, Windows: never}, evening, time.Time{}},
		"without an hour": {Candidate{Class: notify.MarketingClass, Windows: Windows{Open: &notify.Hours{}}}, evening, time.Time{}},
	} {
		c.candidate.Channel = notify.InApp
		if got := Rings(c.candidate, c.at); !got.Equal(c.want) {
			t.Errorf("%s: it rings at %s, want %s", name, got, c.want)
		}
	}
}
