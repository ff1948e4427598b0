package notify

import "testing"

func TestDecision_Basis(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decision Decision
		want     Reason
	}{
		"as it stands":         {Decision{Reason: BasisConsent, Also: []Reason{ZoneAddress}}, BasisConsent},
		"behind an urgency":    {Decision{Reason: UrgentException.With("COURIER_AT_DOOR"), Also: []Reason{BasisContract, QuietCourtesy}}, BasisContract},
		"an urgency by itself": {Decision{Reason: UrgentException}, UrgentException},
	} {
		if got := c.decision.Basis(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
