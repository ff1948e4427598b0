package notify

import (
	"slices"
	"strings"
)

// Reason says why a decision fell as it did. The codes are the ones merchants see in the API, the timeline and
// metrics; some carry a detail after a colon, such as PROVIDER_REJECTED:21211.
type Reason string

// The reasons. Every one is explained in Reasons.
const (
	OK Reason = "OK"

	DuplicateEvent Reason = "DUPLICATE_EVENT"
	NoOrder        Reason = "NO_ORDER"
	NoPerson       Reason = "NO_PERSON"
	NoMarket       Reason = "MARKET_UNKNOWN"
	NoConfig       Reason = "CONFIGURATION_MISSING"
	NoRule         Reason = "NO_RULE"
	RuleFalse      Reason = "RULE_CONDITION_FALSE"
	RuleOff        Reason = "RULE_DISABLED"
	NotNews        Reason = "MILESTONE_REPEATED"
	OutOfOrder     Reason = "EVENT_OUT_OF_ORDER"
	MarketChanged  Reason = "MARKET_CHANGED"
	JudgedAnew     Reason = "JUDGED_ANEW"
	SubjectErased  Reason = "SUBJECT_ERASED"
	ClassMismatch  Reason = "CLASS_MISMATCH"

	SuppressedStop      Reason = "SUPPRESSED_STOP"
	SuppressedBlocked   Reason = "SUPPRESSED_BLOCKED_BY_USER"
	ConsentWithdrawn    Reason = "CONSENT_WITHDRAWN"
	NoConsent           Reason = "NO_CONSENT"
	SuppressedObjection Reason = "SUPPRESSED_OBJECTION"
	SuppressedErasure   Reason = "SUPPRESSED_ERASURE_HASH"
	ConsentExpired      Reason = "CONSENT_EXPIRED"
	ConsentPending      Reason = "CONSENT_PENDING_DOI"
	ConsentWrongPurpose Reason = "CONSENT_WRONG_PURPOSE"
	BasisContract       Reason = "BASIS_CONTRACT"
	BasisConsent        Reason = "BASIS_CONSENT"
	BasisSoftOptIn      Reason = "BASIS_SOFT_OPTIN"
	BasisInterest       Reason = "BASIS_LI"
	UserInitiatedBasis  Reason = "CLASS_USER_INITIATED"

	NoEndpoint       Reason = "CHANNEL_NO_ENDPOINT"
	NoSender         Reason = "CHANNEL_NO_SENDER"
	OptInMissing     Reason = "CHANNEL_OPTIN_MISSING"
	NotFriend        Reason = "CHANNEL_NOT_FRIEND"
	ChannelForbidden Reason = "CHANNEL_POLICY_FORBIDS"
	NoTemplate       Reason = "CHANNEL_TEMPLATE_UNAPPROVED"
	Exhausted        Reason = "CHANNEL_EXHAUSTED"
	NextChannel      Reason = "CHANNEL_FALLBACK"
	BadEndpoint      Reason = "CHANNEL_BAD_ENDPOINT"
	SessionClosed    Reason = "CHANNEL_SESSION_CLOSED"

	TemplateMissing Reason = "TEMPLATE_MISSING"
	RenderError     Reason = "RENDER_ERROR"
	LocaleFallback  Reason = "LOCALE_FALLBACK"

	Stale        Reason = "STALE_TTL"
	SupersededBy Reason = "SUPERSEDED"

	QuietCourtesy     Reason = "QUIET_COURTESY"
	QuietConsumer     Reason = "QUIET_CONSUMER"
	Sunday            Reason = "SUNDAY"
	QuietLegal        Reason = "QUIET_LEGAL"
	Holiday           Reason = "HOLIDAY"
	RamadanOverlay    Reason = "RAMADAN_OVERLAY"
	NoOpenWindow      Reason = "NO_OPEN_WINDOW"
	UrgentException   Reason = "URGENT_EXCEPTION"
	UrgentNotEligible Reason = "URGENT_NOT_ELIGIBLE"
	ZoneExplicit      Reason = "TZ_EXPLICIT"
	ZoneAddress       Reason = "TZ_ADDRESS"
	ZonePhone         Reason = "TZ_PHONE"
	ZoneMarket        Reason = "TZ_MARKET_DEFAULT"
	ZoneUnresolved    Reason = "TZ_UNRESOLVED"
	FreqCap           Reason = "FREQ_CAP"
	CountryCap        Reason = "COUNTRY_DAILY_CAP"
	SenderRate        Reason = "SENDER_RATE"
	RetryHitQuiet     Reason = "RETRY_HIT_QUIET"

	WasSent          Reason = "SENT"
	RetryScheduled   Reason = "RETRY_SCHEDULED"
	ProviderRejected Reason = "PROVIDER_REJECTED"
	RetriesSpent     Reason = "RETRIES_SPENT"
	UnknownOutcome   Reason = "UNKNOWN_OUTCOME"
	SenderPaused     Reason = "SENDER_MISCONFIGURED"
	SenderParked     Reason = "SENDER_PARKED"
	AskedNotTaken    Reason = "PROVIDER_DENIES"
	NoReceipt        Reason = "RECEIPT_MISSING"
	Escalated        Reason = "ESCALATED"
	Noticed          Reason = "NOTICED"
	SentAgain        Reason = "SENT_AGAIN"
	InDoubt          Reason = "IN_DOUBT"

	SaidDelivered Reason = "DELIVERED"
	SaidRead      Reason = "READ"
	SaidFailed    Reason = "FAILED"
	OptedOut      Reason = "OPTOUT_RECEIVED"
)

