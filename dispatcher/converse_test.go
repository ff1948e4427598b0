package dispatcher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/chat"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/optout"
	"landfall/internal/parcel"
)

// listens gives the rig an assistant.
func (r *rig) listens() {
	r.t.Helper()
	a, err := chat.New(optout.New())
	r.must(err)
	r.shop.Assistant = func() (Assistant, error) { return a, nil }
}

// says is a message of Mei's by SMS, and what is sent for it.
func (r *rig) says(id, text string) string {
	r.t.Helper()
	before := len(r.provider.calls)
	_, err := r.Converse(r.t.Context(), r.shop, "mei", notify.SMS, notify.Message{ID: id, Text: text, At: r.now})
	r.must(err)
	r.must(r.work())
	if len(r.provider.calls) == before {
		return ""
	}
	return r.provider.calls[len(r.provider.calls)-1].Words.Text
}

// Whoever asks is answered on the channel they wrote on, from the record, once; and is silent once a person has taken over.
func TestConverse(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.listens()
	r.ready(mei())
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	if got := r.says("m1", "wo ist mein Paket?"); !strings.Contains(got, "automatische Assistent") || !strings.Contains(got, "Land") {
		t.Errorf("the answer is %q", got)
	}
	if got := r.says("m1", "wo ist mein Paket?"); got != "" {
		t.Errorf("a repeated message is answered again: %q", got)
	}
	if got := r.says("m2", "Ich möchte mit einem Menschen sprechen"); !strings.Contains(got, "übernimmt") {
		t.Errorf("the answer is %q", got)
	}
	if got := r.says("m3", "Hallo?"); got != "" {
		t.Errorf("the assistant speaks while a person has the conversation: %q", got)
	}
	open, err := r.book.Handoffs(t.Context(), acme, 10)
	r.must(err)
	if len(open) != 1 || open[0].Person != "mei" || open[0].Reason != "contact_human" || open[0].Channel != notify.SMS {
		t.Fatalf("%+v", open)
	}
	ok, err := r.book.CloseHandoff(t.Context(), acme, open[0].ID, r.now)
	r.must(err)
	if !ok {
		t.Fatal("it cannot be closed")
	}
	if got := r.says("m4", "wo ist mein Paket?"); got == "" {
		t.Error("the assistant does not come back")
	}
}

// A desk numbers what it says in each handoff from one: the first of the next handoff is no repetition.
func TestSayAs_NamesWithinTheHandoff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.listens()
	r.ready(mei())
	for _, round := range []string{"first", "second"} {
		r.says("ask "+round, "Ich möchte mit einem Menschen sprechen")
		open, err := r.book.Handoffs(t.Context(), acme, 10)
		r.must(err)
		if len(open) != 1 {
			t.Fatalf("%s: %+v", round, open)
		}
		for range 2 {
			_, err := r.SayAs(t.Context(), r.shop, open[0].ID, "1", "Anna here, "+round)
			r.must(err)
			r.must(r.work())
		}
		if n := r.sentText("Anna here, " + round); n != 1 {
			t.Errorf("the %s handoff's message went %d times", round, n)
		}
		_, err = r.book.CloseHandoff(t.Context(), acme, open[0].ID, r.now)
		r.must(err)
	}
}

// sentText counts the calls with a text.
func (r *rig) sentText(text string) (n int) {
	for _, c := range r.provider.calls {
		if c.Words.Text == text {
			n++
		}
	}
	return n
}

// Nobody's orders but the sender's own are spoken of, whatever is written.
func TestConverse_OnlyTheirOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.listens()
	r.ready(mei())
	stranger := notify.Person{ID: "eve", Market: "DE", Locale: "de", Phone: "+4915199999999"}
	_, err := r.PutPerson(t.Context(), r.shop, stranger)
	r.must(err)
	_, err = r.Converse(t.Context(), r.shop, "eve", notify.SMS, notify.Message{ID: "x1", Text: "Where is order A1 of mei? It is mine, show me A1", At: r.now})
	r.must(err)
	r.must(r.work())
	for _, c := range r.provider.calls {
		if c.To.Value.Reveal() == "+4915199999999" && strings.Contains(c.Words.Text, "coat") {
			t.Errorf("a stranger hears %q", c.Words.Text)
		}
	}
}

// A STOP ends answers too, and an answer that could not be sent in time is not sent.
func TestConverse_NotAfterAStop(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.listens()
	r.ready(mei())
	stop := notify.ConsentEvent{ID: "s", Action: notify.Withdrawn, Method: notify.MethodStop, Channel: notify.SMS, OccurredAt: r.now, ReceivedAt: r.now, Actor: notify.ActorSubject}
	r.must(r.book.AddConsents(t.Context(), acme, "mei", []notify.ConsentEvent{stop}))
	r.now = r.now.Add(time.Second)
	if got := r.says("m1", "wo ist mein Paket?"); got != "" {
		t.Errorf("somebody who said STOP is answered: %q", got)
	}
}

// Who asked and was told need not be told again: a notice that waits for the morning with the same news does not go. News since then does, and so does what she was not told.
func TestConverse_AnswersTakeANoticesPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after parcel.Kind // what happens after the answer
		fails bool        // the answer does not reach her
		want  []string
	}{
		"told":             {"", false, []string{"sms sent SENT", "whatsapp superseded NOTICED"}},
		"not told at last": {"", true, []string{"sms failed PROVIDER_REJECTED:42", "whatsapp sent SENT"}},
		"newer news":       {parcel.OutForDeliv, false, []string{"sms sent SENT", "whatsapp sent SENT", "whatsapp superseded SUPERSEDED"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.listens()
			r.ready(mei())
			r.now = time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC) // 23:00 in Berlin
			r.hear("e1", parcel.Departed)
			_ = r.work()
			r.now = r.now.Add(time.Minute)
			if tt.fails {
				r.refuse(notify.SMS, channels.Rejected)
			}
			_, err := r.Converse(t.Context(), r.shop, "mei", notify.SMS, notify.Message{ID: "m1", Text: "wo ist mein Paket?", At: r.now})
			r.must(err)
			_ = r.work()
			r.provider.answer = nil
			if tt.after != "" {
				r.now = r.now.Add(time.Minute)
				r.hear("e2", tt.after)
			}
			r.passes(10 * time.Hour)
			got := r.states()
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// states are all deliveries of Mei's, sorted.
func (r *rig) states() (out []string) {
	r.t.Helper()
	told, err := r.book.Notifications(r.t.Context(), acme, ledger.Filter{Person: "mei", Limit: 50})
	r.must(err)
	for _, n := range told {
		for _, d := range n.Deliveries {
			out = append(out, strings.Join([]string{string(d.Channel), string(d.State), string(d.Reason)}, " "))
		}
	}
	slices.Sort(out)
	return out
}
