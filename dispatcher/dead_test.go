package dispatcher

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// dies makes a dead letter: the provider refuses the words for good.
func (r *rig) dies() notify.NotificationID {
	r.t.Helper()
	r.refuse(notify.WhatsApp, channels.Rejected)
	r.went()
	r.provider.answer = nil
	return r.buried(ledger.DeadFilter{})[0]
}

// buried lists the dead letters.
func (r *rig) buried(f ledger.DeadFilter) (out []notify.NotificationID) {
	r.t.Helper()
	page, err := r.book.Dead(r.t.Context(), acme, f, r.now)
	r.must(err)
	for _, l := range page.Letters {
		out = append(out, l.Notification.ID)
	}
	return out
}

// told is a notification with what became of it.
func (r *rig) told(id notify.NotificationID) report.Told {
	r.t.Helper()
	all, err := r.book.Notifications(r.t.Context(), acme, ledger.Filter{ID: id})
	r.must(err)
	return all[0]
}

func (r *rig) retry(id notify.NotificationID, doubtful bool) Retried {
	r.t.Helper()
	out, err := r.Retry(r.t.Context(), r.shop, id, doubtful, "operator")
	r.must(err)
	return out
}

func TestRetry_ADeadLetterIsSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.dies()
	r.now = r.now.Add(48 * time.Hour) // long past its time to live
	if got := r.retry(id, false); got.Outcome != RetryQueued || got.Channel != notify.WhatsApp {
		t.Fatalf("retried: %+v", got)
	}
	r.must(r.work())
	r.tells("whatsapp failed PROVIDER_REJECTED:42", "whatsapp sent SENT")
	if first, second := r.provider.calls[0], r.provider.calls[1]; first.Key == second.Key || first.Delivery == second.Delivery {
		t.Error("the provider would take the second for the first")
	}
	if got := r.buried(ledger.DeadFilter{}); len(got) > 0 {
		t.Errorf("still dead: %v", got)
	}
	if got := r.retry(id, false); got.Outcome != RetryNotDead {
		t.Errorf("once more: %+v", got)
	}
	if !slices.Contains(r.decided(), "note SENT_AGAIN") {
		t.Errorf("decided %q", r.decided())
	}
}

// In its second round every channel is open again, and a failure there makes a dead letter again.
func TestRetry_OpensEveryChannel(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.provider.answer = func(channels.Message) error { return &channels.Error{Kind: channels.NotAllowedNow, Code: "7"} }
	r.went()
	r.must(r.work())
	r.tells("whatsapp failed CHANNEL_SESSION_CLOSED:7", "sms failed CHANNEL_SESSION_CLOSED:7", "email failed CHANNEL_SESSION_CLOSED:7")
	id := r.buried(ledger.DeadFilter{})
	if len(id) != 1 {
		t.Fatalf("dead: %v", id)
	}
	r.provider.answer = func(m channels.Message) error {
		if channelOf(m) == notify.WhatsApp {
			return &channels.Error{Kind: channels.NotAllowedNow, Code: "7"}
		}
		return nil
	}
	r.retry(id[0], false)
	r.must(r.work())
	all := r.deliveries()
	if len(all) != 5 || all[4].Channel != notify.SMS || all[4].State != notify.Sent {
		t.Errorf("deliveries %+v", all)
	}
	if got := r.buried(ledger.DeadFilter{}); len(got) > 0 {
		t.Errorf("dead: %v", got)
	}
}

func TestRetry_AsksTheGates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*rig)
		want   Retried
	}{
		"withdrawn meanwhile": {func(r *rig) {
			for _, c := range []notify.Channel{notify.WhatsApp, notify.SMS, notify.Email} {
				r.consents(c, notify.Withdrawn)
			}
		}, Retried{Outcome: RetryRefused, Reason: notify.Exhausted}},
		"at night": {func(r *rig) { r.now = time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC) },
			Retried{Outcome: RetryHeld, Channel: notify.WhatsApp, Reason: notify.QuietCourtesy, Until: time.Date(2026, 12, 2, 7, 0, 0, 0, time.UTC)}},
		"old news":         {func(r *rig) { r.hear("e2", parcel.Arrived) }, Retried{Outcome: RetryRefused, Reason: notify.SupersededBy}},
		"the shop is gone": {func(r *rig) { r.gone = func() bool { return true } }, Retried{Outcome: RetryRefused, Reason: notify.NoConfig}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.dies()
			expires := r.told(id).Notification.ExpiresAt
			r.now = r.now.Add(time.Minute)
			c.change(r)
			c.want.Notification = id
			got := r.retry(id, false)
			got.Until = got.Until.UTC()
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			dead := len(r.buried(ledger.DeadFilter{ID: id})) == 1
			if dead != (c.want.Outcome == RetryRefused) {
				t.Errorf("dead: %t", dead)
			}
			if later := r.told(id).Notification.ExpiresAt.After(expires); later == dead {
				t.Errorf("refused: %t, worth sending for longer: %t", dead, later)
			}
		})
	}
}

