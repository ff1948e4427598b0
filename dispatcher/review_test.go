package dispatcher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// escalating tells of customs with an escalation.
const escalating = "say: customs_hold, to: [customer], escalate: {after: 2h, unless: read, channels: [sms, email]}}"

func escalatingRig(t *testing.T) *rig {
	r := newRig(t)
	r.shop.Markets["DE"] = market(t, strings.Replace(germany, "say: customs_hold, to: [customer, merchant]}", escalating, 1))
	r.ready(mei())
	r.hear("e1", parcel.Customs)
	r.must(r.work())
	return r
}

func TestReview_AMissingReceipt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	r.passes(4*time.Hour - time.Millisecond)
	r.tells("whatsapp sent SENT")
	r.passes(time.Millisecond)
	r.tells("whatsapp sent SENT", "sms sent SENT")
	if !slices.Contains(r.decided(), "note sms RECEIPT_MISSING") {
		t.Errorf("decided %q", r.decided())
	}
	r.passes(48 * time.Hour) // and that is all
	r.tells("whatsapp sent SENT", "sms sent SENT")
}

// A market says how long a channel has; trouble waits no longer than half an hour for any.
func TestReview_PatienceOfTheMarket(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		patience string
		news     parcel.Kind
		after    time.Duration
		first    notify.Channel
	}{
		"shorter":                      {"{whatsapp: 90m}", parcel.Departed, 90 * time.Minute, notify.WhatsApp},
		"longer":                       {"{whatsapp: 6h}", parcel.Departed, 6 * time.Hour, notify.WhatsApp},
		"of another channel":           {"{sms: 1h}", parcel.Departed, 4 * time.Hour, notify.WhatsApp},
		"of SMS, which has none":       {"{sms: 1h}", parcel.Departed, time.Hour, notify.SMS},
		"of trouble, which is shorter": {"{whatsapp: 6h}", parcel.Customs, 30 * time.Minute, notify.WhatsApp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			text := strings.Replace(germany, "channels: [", "patience: "+tt.patience+"\nchannels: [", 1)
			r.shop.Markets["DE"] = market(t, strings.Replace(text, "say: customs_hold,", "say: customs_hold, urgency: high,", 1))
			if tt.first == notify.SMS {
				r.shop.Senders[notify.WhatsApp] = nil
			}
			r.ready(mei())
			r.hear("e1", tt.news)
			r.must(r.work())
			before := len(r.provider.calls)
			r.passes(tt.after - time.Millisecond)
			if n := len(r.provider.calls); n != before {
				t.Errorf("%d calls before the time", n-before)
			}
			r.passes(time.Millisecond)
			if n := len(r.provider.calls); n != before+1 {
				t.Errorf("%d calls at the time, want one by the next channel", n-before)
			}
		})
	}
}

func TestReview_AReceiptStopsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	r.report(notify.WhatsApp, notify.Arrived, nil)
	r.passes(24 * time.Hour)
	r.tells("whatsapp delivered DELIVERED")
}

func TestReview_AReplyStopsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	_, err := r.book.AddReply(t.Context(), acme, "mei", notify.Email, notify.Message{ID: "m1", Text: "thanks", At: r.now.Add(time.Minute)})
	r.must(err)
	r.passes(24 * time.Hour)
	r.tells("whatsapp sent SENT")
}

func TestReview_WhoExpectsNoReceiptsMissesNone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Callback = func(notify.MerchantID, notify.Channel) string { return "" }
	r.went()
	r.passes(24 * time.Hour)
	r.tells("whatsapp sent SENT")
}

func TestReview_Escalation(t *testing.T) {
	t.Parallel()
	r := escalatingRig(t)
	r.report(notify.WhatsApp, notify.Arrived, nil)
	r.passes(2*time.Hour - time.Millisecond)
	r.tells("whatsapp delivered DELIVERED")
	r.passes(time.Millisecond)
	r.tells("whatsapp delivered DELIVERED", "sms sent SENT")
	r.passes(2 * time.Hour)
	r.tells("whatsapp delivered DELIVERED", "sms sent SENT", "email sent SENT")
	r.passes(48 * time.Hour)
	r.tells("whatsapp delivered DELIVERED", "sms sent SENT", "email sent SENT")
	if got := r.decided(); !slices.Contains(got, "note sms ESCALATED") || !slices.Contains(got, "note email ESCALATED") {
		t.Errorf("decided %q", got)
	}
}

func TestReview_ReadIsNotEscalated(t *testing.T) {
	t.Parallel()
	r := escalatingRig(t)
	r.report(notify.WhatsApp, notify.Read, nil)
	r.passes(24 * time.Hour)
	r.tells("whatsapp read READ")
}

