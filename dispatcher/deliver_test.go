package dispatcher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// refuse answers every call on a channel with a kind of failure.
func (r *rig) refuse(c notify.Channel, k channels.Kind) {
	r.provider.answer = func(m channels.Message) error {
		if channelOf(m) == c {
			return &channels.Error{Kind: k, Code: "42", Detail: "no"}
		}
		return nil
	}
}

func channelOf(m channels.Message) notify.Channel { return m.To.Channel }

// planned stores Mei and her order and plans one message.
func (r *rig) planned() notify.DeliveryID {
	r.t.Helper()
	r.ready(mei())
	in := r.hear("e1", parcel.Departed)
	r.belt.ids = nil
	return in.Ready[0].Delivery
}

func TestDeliver_MessageIsComplete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.must(r.Deliver(t.Context(), id))
	r.tells("whatsapp sent SENT")
	m := r.provider.calls[0]
	if m.Merchant != acme || m.Delivery != id || m.Attempt != 1 || m.Key == "" || m.Thread != "A1" || m.To.Value.Reveal() != "+4915112345678" ||
		m.Callback != "https://hooks.example/acme/whatsapp" || !strings.HasPrefix(m.Words.Link, "https://track.example/p_") || m.Words.Locale != "de" {
		t.Errorf("sent %+v", m)
	}
	if want := []notify.State{notify.Sending, notify.Sent}; !slices.Equal(r.seen, want) {
		t.Errorf("observed %v, want %v", r.seen, want)
	}
	r.must(r.Deliver(t.Context(), id))
	if len(r.provider.calls) != 1 {
		t.Error("a task that came twice is sent twice")
	}
}

func TestDeliver_RetriesAreSpent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.refuse(notify.WhatsApp, channels.Temporary)
	err := r.Deliver(t.Context(), id)
	for range maxAttempts - 1 {
		err = r.later(id, err)
	}
	r.must(err)
	r.tells("whatsapp failed RETRIES_SPENT:42", "sms planned OK")
	keys := map[string]bool{}
	for i, m := range r.provider.calls {
		keys[m.Key] = true
		if m.Attempt != i+1 {
			t.Errorf("call %d says it is attempt %d", i+1, m.Attempt)
		}
	}
	if len(r.provider.calls) != maxAttempts || len(keys) != 1 {
		t.Errorf("%d calls under %d keys", len(r.provider.calls), len(keys))
	}
	r.must(r.work())
	r.tells("whatsapp failed RETRIES_SPENT:42", "sms sent SENT")
}

func TestDeliver_ThrottledSpendsNoTry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.refuse(notify.WhatsApp, channels.Throttled)
	err := r.Deliver(t.Context(), id)
	for range 2 * maxAttempts {
		err = r.later(id, err)
	}
	r.provider.answer = nil
	r.must(r.later(id, err))
	r.tells("whatsapp sent SENT")
}

func TestDeliver_NeverSentTwiceToFindOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.provider.answer = func(channels.Message) error { return errors.New("connection reset") }
	r.must(r.Deliver(t.Context(), id))
	r.tells("whatsapp unknown UNKNOWN_OUTCOME")
	r.now = r.now.Add(time.Hour)
	if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("the sweep brings %d, %v", n, err)
	}
}

func TestDeliver_NextChannel(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.consents(notify.LINE, notify.Granted)
	id := r.planned()
	r.refuse(notify.WhatsApp, channels.Unreachable)
	r.must(r.Deliver(t.Context(), id))
	r.must(r.work())
	r.tells("whatsapp failed CHANNEL_BAD_ENDPOINT:42", "line sent SENT")
	want := []string{"allow whatsapp BASIS_CONSENT", "allow whatsapp BASIS_CONSENT", "allow line BASIS_CONSENT", "note line CHANNEL_FALLBACK",
		"note whatsapp CHANNEL_BAD_ENDPOINT:42", "allow line BASIS_CONSENT", "note line SENT"}
	if diff := cmp.Diff(want, r.decided()); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}

