package dispatcher

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// settled is what a kind of failure leads to at the first attempt.
type settled struct {
	state   notify.State
	reason  notify.Reason
	pause   time.Duration // until it is tried again
	now     bool          // it is tried again at once
	unspent bool
	next    bool // whether another channel is tried
	optOut  bool
}

// outcomes says for each kind what follows from it on a channel that knows no keys, and where that differs, on one that does.
func outcomes() map[channels.Kind][2]settled {
	both := func(s settled) [2]settled { return [2]settled{s, s} }
	retry := settled{state: notify.Queued, reason: notify.RetryScheduled, pause: firstPause}
	return map[channels.Kind][2]settled{
		channels.Temporary:     both(retry),
		channels.Throttled:     both(settled{state: notify.Queued, reason: notify.RetryScheduled, pause: 7 * time.Second, unspent: true}),
		channels.Rejected:      both(settled{state: notify.Failed, reason: "PROVIDER_REJECTED:42"}),
		channels.Unreachable:   both(settled{state: notify.Failed, reason: "CHANNEL_BAD_ENDPOINT:42", next: true}),
		channels.OptedOut:      both(settled{state: notify.Failed, reason: "OPTOUT_RECEIVED:42", optOut: true}),
		channels.NotAllowedNow: both(settled{state: notify.Failed, reason: "CHANNEL_SESSION_CLOSED:42", next: true}),
		channels.Misconfigured: both(settled{state: notify.Queued, reason: notify.SenderPaused, unspent: true, now: true}),
		channels.Ambiguous:     {{state: notify.UnknownSt, reason: notify.UnknownOutcome}, retry},
	}
}

func TestSettle_EveryKindOnEveryChannel(t *testing.T) {
	t.Parallel()
	for _, k := range channels.Kinds() {
		want, known := outcomes()[k]
		if !known {
			t.Errorf("nobody says what %s leads to", k)
		}
		for _, c := range notify.Channels() {
			t.Run(string(k)+" on "+string(c), func(t *testing.T) {
				t.Parallel()
				at := 0
				if c == notify.LINE || c == notify.Email || c == notify.InApp {
					at = 1
				}
				checkSettled(t, settleOne(t, k, c, 1), c, want[at])
			})
		}
	}
	got := settleOne(t, "never heard of", notify.SMS, 1)
	checkSettled(t, got, notify.SMS, settled{state: notify.Failed, reason: "PROVIDER_REJECTED:42"})
}

// job is a delivery of Mei's on a channel, about to be judged.
func job(c notify.Channel, attempts int) notify.Job {
	p, o := mei(), coat()
	p.InApp = true
	e := parcel.Event{ID: "e1", Kind: parcel.Departed, HappenedAt: noon(), HeardAt: noon()}
	n := notify.Notification{ID: "n_1", Merchant: acme, Person: p.ID, Audience: notify.Customer, Event: e.ID, Kind: e.Kind, Market: "DE",
		Notice: notify.Notice{Rule: "departed", Say: "departed"}, ExpiresAt: noon().Add(24 * time.Hour)}
	d := newDelivery(n, c, 0, noon())
	d.Attempts = attempts
	consent := notify.ConsentEvent{Channel: notify.WhatsApp, Action: notify.Granted, OccurredAt: noon()}
	return notify.Job{Delivery: d, Notification: n, Tried: []notify.Channel{c}, Story: notify.Story{
		Merchant: acme, Order: &o, Person: &p, Marks: []parcel.Mark{{Event: e, Entered: true, Occurrence: 1}}, Consents: []notify.ConsentEvent{consent}}}
}

func settleOne(t *testing.T, k channels.Kind, c notify.Channel, attempts int) notify.Outcome {
	t.Helper()
	r := rigOn(t, nil, shop(t))
	j := job(c, attempts)
	ch, gone := r.choice(j, noon())
	if gone != "" {
		t.Fatal(gone)
	}
	var out notify.Outcome
	e := &channels.Error{Kind: k, Code: "42"}
	if k == channels.Throttled {
		e.RetryAfter = 7 * time.Second
	}
	r.settle(ch, j, e, &out)
	return out
}

