package inbound

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/optout"
	"landfall/internal/parcel"
	"landfall/internal/policy"
)

const (
	acme  notify.MerchantID = "acme"
	other notify.MerchantID = "other"
)

func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// reader reads every language there is; it never changes.
var reader = sync.OnceValue(optout.New)

// desk is Inbound over a ledger that knows Mei, and Tom who shares her phone; another merchant knows her too.
type desk struct {
	Inbound
	t        *testing.T
	book     *ledger.Ledger
	answered []notify.PersonID // whose messages were for the assistant
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	book := ledgertest.New(t)
	d := &desk{t: t, book: book, Inbound: Inbound{Ledger: book, Reader: reader(), Now: func() time.Time { return noon().Add(time.Minute) }}}
	d.Converse = func(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) error {
		d.answered = append(d.answered, p)
		_, err := book.AddReply(ctx, m, p, c, notify.Message{ID: msg.ID, Text: msg.Text, At: msg.At})
		return err
	}
	d.Act = func(ctx context.Context, m notify.MerchantID, a notify.Address, e notify.ConsentEvent, _ bool) error {
		_, err := book.AddAddressConsent(ctx, m, a, e, d.Now(), nil)
		return err
	}
	for _, p := range []notify.Person{{ID: "mei", Phone: "+4915112345678", Line: "U1"}, {ID: "tom", Phone: "+4915112345678"}, {ID: "eva", Phone: "+49170"}} {
		d.knows(acme, p)
	}
	d.knows(other, notify.Person{ID: "mei", Phone: "+4915112345678"})
	return d
}

func (d *desk) knows(m notify.MerchantID, p notify.Person) {
	d.t.Helper()
	_, err := d.book.PutPerson(d.t.Context(), m, p, noon(), func(notify.Story, map[parcel.EventID]bool) notify.Plan { return notify.Plan{} })
	d.must(err)
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// standing is the act that holds for a person on a channel: the refusal that nothing has lifted, else the consent.
func (d *desk) standing(m notify.MerchantID, p notify.PersonID, c notify.Channel) policy.Act {
	d.t.Helper()
	events, err := d.book.Consents(d.t.Context(), m, p)
	d.must(err)
	s := policy.Stand(events, c, notify.OrderStatus)
	if s.No.Action != "" {
		return s.No
	}
	return s.Yes
}

func phone(c notify.Channel) notify.Address {
	return notify.Address{Channel: c, Value: "+4915112345678"}
}

func reply(id, text string, at time.Time) channels.Signal {
	return channels.Signal{From: phone(notify.SMS), Reply: &channels.Reply{ID: id, Text: text, At: at}}
}

func TestReply_Words(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text    string
		action  notify.Action
		method  string
		handled bool
	}{
		{"STOP", notify.Withdrawn, notify.MethodStop, false},
		{" Stopp! ", notify.Withdrawn, notify.MethodStop, false},
		{"配信停止", notify.Withdrawn, notify.MethodStop, false},
		{"start", notify.Granted, "start_keyword", false},
		{"Please stop texting me", notify.Withdrawn, notify.MethodFreeText, false},
		{"もう送らないでください", notify.Withdrawn, notify.MethodFreeText, false},
		{"no more offers please", "", "", false}, // which says nothing of news
		{"cancel my order", "", "", false},
		{"Where is my coat?", "", "", false},
		{"please stop by at nine", "", "", false},
		{"", "", "", false},
		{"STOP", "", "", true},
		{"START", "", "", true},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			s := reply("m1", c.text, noon())
			s.Reply.Handled = c.handled
			d.must(d.Apply(t.Context(), acme, []channels.Signal{s}))
			if got := d.standing(acme, "mei", notify.SMS); got.Action != c.action || got.Method != c.method {
				t.Errorf("it counts as %q by %q", got.Action, got.Method)
			}
		})
	}
}

