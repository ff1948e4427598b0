package app

import (
	"time"

	"landfall/internal/httpapi"
	"landfall/internal/notify"
	"landfall/internal/throttle"
)

const (
	// remembered is how many callers of a kind are told apart: some 15 MB at most.
	remembered = 50_000
	// burst is the part of a minute's requests that may come at once.
	burst = 6
)

// limits are how often the API may be asked.
func (a *App) limits() httpapi.Limits {
	of := func(perMinute int) *throttle.Throttle {
		return throttle.New(perMinute, time.Minute, perMinute/burst, remembered)
	}
	s := a.Settings
	return httpapi.Limits{Keys: of(s.RateKeys), Inboxes: of(s.RateInboxes), Hooks: of(s.RateHooks), Open: of(s.RateOpen)}
}

// messages is how often a person may write: half of an hour's messages at once and the other half as the hour goes, so that no hour has more (from a limit of 2 on).
func (a *App) messages() *throttle.Throttle {
	n := a.Settings.RateMessages
	return throttle.New((n+1)/2, time.Hour, n/2, remembered)
}

// room reports whether another message of a person's is kept. One that is not is counted, and not logged.
func (a *App) room(m notify.MerchantID, p notify.PersonID, c notify.Channel) bool {
	if a.writers.Take(string(m)+"/"+string(p), a.Now()) == 0 {
		return true
	}
	a.metrics.dropped(c)
	return false
}
