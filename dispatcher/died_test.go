package dispatcher

import (
	"testing"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
)

// What is told of dead letters as they die is what the list of them holds afterwards.
func TestDied_IsToldOfEachDeadLetterAndOfNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(*rig)
		dead    int
	}{
		"sent":                    {(*rig).went, 0},
		"refused at the call":     {func(r *rig) { r.refuse(notify.WhatsApp, channels.Rejected); r.went() }, 1},
		"refused by the receipt":  {func(r *rig) { r.went(); r.report(notify.WhatsApp, notify.Failed, why(channels.Rejected, "63016")) }, 1},
		"another channel follows": {func(r *rig) { r.refuse(notify.WhatsApp, channels.Unreachable); r.went() }, 0},
		"the person said no":      {func(r *rig) { r.refuse(notify.WhatsApp, channels.OptedOut); r.went() }, 0},
		"tried again":             {func(r *rig) { r.refuse(notify.WhatsApp, channels.Throttled); _ = r.Deliver(r.t.Context(), r.planned()) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c.happens(r)
			if letters := r.buried(ledger.DeadFilter{}); len(r.died) != c.dead || len(letters) != c.dead {
				t.Fatalf("told of %v, the list has %v, want %d", r.died, letters, c.dead)
			}
			if c.dead > 0 && (r.died[0].State != notify.Failed || r.died[0].Reason == "" || r.died[0].Channel != notify.WhatsApp) {
				t.Errorf("told %+v", r.died[0])
			}
		})
	}
}

// What a provider reports later is a step as much as its answer at the call.
func TestObserve_IsToldOfReceipts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.went()
	before := len(r.seen)
	r.report(notify.WhatsApp, notify.Arrived, nil)
	r.report(notify.WhatsApp, notify.Arrived, nil) // the same once more
	if got := r.seen[before:]; len(got) != 1 || got[0] != notify.Arrived {
		t.Errorf("told %v", got)
	}
}
