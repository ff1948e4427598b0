package policy

import (
	"time"

	"landfall/internal/notify"
)

// Agreed reports whether a person may be written to as far as they themselves have a say: nothing they said stands against
// it, and what has to be on record is. It asks two of Decide's gates, so that a page shows what will be done.
func Agreed(c Candidate, now time.Time) bool {
	return suppression(c, now).Verdict == notify.Allow && consent(c, now).Verdict == notify.Allow
}
