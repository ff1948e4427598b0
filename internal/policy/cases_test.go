package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"landfall/internal/calendar"
	"landfall/internal/notify"
)

// The cases of the order we were built to, by their names. The windows are those of the markets as shipped; what needs a
// dispatcher, a ledger or a provider is tried there.

func spans(t testing.TB, s string) []notify.Span {
	t.Helper()
	var out []notify.Span
	for part := range strings.SplitSeq(s, ",") {
		var span notify.Span
		if err := span.UnmarshalText([]byte(part)); err != nil {
			t.Fatal(err)
		}
		out = append(out, span)
	}
	return out
}

// week opens the same hours from Monday to Friday, others on Saturdays and on Sundays; "" is closed.
func week(t testing.TB, weekdays, saturday, sunday string) *notify.Hours {
	t.Helper()
	h := &notify.Hours{HolidaysClosed: sunday == ""}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Days[d] = spans(t, weekdays)
	}
	if saturday != "" {
		h.Days[time.Saturday] = spans(t, saturday)
	}
	if sunday != "" {
		h.Days[time.Sunday] = spans(t, sunday)
	}
	return h
}

// sms is a text message about an order, in the windows of RC-1.
func sms(t testing.TB, zones ...string) Candidate {
	t.Helper()
	q := quiet(t, "21:00", "08:00")
	q.SundaysUntil, q.HolidaysUntil = clock(t, "09:00"), clock(t, "09:00")
	c := Candidate{Channel: notify.SMS, Class: notify.Transactional, Purpose: notify.OrderStatus, HasAddress: true, HasSender: true, HasWords: true,
		Windows: Windows{Quiet: q, ZoneSource: notify.ZoneMarket}}
	for _, name := range zones {
		c.Zones = append(c.Zones, Zone{zone(t, name)})
	}
	return c
}

// advertising is a text message with an offer, agreed to.
func advertising(t testing.TB, open *notify.Hours, zones ...string) Candidate {
	t.Helper()
	c := sms(t, zones...)
	c.Class, c.Purpose, c.Need, c.Open = notify.MarketingClass, notify.Marketing, "opt_in", open
	c.Standing = Stand([]notify.ConsentEvent{said(t, "g", notify.Granted, -500_000)}, notify.SMS, notify.Marketing)
	return c
}

// custom has hours of its own, without longer mornings.
func custom(t testing.TB, from, to, name string) Candidate {
	t.Helper()
	c := sms(t, name)
	c.Quiet = quiet(t, from, to)
	return c
}

// holidaysOf are a country's, of the years the cases play in.
func holidaysOf(t testing.TB, country string) []string {
	t.Helper()
	days, err := calendar.New()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range days.Between(country, "", "2026-12-01", "2027-12-31") {
		out = append(out, string(h.Day))
	}
	return out
}

// fastOf are the days of Ramadan 2027.
func fastOf(t testing.TB) []string {
	t.Helper()
	days, err := calendar.New()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for d := instant(t, "2027-01-15T00:00:00Z"); d.Month() < time.April; d = d.AddDate(0, 0, 1) {
		if days.Ramadan(calendar.DayOf(d)) {
			out = append(out, d.Format(time.DateOnly))
		}
	}
	return out
}

// inShort is a decision in one line.
func inShort(d notify.Decision) string {
	s := fmt.Sprint(d.Verdict, " ", d.Reason)
	if !d.Until.IsZero() {
		s += " " + d.Until.UTC().Format(time.RFC3339Nano)
	}
	if len(d.Also) > 0 {
		s += fmt.Sprint(" ", d.Also)
	}
	return s
}

// with changes a candidate.
func (c Candidate) with(change func(*Candidate)) Candidate {
	change(&c)
	return c
}

// agreed is a candidate after acts of consent.
func (c Candidate) agreed(events ...notify.ConsentEvent) Candidate {
	c.Standing = Stand(events, c.Channel, c.Purpose)
	return c
}

func on(channel notify.Channel) func(*Candidate) {
	return func(c *Candidate) { c.Channel = channel }
}

