package dispatcher

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

func TestPlan_FirstChannelThatMay(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*rig, *notify.Person)
		want   []string
	}{
		{"the market's first choice", func(*rig, *notify.Person) {}, []string{"allow whatsapp BASIS_CONSENT"}},
		{"no opt-in, no friend", func(r *rig, _ *notify.Person) { r.consents(notify.WhatsApp, notify.Withdrawn) },
			[]string{"skip whatsapp CONSENT_WITHDRAWN", "skip line CHANNEL_NOT_FRIEND", "allow sms BASIS_CONTRACT", "note sms CHANNEL_FALLBACK"}},
		{"no phone", func(_ *rig, p *notify.Person) { p.Phone = "" },
			[]string{"skip whatsapp CHANNEL_NO_ENDPOINT", "skip line CHANNEL_NOT_FRIEND", "skip sms CHANNEL_NO_ENDPOINT", "allow email BASIS_CONTRACT",
				"note email CHANNEL_FALLBACK"}},
		{"no phone and no LINE", func(_ *rig, p *notify.Person) { p.Phone, p.Line = "", "" }, // nothing was preferred that could have been had
			[]string{"skip whatsapp CHANNEL_NO_ENDPOINT", "skip line CHANNEL_NO_ENDPOINT", "skip sms CHANNEL_NO_ENDPOINT", "allow email BASIS_CONTRACT"}},
		{"no account with the provider", func(r *rig, _ *notify.Person) { delete(r.shop.Senders, notify.WhatsApp) },
			[]string{"skip whatsapp CHANNEL_NO_SENDER", "skip line CHANNEL_NOT_FRIEND", "allow sms BASIS_CONTRACT", "note sms CHANNEL_FALLBACK"}},
		{"no approved text", func(r *rig, _ *notify.Person) { r.shop.Words = r.shop.Words.WithContent(nil) },
			[]string{"skip whatsapp CHANNEL_TEMPLATE_UNAPPROVED", "skip line CHANNEL_NOT_FRIEND", "allow sms BASIS_CONTRACT", "note sms CHANNEL_FALLBACK"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := mei()
			r.ready(p)
			r.now = r.now.Add(time.Minute)
			c.change(r, &p)
			r.knows(p)
			r.hear("e1", parcel.Departed)
			if diff := cmp.Diff(c.want, r.decided()); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlan_NobodyToTell(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(notify.Person{ID: "mei", Market: "DE"})
	if in := r.hear("e1", parcel.Departed); len(in.Ready) > 0 {
		t.Errorf("ready: %v", in.Ready)
	}
	r.tells("CHANNEL_EXHAUSTED")
}

func TestPlan_WhyNothingIsSaid(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		world func(*rig)
		event func(*rig) parcel.Event
		want  notify.Reason
	}{
		{"no order", func(r *rig) { r.knows(mei()) }, func(r *rig) parcel.Event { return r.event("e9", parcel.Departed) }, notify.NoOrder},
		{"no person", func(r *rig) { _, err := r.PutOrder(r.t.Context(), r.shop, coat()); r.must(err) },
			func(r *rig) parcel.Event { return r.event("e9", parcel.Departed) }, notify.NoPerson},
		{"no market", func(r *rig) { p := mei(); p.Market = "FR"; r.ready(p) },
			func(r *rig) parcel.Event { return r.event("e9", parcel.Departed) }, notify.NoMarket},
		{"no rule", func(r *rig) { r.ready(mei()) }, func(r *rig) parcel.Event { return r.event("e9", parcel.PickedUp) }, notify.NoRule},
		{"condition", func(r *rig) {
			r.ready(mei())
			o := coat()
			o.Value.Amount = 5
			_, err := r.PutOrder(r.t.Context(), r.shop, o)
			r.must(err)
		},
			func(r *rig) parcel.Event { return r.event("e9", parcel.Delay) }, notify.RuleFalse},
		{"rule switched off", func(r *rig) { r.ready(mei()) }, func(r *rig) parcel.Event { return r.event("e9", parcel.Lost) }, notify.RuleOff},
		{"no news", func(r *rig) { r.ready(mei()); r.hear("e1", parcel.Departed) },
			func(r *rig) parcel.Event { return r.event("e9", parcel.Departed) }, notify.NotNews},
		{"old news", func(r *rig) { r.ready(mei()); r.hear("e1", parcel.Delivered) },
			func(r *rig) parcel.Event {
				e := r.event("e9", parcel.Departed)
				e.HappenedAt = e.HappenedAt.Add(-time.Hour)
				return e
			}, notify.OutOfOrder},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c.world(r)
			_, err := r.Accept(t.Context(), r.shop, []parcel.Event{c.event(r)})
			r.must(err)
			ds, err := r.book.EventDecisions(t.Context(), acme, "e9")
			r.must(err)
			if len(ds) != 1 || ds[0].Reason != c.want || ds[0].Verdict != notify.Drop {
				t.Errorf("decided %+v, want %s", ds, c.want)
			}
		})
	}
}

