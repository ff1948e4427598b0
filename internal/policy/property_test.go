package policy

import (
	_ "embed"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"landfall/internal/notify"
)

//go:embed testdata/zones.txt
var zoneNames string

// everyZone loads all zones there are.
func everyZone(t testing.TB) []Zone {
	t.Helper()
	var atlas Atlas
	var zones []Zone
	for name := range strings.Lines(zoneNames) {
		if name = strings.TrimSpace(name); strings.HasPrefix(name, "#") {
			continue
		}
		z, ok := atlas.Zone(name)
		if !ok {
			t.Fatalf("there is no zone %s", name)
		}
		zones = append(zones, z)
	}
	return zones
}

// dice is where a test's chance comes from: a seed, or rapid, which finds small examples.
type dice interface{ IntN(n int) int }

type rapidDice struct{ *rapid.T }

func (d rapidDice) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.T, "n") }

func one[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// anyClock prefers the hours at which zones change.
func anyClock(d dice) notify.Clock {
	return one(d, notify.Clock(d.IntN(minutesADay)), notify.Clock(d.IntN(4*60)), notify.Clock(d.IntN(25)*60))
}

func sometimes[T any](d dice, v T) (zero T) {
	if d.IntN(3) == 0 {
		return v
	}
	return zero
}

func anyQuiet(d dice) notify.Quiet {
	q := notify.Quiet{From: anyClock(d), To: anyClock(d), SaturdaysUntil: sometimes(d, anyClock(d)), SundaysUntil: sometimes(d, anyClock(d)),
		HolidaysUntil: sometimes(d, anyClock(d))}
	if d.IntN(4) == 0 {
		q.Also = &notify.Stretch{FromDay: time.Weekday(d.IntN(7)), From: anyClock(d), ToDay: time.Weekday(d.IntN(7)), To: anyClock(d)}
	}
	return q
}

// anySpans are parts of a day, in order.
func anySpans(d dice) []notify.Span {
	var spans []notify.Span
	clocks := []notify.Clock{anyClock(d), anyClock(d), anyClock(d), anyClock(d)}
	slices.Sort(clocks)
	for i := 0; i < 2*d.IntN(3); i += 2 {
		if clocks[i] < clocks[i+1] {
			spans = append(spans, notify.Span{From: clocks[i], To: clocks[i+1]})
		}
	}
	return spans
}

func anyHours(d dice) *notify.Hours {
	h := notify.Hours{HolidaysClosed: d.IntN(2) == 0}
	for i := range h.Days {
		h.Days[i] = anySpans(d)
	}
	if d.IntN(3) == 0 {
		h.Eves = append(anySpans(d), notify.Span{From: 23 * 60, To: 24 * 60})
	}
	return &h
}

// someDays names days around an instant.
func someDays(d dice, now time.Time, each int) []string {
	var days []string
	for i := -2; i <= 18; i++ {
		if d.IntN(each) == 0 {
			days = append(days, now.UTC().AddDate(0, 0, i).Format(time.DateOnly))
		}
	}
	return days
}

// anyCandidate is one that only the hour can stop.
func anyCandidate(d dice, zones []Zone, now time.Time) Candidate {
	c := Candidate{Channel: one(d, notify.SMS, notify.WhatsApp, notify.LINE), Class: notify.Transactional, HasAddress: true, HasSender: true, HasWords: true,
		HeardAt: now, HappenedAt: now, Windows: Windows{Quiet: anyQuiet(d), Zones: zones, ZoneSource: notify.ZonePhone, Holidays: someDays(d, now, 5)}}
	if d.IntN(3) == 0 {
		q := anyQuiet(d)
		c.OwnQuiet = &q
	}
	if d.IntN(4) == 0 {
		c.Fast = someDays(d, now, 1+d.IntN(3))
	}
	if len(zones) > 1 {
		c.Class, c.Channel, c.Open = notify.MarketingClass, one(d, notify.SMS, notify.Email), anyHours(d)
	}
	return c
}

// anyInstant lies in 2026 to 2035, and often close to a change of the zone's clocks.
func anyInstant(d dice, z Zone) time.Time {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.IntN(3650*minutesADay)) * time.Minute)
	if _, change := at.In(z.Location).ZoneBounds(); d.IntN(2) == 0 && !change.IsZero() && change.Year() < 2036 {
		at = change.UTC().Add(time.Duration(d.IntN(36*60)-24*60) * time.Minute)
	}
	return at.Add(time.Duration(d.IntN(2)*d.IntN(60_000)) * time.Millisecond)
}

