package chat

import (
	"slices"
	"strconv"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/understand"
	"landfall/locales"
)

// speaker makes one answer.
type speaker struct {
	Turn
	assistant *Assistant
	reading   understand.Reading
	locale    string // of the answer's words
	said      []string
	asked     *Asked
	misses    int
	handoff   *Handoff
	told      []notify.Told
	order     parcel.OrderID // what the answer is about
	spokenOf  *Asked         // to be remembered
}

func (s *speaker) speak() {
	s.locale = s.speakable()
	if len(s.Talk.Answers) == 0 {
		s.say("intro", nil)
	}
	switch t := s.Talk.Told; {
	case s.reading.Answer != "" && s.Talk.Asked != nil:
		s.answered(*s.Talk.Asked)
	case s.reading.Other && t != nil && (s.reading.Which != understand.One || s.reading.Orders[0] == string(t.Orders[0])):
		s.corrected(*t)
	default:
		s.meant(s.reading.Intent)
	}
}

// corrected answers "no, the other one" about the others that may have been meant.
func (s *speaker) corrected(t Asked) {
	others := slices.DeleteFunc(slices.Clone(t.Orders[1:]), func(id parcel.OrderID) bool { return id == t.Orders[0] || s.bought(id) == nil })
	switch {
	case len(others) == 1:
		s.one(t.For, others[0])
	case len(others) > 1:
		s.ask(t.For, others)
	default:
		s.none(t.For)
	}
}

// spoke remembers which order was spoken of, and which others there are: those that were asked about with it, else what is still to come.
func (s *speaker) spoke(i understand.Intent, id parcel.OrderID) {
	t := &Asked{Orders: []parcel.OrderID{id}, For: i}
	switch {
	case s.Talk.Asked != nil && len(s.Talk.Asked.Orders) > 1:
		t.Orders = append(t.Orders, s.Talk.Asked.Orders...)
	case s.Talk.Told != nil && slices.Contains(s.Talk.Told.Orders, id):
		t.Orders = append(t.Orders, s.Talk.Told.Orders...)
	default:
		t.Orders = append(t.Orders, s.open()...)
	}
	slices.Sort(t.Orders[1:])
	t.Orders = append(t.Orders[:1:1], slices.Compact(t.Orders[1:])...)
	s.spokenOf = t
}

// open are the orders that are still to come, as many as a question lists.
func (s *speaker) open() (ids []parcel.OrderID) {
	for _, b := range s.Orders {
		if b.state() != string(parcel.StageDelivered) && len(ids) < listed {
			ids = append(ids, b.Order.ID)
		}
	}
	return ids
}

// answer is what has been said, to be sent and remembered.
func (s *speaker) answer() Answer {
	out := Answer{Text: strings.Join(s.said, "\n\n"), Locale: s.locale, Handoff: s.handoff, Told: s.told, Reading: s.reading, Talk: s.Talk}
	out.Heard = heard(s.reading, s.outcome(), s.order)
	if s.reading.Answer != "" && s.Talk.Asked != nil { // what was asked before is what it is about
		out.Heard.Intent = string(s.Talk.Asked.For)
	}
	out.Talk.Asked, out.Talk.Misses = s.asked, s.misses
	if s.spokenOf != nil {
		out.Talk.Told = s.spokenOf
	}
	out.Talk.Desk = s.handoff != nil
	out.Talk.Answers = append(out.Talk.Answers, s.Now)
	return out
}

// outcome is what became of the message.
func (s *speaker) outcome() notify.HeardOutcome {
	switch {
	case s.handoff != nil:
		return notify.HandedOver
	case s.reading.Attack:
		return notify.Attack
	case s.misses > 0:
		return notify.NotUnderstood
	case s.asked != nil:
		return notify.AskedBack
	}
	return notify.WasAnswered
}

// everyAnswer is a key each language of the answers has.
const everyAnswer = "chat.intro"

// speakable is the language of the answer: that of the message, else that of the person.
func (s *speaker) speakable() string {
	asked := s.reading.Lang
	if s.reading.Confidence < understand.Sure && s.Locale != "" {
		asked = s.Locale
	}
	for _, l := range s.assistant.words.Chain(asked) {
		if s.assistant.words.Has(l, everyAnswer) {
			return l
		}
	}
	return locales.Root
}

// say adds a paragraph. A mistake in the words is found by their test.
func (s *speaker) say(key string, data map[string]any) {
	if text := s.text(key, data); text != "" {
		s.said = append(s.said, text)
	}
}

func (s *speaker) text(key string, data map[string]any) string {
	if data == nil {
		data = map[string]any{"Brand": s.Brand.Name}
	}
	text, err := s.assistant.words.Text(s.locale, "chat."+key, data)
	if err != nil {
		return ""
	}
	return text
}

// words are what is said about what somebody wants that is no question about an order.
var plain = map[understand.Intent]string{understand.Help: "help", understand.OptOut: "stop", understand.OptIn: "help"}