// The copy in the inbox fails or is no longer wanted. The message that speaks is on its way already: nothing else may speak.
func TestDeliver_SilentCopyThatFailsCallsNobodyElse(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*rig)
		want   []string
	}{
		"refused":   {func(r *rig) { r.refuse(notify.InApp, channels.Unreachable) }, []string{"whatsapp sent SENT", "inapp failed CHANNEL_BAD_ENDPOINT:42"}},
		"left":      {func(r *rig) { r.knows(mei()) }, []string{"whatsapp sent SENT", "inapp dropped CHANNEL_NO_ENDPOINT"}},
		"delivered": {func(*rig) {}, []string{"whatsapp sent SENT", "inapp sent SENT"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := mei()
			p.InApp = true
			r.ready(p)
			r.hear("e1", parcel.Departed)
			c.change(r)
			r.must(r.work())
			r.tells(c.want...)
		})
	}
}

func TestDeliver_NoChannelLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(notify.Person{ID: "mei", Market: "DE", Email: "mei@example.com"})
	r.hear("e1", parcel.Departed)
	r.refuse(notify.Email, channels.Unreachable)
	r.must(r.work())
	r.tells("email failed CHANNEL_BAD_ENDPOINT:42")
	if got := r.decided(); !slices.Contains(got, "drop CHANNEL_EXHAUSTED") {
		t.Errorf("nobody says that no channel is left: %v", got)
	}
}

func TestDeliver_OptOutAtTheProvider(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.refuse(notify.WhatsApp, channels.OptedOut)
	r.must(r.Deliver(t.Context(), id))
	r.tells("whatsapp failed OPTOUT_RECEIVED:42")
	r.provider.answer = nil
	r.now = r.now.Add(time.Hour)
	r.hear("e2", parcel.Arrived)
	r.tells("whatsapp failed OPTOUT_RECEIVED:42", "sms planned OK")
}

func TestDeliver_JudgedAgain(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*rig)
		want   []string
	}{
		{"consent withdrawn", func(r *rig) { r.now = r.now.Add(time.Minute); r.consents(notify.WhatsApp, notify.Withdrawn) }, []string{"whatsapp dropped CONSENT_WITHDRAWN"}},
		{"address gone", func(r *rig) { p := mei(); p.Phone = ""; r.knows(p) }, []string{"whatsapp dropped CHANNEL_NO_ENDPOINT", "email planned OK"}},
		{"night has come", func(r *rig) { r.now = r.now.Add(10 * time.Hour) }, []string{"whatsapp held QUIET_COURTESY"}},
		{"too old", func(r *rig) { r.now = r.now.Add(24*time.Hour + time.Second) }, []string{"whatsapp expired STALE_TTL"}},
		{"merchant gone", func(r *rig) { r.gone = func() bool { return true } }, []string{"whatsapp held CONFIGURATION_MISSING"}},
		{"market gone", func(r *rig) { r.shop.Markets = nil }, []string{"whatsapp held CONFIGURATION_MISSING"}},
		{"merchant gone for good", func(r *rig) { r.gone = func() bool { return true }; r.now = r.now.Add(25 * time.Hour) }, []string{"whatsapp expired STALE_TTL"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.planned()
			c.change(r)
			r.must(r.Deliver(t.Context(), id))
			r.tells(c.want...)
			if len(r.provider.calls) > 0 {
				t.Errorf("%d calls", len(r.provider.calls))
			}
		})
	}
}

func TestJudge_OvertakenIsSuperseded(t *testing.T) {
	t.Parallel()
	r := rigOn(t, nil, shop(t))
	j := job(notify.WhatsApp, 0)
	j.Story.Marks[0].Overtaken, j.Story.Marks[0].By, j.Story.Marks[0].Over = true, "e2", "e2"
	if got := r.judge(j, noon(), nil); got.State != notify.Superseded || got.Reason != notify.SupersededBy || got.Next != nil {
		t.Errorf("ruled %+v", got)
	}
}

