package dispatcher

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
)

// market makes a market of a test's own.
func market(t testing.TB, text string) *rules.Market {
	t.Helper()
	code := strings.TrimSpace(strings.TrimPrefix(strings.SplitN(strings.TrimSpace(text), "\n", 2)[0], "market:"))
	all, err := rules.LoadMarkets(fstest.MapFS{code + ".yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return all[code]
}

func stopAct(id string, c notify.Channel, at time.Time) notify.ConsentEvent {
	return notify.ConsentEvent{ID: id, Channel: c, Action: notify.Withdrawn, Method: notify.MethodStop, Actor: "subject", OccurredAt: at, ReceivedAt: at}
}

var meisPhone = notify.Address{Channel: notify.WhatsApp, Value: "+4915112345678"}

// A STOP is committed after the claim and before the call. The pause is where the link to the tracking page is made, which
// comes after the one and before the other. No call is made for it, then or later.
func TestDeliver_StopBetweenClaimAndCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	link := r.Link
	r.Link = func(m notify.MerchantID, p parcel.ID, o *parcel.Order) string {
		stopped := make(chan error)
		go func() { // as another request would
			_, err := r.book.AddAddressConsent(context.WithoutCancel(t.Context()), acme, meisPhone, stopAct("s1", notify.WhatsApp, r.now), r.now, nil)
			stopped <- err
		}()
		r.must(<-stopped)
		return link(m, p, o)
	}
	r.hear("e1", parcel.Departed)
	for _, id := range r.belt.ids {
		r.must(r.later(id, r.Deliver(t.Context(), id)))
	}
	if n := len(r.provider.calls); n != 0 {
		t.Errorf("%d calls after the STOP", n)
	}
	r.tells("whatsapp dropped SUPPRESSED_STOP")
}

func TestAct_StopIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.now = time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC) // 02:00 in Berlin
	for i := range 3 {
		r.must(r.Act(t.Context(), r.shop, meisPhone, stopAct(fmt.Sprint("s", i), notify.WhatsApp, r.now), false))
	}
	r.must(r.work())
	if len(r.provider.calls) != 1 || !strings.Contains(r.provider.calls[0].Words.Text, "START") || r.provider.calls[0].To != meisPhone {
		t.Fatalf("calls %+v", r.provider.calls)
	}
	r.tells("whatsapp sent SENT")
}

func TestAct_ConfirmsNothing(t *testing.T) {
	t.Parallel()
	at := noon()
	blocked := stopAct("s1", notify.WhatsApp, at)
	blocked.Action, blocked.Method = notify.Blocked, "block_event"
	started := stopAct("s1", notify.WhatsApp, at)
	started.Action, started.Method = notify.Granted, "start_keyword"
	elsewhere := notify.Address{Channel: notify.WhatsApp, Value: "+4915199999999"}
	for name, c := range map[string]struct {
		from     notify.Address
		act      notify.ConsentEvent
		answered bool
	}{
		"that the provider has confirmed": {meisPhone, stopAct("s1", notify.WhatsApp, at), true},
		"of a block":                      {meisPhone, blocked, false},
		"of a START":                      {meisPhone, started, false},
		"to nobody who is known":          {elsewhere, stopAct("s1", notify.WhatsApp, at), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.ready(mei())
			r.must(r.Act(t.Context(), r.shop, c.from, c.act, c.answered))
			r.must(r.work())
			if len(r.provider.calls) > 0 {
				t.Errorf("calls %+v", r.provider.calls)
			}
		})
	}
}

func TestAct_AStopToAdvertisingIsConfirmedAsSuch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	ads := stopAct("s1", notify.WhatsApp, r.now)
	ads.Purpose = notify.Marketing
	r.must(r.Act(t.Context(), r.shop, meisPhone, ads, false))
	r.must(r.work())
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	if len(r.provider.calls) != 2 || !strings.Contains(r.provider.calls[0].Words.Text, "Werbung") {
		t.Fatalf("calls %+v", r.provider.calls)
	}
}