// meant answers what somebody wants.
func (s *speaker) meant(i understand.Intent) {
	switch {
	case i == understand.ContactHuman:
		s.call(i, "human", s.lately())
	case plain[i] != "":
		s.say(plain[i], nil)
	case i == understand.SmallTalk:
		s.small()
	case i == understand.OutOfScope:
		s.outside()
	default:
		s.about(i)
	}
}

// small answers pleasantries: thanks are welcome, anything else is a greeting.
func (s *speaker) small() {
	if s.reading.Parting {
		s.say("welcome", nil)
		return
	}
	s.say("hello", nil)
}

// outside answers what is about no order, or was not understood: then a person is offered, and at last called.
func (s *speaker) outside() {
	if s.reading.Confidence >= understand.Sure {
		s.say("scope", nil)
		return
	}
	s.misses = s.Talk.Misses + 1
	switch {
	case s.misses >= giveUpAt:
		s.call(understand.OutOfScope, "human", s.lately())
	case s.misses >= offerAt:
		s.say("offer", nil)
		s.asked = &Asked{Kind: understand.Confirm, For: understand.ContactHuman}
	default:
		s.say("missed", nil)
	}
}

// call hands the conversation to a person.
func (s *speaker) call(i understand.Intent, key string, order parcel.OrderID) {
	s.say(key, nil)
	s.handoff, s.asked, s.misses = &Handoff{Reason: i, Order: order}, nil, 0
}

// lately is the order spoken of last, else the only one that is still to come; "" where there are several.
func (s *speaker) lately() parcel.OrderID {
	if t := s.Talk.Told; t != nil && s.bought(t.Orders[0]) != nil {
		return t.Orders[0]
	}
	if open := s.open(); len(open) == 1 {
		return open[0]
	}
	return ""
}

// about answers what is about an order.
func (s *speaker) about(i understand.Intent) {
	switch s.reading.Which {
	case understand.One:
		s.one(i, parcel.OrderID(s.reading.Orders[0]))
	case understand.Ask:
		s.ask(i, s.ids(s.reading.Orders))
	default:
		s.none(i)
	}
}

func (s *speaker) ids(names []string) []parcel.OrderID {
	var ids []parcel.OrderID
	for _, n := range names {
		ids = append(ids, parcel.OrderID(n))
	}
	return ids
}

// ask lists orders and asks which is meant.
func (s *speaker) ask(i understand.Intent, ids []parcel.OrderID) {
	ids = ids[:min(len(ids), listed)]
	s.say("which", nil)
	s.list(ids)
	s.asked = &Asked{Kind: understand.Choose, Orders: ids, For: i}
}

func (s *speaker) list(ids []parcel.OrderID) {
	var lines []string
	for n, id := range ids {
		if b := s.bought(id); b != nil {
			lines = append(lines, strconv.Itoa(n+1)+". "+s.named(*b))
		}
	}
	s.said = append(s.said, strings.Join(lines, "\n"))
}

// none says that nothing fits. What is still on its way can be chosen; who is angry meets a person all the same.
func (s *speaker) none(i understand.Intent) {
	if acted[i] != "" && len(s.Orders) == 0 {
		s.call(i, acted[i], "")
		return
	}
	open := s.open()
	switch {
	case len(s.Orders) == 0:
		s.say("nothing", nil)
	case len(open) == 0:
		s.say("none", nil)
	default:
		s.say("none", nil)
		s.say("open", nil)
		s.list(open)
		s.asked = &Asked{Kind: understand.Choose, Orders: open, For: i}
	}
}

// acted are what is passed on to a person, and what is said about it.
var acted = map[understand.Intent]string{
	understand.CancelOrder: "cancel", understand.ChangeAddress: "address", understand.ReturnRefund: "return", understand.Complaint: "complaint",
}

// one answers about one order.
func (s *speaker) one(i understand.Intent, id parcel.OrderID) {
	b := s.bought(id)
	if b == nil {
		s.none(i)
		return
	}
	s.order = id
	s.spoke(i, id)
	if key := acted[i]; key != "" {
		s.said = append(s.said, s.headed(*b))
		s.call(i, key, id)
		return
	}
	s.stands(*b)
}

// answered acts on the answer to a question.
func (s *speaker) answered(q Asked) {
	switch {
	case q.Kind == understand.Confirm && s.reading.Answer == "yes":
		s.meant(q.For)
	case q.Kind == understand.Confirm:
		s.say("hello", nil)
	case s.reading.Answer == "none":
		s.call(q.For, "human", "")
	case s.reading.Answer == "all":
		s.all(q)
	default:
		n, err := strconv.Atoi(s.reading.Answer)
		if err != nil || n < 1 || n > len(q.Orders) {
			s.ask(q.For, q.Orders)
			return
		}
		s.one(q.For, q.Orders[n-1])
	}
}

// all answers about every order of a question; what a person must see to is passed on once.
func (s *speaker) all(q Asked) {
	if acted[q.For] != "" {
		s.call(q.For, acted[q.For], "")
		return
	}
	for _, id := range q.Orders[:min(len(q.Orders), told)] {
		if b := s.bought(id); b != nil {
			s.stands(*b)
		}
	}
}
