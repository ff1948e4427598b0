package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
)

func grant(at time.Time) notify.ConsentEvent {
	return notify.ConsentEvent{Channel: notify.WhatsApp, Action: notify.Granted, OccurredAt: at, ReceivedAt: at}
}

func standing(events ...notify.ConsentEvent) Standing {
	return Stand(events, notify.WhatsApp, notify.OrderStatus)
}

func candidate(t *testing.T) Candidate {
	heard := instant(t, "2026-12-01T11:00:00Z")
	return Candidate{
		Channel: notify.WhatsApp, Class: notify.Transactional, HasAddress: true, HasSender: true, HasWords: true, Need: "opt_in",
		Standing: standing(grant(heard.AddDate(0, -1, 0))),
		HeardAt:  heard, HappenedAt: heard, ExpiresAt: heard.Add(24 * time.Hour),
		Windows: Windows{Quiet: quiet(t, "21:00", "08:00"), Zones: []Zone{{zone(t, "Europe/Berlin")}}, ZoneSource: notify.ZoneMarket},
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	noon, night := instant(t, "2026-12-01T12:00:00Z"), instant(t, "2026-12-01T22:15:00Z")
	morning := instant(t, "2026-12-02T07:00:00Z")
	stop := notify.ConsentEvent{Channel: notify.WhatsApp, Action: notify.Withdrawn, Method: notify.MethodStop, OccurredAt: noon}
	cases := []struct {
		name    string
		at      time.Time
		change  func(*Candidate)
		verdict notify.Verdict
		reason  notify.Reason
		until   time.Time
	}{
		{"consent on record at noon", noon, func(*Candidate) {}, notify.Allow, notify.BasisConsent, time.Time{}},
		{"no consent asked for", noon, func(c *Candidate) { c.Need, c.Standing = "", Standing{} }, notify.Allow, notify.BasisContract, time.Time{}},
		{"no WhatsApp opt-in", noon, func(c *Candidate) { c.Standing = Standing{} }, notify.Skip, notify.OptInMissing, time.Time{}},
		{"no LINE friendship", noon, func(c *Candidate) { c.Channel, c.Standing = notify.LINE, Standing{} }, notify.Skip, notify.NotFriend, time.Time{}},
		{"no SMS consent", noon, func(c *Candidate) { c.Channel, c.Standing = notify.SMS, Standing{} }, notify.Skip, notify.NoConsent, time.Time{}},
		{"STOP", noon, func(c *Candidate) { c.Standing = standing(grant(noon.AddDate(0, -1, 0)), stop) }, notify.Skip, notify.SuppressedStop, time.Time{}},
		{"STOP where no consent is needed", noon, func(c *Candidate) { c.Need, c.Standing = "", standing(stop) }, notify.Skip, notify.SuppressedStop, time.Time{}},
		{"STOP on another channel", noon, func(c *Candidate) {
			stop := stop
			stop.Channel = notify.SMS
			c.Standing = standing(grant(noon.AddDate(0, -1, 0)), stop)
		}, notify.Allow, notify.BasisConsent, time.Time{}},
		{"withdrawn by a form", noon, func(c *Candidate) {
			s := stop
			s.Method = "form"
			c.Standing = standing(grant(noon.AddDate(0, -1, 0)), s)
		}, notify.Skip, notify.ConsentWithdrawn, time.Time{}},
		{"blocked", noon, func(c *Candidate) {
			s := stop
			s.Action = notify.Blocked
			c.Standing = standing(grant(noon.AddDate(0, -1, 0)), s)
		}, notify.Skip, notify.SuppressedBlocked, time.Time{}},
		{"objected", noon, func(c *Candidate) {
			s := stop
			s.Action = notify.Objected
			c.Standing = standing(grant(noon.AddDate(0, -1, 0)), s)
		}, notify.Skip, notify.SuppressedObjection, time.Time{}},
		{"a STOP told in a sentence", noon, func(c *Candidate) {
			s := stop
			s.Method = notify.MethodFreeText
			c.Standing = standing(s)
		}, notify.Skip, notify.SuppressedStop, time.Time{}},
		{"denied in a reply", noon, func(c *Candidate) {
			s := stop
			s.Action = notify.Denied
			c.Standing = standing(s)
		}, notify.Skip, notify.NoConsent, time.Time{}},
		{"forgotten", noon, func(c *Candidate) { c.Erased = true }, notify.Drop, notify.SubjectErased, time.Time{}},
		{"words that advertise", noon, func(c *Candidate) { c.Promotional = "line 3: coupon" }, notify.Drop, notify.ClassMismatch, time.Time{}},
		{"words that advertise, called so", noon, func(c *Candidate) { c.Promotional, c.Class = "line 3: coupon", notify.MarketingClass }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"advertising to an erased address", noon, func(c *Candidate) { c.Class, c.ErasedAt = notify.MarketingClass, noon }, notify.Skip, notify.SuppressedErasure, time.Time{}},
		{"advertising to an erased address, agreed to since by somebody", noon, func(c *Candidate) {
			c.Class, c.ErasedAt = notify.MarketingClass, noon.AddDate(0, -2, 0)
		}, notify.Skip, notify.SuppressedErasure, time.Time{}},
		{"advertising to an erased address, agreed to since by the person", noon, func(c *Candidate) {
			c.Class, c.ErasedAt = notify.MarketingClass, noon.AddDate(0, -2, 0)
			c.Standing.Yes.Actor = notify.ActorSubject
		}, notify.Allow, notify.BasisConsent, time.Time{}},
		{"advertising to an erased address, agreed to before by the person", noon, func(c *Candidate) {
			c.Class, c.ErasedAt, c.Standing.Yes.Actor = notify.MarketingClass, noon, notify.ActorSubject
		}, notify.Skip, notify.SuppressedErasure, time.Time{}},
		{"a STOP goes before an erasure", noon, func(c *Candidate) { c.Class, c.ErasedAt, c.Standing = notify.MarketingClass, noon, standing(stop) }, notify.Skip, notify.SuppressedStop, time.Time{}},
		{"order news to an erased address", noon, func(c *Candidate) { c.ErasedAt = noon }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"an answer needs no opt-in", noon, func(c *Candidate) { c.Class, c.Standing = notify.ChatReply, Standing{} }, notify.Allow, notify.UserInitiatedBasis, time.Time{}},
		{"an answer where nothing else may go", noon, func(c *Candidate) { c.Class, c.Need = notify.ChatReply, NeedForbidden }, notify.Allow, notify.UserInitiatedBasis, time.Time{}},
		{"no address and no opt-in", noon, func(c *Candidate) { c.HasAddress, c.Standing = false, Standing{} }, notify.Skip, notify.NoEndpoint, time.Time{}},
		{"no sender and no opt-in", noon, func(c *Candidate) { c.HasSender, c.Standing = false, Standing{} }, notify.Skip, notify.NoSender, time.Time{}},
		{"advertising by number", noon, func(c *Candidate) { c.Channel, c.Class, c.ByNumber = notify.LINE, notify.MarketingClass, true }, notify.Skip, notify.ChannelForbidden, time.Time{}},
		{"news by number", noon, func(c *Candidate) { c.Channel, c.ByNumber, c.Need = notify.LINE, true, NeedNotice }, notify.Allow, notify.BasisContract, time.Time{}},
		{"no address", noon, func(c *Candidate) { c.HasAddress = false }, notify.Skip, notify.NoEndpoint, time.Time{}},
		{"no sender", noon, func(c *Candidate) { c.HasSender = false }, notify.Skip, notify.NoSender, time.Time{}},
		{"no approved template", noon, func(c *Candidate) { c.HasWords = false }, notify.Skip, notify.NoTemplate, time.Time{}},
		{"overtaken", noon, func(c *Candidate) { c.OvertakenBy = "e2" }, notify.Drop, notify.SupersededBy, time.Time{}},
		{"expired", morning.AddDate(0, 0, 1), func(*Candidate) {}, notify.Drop, notify.Stale, time.Time{}},
		{"heard days late", noon, func(c *Candidate) { c.HappenedAt = noon.AddDate(0, 0, -4) }, notify.Drop, notify.Stale, time.Time{}},
		{"heard three days late", noon, func(c *Candidate) { c.HappenedAt = c.HeardAt.Add(-TooLate) }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"at its last instant", noon, func(c *Candidate) { c.ExpiresAt = noon }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"a cap is reached", noon, func(c *Candidate) { c.FullUntil, c.FullFor = noon.Add(time.Hour), notify.FreqCap }, notify.Hold, notify.FreqCap, noon.Add(time.Hour)},
		{"a cap is reached until it is old", noon, func(c *Candidate) { c.FullUntil, c.FullFor = c.ExpiresAt.Add(time.Second), notify.FreqCap }, notify.Skip, notify.FreqCap, time.Time{}},
		{"a cap is reached until its last instant", noon, func(c *Candidate) { c.FullUntil, c.FullFor = c.ExpiresAt, notify.FreqCap }, notify.Hold, notify.FreqCap, morning.Add(4 * time.Hour)},
		{"a cap is reached and nothing expires", noon, func(c *Candidate) { c.FullUntil, c.FullFor, c.ExpiresAt = morning, notify.FreqCap, time.Time{} }, notify.Hold, notify.FreqCap, morning},
		{"a cap leaves room again", noon, func(c *Candidate) { c.FullUntil, c.FullFor = noon, notify.FreqCap }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"at night", night, func(*Candidate) {}, notify.Hold, notify.QuietCourtesy, morning},
		{"at night again", night, func(c *Candidate) { c.Attempts = 1 }, notify.Hold, notify.RetryHitQuiet, morning},
		{"email at night", night, func(c *Candidate) { c.Channel, c.Need = notify.Email, "" }, notify.Allow, notify.BasisContract, time.Time{}},
		{"in-app at night", night, func(c *Candidate) { c.Channel, c.Need = notify.InApp, "" }, notify.Allow, notify.BasisContract, time.Time{}},
		{"own quiet hours alone", morning.Add(time.Hour), func(c *Candidate) { q := quiet(t, "07:00", "10:00"); c.OwnQuiet = &q }, notify.Hold, notify.QuietConsumer, morning.Add(2 * time.Hour)},
		{"own quiet hours and an email", morning.Add(time.Hour), func(c *Candidate) {
			q := quiet(t, "07:00", "10:00")
			c.OwnQuiet, c.Channel, c.Need = &q, notify.Email, ""
		}, notify.Allow, notify.BasisContract, time.Time{}},
		{"an answer at night", night, func(c *Candidate) { c.Class = notify.ChatReply }, notify.Allow, notify.UserInitiatedBasis, time.Time{}},
		{"nobody knows the zone of an order", night, func(c *Candidate) { c.Zones = nil }, notify.Hold, notify.QuietCourtesy, morning.Add(time.Hour)},
		{"advertising by email at night", night, func(c *Candidate) {
			c.Class, c.Channel, c.Open = notify.MarketingClass, notify.Email, week(t, "09:00-20:00", "", "")
		}, notify.Hold, notify.QuietLegal, morning.Add(time.Hour)},
		{"advertising in the app at night", night, func(c *Candidate) {
			c.Class, c.Channel, c.Open = notify.MarketingClass, notify.InApp, week(t, "09:00-20:00", "", "")
		}, notify.Allow, notify.BasisConsent, time.Time{}},
		{"order news keeps no hours of advertising", noon, func(c *Candidate) { c.Open = &notify.Hours{} }, notify.Allow, notify.BasisConsent, time.Time{}},
		{"advertising and nobody knows the zone", noon, func(c *Candidate) {
			c.Class, c.Open, c.Zones = notify.MarketingClass, week(t, "09:00-20:00", "", ""), nil
		}, notify.Drop, notify.ZoneUnresolved, time.Time{}},
		{"advertising and seven zones", noon, func(c *Candidate) {
			c.Class, c.Open, c.Zones = notify.MarketingClass, week(t, "00:00-24:00", "", ""), slices.Repeat(c.Zones, 7)
		}, notify.Drop, notify.ZoneUnresolved, time.Time{}},
		{"advertising and six zones", noon, func(c *Candidate) {
			c.Class, c.Open, c.Zones = notify.MarketingClass, week(t, "00:00-24:00", "", ""), slices.Repeat(c.Zones, 6)
		}, notify.Allow, notify.BasisConsent, time.Time{}},
		{"own quiet hours reach further", night, func(c *Candidate) { q := quiet(t, "07:00", "10:00"); c.OwnQuiet = &q }, notify.Hold, notify.QuietCourtesy, morning.Add(2 * time.Hour)},
		{"the person set Tokyo", instant(t, "2026-12-01T13:00:00Z"), func(c *Candidate) { c.Zones = []Zone{{zone(t, "Asia/Tokyo")}} }, notify.Hold, notify.QuietCourtesy, instant(t, "2026-12-01T23:00:00Z")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cand := candidate(t)
			c.change(&cand)
			d := Decide(cand, c.at)
			if d.Verdict != c.verdict || d.Reason != c.reason || !d.Until.Equal(c.until) {
				t.Errorf("got %s %s until %s, want %s %s until %s", d.Verdict, d.Reason, d.Until, c.verdict, c.reason, c.until)
			}
			if d.Reason.Means() == "" {
				t.Errorf("reason %s is not explained", d.Reason)
			}
		})
	}
}