// Between a STOP and its confirmation the person says something else: a block, or that they want to hear from the shop after all.
func TestAct_ConfirmsOnlyWhatStillHolds(t *testing.T) {
	t.Parallel()
	for want, act := range map[string]notify.ConsentEvent{
		"whatsapp superseded SUPERSEDED":              {ID: "s2", Action: notify.Granted, Method: "start_keyword", Actor: "subject"},
		"whatsapp dropped SUPPRESSED_BLOCKED_BY_USER": {ID: "s2", Action: notify.Blocked, Method: "block_event", Actor: "provider"},
		"whatsapp dropped CONSENT_WITHDRAWN":          {ID: "s2", Action: notify.Withdrawn, Method: "preference_page", Actor: "subject"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.ready(mei())
			r.must(r.Act(t.Context(), r.shop, meisPhone, stopAct("s1", notify.WhatsApp, r.now), false))
			r.now = r.now.Add(time.Second)
			act.OccurredAt, act.ReceivedAt = r.now, r.now
			r.must(r.Act(t.Context(), r.shop, meisPhone, act, false))
			r.must(r.work())
			r.tells(want)
		})
	}
}

// A confirmation that could not go in time is none any more.
func TestAct_ConfirmationExpires(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.must(r.Act(t.Context(), r.shop, meisPhone, stopAct("s1", notify.WhatsApp, r.now), false))
	r.now = r.now.Add(confirmIn + time.Second)
	r.must(r.work())
	r.tells("whatsapp expired STALE_TTL")
}

func TestReconsider_HeldUnderOtherRules(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.must(r.Reconsider(t.Context(), r.shop))
	r.now = time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	r.hear("e1", parcel.Departed)
	r.must(r.Reconsider(t.Context(), r.shop)) // nothing has changed
	if next, err := r.book.NextDue(t.Context(), r.now); err != nil || !next.Equal(time.Date(2026, 12, 2, 7, 0, 0, 0, time.UTC)) {
		t.Fatalf("held until %s, %v", next, err)
	}
	r.shop.Markets["DE"] = market(t, strings.Replace(germany, `to: "08:00"`, `to: "06:00"`, 1))
	r.must(r.Reconsider(t.Context(), r.shop))
	_, err := r.Sweep(t.Context())
	r.must(err)
	r.must(r.work())
	if next, err := r.book.NextDue(t.Context(), r.now); err != nil || !next.Equal(time.Date(2026, 12, 2, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("held until %s under the new rules, %v", next, err)
	}
	if got := r.editions(); len(got) != 2 || got[0] == got[1] {
		t.Errorf("the record names the rules %q", got)
	}
}

// editions lists the versions of the rules on record for the only notification, in the order of its decisions about the hour.
func (r *rig) editions() (out []string) {
	r.t.Helper()
	all, err := r.book.Notifications(r.t.Context(), acme, ledger.Filter{})
	r.must(err)
	for _, d := range all[0].Decisions {
		if d.Verdict == notify.Hold {
			_, after, _ := strings.Cut(string(d.Facts), `"rules":"`)
			version, _, _ := strings.Cut(after, `"`)
			out = append(out, version)
		}
	}
	return out
}

func TestDeliver_SendersKeepTheirRate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Senders[notify.WhatsApp][0].Rate = 2
	var went []time.Time
	r.provider.answer = func(channels.Message) error { went = append(went, r.now); return nil }
	r.knows(mei())
	r.consents(notify.WhatsApp, notify.Granted)
	for i := range 5 {
		o := coat()
		o.ID, o.Parcels = parcel.OrderID(fmt.Sprint("A", i)), []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint("00", i))}}
		_, err := r.PutOrder(t.Context(), r.shop, o)
		r.must(err)
		e := r.event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed)
		e.Number = o.Parcels[0].Number
		_, err = r.Accept(t.Context(), r.shop, []parcel.Event{e})
		r.must(err)
	}
	for begin := r.now; r.now.Before(begin.Add(3 * time.Second)); r.now = r.now.Add(100 * time.Millisecond) {
		_, err := r.Sweep(t.Context())
		r.must(err)
		r.must(r.work())
	}
	if len(went) != 5 {
		t.Fatalf("%d of 5 went", len(went))
	}
	for i := 1; i < len(went); i++ {
		if gap := went[i].Sub(went[i-1]); gap < 500*time.Millisecond {
			t.Errorf("message %d came %s after the one before", i, gap)
		}
	}
	all, err := r.book.Notifications(t.Context(), acme, ledger.Filter{})
	r.must(err)
	for _, n := range all {
		if d := n.Deliveries[0]; d.Attempts != 1 {
			t.Errorf("%s took %d attempts", d.ID, d.Attempts)
		}
	}
}

