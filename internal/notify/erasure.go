package notify

import (
	"strings"
	"time"
)

// Erasure is what became of somebody who asked to be forgotten. It names nobody.
type Erasure struct {
	// Pseudonym stands in the person's place from now on. Empty when the merchant has no such person.
	Pseudonym PersonID  `json:"pseudonym"`
	At        time.Time `json:"erased_at"`
	// Already is set when the person had been erased before, at At, and nothing was left to do.
	Already bool `json:"already,omitempty"`
	// Lingers is set when a reader held on to the database's log: what was erased is gone from every answer, and its bytes are
	// overwritten within the hour.
	Lingers bool `json:"lingers,omitempty"`

	Addresses     int `json:"addresses"`
	Consents      int `json:"consents"`
	Orders        int `json:"orders"`        // stripped of all but their tracking numbers
	Notifications int `json:"notifications"` // kept under the pseudonym, without their words
	Dropped       int `json:"dropped"`       // deliveries that were waiting and will not be sent
	Replies       int `json:"replies"`
	Cards         int `json:"inbox_messages"`
	Browsers      int `json:"browsers"` // that were told of what came into the inbox
}

// erasedPrefix begins every pseudonym. No customer may have such an id.
const erasedPrefix = "erased-"

// Pseudonym names an erased person by the keyed hash of their id, in hex.
func Pseudonym(hash string) PersonID {
	return PersonID(erasedPrefix + hash[:12])
}

// Erased reports whether p is a pseudonym: who it was is not on record any more.
func (p PersonID) Erased() bool { return strings.HasPrefix(string(p), erasedPrefix) }

// Trace is the part of a person's keyed hash that their pseudonym shows.
func (p PersonID) Trace() string { return strings.TrimPrefix(string(p), erasedPrefix) }