func TestJudge_StaffContactRemoved(t *testing.T) {
	t.Parallel()
	r := rigOn(t, nil, shop(t))
	r.shop.Contact = nil
	j := job(notify.Email, 0)
	j.Notification.Audience = notify.Staff
	if got := r.judge(j, noon(), nil); got.State != notify.Dropped || got.Reason != notify.NoPerson {
		t.Errorf("ruled %+v", got)
	}
}

func TestDeliver_RetryAcrossTheEdgeOfNight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.now = time.Date(2026, 12, 1, 20, 59, 59, 0, time.UTC)
	id := r.planned()
	r.refuse(notify.WhatsApp, channels.Temporary)
	r.must(r.later(id, r.Deliver(t.Context(), id)))
	r.tells("whatsapp held RETRY_HIT_QUIET")
	if len(r.provider.calls) != 1 {
		t.Errorf("%d calls", len(r.provider.calls))
	}
}

func TestDeliver_TooEarlyComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	due := r.now
	r.now = r.now.Add(-time.Minute)
	later, ok := errors.AsType[*Later](r.Deliver(t.Context(), id))
	if !ok || !later.At.Equal(due) || !strings.Contains(later.Error(), "12:00:00Z") {
		t.Errorf("got %v", later)
	}
}

func TestDeliver_WordsThatFail(t *testing.T) {
	t.Parallel()
	t.Run("nobody wrote them", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.ready(mei())
		r.hear("e1", parcel.Damaged)
		r.must(r.work())
		r.tells("sms failed TEMPLATE_MISSING", "email failed TEMPLATE_MISSING")
	})
	t.Run("a layout is broken", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		words, err := written(fstest.MapFS{"email.html": {Data: []byte("{{.Nonsense}}")}})
		r.must(err)
		r.shop.Words = words
		markets := *r.shop.Markets["DE"]
		markets.Channels = []notify.Channel{notify.Email, notify.SMS}
		r.shop.Markets["DE"] = &markets
		r.ready(mei())
		r.hear("e1", parcel.Departed)
		r.must(r.work())
		r.tells("email failed RENDER_ERROR", "sms sent SENT")
	})
}

// The merchant is reconfigured between the judgement and the call.
func TestDeliver_ReconfiguredMeanwhile(t *testing.T) {
	t.Parallel()
	t.Run("merchant removed", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		id := r.planned()
		asked := 0
		r.gone = func() bool { asked++; return asked > 1 }
		if err := r.Deliver(t.Context(), id); err == nil {
			t.Error("nobody is asked to bring it again")
		}
		r.tells("whatsapp queued CONFIGURATION_MISSING")
	})
	t.Run("sender removed", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		id := r.planned()
		asked := 0
		r.gone = func() bool {
			if asked++; asked > 1 {
				delete(r.shop.Senders, notify.WhatsApp)
			}
			return false
		}
		r.must(r.Deliver(t.Context(), id))
		r.tells("whatsapp failed CHANNEL_NO_SENDER", "sms planned OK")
	})
}

// forgetful is a ledger that cannot be written to at the moment.
type forgetful struct{ Ledger }

func (forgetful) Record(context.Context, notify.Outcome) error { return errors.New("disk full") }

func TestDeliver_LedgerThatFailsIsAskedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	r.Ledger = forgetful{r.book}
	err := r.Deliver(t.Context(), id)
	if _, later := errors.AsType[*Later](err); err == nil || later {
		t.Errorf("got %v", err)
	}
	r.tells("whatsapp sending BASIS_CONSENT")
}