func TestPlan_TroubleNeverGivesWayToGoodNews(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Markets["DE"] = market(t, strings.Replace(germany, "on: attempt_failed, say: attempt_failed}", "on: address_problem, say: attempt_failed, collapse: milestone}", 1))
	r.ready(mei())
	r.now = time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	for i, k := range []parcel.Kind{parcel.Departed, parcel.BadAddress, parcel.Arrived} {
		r.now = r.now.Add(time.Hour)
		r.hear(parcel.EventID(fmt.Sprint("e", i)), k)
	}
	r.tells("whatsapp superseded SUPERSEDED", "whatsapp held QUIET_COURTESY", "whatsapp held QUIET_COURTESY")
}

func TestDeliver_MovedToAnotherMarket(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Markets["JP"] = market(t, "market: JP\nlocale: ja\ntime_zones: [Asia/Tokyo]\nchannels: [whatsapp, email]\nquiet_hours: {from: \"21:00\", to: \"08:00\"}\n")
	r.ready(mei())
	r.now = time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC) // 23:00 in Berlin
	r.hear("e1", parcel.Departed)
	moved := mei()
	moved.Market, moved.Postal.Country = "JP", "JP"
	r.knows(moved)
	r.now = time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC) // 21:00 in Tokyo
	_, err := r.Sweep(t.Context())
	r.must(err)
	r.must(r.work())
	r.tells("whatsapp held QUIET_COURTESY")
	if got := r.decided(); len(got) < 2 || got[len(got)-2] != "note MARKET_CHANGED" {
		t.Errorf("decided %q", got)
	}
}

// Each call to a provider is preceded by a decision that it may go and by which right; there are as many of the one as of the
// other: over a night, a failed try, a channel that is refused and one that is not asked for.
func TestCases_EveryCallIsDecided(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.consents(notify.LINE, notify.Granted)
	r.now = time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	tries := 0
	r.provider.answer = func(m channels.Message) error {
		if tries++; tries == 1 {
			return &channels.Error{Kind: channels.Temporary, Code: "503"}
		}
		if channelOf(m) == notify.WhatsApp {
			return &channels.Error{Kind: channels.Unreachable, Code: "63003"}
		}
		return nil
	}
	r.hear("e1", parcel.Departed)
	r.now = r.now.Add(12 * time.Hour)
	_, err := r.Sweep(t.Context())
	r.must(err)
	held := r.belt.ids[0]
	r.belt.ids = nil
	r.must(r.later(held, r.Deliver(t.Context(), held)))
	r.must(r.work())
	calls, decided := map[notify.DeliveryID]int{}, map[notify.DeliveryID]int{}
	for _, m := range r.provider.calls {
		calls[m.Delivery]++
	}
	all, err := r.book.Notifications(t.Context(), acme, ledger.Filter{})
	r.must(err)
	for _, d := range all[0].Decisions {
		if d.Phase == notify.AtDispatch && d.Verdict == notify.Allow {
			decided[d.Delivery]++
			if !strings.HasPrefix(string(d.Reason), "BASIS_") {
				t.Errorf("%s goes by no right but %s", d.Delivery, d.Reason)
			}
		}
	}
	if diff := cmp.Diff(decided, calls); diff != "" || len(r.provider.calls) != 3 {
		t.Errorf("%d calls (-decided +called):\n%s", len(r.provider.calls), diff)
	}
}
