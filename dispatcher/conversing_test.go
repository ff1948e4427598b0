package dispatcher

import (
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Somebody who wrote on WhatsApp within a day is answered in free words, which need no approval; a day later, and on other
// channels' account, the approved template it is.
func TestDeliver_FreeTextWithinADayOfTheCustomersOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wrote notify.Channel
		ago   time.Duration
		free  bool
	}{
		"a moment ago":     {notify.WhatsApp, time.Minute, true},
		"almost a day ago": {notify.WhatsApp, 23*time.Hour + 50*time.Minute, true},
		"a day ago":        {notify.WhatsApp, 24*time.Hour - time.Minute, false},
		"by text message":  {notify.SMS, time.Minute, false},
		"never":            {"", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.ready(mei())
			if tt.wrote != "" {
				_, err := r.book.AddReply(t.Context(), acme, "mei", tt.wrote, notify.Message{ID: "m1", Text: "Danke!", At: r.now.Add(-tt.ago)})
				r.must(err)
			}
			r.hear("e1", parcel.Departed)
			r.must(r.work())
			if len(r.provider.calls) != 1 {
				t.Fatalf("%d calls", len(r.provider.calls))
			}
			if w := r.provider.calls[0].Words; (w.Content == nil) != tt.free || w.Text == "" {
				t.Errorf("sent %+v, want free words: %t", w, tt.free)
			}
		})
	}
}

// Where no template is approved, WhatsApp is still the channel while a conversation is open.
func TestDeliver_ConversationNeedsNoApproval(t *testing.T) {
	t.Parallel()
	for wrote, want := range map[bool]string{true: "whatsapp sent SENT", false: "sms sent SENT"} {
		r := newRig(t)
		r.shop.Words = r.shop.Words.WithContent(nil)
		r.ready(mei())
		if wrote {
			_, err := r.book.AddReply(t.Context(), acme, "mei", notify.WhatsApp, notify.Message{ID: "m1", Text: "Danke!", At: r.now})
			r.must(err)
		}
		r.hear("e1", parcel.Departed)
		r.must(r.work())
		r.tells(want)
	}
}

// WhatsApp opens the window for the number that was written to, and for no other: what goes freely goes by that number, where nothing is approved by
// it alone, and an answer always does.
func TestDeliver_TheWindowIsTheNumbersOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wrote    string
		approved bool
		want     string
	}{
		"the first":                {"orders", true, "orders free"},
		"the second":               {"support", true, "support free"},
		"neither":                  {"", true, "orders approved"},
		"one that is gone":         {"gone", true, "orders approved"},
		"the second, none by text": {"support", false, "support free"},
		"neither, none by text":    {"", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			accounts := r.gateways("orders", "support")
			if !tt.approved {
				r.shop.Words = r.shop.Words.WithContent(nil)
			}
			r.ready(mei())
			if tt.wrote != "" {
				_, err := r.book.AddReply(t.Context(), acme, "mei", notify.WhatsApp, notify.Message{ID: "m1", Sender: tt.wrote, Text: "Danke!", At: r.now})
				r.must(err)
			}
			r.hear("e1", parcel.Departed)
			r.must(r.work())
			if got := went(accounts); got != tt.want {
				t.Errorf("it goes by %q, want %q", got, tt.want)
			}
		})
	}
}

// went names the account that something went by, and whether in free words.
func went(accounts map[string]*gateway) (by string) {
	for name, g := range accounts {
		for _, c := range g.calls {
			how := " approved"
			if c.Words.Content == nil {
				how = " free"
			}
			by += name + how
		}
	}
	return by
}

// An answer goes by the account that was written to, whatever the market's is.
func TestConverse_ByTheAccountThatWasWrittenTo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	accounts := r.gateways("orders", "support", "elsewhere")
	r.shop.Senders[notify.WhatsApp][2].Markets = []string{"FR"}
	r.listens()
	r.ready(mei())
	for i, to := range []string{"support", "elsewhere", "orders"} {
		r.now = r.now.Add(time.Minute)
		_, err := r.Converse(t.Context(), r.shop, "mei", notify.WhatsApp, notify.Message{ID: to, Sender: to, Text: "Wo ist mein Mantel?", At: r.now})
		r.must(err)
		r.must(r.work())
		if n := len(accounts[to].calls); n != 1 {
			t.Errorf("%d: %d answers by %s", i, n, to)
		}
	}
}
