package policy

import (
	"testing"
	"time"

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
	stop := notify.ConsentEvent{Channel: notify.WhatsApp, Action: notify.Withdrawn, Method: MethodStop, OccurredAt: noon}
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
		{"no address and no opt-in", noon, func(c *Candidate) { c.HasAddress, c.Standing = false, Standing{} }, notify.Skip, notify.NoEndpoint, time.Time{}},
		{"no sender and no opt-in", noon, func(c *Candidate) { c.HasSender, c.Standing = false, Standing{} }, notify.Skip, notify.NoSender, time.Time{}},
		{"no address", noon, func(c *Candidate) { c.HasAddress = false }, notify.Skip, notify.NoEndpoint, time.Time{}},
		{"no sender", noon, func(c *Candidate) { c.HasSender = false }, notify.Skip, notify.NoSender, time.Time{}},
		{"no approved template", noon, func(c *Candidate) { c.HasWords = false }, notify.Skip, notify.NoTemplate, time.Time{}},
		{"overtaken", noon, func(c *Candidate) { c.OvertakenBy = "e2" }, notify.Drop, notify.SupersededBy, time.Time{}},
		{"expired", morning.AddDate(0, 0, 1), func(*Candidate) {}, notify.Drop, notify.Stale, time.Time{}},
		{"heard days late", noon, func(c *Candidate) { c.HappenedAt = noon.AddDate(0, 0, -4) }, notify.Drop, notify.Stale, time.Time{}},
		{"at night", night, func(*Candidate) {}, notify.Hold, notify.QuietCourtesy, morning},
		{"at night again", night, func(c *Candidate) { c.Attempts = 1 }, notify.Hold, notify.RetryHitQuiet, morning},
		{"email at night", night, func(c *Candidate) { c.Channel, c.Need = notify.Email, "" }, notify.Allow, notify.BasisContract, time.Time{}},
		{"in-app at night", night, func(c *Candidate) { c.Channel, c.Need = notify.InApp, "" }, notify.Allow, notify.BasisContract, time.Time{}},
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

func TestStopWord(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"STOP", " stop. ", "Stopp!", "ARRÊT", "parar", "停止", "หยุด", "berhenti", "退订", "退訂", "“stop”",
		"ＳＴＯＰ", "stop ❤️", "stop 🙅‍♀️", "STOP\u200b", "arre\u0302t", "ストップ", "désinscrire", "Parem!"} {
		if !StopWord(s) {
			t.Errorf("%q is not taken for a stop", s)
		}
	}
	for _, s := range []string{"", "when does it stop?", "don't stop", "start", "ok"} {
		if StopWord(s) {
			t.Errorf("%q is taken for a stop", s)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	at := instant(b, "2026-12-01T22:15:00Z")
	c := Candidate{Channel: notify.SMS, HasAddress: true, HasSender: true, HasWords: true, HeardAt: at, HappenedAt: at,
		ExpiresAt: at.Add(time.Hour), Windows: Windows{Quiet: quiet(b, "21:00", "08:00"), Zones: []Zone{{zone(b, "Europe/Berlin")}}}}
	for b.Loop() {
		Decide(c, at)
	}
}
