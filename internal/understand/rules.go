package understand

import (
	"fmt"
	"slices"
	"strings"

	"landfall/internal/optout"
)

// rule says that a message with certain concepts means something. They are the same in all languages.
type rule struct {
	intent Intent
	weight float64
	all    string // concepts that must all be said: a|b for either, ~a for one that is denied, item and colour for any of these
	none   string // concepts of which none may be said
	short  int    // words the message has at most, three times as many characters in scripts without spaces; 0 for any
}

const (
	// attacks weighs more than anything else may.
	attacks = 1.0

	goodsOrIt = "goods|item"
	motion    = "arrive|ship|goods|item|missing|track"
)

var rules = []rule{
	{OutOfScope, attacks, "attack", "", 0},

	{ContactHuman, .95, "human talk", "complain", 0},
	{ContactHuman, .9, "human want", "where when missing shop", 0},
	{ContactHuman, .85, "human", "where when missing status track broken cancel return refund help product shop bot", 6},
	{ContactHuman, .9, "~bot", "", 0},
	{ContactHuman, .9, "~talk bot", "", 0},
	{ContactHuman, .85, "bot human want|not|talk|where|angry", "", 0},
	{ContactHuman, .8, "talk", "where when missing status address arrive shop stop broken angry claimed world", 8},

	{OptOut, .85, "stop messages|adverts", "", 0},
	{OptIn, .85, "start messages|adverts", "", 0},

	{CancelOrder, .95, "cancel goods|item|buy|want", "annulled", 0},
	{CancelOrder, .85, "cancel", "account annulled", 0},

	{ChangeAddress, .95, "address change", "account", 0},
	{ChangeAddress, .85, "address wrong", "claimed", 0},
	{ChangeAddress, .85, "address moved", "since", 0},
	{ChangeAddress, .78, "address not", "missing claimed arrive where late status shop account when how_long product", 0},
	{ChangeAddress, .76, "address", "missing claimed arrive where late status shop account when how_long product price payment yet track", 12},
	{ChangeAddress, .75, "address other|want", "shop product payment where track status", 0},

	{ReturnRefund, .95, "refund", "", 0},
	{ReturnRefund, .88, "~refund yet|late|missing|since|time:week|time:month|time:day|how_long", "~want cancel", 0},
	{ReturnRefund, .9, "exchange", "address", 0},
	{ReturnRefund, .9, "return", "", 0},

	{Complaint, .9, "broken", "product track account", 0},
	{OrderStatus, .87, "broken track", "", 0},
	{Complaint, .88, "wrong", "address", 0},
	{Complaint, .88, "lacking", "product how_long", 0},
	{Complaint, .92, "claimed missing|where|~arrive|angry|lacking|not", "", 0},
	{Complaint, .9, "claimed address wrong", "", 0},
	{Complaint, .9, "complain", "", 0},
	{Complaint, .78, "claimed", "thanks when how_long", 0},
	{Complaint, .78, "angry", "where when how_long missing", 0},
	{Complaint, .72, "angry", "", 0},

	{DeliveryETA, .93, "when " + motion, "return refund", 0},
	{DeliveryETA, .93, "how_long " + motion + "|customs", "return refund stuck", 0},
	{DeliveryETA, .88, "arrive|ship due", "missing buy", 0},
	{DeliveryETA, .85, "arrive time:tomorrow|time:today|time:next", "missing claimed broken promised time:yesterday thanks", 0},
	{DeliveryETA, .87, "arrive|item phrase:this_week", "missing claimed broken promised buy where return exchange stuck late", 0},
	{DeliveryETA, .86, "arrive time:weekend|time:this", "missing claimed broken promised buy where late", 0},
	{DeliveryETA, .7, "due want", "product price shop world cancel talk help messages payment account", 14},
	{DeliveryETA, .7, "when|how_long", "shop product price account world payment buy return refund exchange", 8},
	{DeliveryETA, .62, "how_long", "shop product price account world payment buy return refund missing since", 14},
	{DeliveryETA, .6, "due", "product price shop world cancel talk help messages payment account missing where status address return refund buy claimed thanks", 10},

	{OrderStatus, .94, "missing since how_long", "when", 0},
	{OrderStatus, .92, "where " + goodsOrIt + "|track|missing|ship", "", 0},
	{OrderStatus, .9, "where buy", "", 0},
	{OrderStatus, .9, "status " + motion + "|buy|customs", "", 0},
	{OrderStatus, .9, "missing", "lacking account", 0},
	{OrderStatus, .9, "missing goods|item", "lacking", 0},
	{OrderStatus, .88, "stuck", "", 0},
	{OrderStatus, .8, "annulled", "product account", 0},
	{OrderStatus, .88, "late " + motion + "|customs|buy", "", 0},
	{OrderStatus, .86, "track", "", 0},
	{OrderStatus, .86, "ship " + goodsOrIt + "|yet|buy", "shop price", 0},
	{OrderStatus, .86, "arrive yet", "", 0},
	{OrderStatus, .84, "~arrive|~ship " + goodsOrIt + "|buy|yet", "", 0},
	{OrderStatus, .84, "arrive " + goodsOrIt, "product price shop", 0},
	{OrderStatus, .84, "customs", "product price", 0},
	{OrderStatus, .82, "claimed", "", 0},
	{OrderStatus, .8, "promised", "", 0},
	{OrderStatus, .76, "where", "shop product world account payment", 6},
	{OrderStatus, .74, "status", "world account payment", 7},
	{OrderStatus, .72, "~cancel|~return|~refund", "", 0},
	{OrderStatus, .72, "ship|late", "shop product price world", 7},
	{OrderStatus, .66, "buy " + goodsOrIt, "product price payment account shop world", 0},
	{OrderStatus, .62, "goods", "product price payment account shop world", 8},
	{OrderStatus, .55, "goods|item", "product price payment account shop world thanks", 5},

	{OrderStatus, .5, "goods|item", "product price payment account shop world thanks chitchat", 0},

	{OutOfScope, .9, "shop", "where missing|track|~arrive|late", 0},
	{OutOfScope, .87, "account", "", 0},
	{OutOfScope, .85, "payment", "", 0},
	{OutOfScope, .85, "product", "missing broken wrong", 0},
	{OutOfScope, .83, "price", "missing", 0},
	{OutOfScope, .81, "world", "missing", 0},

	{Help, .8, "help", "", 8},
	{Help, .6, "help", "", 0},

	{SmallTalk, .75, "chitchat", "when how_long where missing arrive", 0},
	{SmallTalk, .7, "bot human", "", 0},
	{SmallTalk, .65, "thanks|bye", "", 0},
	{SmallTalk, .65, "hello", "goods item", 0},
	{SmallTalk, .45, "hello", "", 0},
	{SmallTalk, .6, "okay|yes|no", "", 6},
	{SmallTalk, .62, "bot", "", 0},
	{SmallTalk, .6, "~stop messages|adverts", "", 0},
}