func checkSettled(t *testing.T, got notify.Outcome, c notify.Channel, want settled) {
	t.Helper()
	if got.State != want.state || got.Reason != want.reason || got.Unspent != want.unspent || got.Code != "42" {
		t.Errorf("it ends %s %s, unspent %t, code %q; want %+v", got.State, got.Reason, got.Unspent, got.Code, want)
	}
	if (got.Next != nil) != want.next || got.Next != nil && got.Next.Channel == c {
		t.Errorf("the next channel is %+v", got.Next)
	}
	due := time.Time{}
	if want.pause > 0 || want.now {
		due = noon().Add(want.pause)
	}
	if !got.Due.Equal(due) {
		t.Errorf("due %s, want %s", got.Due, due)
	}
	if (got.Consent != nil) != want.optOut {
		t.Fatalf("consent %+v", got.Consent)
	}
	if e := got.Consent; e != nil && (e.Channel != c || e.Action != notify.Withdrawn || e.Method != notify.MethodStop || e.Purpose != "") {
		t.Errorf("the opt-out is recorded as %+v", e)
	}
}

func TestSettle_TriesAreCounted(t *testing.T) {
	t.Parallel()
	if got := settleOne(t, channels.Temporary, notify.WhatsApp, maxAttempts-1); got.State != notify.Queued || got.Next != nil {
		t.Errorf("after %d tries it is %s", maxAttempts-1, got.State)
	}
	checkSettled(t, settleOne(t, channels.Temporary, notify.WhatsApp, maxAttempts), notify.WhatsApp,
		settled{state: notify.Failed, reason: "RETRIES_SPENT:42", next: true})
	if got := settleOne(t, channels.Throttled, notify.WhatsApp, maxAttempts); got.State != notify.Queued || !got.Unspent {
		t.Errorf("a provider that asks for patience spends a try: %+v", got)
	}
}

func TestSettle_ThrottledWithoutATimeWaits(t *testing.T) {
	t.Parallel()
	r := rigOn(t, nil, shop(t))
	j := job(notify.SMS, 1)
	c, _ := r.choice(j, noon())
	var out notify.Outcome
	r.settle(c, j, &channels.Error{Kind: channels.Throttled}, &out)
	if !out.Due.Equal(noon().Add(throttlePause)) {
		t.Errorf("it is tried again at %s", out.Due)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		attempt := rapid.IntRange(1, 200).Draw(rt, "attempt")
		jitter := rapid.Float64Range(0, 0.999).Draw(rt, "jitter")
		got, full := pause(attempt, jitter), pause(attempt, 0)
		if got > full || got < full-full/5 {
			rt.Fatalf("attempt %d waits %s, without jitter %s", attempt, got, full)
		}
		if full < firstPause || full > longestPause || attempt > 1 && full < pause(attempt-1, 0) {
			rt.Fatalf("attempt %d waits %s", attempt, full)
		}
	})
	if pause(1, 0) != firstPause || pause(2, 0) != 2*firstPause || pause(200, 0) != longestPause {
		t.Errorf("the pauses are %s, %s ... %s", pause(1, 0), pause(2, 0), pause(200, 0))
	}
}

// The documentation's table of what each kind leads to is what is done.
func TestSettle_IsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	for _, c := range channels.Consequences() {
		got := settleOne(t, c.Kind, notify.SMS, 1)
		has := channels.Consequence{Kind: c.Kind, Delivery: c.Delivery, Next: got.Next != nil, DeadEnd: got.DeadEnd, Consent: got.Consent != nil,
			Parks: got.Parking != nil, Spent: !got.Unspent}
		if has != c {
			t.Errorf("it does %+v, the table says %+v", has, c)
		}
	}
	if len(channels.Consequences()) != len(channels.Kinds()) {
		t.Error("the table has not one row a kind")
	}
}