// ReasonFact explains one reason.
type ReasonFact struct {
	Reason Reason
	Means  string
}

var reasons = [...]ReasonFact{
	{OK, "nothing speaks against it"},
	{DuplicateEvent, "this event was heard before"},
	{NoOrder, "no order is known for this tracking number yet; it is told once the order arrives"},
	{NoPerson, "the order's customer is not known"},
	{NoMarket, "neither the person nor the address names a market the merchant has rules for"},
	{NoConfig, "the merchant's folder or market is not there right now; held until it is back"},
	{NoRule, "no rule of the market speaks about this kind of event"},
	{RuleFalse, "the rule's condition was not met"},
	{RuleOff, "the merchant switched this rule off"},
	{NotNews, "the parcel was in this milestone, or past it, already"},
	{OutOfOrder, "something that happened later was already known"},
	{MarketChanged, "the person lives in another market now; its rules for sending hold"},
	{JudgedAnew, "something about it has just changed, so it is judged again before anything is sent"},
	{SubjectErased, "the person asked to be forgotten"},
	{ClassMismatch, "the words advertise, and the rule calls them news of an order"},
	{SuppressedStop, "the person said STOP on this channel"},
	{SuppressedBlocked, "the person blocked or unfollowed the sender"},
	{ConsentWithdrawn, "the person withdrew consent for this channel"},
	{NoConsent, "the market asks for consent on this channel and none is on record"},
	{SuppressedObjection, "the person objected to being written to"},
	{SuppressedErasure, "this address was erased on request; advertising needs a newer yes of the person’s own"},
	{ConsentExpired, "the consent has ended"},
	{ConsentPending, "the click that confirms the consent has not come"},
	{ConsentWrongPurpose, "the consent on record is for another purpose"},
	{BasisContract, "sent to carry out the order, which needs no separate consent here"},
	{BasisConsent, "sent under a recorded consent"},
	{BasisSoftOptIn, "sent to a customer who was told of it at the purchase"},
	{BasisInterest, "sent in the merchant’s interest, until the person objects"},
	{UserInitiatedBasis, "an answer to what the person just wrote"},
	{NoEndpoint, "no address on this channel"},
	{NoSender, "the merchant has no sender for this channel"},
	{OptInMissing, "WhatsApp asks for an opt-in to this business and none is on record"},
	{NotFriend, "the person has not added the merchant's LINE account as a friend"},
	{ChannelForbidden, "the channel or the law does not let it carry such a message here"},
	{NoTemplate, "no approved WhatsApp template for this notice and language"},
	{Exhausted, "no channel is left"},
	{NextChannel, "the next channel in the market's order is tried"},
	{BadEndpoint, "the provider says this address does not exist"},
	{SessionClosed, "the channel does not take this message now"},
	{TemplateMissing, "there are no words for this notice"},
	{RenderError, "the words could not be put together"},
	{LocaleFallback, "no words in the person's language; the next language of the chain was used"},
	{Stale, "older than its time to live"},
	{SupersededBy, "newer news about the same parcel took its place"},
	{QuietCourtesy, "inside the market's quiet hours; held until they end"},
	{QuietConsumer, "inside the quiet hours the person chose; held until they end"},
	{Sunday, "a Sunday, closed or with a later morning here; held until then"},
	{QuietLegal, "outside the hours in which advertising is allowed; held until they begin"},
	{Holiday, "a public holiday; held until it is over, or until its later morning begins"},
	{RamadanOverlay, "the hours of the fast; held until they end"},
	{NoOpenWindow, "there is no hour in sight at which this may go"},
	{UrgentException, "one of the few kinds of news that may come at any hour"},
	{UrgentNotEligible, "called urgent, and not so now; quiet hours hold"},
	{ZoneExplicit, "in the time zone the person chose"},
	{ZoneAddress, "in the time zone of the address"},
	{ZonePhone, "in the time zone of the phone number"},
	{ZoneMarket, "in the time zone most of the market lives in"},
	{ZoneUnresolved, "nobody knows what time it is for the person, so no advertising goes"},
	{FreqCap, "the person has been written to often enough today"},
	{CountryCap, "the country allows no more advertising to one person in 24 hours"},
	{SenderRate, "the sender sends no faster; it waits its turn"},
	{RetryHitQuiet, "the next try would fall into quiet hours; held until they end"},
	{WasSent, "the provider took it"},
	{RetryScheduled, "the provider could not take it now; it is tried again"},
	{ProviderRejected, "the provider refused it for good"},
	{RetriesSpent, "the provider could not take it after every try"},
	{UnknownOutcome, "the provider may have taken it; it is not sent again to find out"},
	{SenderPaused, "the provider refuses the merchant's credentials or sender"},
	{SenderParked, "the sender has failed again and again; it waits until the sender works, or goes another way"},
	{AskedNotTaken, "the provider was asked and has no such message, so it is sent again"},
	{NoReceipt, "the provider took it and has not confirmed delivery for too long; another channel is tried"},
	{Escalated, "nobody noticed it in the time the rule gives; another channel is tried"},
	{Noticed, "the person has noticed it elsewhere by now, or written back"},
	{SentAgain, "somebody sent the dead letter again; every gate is asked anew"},
	{InDoubt, "it may have been taken, and sending it again may reach the person twice; say that you accept that"},
	{SaidDelivered, "the provider confirmed delivery"},
	{SaidRead, "the person opened it"},
	{SaidFailed, "the provider took it and later reported failure"},
	{OptedOut, "the person asked to hear no more on this channel"},
}

// Reasons lists every reason with its meaning.
func Reasons() []ReasonFact { return slices.Clone(reasons[:]) }

// With returns r carrying a detail, as in PROVIDER_REJECTED:21211.
func (r Reason) With(detail string) Reason {
	if detail == "" {
		return r
	}
	return r + ":" + Reason(detail)
}

// Code returns r without its detail.
func (r Reason) Code() Reason {
	code, _, _ := strings.Cut(string(r), ":")
	return Reason(code)
}

// Means explains r in a few words; an unknown code gives "".
func (r Reason) Means() string {
	if i := slices.IndexFunc(reasons[:], func(f ReasonFact) bool { return f.Reason == r.Code() }); i >= 0 {
		return reasons[i].Means
	}
	return ""
}