func TestCases_QuietHoursAndTime(t *testing.T) {
	t.Parallel()
	const berlin, york, paris = "Europe/Berlin", "America/New_York", "Europe/Paris"
	emirates := func(c *Candidate) { c.Quiet, c.Fast = quiet(t, "22:00", "08:00"), fastOf(t) }
	france := func(c *Candidate) { c.Holidays = holidaysOf(t, "FR") }
	french, american := week(t, "08:00-20:00", "10:00-19:00", ""), week(t, "09:00-20:00", "09:00-20:00", "09:00-20:00")
	spanish := advertising(t, week(t, "10:00-15:00,16:00-21:00", "", ""), "Europe/Madrid").with(func(c *Candidate) {
		c.Quiet, c.Holidays = quiet(t, "22:00", "08:00"), holidaysOf(t, "ES")
	})
	african := advertising(t, week(t, "08:00-20:00", "09:00-13:00", ""), "Africa/Johannesburg").with(func(c *Candidate) { c.Holidays = holidaysOf(t, "ZA") })
	for _, c := range []struct {
		name, at string
		c        Candidate
		want     string
	}{
		{"Inside", "2026-12-01T22:15:00Z", sms(t, berlin), "hold QUIET_COURTESY 2026-12-02T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"End exclusive: just before", "2026-12-02T06:59:59.999Z", sms(t, berlin), "hold QUIET_COURTESY 2026-12-02T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"End exclusive", "2026-12-02T07:00:00Z", sms(t, berlin), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Saturday to DST Sunday", "2027-03-27T21:30:00Z", sms(t, berlin), "hold QUIET_COURTESY 2027-03-28T07:00:00Z [SUNDAY TZ_MARKET_DEFAULT]"},
		{"A holiday on a Sunday", "2027-10-03T06:30:00Z", sms(t, berlin).with(func(c *Candidate) { c.Holidays = holidaysOf(t, "DE") }),
			"hold SUNDAY 2027-10-03T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"A holiday", "2027-05-06T06:30:00Z", sms(t, berlin).with(func(c *Candidate) { c.Holidays = holidaysOf(t, "DE") }),
			"hold HOLIDAY 2027-05-06T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"End in gap, New York", "2027-03-14T06:00:00Z", custom(t, "22:00", "02:30", york), "hold QUIET_COURTESY 2027-03-14T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"30-minute gap", "2027-10-02T15:15:00Z", custom(t, "23:00", "02:15", "Australia/Lord_Howe"), "hold QUIET_COURTESY 2027-10-02T15:30:00Z [TZ_MARKET_DEFAULT]"},
		{"Start in overlap", "2027-11-07T05:30:00Z", custom(t, "01:30", "08:00", york), "hold QUIET_COURTESY 2027-11-07T13:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Start in overlap: before the first pass", "2027-11-07T05:29:59Z", custom(t, "01:30", "08:00", york), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Ramadan clock change", "2027-02-06T21:00:00Z", custom(t, "22:00", "08:00", "Africa/Casablanca"), "hold QUIET_COURTESY 2027-02-07T08:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Ramadan never widens the law", "2027-02-15T17:30:00Z", advertising(t, week(t, "08:00-21:00", "08:00-21:00", "08:00-21:00"), "Asia/Dubai").with(emirates),
			"hold QUIET_LEGAL 2027-02-16T06:00:00Z [RAMADAN_OVERLAY TZ_MARKET_DEFAULT]"},
		{"Ramadan never widens the law: an update goes", "2027-02-15T17:30:00Z", sms(t, "Asia/Dubai").with(emirates), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Ramadan: late in the evening an update goes", "2027-02-15T19:30:00Z", sms(t, "Asia/Dubai").with(emirates), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Ramadan: late in the morning it waits", "2027-02-16T04:30:00Z", sms(t, "Asia/Dubai").with(emirates), "hold RAMADAN_OVERLAY 2027-02-16T06:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Ramadan: advertising leaves the meal alone", "2027-02-15T14:00:00Z", advertising(t, week(t, "08:00-21:00", "08:00-21:00", "08:00-21:00"), "Asia/Dubai").with(emirates),
			"hold RAMADAN_OVERLAY 2027-02-15T16:30:00Z [TZ_MARKET_DEFAULT]"},
		{"Ramadan: the night after its last day is as ever", "2027-03-10T00:00:00Z", sms(t, "Asia/Dubai").with(emirates),
			"hold QUIET_COURTESY 2027-03-10T04:00:00Z [TZ_MARKET_DEFAULT]"},
		{"French Sunday + Easter Monday", "2027-03-27T19:30:00Z", advertising(t, french, paris).with(france),
			"hold HOLIDAY 2027-03-30T06:00:00Z [QUIET_LEGAL SUNDAY TZ_MARKET_DEFAULT]"},
		{"TX unaffected by Sunday ban", "2027-03-28T10:00:00Z", sms(t, paris).with(france), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Italy Saturday", "2027-10-02T07:30:00Z", advertising(t, week(t, "09:00-20:00", "10:00-19:00", ""), "Europe/Rome"),
			"hold QUIET_LEGAL 2027-10-02T08:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Italy, the eve of a holiday", "2027-10-29T17:30:00Z", advertising(t, week(t, "09:00-20:00", "10:00-19:00", ""), "Europe/Rome").with(func(c *Candidate) {
			c.Open.Eves, c.Holidays = spans(t, "10:00-19:00"), []string{"2027-10-30"}
		}), "hold SUNDAY 2027-11-01T08:00:00Z [QUIET_LEGAL HOLIDAY TZ_MARKET_DEFAULT]"},
		{"Spain siesta", "2027-12-07T14:30:00Z", spanish, "hold QUIET_LEGAL 2027-12-07T15:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Spain, a Friday night", "2027-11-19T20:30:00Z", spanish, "hold QUIET_LEGAL 2027-11-22T09:00:00Z [SUNDAY TZ_MARKET_DEFAULT]"},
		{"South Africa dispatch proof", "2027-04-26T17:59:58Z", african, "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"South Africa dispatch proof: two seconds later", "2027-04-26T18:00:00Z", african, "hold HOLIDAY 2027-04-28T06:00:00Z [QUIET_LEGAL TZ_MARKET_DEFAULT]"},
		{"US state by address, not number", "2027-07-01T15:30:00Z", advertising(t, american, "America/Phoenix"), "hold QUIET_LEGAL 2027-07-01T16:00:00Z [TZ_MARKET_DEFAULT]"},
		{"US state by number alone", "2027-07-02T00:30:00Z", advertising(t, week(t, "09:00-20:00", "09:00-20:00", "09:00-20:00"), york),
			"hold QUIET_LEGAL 2027-07-02T13:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Toll-free number, no address", "2027-07-01T15:30:00Z", advertising(t, american).with(func(c *Candidate) { c.Zones = everyZone(t)[:42] }), "drop TZ_UNRESOLVED"},
		{"Toll-free number, no address: an update goes", "2027-07-01T15:30:00Z", sms(t, york).with(func(c *Candidate) { c.Zones = append(c.Zones, everyZone(t)[:42]...) }),
			"allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Explicit beats all", "2026-12-01T13:00:00Z", sms(t, "Asia/Tokyo").with(func(c *Candidate) { c.ZoneSource = notify.ZoneExplicit }),
			"hold QUIET_COURTESY 2026-12-01T23:00:00Z [TZ_EXPLICIT]"},
		{"Travel the other way", "2026-12-02T07:00:00Z", sms(t, york), "hold QUIET_COURTESY 2026-12-02T13:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Travel the other way: too old by then", "2026-12-02T13:00:00Z", sms(t, york).with(func(c *Candidate) { c.ExpiresAt = instant(t, "2026-12-02T12:00:00Z") }),
			"drop STALE_TTL"},
		{"E-mail and in-app at night: SMS", "2026-12-01T22:15:00Z", sms(t, berlin), "hold QUIET_COURTESY 2026-12-02T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"E-mail and in-app at night: e-mail", "2026-12-01T22:15:00Z", sms(t, berlin).with(on(notify.Email)), "allow BASIS_CONTRACT"},
		{"E-mail and in-app at night: in-app", "2026-12-01T22:15:00Z", sms(t, berlin).with(on(notify.InApp)), "allow BASIS_CONTRACT"},
		{"Retry crosses the border", "2026-12-01T20:00:20Z", sms(t, berlin).with(func(c *Candidate) { c.Attempts = 1 }),
			"hold RETRY_HIT_QUIET 2026-12-02T07:00:00Z [QUIET_COURTESY TZ_MARKET_DEFAULT]"},
		{"Intersection empty", "2026-12-01T12:00:00Z", advertising(t, &notify.Hours{}, berlin), "skip NO_OPEN_WINDOW"},
		{"Own quiet hours all day", "2026-12-01T12:00:00Z", sms(t, berlin).with(func(c *Candidate) { c.OwnQuiet = &notify.Quiet{From: 0, To: 24 * 60} }), "skip NO_OPEN_WINDOW"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(Decide(c.c, instant(t, c.at))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Policy looks sixteen days ahead, as far as facts name holidays, and not a moment further.
func TestDecide_Horizon(t *testing.T) {
	t.Parallel()
	midnight := instant(t, "2027-06-01T00:00:00Z")
	c := advertising(t, week(t, "00:00-24:00", "00:00-24:00", "00:00-24:00"), "UTC")
	c.Channel, c.Open.HolidaysClosed = notify.Email, true
	for i := range 16 {
		c.Holidays = append(c.Holidays, midnight.AddDate(0, 0, i).Format(time.DateOnly))
	}
	if got := inShort(Decide(c, midnight)); got != "skip NO_OPEN_WINDOW" {
		t.Errorf("sixteen days before: got %s", got)
	}
	if got, want := inShort(Decide(c, midnight.Add(time.Millisecond))), "hold HOLIDAY 2027-06-17T00:00:00Z [TZ_MARKET_DEFAULT]"; got != want {
		t.Errorf("a moment later: got %s, want %s", got, want)
	}
}

func TestCases_VietnamCap(t *testing.T) {
	t.Parallel()
	now := instant(t, "2027-06-01T08:00:00Z")
	sent := []time.Time{now.Add(-time.Hour), now.Add(-3 * time.Hour), now.Add(-20 * time.Hour), now.Add(-30 * time.Hour)}
	c := advertising(t, week(t, "08:00-20:00", "08:00-20:00", "08:00-20:00"), "Asia/Ho_Chi_Minh")
	c.FullUntil, c.FullFor = Room(sent, 3, now), notify.CountryCap
	if got, want := inShort(Decide(c, now)), "hold COUNTRY_DAILY_CAP 2027-06-01T12:00:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.FullUntil = Room(sent[1:], 3, now.Add(time.Hour)); !c.FullUntil.IsZero() {
		t.Errorf("full until %s with two in the last 24 hours", c.FullUntil)
	}
}

func TestCases_UrgencyAndStaleness(t *testing.T) {
	t.Parallel()
	const late = "2026-12-01T20:40:00Z" // 21:40 in Berlin
	urgent := func(u notify.Urgent) Candidate {
		return sms(t, "Europe/Berlin").with(func(c *Candidate) { c.Urgent = u })
	}
	arriving := func(from string) Candidate {
		return urgent(notify.WindowStarts).with(func(c *Candidate) { c.ArrivesFrom = instant(t, from) })
	}
	waits := "hold QUIET_COURTESY 2026-12-02T07:00:00Z [URGENT_NOT_ELIGIBLE TZ_MARKET_DEFAULT]"
	reply := sms(t, "Europe/Berlin").with(func(c *Candidate) { c.Channel, c.Class = notify.WhatsApp, notify.ChatReply })
	for _, c := range []struct {
		name, at string
		c        Candidate
		want     string
	}{
		{"Courier at the door", late, urgent(notify.CourierAtDoor), "allow URGENT_EXCEPTION:COURIER_AT_DOOR [BASIS_CONTRACT QUIET_COURTESY TZ_MARKET_DEFAULT]"},
		{"Courier at the door: by day it is a message like any other", "2026-12-01T12:00:00Z", urgent(notify.CourierAtDoor), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Courier at the door: second of the same night", late, urgent(notify.CourierAtDoor).with(func(c *Candidate) { c.UrgentSpent = true }), waits},
		{"Courier at the door: told half an hour too late", late, urgent(notify.CourierAtDoor).with(func(c *Candidate) {
			c.ExpiresAt = instant(t, late).Add(-time.Millisecond)
		}), "drop STALE_TTL"},
		{"Urgent after a STOP", late, urgent(notify.CourierAtDoor).agreed(said(t, "s", notify.Withdrawn, 0, method(notify.MethodStop))), "skip SUPPRESSED_STOP"},
		{"Urgent without the opt-in", late, urgent(notify.CourierAtDoor).with(func(c *Candidate) { c.Channel, c.Need = notify.WhatsApp, "opt_in" }), "skip CHANNEL_OPTIN_MISSING"},
		{"Urgent and own quiet hours", "2026-12-01T12:00:00Z", urgent(notify.SafetyRecall).with(func(c *Candidate) {
			q := quiet(t, "12:00", "15:00")
			c.OwnQuiet = &q
		}), "allow URGENT_EXCEPTION:SAFETY_RECALL [BASIS_CONTRACT QUIET_CONSUMER TZ_MARKET_DEFAULT]"},
		{"Window in two hours", late, arriving("2026-12-01T22:40:00Z"), "allow URGENT_EXCEPTION:DELIVERY_WINDOW_STARTS_WITHIN_2H [BASIS_CONTRACT QUIET_COURTESY TZ_MARKET_DEFAULT]"},
		{"Window later", late, arriving("2026-12-01T22:40:00.001Z"), waits},
		{"Window begun", late, arriving("2026-12-01T20:39:59Z"), waits},
		{"Window unknown", late, urgent(notify.WindowStarts), waits},
		{"Promo flagged urgent", late, advertising(t, week(t, "09:00-20:00", "09:00-20:00", ""), "Europe/Berlin").with(func(c *Candidate) { c.Urgent = notify.CourierAtDoor }),
			"hold QUIET_LEGAL 2026-12-02T08:00:00Z [TZ_MARKET_DEFAULT]"},
		{"Promo flagged urgent where the law is silent", late, advertising(t, nil, "Europe/Berlin").with(func(c *Candidate) { c.Urgent = notify.CourierAtDoor }),
			"hold QUIET_COURTESY 2026-12-02T07:00:00Z [TZ_MARKET_DEFAULT]"},
		{"User-initiated at 23:50", "2026-12-01T22:50:00Z", reply, "allow CLASS_USER_INITIATED [TZ_MARKET_DEFAULT]"},
		{"User-initiated at 23:50: a promotional block in it", "2026-12-01T22:50:00Z", reply.with(func(c *Candidate) { c.Promotional = "coupon" }), "drop CLASS_MISMATCH"},
		{"Three milestones overnight", "2026-12-01T22:50:00Z", sms(t, "Europe/Berlin").with(func(c *Candidate) { c.OvertakenBy = "e3" }), "drop SUPERSEDED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(Decide(c.c, instant(t, c.at))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCases_ConsentAndSuppression(t *testing.T) {
	t.Parallel()
	noon := "2026-12-01T12:00:00Z" // a Tuesday, 30 days after said's start
	always := week(t, "00:00-24:00", "00:00-24:00", "00:00-24:00")
	update, promo := sms(t, "Europe/Berlin"), advertising(t, always, "Europe/Berlin")
	stop := said(t, "s", notify.Withdrawn, 5, method(notify.MethodStop))
	mail := func(c Candidate) Candidate { return c.with(on(notify.Email)) }
	needs := func(c Candidate, n Need) Candidate { return c.with(func(c *Candidate) { c.Need = n }) }
	months := func(n int) Candidate { return promo.with(func(c *Candidate) { c.GrantMonths = n }) }
	for _, c := range []struct {
		name, at string
		c        Candidate
		want     string
	}{
		{"Marketing without consent (DE)", noon, promo.agreed(), "skip NO_CONSENT"},
		{"Marketing without consent, WhatsApp", noon, promo.with(on(notify.WhatsApp)).agreed(), "skip NO_CONSENT"},
		{"WhatsApp without opt-in", noon, needs(update, "opt_in").with(on(notify.WhatsApp)), "skip CHANNEL_OPTIN_MISSING"},
		{"WhatsApp without opt-in: e-mail goes", noon, mail(update), "allow BASIS_CONTRACT"},
		{"Withdrawn while queued", noon, needs(update, "opt_in").agreed(said(t, "g", notify.Granted, 0), said(t, "w", notify.Withdrawn, 5)), "skip CONSENT_WITHDRAWN"},
		{"Withdrawn while queued: by STOP", noon, needs(update, "opt_in").agreed(said(t, "g", notify.Granted, 0), stop), "skip SUPPRESSED_STOP"},
		{"Out of order", noon, promo.agreed(said(t, "w", notify.Withdrawn, 5), said(t, "g", notify.Granted, 0, heard(30))), "skip CONSENT_WITHDRAWN"},
		{"Tie", noon, promo.agreed(said(t, "w", notify.Withdrawn, 0), said(t, "g", notify.Granted, 0)), "skip CONSENT_WITHDRAWN"},
		{"Import cannot resurrect", noon, promo.agreed(stop, said(t, "i", notify.Granted, 9, method(notify.MethodImport))), "skip SUPPRESSED_STOP"},
		{"Import cannot resurrect: undated", noon, promo.agreed(stop, said(t, "i", notify.Granted, 9, method(notify.MethodImport), undated)), "skip SUPPRESSED_STOP"},
		{"STOP scope: order news", noon, update.agreed(stop), "skip SUPPRESSED_STOP"},
		{"STOP scope: advertising", noon, promo.agreed(said(t, "g", notify.Granted, 0), stop), "skip SUPPRESSED_STOP"},
		{"STOP scope: e-mail continues", noon, mail(update).agreed(stop), "allow BASIS_CONTRACT"},
		{"STOP scope: one confirmation, also at 02:00", "2026-12-01T01:00:00Z", update.agreed(stop).with(func(c *Candidate) { c.Class, c.Confirms = notify.ChatReply, true }),
			"allow CLASS_USER_INITIATED [TZ_MARKET_DEFAULT]"},
		{"STOP scope: no other answer", noon, update.agreed(stop).with(func(c *Candidate) { c.Class = notify.ChatReply }), "skip SUPPRESSED_STOP"},
		{"LINE unfollow", noon, update.with(on(notify.LINE)).agreed(said(t, "b", notify.Blocked, 0, through(notify.LINE))), "skip SUPPRESSED_BLOCKED_BY_USER"},
		{"LINE notification message with coupon", noon, needs(promo, NeedForbidden).with(on(notify.LINE)), "skip CHANNEL_POLICY_FORBIDS"},
		{"LINE notification message with coupon, called news", noon, update.with(on(notify.LINE)).with(func(c *Candidate) { c.Promotional = "coupon" }), "drop CLASS_MISMATCH"},
		{"KSA foreign sender promo", noon, needs(promo, NeedForbidden), "skip CHANNEL_POLICY_FORBIDS"},
		{"KSA foreign sender promo: an update goes", noon, update, "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"DOI pending", noon, needs(mail(promo), NeedDouble).agreed(said(t, "r", notify.DOIRequested, 0, through(notify.Email))), "skip CONSENT_PENDING_DOI"},
		{"DOI pending: granted, not confirmed", noon, needs(promo, NeedDouble), "skip CONSENT_PENDING_DOI"},
		{"DOI confirmed", noon, needs(promo, NeedDouble).agreed(said(t, "r", notify.DOIRequested, 0), said(t, "c", notify.DOIConfirmed, 5)), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"DOI confirmed elsewhere", noon, needs(promo, NeedDouble).agreed(said(t, "c", notify.Granted, 5, method(notify.MethodDouble))), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"DOI asked for again", noon, needs(promo, NeedDouble).agreed(said(t, "c", notify.DOIConfirmed, 0), said(t, "r", notify.DOIRequested, 5)), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"DOI pending where a plain yes would do", noon, promo.agreed(said(t, "r", notify.DOIRequested, 0)), "skip CONSENT_PENDING_DOI"},
		{"Soft opt-in", noon, needs(promo, NeedSoft).agreed(said(t, "g", notify.Granted, 0, basedOn(notify.BySoftOptIn))), "allow BASIS_SOFT_OPTIN [TZ_MARKET_DEFAULT]"},
		{"Soft opt-in where consent is asked for", noon, promo.agreed(said(t, "g", notify.Granted, 0, basedOn(notify.BySoftOptIn))), "skip NO_CONSENT"},
		{"Soft opt-in where it has to be confirmed", noon, needs(promo, NeedDouble).agreed(said(t, "g", notify.Granted, 0, basedOn(notify.BySoftOptIn))), "skip NO_CONSENT"},
		{"Soft opt-in after consent", noon, promo.agreed(said(t, "g", notify.Granted, 0), said(t, "h", notify.Granted, 5, basedOn(notify.BySoftOptIn))), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"Consent where soft opt-in would do", noon, needs(promo, NeedSoft), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"Notice alone", noon, needs(promo, NeedNotice).agreed(), "allow BASIS_LI [TZ_MARKET_DEFAULT]"},
		{"Expiry: KR, 2 years", "2028-11-01T10:00:00Z", months(24).agreed(said(t, "g", notify.Granted, 0)), "allow BASIS_CONSENT [TZ_MARKET_DEFAULT]"},
		{"Expiry: KR, the first ms after", "2028-11-01T10:00:00.001Z", months(24).agreed(said(t, "g", notify.Granted, 0)), "skip CONSENT_EXPIRED"},
		{"Expiry: CA, the first ms after", "2028-11-01T10:00:00.001Z", needs(months(24), NeedSoft).agreed(said(t, "g", notify.Granted, 0, basedOn(notify.BySoftOptIn))), "skip CONSENT_EXPIRED"},
		{"Expiry: FR, the first ms after", "2029-11-01T10:00:00.001Z", months(36).agreed(said(t, "g", notify.Granted, 0)), "skip CONSENT_EXPIRED"},
		{"Expiry: reported", noon, promo.agreed(said(t, "g", notify.Granted, 0), said(t, "x", notify.ConsentOver, 5)), "skip CONSENT_EXPIRED"},
		{"Region change: the German yes is to e-mail", noon, promo.agreed(said(t, "g", notify.Granted, 0, through(notify.Email))), "skip NO_CONSENT"},
		{"Another purpose", noon, promo.agreed(said(t, "g", notify.Granted, 0, about(notify.ReviewRequest))), "skip CONSENT_WRONG_PURPOSE"},
		{"Objection", noon, promo.agreed(said(t, "o", notify.Objected, 0, about(notify.Marketing)), said(t, "g", notify.Granted, 5, by("merchant"))), "skip SUPPRESSED_OBJECTION"},
		{"Objection to advertising leaves order news", noon, update.agreed(said(t, "o", notify.Objected, 0, about(notify.Marketing))), "allow BASIS_CONTRACT [TZ_MARKET_DEFAULT]"},
		{"Denied", noon, update.agreed(said(t, "d", notify.Denied, 0)), "skip NO_CONSENT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(Decide(c.c, instant(t, c.at))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
