package dispatcher

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// report tells of the last call on a channel, as its provider does.
func (r *rig) report(c notify.Channel, s notify.State, why *channels.Error) {
	r.t.Helper()
	for i, m := range slices.Backward(r.provider.calls) {
		if channelOf(m) == c {
			r.reportOf(m.Delivery, fmt.Sprint("id", i+1), s, why)
			return
		}
	}
	r.t.Fatalf("nothing went by %s", c)
}

func (r *rig) reportOf(id notify.DeliveryID, provider string, s notify.State, why *channels.Error) {
	r.t.Helper()
	receipt := notify.Receipt{ID: provider + string(s), Delivery: id, ProviderID: provider, State: s, At: r.now}
	if why != nil {
		receipt.Code = why.Code
	}
	r.must(r.Receipt(r.t.Context(), acme, receipt, why))
}

// went sends one message to Mei, who has agreed to WhatsApp.
func (r *rig) went() {
	r.t.Helper()
	id := r.planned()
	r.must(r.Deliver(r.t.Context(), id))
}

// passes lets time pass and does what is due by then.
func (r *rig) passes(d time.Duration) {
	r.t.Helper()
	r.now = r.now.Add(d)
	for range 20 {
		n, err := r.Sweep(r.t.Context())
		r.must(err)
		_ = r.work() // what is to come again comes with a later sweep
		if n == 0 {
			return
		}
	}
}

func why(k channels.Kind, code string) *channels.Error { return &channels.Error{Kind: k, Code: code} }

func TestReceipt_MovesADelivery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state notify.State
		want  string
	}{
		{notify.Sent, "whatsapp sent SENT"},
		{notify.Arrived, "whatsapp delivered DELIVERED"},
		{notify.Read, "whatsapp read READ"},
		{notify.Failed, "whatsapp failed FAILED"},
	} {
		r := newRig(t)
		r.went()
		r.report(notify.WhatsApp, c.state, nil)
		r.report(notify.WhatsApp, c.state, nil)
		r.tells(c.want)
	}
}

// A failure that is reported minutes later leads to what it would have led to at the call.
func TestReceipt_AFailureAsksForTheSameAsAtTheCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		why  *channels.Error
		want []string
	}{
		"nobody there":    {why(channels.Unreachable, "63003"), []string{"whatsapp failed FAILED:63003", "sms sent SENT"}},
		"not now":         {why(channels.NotAllowedNow, "63016"), []string{"whatsapp failed FAILED:63016", "sms sent SENT"}},
		"opted out":       {why(channels.OptedOut, "21610"), []string{"whatsapp failed OPTOUT_RECEIVED:21610"}},
		"a broken letter": {why(channels.Rejected, "63013"), []string{"whatsapp failed FAILED:63013"}},
		"out of reach":    {&channels.Error{Kind: channels.Temporary, Code: "30003", RetryAfter: time.Hour, Tries: 2}, []string{"whatsapp queued RETRY_SCHEDULED"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.went()
			r.report(notify.WhatsApp, notify.Failed, c.why)
			r.must(r.work())
			r.tells(c.want...)
		})
	}
}

func TestReceipt_OutOfReachIsTriedOnceMoreAndThenElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	off := &channels.Error{Kind: channels.Temporary, Code: "30003", RetryAfter: time.Hour, Tries: 2}
	r.report(notify.WhatsApp, notify.Failed, off)
	r.passes(59 * time.Minute)
	r.tells("whatsapp queued RETRY_SCHEDULED")
	r.passes(time.Minute)
	r.tells("whatsapp sent SENT")
	r.reportOf(r.provider.calls[0].Delivery, "id1", "undelivered later", off) // of the first try, which is known to have failed
	r.tells("whatsapp sent SENT")
	r.report(notify.WhatsApp, notify.Failed, off)
	r.must(r.work())
	r.tells("whatsapp failed FAILED:30003", "sms sent SENT")
}

