package dispatcher

import (
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// yuki has a phone number in Japan, no LINE user id, and prefers LINE.
func yuki() notify.Person {
	p := mei()
	p.Phone, p.Line, p.Prefer = "+818000001234", "", notify.LINE
	return p
}

// byNumberRig is a shop whose LINE account may write to phone numbers.
func byNumberRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.shop.Senders[notify.LINE] = []Sender{{Sender: r.provider, Phone: true}}
	r.ready(yuki())
	return r
}

func TestByNumber_Goes(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	r.tells("line sent SENT")
	if got := r.provider.calls[0].To; got != (notify.Address{Channel: notify.LINE, Value: "+818000001234"}) {
		t.Errorf("it went to %s %s", got.Channel, got.Value.Reveal())
	}
}

func TestByNumber_NotEverybody(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*rig, *notify.Person){
		"an account without the right": func(r *rig, _ *notify.Person) { r.shop.Senders[notify.LINE][0].Phone = false },
		"a number of another country":  func(_ *rig, p *notify.Person) { p.Phone = "+4915112345678" },
		"somebody known, no friend":    func(_ *rig, p *notify.Person) { p.Line = "U1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := byNumberRig(t)
			p := yuki()
			change(r, &p)
			r.knows(p)
			r.hear("e1", parcel.Departed)
			r.must(r.work())
			r.tells("whatsapp sent SENT")
		})
	}
}

func TestByNumber_WithoutReport(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	r.passes(24*time.Hour - time.Millisecond)
	r.tells("line sent SENT")
	r.passes(time.Millisecond)
	r.tells("line sent SENT", "whatsapp sent SENT")
}

func TestByNumber_Reported(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	r.report(notify.LINE, notify.Arrived, nil)
	r.passes(48 * time.Hour)
	r.tells("line delivered DELIVERED")
}

func TestByNumber_DoubtIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	r.refuse(notify.LINE, channels.Ambiguous)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	r.passes(48 * time.Hour)
	r.tells("line unknown UNKNOWN_OUTCOME")
	if n := len(r.provider.calls); n != 1 {
		t.Errorf("%d calls were made", n)
	}
}

func TestByNumber_ACallNotMadeIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	r.refuse(notify.LINE, channels.Temporary)
	id := r.hear("e1", parcel.Departed).Ready[0].Delivery
	r.belt.ids = nil
	err := r.Deliver(t.Context(), id)
	r.provider.answer = nil
	r.must(r.later(id, err))
	r.tells("line sent SENT")
}

// A worker died in the call: the message may have arrived, and LINE knows no key of it.
func TestByNumber_Orphan(t *testing.T) {
	t.Parallel()
	r := byNumberRig(t)
	id := r.hear("e1", parcel.Departed).Ready[0].Delivery
	r.belt.ids = nil
	r.Ledger = forgetful{r.book}
	if err := r.Deliver(t.Context(), id); err == nil {
		t.Fatal("the worker did not die")
	}
	r.Ledger = r.book
	r.passes(lease + time.Minute)
	r.passes(time.Hour)
	r.tells("line unknown UNKNOWN_OUTCOME")
	if n := len(r.provider.calls); n != 1 {
		t.Errorf("%d calls were made", n)
	}
}