// verdict is what a message means, and why.
type verdict struct {
	intent Intent
	weight float64
	rule   string
	attack bool
}

// unknown is what is understood of a message that says nothing known.
var unknown = verdict{intent: OutOfScope, weight: .2, rule: "nothing known"}

// acts are what is done before a question that stands beside it is answered, in this order.
var acts = []struct {
	intents []Intent
	from    float64
}{
	{[]Intent{ContactHuman}, .8}, {[]Intent{OptOut}, .8}, {[]Intent{OptIn}, .8}, {[]Intent{CancelOrder}, .8}, {[]Intent{ChangeAddress}, .75},
	{[]Intent{ReturnRefund}, .8}, {[]Intent{Complaint}, .75},
}

// verdict weighs the rules. An attack goes before everything, then acts, then what weighs most.
func (h *heard) verdict(said optout.Reading) verdict {
	best := map[Intent]verdict{}
	for i, r := range rules {
		if r.weight > best[r.intent].weight && h.fits(r) {
			best[r.intent] = verdict{r.intent, r.weight, fmt.Sprintf("rule %d: %s", i+1, strings.TrimSpace(r.all)), r.weight == attacks}
		}
	}
	switch said.Act {
	case optout.Stop:
		best[OptOut] = verdict{intent: OptOut, weight: .9, rule: "opt-out: " + said.Matched}
	case optout.Start:
		best[OptIn] = verdict{intent: OptIn, weight: .9, rule: "opt-in: " + said.Matched}
	}
	if best[OutOfScope].attack {
		return best[OutOfScope]
	}
	for _, act := range acts {
		for _, intent := range act.intents {
			if best[intent].weight >= act.from {
				return best[intent]
			}
		}
	}
	return heaviest(best)
}