func TestRetry_OfAnErasedPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.dies()
	_, err := r.book.Erase(t.Context(), acme, "mei", r.now)
	r.must(err)
	if got := r.buried(ledger.DeadFilter{}); len(got) > 0 {
		t.Errorf("dead: %v", got)
	}
	if got := r.retry(id, true); got.Outcome != RetryNotDead || len(r.provider.calls) != 1 {
		t.Errorf("retried: %+v", got)
	}
}

// A person's own no is an answer, and no dead letter: it must not turn up on another channel by hand.
func TestDead_NotWhatThePersonDeclined(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.refuse(notify.WhatsApp, channels.OptedOut)
	r.went()
	r.now = r.now.Add(time.Minute)
	r.provider.answer = nil
	r.hear("e2", parcel.Arrived)
	r.must(r.work())
	if got := r.buried(ledger.DeadFilter{}); len(got) > 0 {
		t.Errorf("dead: %v", got)
	}
}

// What may have been taken is sent again only by whoever accepts a second copy.
func TestRetry_InDoubt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.refuse(notify.WhatsApp, channels.Ambiguous)
	r.went()
	r.provider.answer = nil
	if got := r.buried(ledger.DeadFilter{}); len(got) > 0 {
		t.Errorf("a moment later it is given up: %v", got)
	}
	r.now = r.now.Add(2 * time.Hour)
	ids := r.buried(ledger.DeadFilter{})
	if len(ids) != 1 {
		t.Fatalf("dead: %v", ids)
	}
	if got := r.retry(ids[0], false); got.Outcome != RetryRefused || got.Reason != notify.InDoubt {
		t.Errorf("retried: %+v", got)
	}
	if got := r.retry(ids[0], true); got.Outcome != RetryQueued {
		t.Errorf("retried by who accepts it: %+v", got)
	}
}

func TestRetry_TwiceAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.dies()
	var all sync.WaitGroup
	outcomes := make([]string, 8)
	lone := New(Config{Ledger: r.book, Queue: nowhere{}, Merchant: r.Merchant, Now: func() time.Time { return noon() }, Jitter: r.Jitter, Callback: r.Callback, Link: r.Link, Log: r.Log})
	for i := range outcomes {
		all.Go(func() {
			out, err := lone.Retry(t.Context(), r.shop, id, false, "operator")
			if err != nil {
				t.Error(err)
			}
			outcomes[i] = out.Outcome
		})
	}
	all.Wait()
	slices.Sort(outcomes)
	if want := []string{RetryNotDead, RetryNotDead, RetryNotDead, RetryNotDead, RetryNotDead, RetryNotDead, RetryNotDead, RetryQueued}; !slices.Equal(outcomes, want) {
		t.Errorf("outcomes %v", outcomes)
	}
}

func TestDead_FiltersAndPages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.refuse(notify.WhatsApp, channels.Rejected)
	r.orders(5)
	for i := range 5 {
		r.now = r.now.Add(time.Minute)
		r.departs(i)
		r.must(r.work())
	}
	for name, c := range map[string]struct {
		filter ledger.DeadFilter
		want   int
	}{
		"all":            {ledger.DeadFilter{}, 5},
		"channel":        {ledger.DeadFilter{Channel: notify.WhatsApp}, 5},
		"other channel":  {ledger.DeadFilter{Channel: notify.SMS}, 0},
		"reason":         {ledger.DeadFilter{Reason: notify.ProviderRejected}, 5},
		"exact reason":   {ledger.DeadFilter{Reason: "PROVIDER_REJECTED:42"}, 5},
		"other reason":   {ledger.DeadFilter{Reason: "PROVIDER"}, 0},
		"order":          {ledger.DeadFilter{Order: "A3"}, 1},
		"person":         {ledger.DeadFilter{Person: "mei"}, 5},
		"other person":   {ledger.DeadFilter{Person: "tom"}, 0},
		"since":          {ledger.DeadFilter{Since: noon().Add(4 * time.Minute)}, 2},
		"nothing of a %": {ledger.DeadFilter{Reason: "%"}, 0},
	} {
		if got := len(r.buried(c.filter)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	var seen []string
	for f := (ledger.DeadFilter{Limit: 2}); ; {
		page, err := r.book.Dead(t.Context(), acme, f, r.now)
		r.must(err)
		for _, l := range page.Letters {
			seen = append(seen, string(l.Notification.Order))
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	if want := []string{"A4", "A3", "A2", "A1", "A0"}; fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("pages hold %v", seen)
	}
	if page, err := r.book.Dead(t.Context(), "other", ledger.DeadFilter{}, r.now); err != nil || len(page.Letters) > 0 {
		t.Errorf("another merchant sees %+v, %v", page, err)
	}
}

// nowhere is a queue that forgets what it is given.
type nowhere struct{}

func (nowhere) Enqueue(context.Context, ...notify.Handoff) error { return nil }
