package policy

import (
	"testing"
	"time"

	"landfall/internal/notify"
)

// What a page shows as agreed is what the gates of suppression and consent let through, whatever the other gates say.
func TestAgreed(t *testing.T) {
	t.Parallel()
	noon := instant(t, "2026-12-01T12:00:00Z")
	yes := grant(noon.AddDate(0, -1, 0))
	no := notify.ConsentEvent{Channel: notify.WhatsApp, Action: notify.Withdrawn, OccurredAt: noon, ReceivedAt: noon}
	for name, c := range map[string]struct {
		change func(*Candidate)
		want   bool
	}{
		"granted":              {func(c *Candidate) { c.Standing = standing(yes) }, true},
		"nothing asked for":    {func(c *Candidate) { c.Need, c.Standing = NeedNotice, Standing{} }, true},
		"asked for and absent": {func(c *Candidate) { c.Standing = Standing{} }, false},
		"withdrawn":            {func(c *Candidate) { c.Standing = standing(yes, no) }, false},
		"withdrawn, no need":   {func(c *Candidate) { c.Need, c.Standing = NeedNotice, standing(no) }, false},
		"over":                 {func(c *Candidate) { c.Class, c.GrantMonths, c.Standing = notify.MarketingClass, 1, standing(yes) }, false},
		"not confirmed":        {func(c *Candidate) { c.Need, c.Standing = NeedDouble, standing(yes) }, false},
		"no sender, expired": {func(c *Candidate) {
			c.HasSender, c.ExpiresAt, c.Standing = false, noon.Add(-time.Hour), standing(yes)
		}, true},
	} {
		cand := candidate(t)
		c.change(&cand)
		if got := Agreed(cand, noon.Add(time.Minute)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