// hinted reports whether a hint may be followed. To cancel, to end messages and to begin them is never taken from one.
func hinted(hint Intent) bool {
	switch hint {
	case OrderStatus, DeliveryETA, ContactHuman, Complaint, ReturnRefund, ChangeAddress, Help, SmallTalk, OutOfScope:
		return true
	}
	return false
}

// order breaks ties.
var order = []Intent{DeliveryETA, OrderStatus, Complaint, ChangeAddress, Help, OutOfScope, SmallTalk}

func heaviest(best map[Intent]verdict) verdict {
	out := unknown
	for _, intent := range order {
		if v, ok := best[intent]; ok && v.weight > out.weight {
			out = v
		}
	}
	return out
}

// fits reports whether a rule holds for a message.
func (h *heard) fits(r rule) bool {
	if r.short > 0 && h.length() > r.short {
		return false
	}
	for need := range strings.FieldsSeq(r.all) {
		if !slices.ContainsFunc(strings.Split(need, "|"), h.holds) {
			return false
		}
	}
	for never := range strings.FieldsSeq(r.none) {
		if slices.ContainsFunc(strings.Split(never, "|"), h.holds) {
			return false
		}
	}
	return true
}

// holds reports whether a concept is said, or denied when its name begins with a tilde.
func (h *heard) holds(concept string) bool {
	held, ok := h.known[concept]
	if !ok {
		if h.known == nil {
			h.known = map[string]bool{}
		}
		held = h.hold(concept)
		h.known[concept] = held
	}
	return held
}

func (h *heard) hold(concept string) bool {
	name, denied := strings.CutPrefix(concept, "~")
	switch {
	case denied:
		return h.refused(name)
	case concept == "item":
		return h.sayAny(func(in *heard) []string { return in.items })
	case concept == "colour":
		return h.sayAny(func(in *heard) []string { return in.colours })
	case concept == "cancel": // one denial is enough: nothing is cancelled that somebody may want
		_, spans := h.said(concept)
		return len(spans) > 0 && len(spans) == len(h.at(concept))
	case slices.Contains(negatable, concept):
		_, spans := h.said(concept)
		return len(spans) > 0
	}
	return h.any(concept)
}

// negatable are concepts that a negation takes back. A question stays one: "why don't I know where it is".
var negatable = []string{"cancel", "return", "refund", "exchange", "change", "human", "talk", "bot", "stop", "start", "complain", "broken", "wrong", "lacking", "angry", "thanks", "arrive", "ship"}

func (h *heard) sayAny(keys func(*heard) []string) bool {
	return slices.ContainsFunc(append([]*heard{h}, h.others...), func(in *heard) bool {
		return slices.ContainsFunc(keys(in), func(key string) bool { return len(in.at(key)) > 0 })
	})
}

// length is how long a message is, in words; three characters of a script without spaces count as one.
func (h *heard) length() int {
	n := 0
	for i := range h.text.Tokens {
		n += h.measure(i, 3, 1)
	}
	return (n + 2) / 3
}

// trace says what was recognised and what decided.
func (h *heard) trace(v verdict) []string {
	var out []string
	for _, in := range append([]*heard{h}, h.others...) {
		for _, name := range names {
			out = in.mention(out, name)
		}
	}
	return append(out, v.rule)
}

// mention adds where a concept is said.
func (h *heard) mention(out []string, name string) []string {
	for _, s := range h.at(name) {
		mark := ""
		if h.denied(s) {
			mark = "not "
		}
		out = append(out, h.tag+" "+mark+name+": "+h.text.Quote(s.From, s.To))
	}
	return out
}