func TestReceipt_ALateFailureOfAnEarlierTryDoesNotCount(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	off := &channels.Error{Kind: channels.Temporary, Code: "30003", RetryAfter: time.Hour, Tries: 2}
	r.report(notify.WhatsApp, notify.Failed, off)
	r.passes(time.Hour)
	first := r.provider.calls[0].Delivery
	r.must(r.Receipt(t.Context(), acme, notify.Receipt{ID: "again", Delivery: first, ProviderID: "id1", State: notify.Failed, Code: "30003", At: r.now}, off))
	r.tells("whatsapp sent SENT")
	if len(r.provider.calls) != 2 {
		t.Errorf("%d calls", len(r.provider.calls))
	}
}

// An address that leads nowhere is not tried again, until something reaches it.
func TestReceipt_ADeadEndIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	r.report(notify.WhatsApp, notify.Failed, why(channels.Unreachable, "63003"))
	r.must(r.work())
	r.now = r.now.Add(time.Hour)
	r.hear("e2", parcel.Arrived)
	r.must(r.work())
	r.tells("whatsapp failed FAILED:63003", "sms sent SENT", "sms sent SENT")
	all, err := r.book.Notifications(t.Context(), acme, ledger.Filter{})
	r.must(err)
	if !slices.ContainsFunc(all[0].Decisions, func(d notify.Decision) bool {
		return d.Channel == notify.WhatsApp && d.Verdict == notify.Skip && d.Reason == "CHANNEL_BAD_ENDPOINT:63003"
	}) {
		t.Errorf("decided %+v", all[0].Decisions)
	}
	r.reportOf(r.provider.calls[0].Delivery, "id1", notify.Arrived, nil) // the phone was switched on after all
	r.now = r.now.Add(time.Hour)
	r.hear("e3", parcel.OutForDeliv)
	r.must(r.work())
	if got := channelOf(r.provider.calls[len(r.provider.calls)-1]); got != notify.WhatsApp {
		t.Errorf("once it works again it goes by %s", got)
	}
}

func TestReceipt_AnotherNumberIsAnotherEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	moved := mei()
	moved.Phone = "+4915199999999"
	r.knows(moved)
	r.report(notify.WhatsApp, notify.Failed, why(channels.Unreachable, "63003")) // of the number she had
	r.must(r.work())
	r.now = r.now.Add(time.Hour)
	r.hear("e2", parcel.Arrived)
	r.must(r.work())
	if last := r.provider.calls[len(r.provider.calls)-1]; channelOf(last) != notify.WhatsApp || last.To.Value.Reveal() != "+4915199999999" {
		t.Errorf("it goes by %s", channelOf(last))
	}
}

// A failure that comes when another channel has spoken already leads to no third message.
func TestReceipt_NoThirdMessage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	r.passes(4 * time.Hour)
	r.tells("whatsapp sent SENT", "sms sent SENT")
	r.report(notify.WhatsApp, notify.Failed, why(channels.Unreachable, "63003"))
	r.passes(time.Hour)
	r.tells("whatsapp failed FAILED:63003", "sms sent SENT")
}

// Free words that WhatsApp refuses, because its window has just closed, go as the approved text.
func TestReceipt_ClosedWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	_, err := r.book.AddReply(t.Context(), acme, "mei", notify.WhatsApp, notify.Message{ID: "m1", Text: "hello", At: r.now})
	r.must(err)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	if w := r.provider.calls[0].Words; w.Content != nil {
		t.Fatalf("within the window it goes as %+v", w)
	}
	r.report(notify.WhatsApp, notify.Failed, why(channels.NotAllowedNow, "63016"))
	r.passes(0)
	if len(r.provider.calls) != 2 || r.provider.calls[1].Words.Content == nil || channelOf(r.provider.calls[1]) != notify.WhatsApp {
		t.Fatalf("then %d calls, the last %+v", len(r.provider.calls), r.provider.calls[len(r.provider.calls)-1].Words)
	}
	r.report(notify.WhatsApp, notify.Failed, why(channels.NotAllowedNow, "63016"))
	r.passes(0)
	r.tells("whatsapp failed FAILED:63016", "sms sent SENT")
}