func TestPlan_DefaultMarketSpeaksForTheRest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.DefaultMarket = "DE"
	p := mei()
	p.Market = "FR"
	r.ready(p)
	r.hear("e1", parcel.Departed)
	r.tells("whatsapp planned OK")
}

func TestPlan_SilentCopyInTheInbox(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := mei()
	p.InApp = true
	r.ready(p)
	if in := r.hear("e1", parcel.Departed); len(in.Ready) != 2 {
		t.Errorf("ready: %v", in.Ready)
	}
	r.tells("whatsapp planned OK", "inapp planned OK")
	r.now = r.now.Add(10 * time.Hour) // 23:00 in Berlin
	r.hear("e2", parcel.Attempted)
	if got := r.story(); !strings.HasSuffix(got, "whatsapp held QUIET_COURTESY\ninapp planned OK") {
		t.Errorf("at night the inbox does not get its copy at once:\n%s", got)
	}
}

func TestPlan_InboxAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(notify.Person{ID: "mei", Market: "DE", InApp: true})
	r.hear("e1", parcel.Departed)
	r.tells("inapp planned OK")
}

func TestPlan_StaffIsWrittenToByEmail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.hear("e1", parcel.Customs)
	r.must(r.work())
	got := map[notify.Channel]string{}
	for _, m := range r.provider.calls {
		got[channelOf(m)] = m.To.Value.Reveal()
	}
	if diff := cmp.Diff(map[notify.Channel]string{notify.WhatsApp: "+4915112345678", notify.Email: "staff@acme.example"}, got); diff != "" {
		t.Errorf("written to (-want +got):\n%s", diff)
	}
}

func TestPlan_NoContactForStaff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Contact = nil
	r.ready(mei())
	r.hear("e1", parcel.Customs)
	r.tells("whatsapp planned OK")
	ds, err := r.book.EventDecisions(t.Context(), acme, "e1")
	r.must(err)
	if len(ds) != 1 || ds[0].Reason != notify.NoPerson {
		t.Errorf("decided %+v", ds)
	}
}

func TestPlan_OnlyTheNewestOfAGroup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.now = r.now.Add(10 * time.Hour)
	r.hear("e1", parcel.Departed)
	r.now = r.now.Add(time.Hour)
	r.hear("e2", parcel.Attempted) // of no group: it is not hidden by good news, nor does it hide any
	r.now = r.now.Add(time.Hour)
	r.hear("e3", parcel.OutForDeliv)
	r.tells("whatsapp superseded SUPERSEDED", "whatsapp superseded SUPERSEDED", "whatsapp held QUIET_COURTESY")
}

func TestPlan_OrderHeardLastIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear("e1", parcel.Departed)
	r.now = r.now.Add(time.Minute)
	r.hear("e2", parcel.Delay)
	r.knows(mei())
	in, err := r.PutOrder(t.Context(), r.shop, coat())
	r.must(err)
	if len(in.Ready) != 2 {
		t.Errorf("ready: %v", in.Ready)
	}
	again, err := r.PutOrder(t.Context(), r.shop, coat())
	r.must(err)
	if len(again.Ready) > 0 || len(r.belt.ids) != 2 || r.belt.ids[0] != in.Ready[0].Delivery || r.belt.ids[1] != in.Ready[1].Delivery {
		t.Errorf("sent again, ready: %v, on the belt: %v", again.Ready, r.belt.ids)
	}
}

