package dispatcher

import (
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

// asksOnLINE is what Mei asks on LINE, where it comes with a token; the delivery of its answer.
func (r *rig) asksOnLINE() notify.DeliveryID {
	r.t.Helper()
	r.listens()
	p := mei()
	p.Line = "U4af4980629000000000000000000abcd"
	r.ready(p)
	ready, err := r.Converse(r.t.Context(), r.shop, "mei", notify.LINE, notify.Message{ID: "m1", Token: "token", Text: "Wo ist mein Mantel?", At: r.now})
	r.must(err)
	if len(ready) != 1 {
		r.t.Fatalf("%d answers are ready", len(ready))
	}
	return ready[0].Delivery
}

// An answer on LINE goes by the token while it is fresh, and as a push, under its key, when it is not.
func TestReplyToken(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]notify.Secret{0: "token", 49 * time.Second: "token", 51 * time.Second: ""} {
		r := newRig(t)
		r.asksOnLINE()
		r.now = r.now.Add(after)
		r.must(r.work())
		if len(r.provider.calls) != 1 || r.provider.calls[0].ReplyToken != want || r.provider.calls[0].Key == "" {
			t.Errorf("after %s: %+v, want the token %q", after, r.provider.calls, want)
		}
	}
}

// What a token may have brought is not sent again: LINE knows no key of it. What it clearly did not bring goes as a push.
func TestReplyToken_NeverTwice(t *testing.T) {
	t.Parallel()
	for kind, calls := range map[channels.Kind]int{channels.Ambiguous: 1, channels.Temporary: 2} {
		r := newRig(t)
		r.asksOnLINE()
		r.provider.answer = func(m channels.Message) error {
			if m.ReplyToken != "" {
				return &channels.Error{Kind: kind}
			}
			return nil
		}
		_ = r.work()
		r.passes(time.Minute)
		if len(r.provider.calls) != calls || calls == 2 && r.provider.calls[1].ReplyToken != "" {
			t.Errorf("%s: %+v, want %d calls, the second without the token", kind, r.provider.calls, calls)
		}
	}
}

// A worker died in the call by token: nobody knows whether it arrived.
func TestReplyToken_Orphan(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.asksOnLINE()
	r.belt.ids = nil
	_, err := r.claim(t.Context(), id)
	r.must(err)
	r.passes(3 * time.Minute)
	if n := len(r.provider.calls); n != 0 {
		t.Errorf("%d calls after a call by token that nobody heard of again", n)
	}
}
