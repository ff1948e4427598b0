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
				_, err := r.book.AddReply(t.Context(), acme, "mei", tt.wrote, "m1", "Danke!", r.now.Add(-tt.ago))
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
			_, err := r.book.AddReply(t.Context(), acme, "mei", notify.WhatsApp, "m1", "Danke!", r.now)
			r.must(err)
		}
		r.hear("e1", parcel.Departed)
		r.must(r.work())
		r.tells(want)
	}
}