// What stands beside the verdict: when, on which channel, in which zone and how it was found.
func TestDecide_KeepsWhatItRestsOn(t *testing.T) {
	t.Parallel()
	noon, night := instant(t, "2026-12-01T12:00:00Z"), instant(t, "2026-12-01T22:15:00Z")
	c := candidate(t)
	d := Decide(c, night)
	if !d.At.Equal(night) || d.Channel != notify.WhatsApp || d.Detail != "TZ_MARKET_DEFAULT Europe/Berlin" || len(d.Facts) == 0 {
		t.Errorf("%+v", d)
	}
	if c.Zones = append(c.Zones, Zone{zone(t, "Asia/Tokyo")}); Decide(c, noon).Detail != "TZ_MARKET_DEFAULT Europe/Berlin, Asia/Tokyo" {
		t.Errorf("detail %q", Decide(c, noon).Detail)
	}
	c.ZoneSource = ""
	if d := Decide(c, night); d.Detail != "Europe/Berlin, Asia/Tokyo" || len(d.Also) != 0 {
		t.Errorf("without a source of the zone: %+v", d)
	}
	c.Channel, c.Need, c.Class = notify.Email, "", notify.MarketingClass
	if d := Decide(c, noon); d.Detail == "" {
		t.Error("the zone of advertising by email is not said")
	}
	if c.Zones = nil; Decide(c, noon).Detail != "" {
		t.Errorf("detail %q without a zone", Decide(c, noon).Detail)
	}
	if _, err := Replay(notify.Decision{Facts: []byte(`{"zones": ["Mars/Phobos"]}`)}); err == nil {
		t.Error("facts with a zone that is not there are read")
	}
}