// An escalation that waits for the morning is not sent when the message was read in the night.
func TestReview_AHeldEscalationIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Markets["DE"] = market(t, strings.Replace(germany, "say: customs_hold, to: [customer, merchant]}", escalating, 1))
	r.now = time.Date(2026, 12, 1, 19, 30, 0, 0, time.UTC) // 20:30 in Berlin
	r.ready(mei())
	r.hear("e1", parcel.Customs)
	r.must(r.work())
	r.passes(2 * time.Hour)
	r.tells("whatsapp sent SENT", "sms held QUIET_COURTESY")
	r.report(notify.WhatsApp, notify.Read, nil)
	r.passes(12 * time.Hour)
	r.tells("whatsapp read READ", "sms superseded NOTICED")
}

// askable is a provider that can be asked what it took.
type askable struct {
	*provider
	took []channels.Accepted
	fail error
	asks int
}

func (a *askable) Ask(context.Context, channels.Message, time.Time) ([]channels.Accepted, error) {
	a.asks++
	return a.took, a.fail
}

// lost sends a message whose answer is lost.
func lost(t *testing.T) (*rig, *askable) {
	r := newRig(t)
	a := &askable{provider: r.provider}
	r.shop.Senders[notify.WhatsApp] = []Sender{{Sender: a}}
	r.refuse(notify.WhatsApp, channels.Ambiguous)
	r.went()
	r.tells("whatsapp unknown UNKNOWN_OUTCOME")
	r.provider.answer = nil
	return r, a
}

func TestAsk_ItWasTaken(t *testing.T) {
	t.Parallel()
	r, a := lost(t)
	a.took = []channels.Accepted{{ProviderID: "SM7", State: notify.Sent}}
	r.passes(askAfter - time.Millisecond)
	if a.asks != 0 {
		t.Error("the callback has no time to come")
	}
	r.passes(time.Millisecond)
	r.tells("whatsapp sent SENT")
	if len(r.provider.calls) != 1 {
		t.Errorf("%d calls", len(r.provider.calls))
	}
	r.must(r.Receipt(t.Context(), acme, notify.Receipt{ID: "r1", ProviderID: "SM7", State: notify.Arrived, At: r.now}, nil))
	r.tells("whatsapp delivered DELIVERED")
}

func TestAsk_ItWasNotTaken(t *testing.T) {
	t.Parallel()
	r, a := lost(t)
	r.passes(askAfter)
	r.tells("whatsapp unknown UNKNOWN_OUTCOME")
	r.passes(askAgain - askAfter)
	r.passes(grace + time.Second)
	r.tells("whatsapp sent SENT")
	if a.asks != 2 || len(r.provider.calls) != 2 {
		t.Errorf("asked %d times, called %d times", a.asks, len(r.provider.calls))
	}
}

// What another delivery is known by is not taken for this one.
func TestAsk_AnothersMessage(t *testing.T) {
	t.Parallel()
	r, a := lost(t)
	r.now = r.now.Add(time.Second)
	r.hear("e2", parcel.Arrived)
	r.must(r.work())
	a.took = []channels.Accepted{{ProviderID: "id2", State: notify.Sent}}
	r.passes(askAfter)
	r.tells("whatsapp unknown UNKNOWN_OUTCOME", "whatsapp sent SENT")
}

func TestAsk_TheCallbackCameFirst(t *testing.T) {
	t.Parallel()
	r, a := lost(t)
	r.reportOf(r.provider.calls[0].Delivery, "SM7", notify.Arrived, nil)
	r.passes(time.Hour)
	r.tells("whatsapp delivered DELIVERED")
	if a.asks != 0 || len(r.provider.calls) != 1 {
		t.Errorf("asked %d times, called %d times", a.asks, len(r.provider.calls))
	}
}

func TestAsk_NoAnswerLeavesItUnknown(t *testing.T) {
	t.Parallel()
	r, a := lost(t)
	a.fail = errors.New("down")
	for range 100 {
		r.passes(askAgain)
	}
	r.tells("whatsapp unknown UNKNOWN_OUTCOME")
	if limit := int(askFor/askAgain) + 2; a.asks < 3 || a.asks > limit || len(r.provider.calls) != 1 {
		t.Errorf("asked %d times, called %d times", a.asks, len(r.provider.calls))
	}
}

// What a worker was at when it died is asked about too.
func TestAsk_AnOrphan(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := &askable{provider: r.provider, took: []channels.Accepted{{ProviderID: "SM7", State: notify.Sent}}}
	r.shop.Senders[notify.WhatsApp] = []Sender{{Sender: a}}
	id := r.planned()
	_, err := r.book.Claim(t.Context(), id, r.now, func(j notify.Job) notify.Ruling { return r.judge(j, r.now, nil) })
	r.must(err)
	r.passes(lease + time.Second)
	r.tells("whatsapp sent SENT")
	if len(r.provider.calls) != 0 || a.asks != 1 {
		t.Errorf("asked %d times, called %d times", a.asks, len(r.provider.calls))
	}
}