func TestReply_StopHoldsForThatChannelAndEverybodyThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.Apply(t.Context(), acme, []channels.Signal{reply("m1", "STOP", noon())}))
	want := notify.ConsentEvent{ID: "reply:m1", Channel: notify.SMS, Action: notify.Withdrawn, OccurredAt: noon(), ReceivedAt: noon().Add(time.Minute),
		Actor: "subject", Method: notify.MethodStop, Source: "m1"}
	for _, who := range []notify.PersonID{"mei", "tom"} {
		events, err := d.book.Consents(t.Context(), acme, who)
		d.must(err)
		if diff := cmp.Diff([]notify.ConsentEvent{want.Chained(1, "")}, events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
	for what, got := range map[string]policy.Act{"another channel": d.standing(acme, "mei", notify.WhatsApp),
		"somebody else": d.standing(acme, "eva", notify.SMS), "another merchant": d.standing(other, "mei", notify.SMS)} {
		if got.Action != "" {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// A wish in free text is kept with the words that made it one, and a wish about advertising ends advertising alone.
func TestReply_FreeText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]notify.ConsentEvent{
		"Tom here, please stop texting me":                         {Method: notify.MethodFreeText, Text: "stop texting me"},
		"My dear, send me no more of this: stop sending me offers": {Method: notify.MethodFreeText, Text: "stop sending … offers", Purpose: notify.Marketing},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must(d.Apply(t.Context(), acme, []channels.Signal{reply("m1", text, noon())}))
			events, err := d.book.Consents(t.Context(), acme, "mei")
			d.must(err)
			want.ID, want.Channel, want.Action, want.Actor, want.Source = "reply:m1", notify.SMS, notify.Withdrawn, "subject", "m1"
			want.OccurredAt, want.ReceivedAt = noon(), noon().Add(time.Minute)
			if diff := cmp.Diff([]notify.ConsentEvent{want.Chained(1, "")}, events); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReply_AnEndOfEverythingHoldsOnEveryChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.Apply(t.Context(), acme, []channels.Signal{reply("m1", "STOP ALL", noon())}))
	for _, c := range notify.Channels() {
		if got := d.standing(acme, "mei", c); got.Action != notify.Withdrawn || got.Method != notify.MethodStop {
			t.Errorf("%s: %+v", c, got)
		}
	}
	if got := d.standing(acme, "eva", notify.Email); got.Action != "" {
		t.Errorf("somebody else: %+v", got)
	}
}

func TestReply_StartTakesAStopBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	signals := []channels.Signal{reply("m1", "STOP", noon()), reply("m2", "START", noon().Add(time.Second)), reply("m1", "STOP", noon())}
	d.must(d.Apply(t.Context(), acme, signals))
	if got := d.standing(acme, "mei", notify.SMS); got.Action != notify.Granted {
		t.Errorf("what holds is %+v", got)
	}
}

func TestReply_IsKeptOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.book.PutOrder(t.Context(), acme, parcel.Order{ID: "A1", Person: "mei"}, noon(), nil)
	d.must(err)
	for range 2 {
		d.must(d.Apply(t.Context(), acme, []channels.Signal{reply("m1", "Where is my coat?", noon())}))
	}
	h, err := d.book.History(t.Context(), acme, "A1")
	d.must(err)
	if len(h.Replies) != 1 || h.Replies[0].Text != "Where is my coat?" || h.Replies[0].Channel != notify.SMS {
		t.Errorf("kept: %+v", h.Replies)
	}
}

func TestConsentSignal(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	blocked := notify.ConsentEvent{ID: "w1", Action: notify.Blocked, OccurredAt: noon(), Actor: "provider", Method: "block_event"}
	d.must(d.Apply(t.Context(), acme, []channels.Signal{{From: notify.Address{Channel: notify.LINE, Value: "U1"}, Consent: &blocked}}))
	got, err := d.book.Consents(t.Context(), acme, "mei")
	d.must(err)
	if len(got) != 1 || got[0].Action != notify.Blocked || got[0].Channel != notify.LINE || !got[0].ReceivedAt.Equal(noon().Add(time.Minute)) {
		t.Errorf("recorded as %+v", got)
	}
}

func TestReply_StopHoldsForWhoIsFoundThereLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	stranger := reply("m1", "STOP", noon())
	stranger.From.Value = "+49151999"
	d.must(d.Apply(t.Context(), acme, []channels.Signal{stranger, reply("m2", "STOP", noon())}))
	d.knows(acme, notify.Person{ID: "ben", Phone: "+49151999"})
	d.knows(acme, notify.Person{ID: "mei-2", Phone: "+4915112345678"})
	d.knows(other, notify.Person{ID: "ben", Phone: "+49151999"})
	for _, who := range []notify.PersonID{"ben", "mei-2"} {
		if got := d.standing(acme, who, notify.SMS); got.Action != notify.Withdrawn {
			t.Errorf("for %s holds %+v", who, got)
		}
	}
	if got := d.standing(other, "ben", notify.SMS); got.Action != "" {
		t.Errorf("for another merchant holds %+v", got)
	}
}

func TestFriendAddedBeforeThePersonIsStored(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	add := notify.ConsentEvent{ID: "w1", Action: notify.Granted, OccurredAt: noon(), Actor: "subject", Method: "friend_add"}
	d.must(d.Apply(t.Context(), acme, []channels.Signal{{From: notify.Address{Channel: notify.LINE, Value: "U9"}, Consent: &add}}))
	d.knows(acme, notify.Person{ID: "ben", Line: "U9"})
	if got := d.standing(acme, "ben", notify.LINE); got.Action != notify.Granted || got.Method != "friend_add" {
		t.Errorf("what holds is %+v", got)
	}
}

