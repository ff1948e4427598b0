package dispatcher

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// A card says when a browser may be told of it: at once by day, and when quiet hours end at night. No other channel is told.
func TestDeliver_CardSaysWhenItMayKnock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ now, at time.Time }{
		"by day":   {noon(), noon()},
		"at night": {noon().Add(10 * time.Hour), noon().Add(19 * time.Hour)}, // 23:00 and 8:00 in Berlin
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.now = c.now
			r.ready(notify.Person{ID: "mei", Market: "DE", Email: "mei@example.com", InApp: true})
			knocks := map[notify.Channel]channels.Knock{}
			r.provider.answer = func(m channels.Message) error {
				knocks[m.To.Channel] = m.Knock
				return nil
			}
			r.hear("e1", parcel.Departed)
			r.must(r.work())
			p, err := r.book.Notifications(t.Context(), acme, ledger.Filter{})
			r.must(err)
			want := map[notify.Channel]channels.Knock{notify.Email: {}, notify.InApp: {At: c.at, Until: p[0].Notification.ExpiresAt, Urgency: notify.Normal,
				Collapse: string(p[0].Notification.Parcel) + "/milestone"}}
			if diff := cmp.Diff(want, knocks); diff != "" {
				t.Errorf("knocks (-want +got):\n%s", diff)
			}
		})
	}
}
