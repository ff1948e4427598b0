package httpapi

import (
	"testing"

	"landfall/internal/notify"
)

func TestTurnstile_AFewAtATimeForEachMerchant(t *testing.T) {
	t.Parallel()
	d := newTurnstile[notify.MerchantID](atOnce)
	for range atOnce {
		if !d.take("acme") {
			t.Fatal("turned away too early")
		}
	}
	if d.take("acme") || !d.take("stranger") {
		t.Error("the limit is not each merchant's own")
	}
	d.leave("acme")
	if !d.take("acme") {
		t.Error("a free place is not given again")
	}
	if d.leave("stranger"); len(d.busy) != 1 {
		t.Errorf("it remembers who has left: %v", d.busy)
	}
}