// watched counts what is written.
type watched struct {
	Ledger
	people []notify.PersonID
	wrote  int
	fail   error
}

func (w *watched) PeopleAt(context.Context, notify.MerchantID, notify.Address) ([]notify.PersonID, error) {
	return w.people, nil
}

func (w *watched) AddConsents(context.Context, notify.MerchantID, notify.PersonID, []notify.ConsentEvent) error {
	return w.fail
}

func (w *watched) AddReply(context.Context, notify.MerchantID, notify.PersonID, notify.Channel, notify.Message) (bool, error) {
	w.wrote++
	return true, w.fail
}

// A message is answered once, to the first who is reached there, and not at all when it ends messages or the provider has dealt with it.
func TestWhoIsAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	handled := reply("m3", "STOP", noon())
	handled.Reply.Handled = true
	if err := d.Apply(t.Context(), acme, []channels.Signal{reply("m1", "where is my order", noon()), reply("m2", "STOP", noon()), handled}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]notify.PersonID{"mei"}, d.answered); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
}

func TestUnknownAddressCreatesNobody(t *testing.T) {
	t.Parallel()
	w := &watched{}
	in := Inbound{Ledger: w, Now: noon, Reader: reader()}
	signals := []channels.Signal{reply("m1", "hello", noon()), {}}
	if err := in.Apply(t.Context(), acme, signals); err != nil || w.wrote != 0 {
		t.Errorf("%d rows are written, %v", w.wrote, err)
	}
}

func TestReceiptsGoOnWithWhatTheChannelSaidOfThem(t *testing.T) {
	t.Parallel()
	r, why := notify.Receipt{ID: "r1", Delivery: "d1", State: notify.Failed, Code: "30003"}, &channels.Error{Kind: channels.Temporary}
	var got []any
	in := Inbound{Receipt: func(_ context.Context, m notify.MerchantID, r notify.Receipt, why *channels.Error) error {
		got = append(got, m, r, why)
		return nil
	}}
	if err := in.Apply(t.Context(), acme, []channels.Signal{{Receipt: &r, Failure: why}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{acme, r, why}, got); diff != "" {
		t.Errorf("passed on (-want +got):\n%s", diff)
	}
}

func TestAFailureSaysNothingOfThePerson(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	stop := notify.ConsentEvent{ID: "c1", Action: notify.Withdrawn}
	for _, s := range []channels.Signal{reply("m1", "my number is 4711", noon()), {From: phone(notify.SMS), Consent: &stop}, {Receipt: &notify.Receipt{ID: "r1"}}} {
		w := &watched{people: []notify.PersonID{"mei"}, fail: full}
		act := func(context.Context, notify.MerchantID, notify.Address, notify.ConsentEvent, bool) error { return full }
		receipt := func(context.Context, notify.MerchantID, notify.Receipt, *channels.Error) error { return full }
		converse := func(context.Context, notify.MerchantID, notify.PersonID, notify.Channel, notify.Message) error {
			return full
		}
		err := Inbound{Ledger: w, Act: act, Receipt: receipt, Converse: converse, Now: noon, Reader: reader()}.Apply(t.Context(), acme, []channels.Signal{s})
		if !errors.Is(err, full) || strings.Contains(err.Error(), "4711") || strings.Contains(err.Error(), "12345678") {
			t.Errorf("got %v", err)
		}
	}
}

// Who writes too much is not kept and not answered, and still obeyed.
func TestReply_TooMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	left := 2
	d.Room = func(m notify.MerchantID, p notify.PersonID, c notify.Channel) bool {
		if m != acme || c != notify.SMS {
			t.Errorf("asked about %s on %s", m, c)
		}
		if p == "mei" {
			left--
		}
		return p == "mei" && left >= 0
	}
	for _, id := range []string{"m1", "m2", "m3"} {
		d.must(d.Apply(t.Context(), acme, []channels.Signal{reply(id, "where is it?", noon())}))
	}
	if len(d.answered) != 2 {
		t.Errorf("%d messages were answered, want 2", len(d.answered))
	}
	turns, err := d.book.Turns(t.Context(), acme, "mei", notify.SMS, 10)
	d.must(err)
	if len(turns) != 2 {
		t.Errorf("%d messages were kept, want 2", len(turns))
	}
	d.must(d.Apply(t.Context(), acme, []channels.Signal{reply("m4", "STOP", noon())}))
	if got := d.standing(acme, "mei", notify.SMS); got.Action != notify.Withdrawn {
		t.Errorf("a STOP beyond the limit counts as %q", got.Action)
	}
}
