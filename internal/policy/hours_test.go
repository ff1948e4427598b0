package policy

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

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

// Whatever the zone, the window and the instant: the end is after the instant and outside the window, the instant
// before the end is still inside, and a wall clock in the middle of the window is never let through.
func TestInside_ReleaseIsNeverEarlyNorLate(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "Asia/Tokyo", "America/Sao_Paulo", "Pacific/Chatham", "Africa/Cairo"}
	rapid.Check(t, func(rt *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		q := notify.Quiet{From: notify.Clock(rapid.IntRange(0, 1439).Draw(rt, "from")), To: notify.Clock(rapid.IntRange(0, 1439).Draw(rt, "to"))}
		at := time.Unix(rapid.Int64Range(1767225600, 2082758400).Draw(rt, "at"), 0) // 2026 to 2035
		end, _, in := inside(q, loc, at)
		if !in {
			if middle(q, at.In(loc)) && !nearChange(at, loc) {
				rt.Fatalf("%s is inside %v but was let through", at.In(loc), q)
			}
			return
		}
		if !end.After(at) || end.Sub(at) > 26*time.Hour {
			rt.Fatalf("release %s for %s", end, at)
		}
		if _, _, still := inside(q, loc, end); still {
			rt.Fatalf("release %s is inside the window %v", end.In(loc), q)
		}
		if _, _, before := inside(q, loc, end.Add(-time.Millisecond)); !before {
			rt.Fatalf("released later than it must be: %s", end.In(loc))
		}
	})
}

func middle(q notify.Quiet, local time.Time) bool {
	c := notify.Clock(local.Hour()*60 + local.Minute())
	if q.From < q.To {
		return c >= q.From && c < q.To
	}
	return q.From > q.To && (c >= q.From || c < q.To)
}

func nearChange(at time.Time, loc *time.Location) bool {
	_, a := at.In(loc).Add(-25 * time.Hour).Zone()
	_, b := at.In(loc).Add(25 * time.Hour).Zone()
	_, c := at.In(loc).Zone()
	return a != b || b != c
}