func TestReplay_KeepsWhatItWasAbout(t *testing.T) {
	t.Parallel()
	d := Decide(candidate(t), instant(t, "2026-12-01T12:00:00Z"))
	d.Phase, d.Event, d.Rule, d.Notification, d.Delivery = notify.AtPlan, "e", "r", "n", "n.sms"
	again, err := Replay(d)
	if diff := cmp.Diff(d, again); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestRoom(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-12-01T12:00:00Z")
	ago := func(hours ...int) (sent []time.Time) {
		for _, h := range hours {
			sent = append(sent, now.Add(-time.Duration(h)*time.Hour))
		}
		return sent
	}
	for name, c := range map[string]struct {
		sent  []time.Time
		limit int
		in    time.Duration // until there is room; 0 for now
	}{
		"nothing sent":              {nil, 1, 0},
		"no limit":                  {ago(1, 2, 3), 0, 0},
		"one more":                  {ago(1, 2), 3, 0},
		"none more":                 {ago(1, 2, 20), 3, 4 * time.Hour},
		"the oldest counts no more": {ago(1, 2, 24), 3, 0},
		"over the limit":            {ago(1, 2, 3, 20), 3, 21 * time.Hour},
	} {
		want := time.Time{}
		if c.in > 0 {
			want = now.Add(c.in)
		}
		if got := Room(c.sent, c.limit, now); !got.Equal(want) {
			t.Errorf("%s: room at %s, want %s", name, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	own := []notify.Reason{notify.SuppressedStop, notify.SuppressedBlocked, notify.SuppressedObjection, notify.ConsentWithdrawn}
	for _, f := range notify.Reasons() {
		if Refused(f.Reason) != slices.Contains(own, f.Reason) {
			t.Errorf("%s is taken for the person's own no: %t", f.Reason, Refused(f.Reason))
		}
	}
}

func TestAtlas(t *testing.T) {
	t.Parallel()
	var a Atlas
	for _, name := range []string{"", "Local", "localtime", "Factory", "Mars/Phobos", "../Europe/Berlin"} {
		if z, ok := a.Zone(name); ok {
			t.Errorf("%q is %s", name, z)
		}
	}
	for range 2 { // the second time from memory
		if z, ok := a.Zone("Europe/Berlin"); !ok || z.String() != "Europe/Berlin" {
			t.Errorf("Europe/Berlin is %s", z)
		}
	}
	if zones := a.Zones([]string{"Asia/Tokyo", "Mars/Phobos", "Europe/Berlin"}); len(zones) != 2 || zones[0].String() != "Asia/Tokyo" {
		t.Errorf("zones %v", zones)
	}
}

func TestAtlas_Edition(t *testing.T) {
	t.Parallel()
	var a, updated Atlas
	berlin, spring := []string{"Europe/Berlin"}, instant(t, "2027-04-01T00:00:00Z")
	edition := a.Edition(berlin, instant(t, "2027-01-01T00:00:00Z"))
	if got := a.Edition(berlin, instant(t, "2027-12-31T23:59:59Z")); got != edition {
		t.Errorf("the edition changes within a year: %s, %s", edition, got)
	}
	updated.zones.Store("Europe/Berlin", Zone{zone(t, "Africa/Lagos")}) // as if summer time had been given up
	if updated.Edition(berlin, spring) == edition {
		t.Error("the edition does not change with what a zone says")
	}
	if a.Edition([]string{"Europe/Berlin", "Asia/Tokyo"}, spring) == edition {
		t.Error("the edition does not change with the zones")
	}
}

func BenchmarkDecide(b *testing.B) {
	saturday := instant(b, "2027-03-27T21:30:00Z") // the night before Easter Sunday
	always := week(b, "09:00-20:00", "10:00-19:00", "")
	for name, c := range map[string]struct {
		at time.Time
		c  Candidate
	}{
		"allowed": {instant(b, "2026-12-01T12:00:00Z"), sms(b, "Europe/Berlin")},
		"held":    {saturday, sms(b, "Europe/Berlin").with(func(c *Candidate) { c.Holidays = holidaysOf(b, "DE")[:4] })},
		"advertising": {saturday, advertising(b, always, "America/New_York", "America/Chicago", "America/Denver").with(func(c *Candidate) {
			c.Holidays = holidaysOf(b, "DE")[:4]
		})},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decide(c.c, c.at)
			}
		})
	}
}
