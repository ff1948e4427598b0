package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// AnyChannel in a consent event means every channel there is.
const AnyChannel Channel = "any"

// Action is what a consent event did.
type Action string

// The actions. Granted, Reconfirmed and DOIConfirmed allow; DOIRequested waits for the click that confirms it; the others
// refuse. Blocked is what a provider reports: unfollowed, blocked.
const (
	Granted      Action = "granted"
	Reconfirmed  Action = "reconfirmed"
	DOIRequested Action = "doi_requested"
	DOIConfirmed Action = "doi_confirmed"
	Denied       Action = "denied"
	Withdrawn    Action = "withdrawn"
	Objected     Action = "objected"
	ConsentOver  Action = "expired"
	Blocked      Action = "blocked_by_user"
)

var actions = [...]Action{Granted, Reconfirmed, DOIRequested, DOIConfirmed, Denied, Withdrawn, Objected, ConsentOver, Blocked}

// Actions lists all actions.
func Actions() []Action { return slices.Clone(actions[:]) }

// Allows reports whether the action is a yes.
func (a Action) Allows() bool { return a == Granted || a == Reconfirmed || a == DOIConfirmed }

// Refuses reports whether the action is a no.
func (a Action) Refuses() bool { return a != "" && !a.Allows() && a != DOIRequested }

// The methods that decide something. A STOP word or a sentence that means one marks a withdrawal, an import a row of
// somebody's spreadsheet, a double opt-in a grant confirmed by a click. Any other text only says how it came about.
const (
	MethodStop     = "stop_keyword"
	MethodFreeText = "free_text_intent"
	MethodImport   = "import"
	MethodDouble   = "double_opt_in"
)

// SaysStop reports whether a method is a person's own wish, in words, to hear no more.
func SaysStop(method string) bool { return method == MethodStop || method == MethodFreeText }

// ActorSubject is the person, as the actor of a consent event.
const ActorSubject = "subject"

// Basis is the ground in law on which somebody is written to.
type Basis string

// The grounds a consent event may name. SoftOptIn is a customer told of it at the purchase, who may be written to about the like.
const (
	ByConsent   Basis = "consent"
	ByContract  Basis = "contract"
	ByInterest  Basis = "legitimate_interest"
	BySoftOptIn Basis = "soft_opt_in"
)

// Bases lists all grounds.
func Bases() []Basis { return []Basis{ByConsent, ByContract, ByInterest, BySoftOptIn} }

// ConsentEvent is one act of consent or refusal, with what proves it. Events are only ever added; what holds is a fold over
// them. The fields are a profile of ISO/IEC TS 27560:2023; what all events of a merchant share (controller, recipients,
// storage) stands in the export's manifest instead of in every row.
type ConsentEvent struct {
	ID         string    `json:"id"`
	Channel    Channel   `json:"channel"`           // AnyChannel for all
	Purpose    Purpose   `json:"purpose,omitempty"` // empty: all purposes
	Action     Action    `json:"action"`
	Basis      Basis     `json:"legal_basis,omitempty"`
	OccurredAt time.Time `json:"occurred_at"`
	ReceivedAt time.Time `json:"received_at"`
	Actor      string    `json:"actor,omitempty"`  // subject, merchant, provider, system
	Method     string    `json:"method,omitempty"` // checkbox, stop_keyword, friend_add, block_event, import, ...
	Source     string    `json:"source,omitempty"` // where: a form's URL, a message's id
	Text       string    `json:"text,omitempty"`   // the words agreed to
	// TextID, TextVersion and TextLocale name the words agreed to, TextHash is the SHA-256 of Text, in hex.
	TextID      string `json:"text_id,omitempty"`
	TextVersion string `json:"text_version,omitempty"`
	TextLocale  string `json:"text_locale,omitempty"`
	TextHash    string `json:"text_sha256,omitempty"`
	NoticeURL   string `json:"notice_url,omitempty"` // the privacy notice shown with it
	// Jurisdiction is the country whose law it was given under, ISO 3166-1.
	Jurisdiction string    `json:"jurisdiction,omitempty"`
	Evidence     *Evidence `json:"evidence,omitempty"`
	// ValidUntil is the last instant at which it holds; zero means until withdrawn or until the market's own limit.
	ValidUntil time.Time `json:"valid_until,omitzero"`

	// Seq, PrevHash and Hash chain a person's events: Hash covers the event and the hash before it, so that an edited or
	// missing row shows. The ledger fills them in.
	Seq      int64  `json:"seq,omitempty"`
	PrevHash string `json:"prev_hash,omitempty"`
	Hash     string `json:"hash,omitempty"`
}

// Evidence is what shows that an act happened.
type Evidence struct {
	IP        string `json:"ip_truncated,omitempty"`    // network only: an address alone proves little and says much
	UserAgent string `json:"user_agent_hash,omitempty"` // SHA-256, in hex
	DOIToken  string `json:"doi_token_id,omitempty"`    // of the confirmed double opt-in
	Document  string `json:"document_ref,omitempty"`    // a screenshot's or paper's reference
	Message   string `json:"message_ref,omitempty"`     // the inbound message's id
}

// Fingerprint is the SHA-256, in hex, of the words agreed to.
func Fingerprint(words string) string {
	if words == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(words))
	return hex.EncodeToString(sum[:])
}

// Chained returns e as the next link after the event with the given sequence and hash.
func (e ConsentEvent) Chained(seq int64, prev string) ConsentEvent {
	e.Seq, e.PrevHash, e.Hash = seq, prev, ""
	e.Hash = e.seal()
	return e
}

// seal is the hash of everything in e but the hash itself.
func (e ConsentEvent) seal() string {
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("encode consent event: %v", err)) // times out of the year's range, which ledgers cannot hold
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// BrokenLink says where a chain of consent events does not hold.
type BrokenLink struct{ Seq int64 }

// Error names the place.
func (b *BrokenLink) Error() string {
	return fmt.Sprintf("the chain of consent events breaks at number %d: this row or the one before it was changed, added or removed", b.Seq)
}

// VerifyChain checks the events of one chain in the order of their sequence. The error is a *BrokenLink.
func VerifyChain(events []ConsentEvent) error {
	prev := ""
	for i, e := range events {
		if e.Seq != int64(i+1) || e.PrevHash != prev || e.Hash != e.seal() {
			return &BrokenLink{Seq: int64(i + 1)}
		}
		prev = e.Hash
	}
	return nil
}