// holds insists that the decision is the oracle's, and that it stands at its release and not a moment before.
func holds(t rapid.TB, c Candidate, now time.Time, want time.Time) {
	t.Helper()
	d := Decide(c, now)
	switch {
	case want.IsZero():
		if d.Verdict != notify.Skip || d.Reason != notify.NoOpenWindow {
			t.Fatalf("%s until %s, but no hour is open\n%s", d.Verdict, d.Until, d.Facts)
		}
		return
	case want.Equal(now):
		if d.Verdict != notify.Allow {
			t.Fatalf("%s %s until %s at %s, which is open\n%s", d.Verdict, d.Reason, d.Until, now, d.Facts)
		}
		return
	case d.Verdict != notify.Hold || !d.Until.Equal(want):
		t.Fatalf("%s until %s at %s, want a hold until %s\n%s", d.Verdict, d.Until, now, want, d.Facts)
	}
	if again := Decide(c, d.Until); again.Verdict != notify.Allow {
		t.Fatalf("%s %s at the release\n%s", again.Verdict, again.Reason, d.Facts)
	}
	if before := Decide(c, d.Until.Add(-time.Millisecond)); before.Verdict != notify.Hold || !before.Until.Equal(want) {
		t.Fatalf("%s until %s just before the release\n%s", before.Verdict, before.Until, d.Facts)
	}
	replays(t, d)
	c.ExpiresAt = d.Until.Add(-time.Millisecond)
	if late := Decide(c, d.Until); late.Reason != notify.Stale {
		t.Fatalf("%s %s at the release, when it is old", late.Verdict, late.Reason)
	}
}

// replays insists that nothing that decides is lost on the way to the ledger and back, nor added by where now is read.
func replays(t rapid.TB, d notify.Decision) {
	t.Helper()
	for _, clock := range []*time.Location{d.At.Location(), time.FixedZone("elsewhere", -11*3600)} {
		d.At = d.At.In(clock)
		again, err := Replay(d)
		if err != nil {
			t.Fatal(err)
		}
		if written(t, d) != written(t, again) {
			t.Fatalf("decided again (-first +again)\n%s", cmp.Diff(d, again))
		}
	}
}

// written is a decision as the ledger keeps it.
func written(t rapid.TB, d notify.Decision) string {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// longWalk is as far as the oracle looks ahead.
const longWalk = int(horizon/(24*time.Hour)) + 2

func walks(zones []Zone, now time.Time) []*walk {
	var all []*walk
	for _, z := range zones {
		all = append(all, walkAround(z.Location, now, longWalk))
	}
	return all
}

// Whatever the zone, the hours and the instant: a message is released when the oracle says, so never before now, never inside
// a window, and never later than it must be.
func TestDecide_ReleaseInEveryZone(t *testing.T) {
	t.Parallel()
	zones := everyZone(t)
	for i, z := range zones {
		d := rand.New(rand.NewPCG(2026, uint64(i)))
		now := anyInstant(d, z)
		near := walks([]Zone{z}, now)
		for range 8 {
			c := anyCandidate(d, []Zone{z}, now)
			holds(t, c, now, oracle(c, now, near))
		}
	}
}

// The oracle reads clocks at quarters of an hour; no zone changes between them.
func TestOracle_NoZoneChangesBetweenQuarters(t *testing.T) {
	t.Parallel()
	for _, z := range everyZone(t) {
		for at := time.Date(2025, 12, 1, 0, 0, 0, 0, z.Location); ; {
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Year() >= 2037 {
				break
			}
			if !change.Equal(change.Truncate(15 * time.Minute)) {
				t.Errorf("%s changes at %s", z, change)
			}
			at = change
		}
	}
}

// Advertising may go when it may in every zone the person may live in.
func TestDecide_AdvertisingInSeveralZones(t *testing.T) {
	t.Parallel()
	zones := everyZone(t)
	for i, z := range zones {
		d := rand.New(rand.NewPCG(2027, uint64(i)))
		now, possible := anyInstant(d, z), []Zone{z, one(d, zones...), one(d, zones...)}[:2+d.IntN(2)]
		near := walks(possible, now)
		for range 4 {
			c := anyCandidate(d, possible, now)
			holds(t, c, now, oracle(c, now, near))
		}
	}
}

// The same, by chance that shrinks.
func TestDecide_Release(t *testing.T) {
	t.Parallel()
	zones := everyZone(t)
	rapid.Check(t, func(t *rapid.T) {
		d := rapidDice{t}
		possible := []Zone{one(d, zones...), one(d, zones...)}[:1+d.IntN(2)]
		now := anyInstant(d, possible[0])
		c := anyCandidate(d, possible, now)
		holds(t, c, now, oracle(c, now, walks(possible, now)))
	})
}