func TestSweep_OrphansOfDeadWorkers(t *testing.T) {
	t.Parallel()
	for channel, want := range map[notify.Channel]string{notify.WhatsApp: "whatsapp unknown UNKNOWN_OUTCOME", notify.Email: "email sent SENT"} {
		t.Run(string(channel), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := mei()
			if channel == notify.Email {
				p.Phone, p.Line = "", ""
			}
			r.ready(p)
			id := r.hear("e1", parcel.Departed).Ready[0].Delivery
			r.belt.ids = nil
			r.Ledger = forgetful{r.book}
			if err := r.Deliver(t.Context(), id); err == nil {
				t.Fatal("the worker did not die")
			}
			r.Ledger = r.book
			r.now = r.now.Add(lease)
			_, err := r.Sweep(t.Context())
			r.must(err)
			if got := r.story(); !strings.Contains(got, "sending") {
				t.Errorf("after %s it is an orphan already: %s", lease, got)
			}
			r.now = r.now.Add(time.Second)
			_, err = r.Sweep(t.Context())
			r.must(err)
			r.must(r.work())
			r.tells(want)
		})
	}
}

// A clock that stands still, as in a simulation, must not make the first sweep hand over the same page for ever.
func TestRecover_HandsOverEachOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.planned()
	for range 2 {
		n, err := r.Recover(t.Context())
		r.must(err)
		if len(r.belt.ids) != 1 {
			t.Errorf("%d handed over now, %d in all", n, len(r.belt.ids))
		}
	}
}

func TestSweep_HeldIsHandedOverAtItsHour(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.now = r.now.Add(10 * time.Hour)
	r.ready(mei())
	r.hear("e1", parcel.Departed)
	next, err := r.book.NextDue(t.Context(), r.now)
	r.must(err)
	r.now = next.Add(-time.Millisecond)
	if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("before its hour: %d, %v", n, err)
	}
	if wait := r.untilNext(t.Context(), r.now); wait != beat {
		t.Errorf("the sweeper sleeps %s", wait)
	}
	r.now = next
	if n, err := r.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("at its hour: %d, %v", n, err)
	}
	r.must(r.work())
	r.tells("whatsapp sent SENT")
	if wait := r.untilNext(t.Context(), r.now); wait != tick {
		t.Errorf("with nothing to wait for the sweeper sleeps %s", wait)
	}
}

// While a message waits the shop gives its order to somebody else. The old customer's news does not reach the new one.
func TestDeliver_OrderChangedHands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.planned()
	bob := mei()
	bob.ID = "bob"
	r.knows(bob)
	given := coat()
	given.Person = "bob"
	if _, err := r.PutOrder(t.Context(), r.shop, given); err != nil {
		t.Fatal(err)
	}
	r.must(r.Deliver(t.Context(), id))
	if len(r.provider.calls) > 0 {
		t.Errorf("%d calls", len(r.provider.calls))
	}
}

// An email whose answer was lost is sent once more under its Message-ID, and then left in doubt.
func TestDeliver_DoubtfulEmailIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(notify.Person{ID: "mei", Market: "DE", Email: "mei@example.com"})
	r.refuse(notify.Email, channels.Ambiguous)
	r.hear("e1", parcel.Departed)
	for range 4 {
		_ = r.work() // it asks to be brought again until it gives up
		r.now = r.now.Add(time.Hour)
		_, err := r.Sweep(t.Context())
		r.must(err)
	}
	if n := len(r.provider.calls); n != 2 {
		t.Errorf("%d calls, want two", n)
	}
	r.tells("email unknown UNKNOWN_OUTCOME")
}

// The number is gone when its message is about to go: the next channel is planned then and there, and judged for sending when its
// turn comes. What is on record as a decision to send is a call.
func TestDeliver_ADecisionToSendIsACall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.hear("e1", parcel.Departed)
	gone := mei()
	gone.Phone = ""
	r.knows(gone)
	r.must(r.work())
	all, err := r.book.Notifications(t.Context(), acme, ledger.Filter{})
	r.must(err)
	sends := 0
	for _, d := range all[0].Decisions {
		if d.Phase == notify.AtDispatch && d.Verdict == notify.Allow {
			sends++
		}
	}
	if sends != 1 || len(r.provider.calls) != 1 {
		t.Errorf("%d decisions to send and %d calls", sends, len(r.provider.calls))
	}
	r.tells("whatsapp dropped CHANNEL_NO_ENDPOINT", "email sent SENT")
}