func TestPlan_ConditionSeesTheParcelAsItStoodThen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	events := []parcel.Event{r.event("e1", parcel.Departed), r.event("e2", parcel.Delivered)}
	events[1].HappenedAt = events[0].HappenedAt.Add(time.Hour)
	story := notify.Story{Merchant: acme, Order: new(coat()), Person: new(mei())}
	story.Parcel.State, story.Marks = parcel.Fold(events)
	p := planning{merchant: r.shop, story: story, now: r.now}
	if got := p.before(0).State.Kind; got != parcel.Departed {
		t.Errorf("before the second event the parcel is %s", got)
	}
	if got := p.before(1).State.Kind; got != parcel.Delivered {
		t.Errorf("after it, it is %s", got)
	}
}

func TestNotificationID(t *testing.T) {
	t.Parallel()
	base := notify.Notification{Merchant: acme, Parcel: "p_1", Person: "mei", Audience: notify.Customer, Kind: parcel.Departed, Occurrence: 1, Notice: notify.Notice{Rule: "r"}}
	seen := map[notify.NotificationID]string{notificationID(base): "base"}
	changes := map[string]func(*notify.Notification){
		"merchant": func(n *notify.Notification) { n.Merchant = "other" }, "parcel": func(n *notify.Notification) { n.Parcel = "p_2" },
		"person": func(n *notify.Notification) { n.Person = "tom" }, "audience": func(n *notify.Notification) { n.Audience = notify.Staff },
		"kind": func(n *notify.Notification) { n.Kind = parcel.Arrived }, "occurrence": func(n *notify.Notification) { n.Occurrence = 2 },
		"rule": func(n *notify.Notification) { n.Notice.Rule = "s" },
	}
	for what, change := range changes {
		n := base
		change(&n)
		if was := seen[notificationID(n)]; was != "" {
			t.Errorf("another %s has the id of %s", what, was)
		}
		seen[notificationID(n)] = what
	}
	heard := base
	heard.Event, heard.CreatedAt = "e2", noon()
	if notificationID(heard) != notificationID(base) {
		t.Error("the same news from another feed has another id")
	}
}

func TestAccept_QueueDownIsNoFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	r.belt.fail = errors.New("connection refused")
	if in := r.hear("e1", parcel.Departed); len(in.Ready) != 1 {
		t.Errorf("ready: %v", in.Ready)
	}
	if n, err := r.Sweep(t.Context()); n != 0 || err == nil {
		t.Errorf("the sweep brings %d while the queue is down, %v", n, err)
	}
	r.belt.fail = nil
	if n, err := r.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("the sweep brings %d, %v", n, err)
	}
}

// One feed tells of the second failed attempt. Another brings its whole history, with the first attempt in it and the second
// at the same instant: nothing of it is told again.
func TestPlan_HistoryOfAnotherFeedIsNotToldAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(mei())
	attempt := r.event("b", parcel.Attempted)
	if _, err := r.Accept(t.Context(), r.shop, []parcel.Event{attempt}); err != nil {
		t.Fatal(err)
	}
	r.must(r.work())
	sent := len(r.provider.calls)
	first, road, again := attempt, attempt, attempt
	first.ID, first.HappenedAt = "a1", attempt.HappenedAt.Add(-20*time.Hour)
	road.ID, road.Kind, road.HappenedAt = "a2", parcel.OutForDeliv, attempt.HappenedAt.Add(-time.Hour)
	again.ID = "a3"
	if _, err := r.Accept(t.Context(), r.shop, []parcel.Event{first, road, again}); err != nil {
		t.Fatal(err)
	}
	r.must(r.work())
	if n := len(r.provider.calls); sent != 1 || n != sent {
		t.Errorf("%d messages, then %d", sent, n)
	}
}
