package dispatcher

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"landfall/internal/chat"
	"landfall/internal/notify"
	"landfall/rules"
	"landfall/templates"
)

// Assistant answers customers who write back.
type Assistant interface {
	Answer(t chat.Turn) chat.Answer
	// Unsure reports whether a text says nothing that is known.
	Unsure(text, locale string, now time.Time) bool
	// Late says that nobody can be reached right now, in a language that it names.
	Late(locale string, b templates.Brand) (text, in string)
}

// answerIn is how long an answer is worth sending: later the person has asked somebody else.
const answerIn = 5 * time.Minute

// tokenLife is how long after the question an answer may go by LINE's reply token: one minute by LINE's reference, less what a call may take.
const tokenLife = 50 * time.Second

// saidByAssistant is the notice of an answer. It has words of its own and none in the catalogs.
const saidByAssistant notify.TemplateKey = "answer"

// Converse keeps what a customer wrote on a channel, and answers it there. A repeated message is answered once. What it returns is with the queue
// already, and may be delivered at once where it would not be worth waiting behind others.
func (d *Dispatcher) Converse(ctx context.Context, m *Merchant, p notify.PersonID, c notify.Channel, msg notify.Message) ([]notify.Handoff, error) {
	assistant, err := m.Assistant()
	if err != nil {
		return nil, err
	}
	hint, err := d.hint(ctx, assistant, m, p, msg)
	if err != nil {
		return nil, err
	}
	now := d.Now()
	var said notify.Response
	in, err := d.Ledger.Converse(ctx, m.ID, p, c, msg, now, func(x notify.Exchange) notify.Response {
		said = m.respond(assistant, c, msg, hint, x, now)
		return said
	})
	if err == nil && said.Heard.Outcome != "" {
		d.Heard(said.Heard)
	}
	in, err = d.handOver(ctx, in, err)
	return in.Ready, err
}

// hint asks somebody else what a message means of which nothing is known, where the merchant wants that; it is asked before the transaction, which nobody waits for.
func (d *Dispatcher) hint(ctx context.Context, a Assistant, m *Merchant, p notify.PersonID, msg notify.Message) (string, error) {
	if !m.Model || d.Advise == nil {
		return "", nil
	}
	person, err := d.Ledger.Person(ctx, m.ID, p)
	if err != nil || person == nil || !a.Unsure(msg.Text, person.Locale, d.Now()) {
		return "", err
	}
	return d.Advise(ctx, m.ID, p, msg.Text, person.Name), nil
}

// respond turns what the assistant says into what is written: the answer as a delivery, the conversation as it is remembered, and who is to
// see to it.
func (m *Merchant) respond(assistant Assistant, c notify.Channel, msg notify.Message, hint string, x notify.Exchange, now time.Time) notify.Response {
	person := *x.Story.Person
	market := m.market(person)
	if market == nil {
		return notify.Response{Talk: x.Talk}
	}
	s := m.replying(x.Story, market, c, "answered", msg.ID, now, answerIn)
	n := s.notification
	turn := chat.Turn{Text: msg.Text, Now: now, Person: person, Locale: s.locale(), Zone: m.Clock(person, market), Brand: s.voice().Brand, Words: s.voice().Words, Orders: bought(x), Hint: hint}
	turn.Talk = remembered(x.Talk)
	a := assistant.Answer(turn)
	out := notify.Response{Talk: encodeTalk(a.Talk), Heard: a.Heard}
	if h := a.Handoff; h != nil {
		out.Handoff = &notify.DeskHandoff{ID: "h" + string(n.ID), Person: person.ID, Channel: c, Reason: string(h.Reason), Order: h.Order, CreatedAt: now}
		if m.Desk {
			out.Handoff.Desk = notify.DeskWaiting
		}
	}
	if a.Text != "" {
		s.notification.Tells = a.Told
		out.Say = s.says(a.Locale, a.Text)
		for i := range out.Say.Deliveries {
			out.Say.Deliveries[i].ReplyToken = msg.Token
			refer(out.Say.Deliveries[i].Words, msg.Mail)
		}
	}
	return out
}

// refer makes an answer one to a mail.
func refer(w *notify.Words, to notify.MailHead) {
	if w.Answers = to.MessageID; to.Subject != "" {
		w.Title = "Re: " + strings.TrimSpace(strings.TrimPrefix(to.Subject, "Re:"))
	}
}

// replying is an answer on one channel; to names what it answers.
func (m *Merchant) replying(s notify.Story, market *rules.Market, c notify.Channel, rule, to string, now time.Time, ttl time.Duration) choice {
	n := notify.Notification{
		Merchant: m.ID, Person: s.Person.ID, Audience: notify.Customer, Market: market.Code, Only: c,
		Notice:    notify.Notice{Rule: rule, Say: saidByAssistant, To: []notify.Audience{notify.Customer}, Urgency: notify.High, Class: notify.ChatReply, TTL: ttl},
		CreatedAt: now, ExpiresAt: now.Add(ttl),
	}
	n.ID = answerID(n, to)
	return choice{merchant: m, market: market, notification: n, person: *s.Person, story: s, now: now, phase: notify.AtPlan}
}

// says plans an answer in words of its own.
func (c *choice) says(locale, text string) *notify.Planning {
	p := c.plan()
	words := templates.Said(c.notification.Only, locale, text, c.voice().Brand)
	for i := range p.Deliveries {
		p.Deliveries[i].Words = &words
	}
	return &p
}

// agentIn is how long what a person of the merchant's own says is worth sending.
const agentIn = 24 * time.Hour

// SayAs sends what a person of the merchant's own says in a conversation they have taken over. id names the message within
// the handoff: a repeated one is sent once. ok is false when there is no such open conversation, unless it was said while there was.
func (d *Dispatcher) SayAs(ctx context.Context, m *Merchant, handoff, id, text string) (ok bool, err error) {
	now := d.Now()
	in, ok, err := d.Ledger.Say(ctx, m.ID, handoff, now, func(s notify.Story, h notify.DeskHandoff) *notify.Planning {
		market := m.market(*s.Person)
		if market == nil {
			return nil
		}
		c := m.replying(s, market, h.Channel, notify.AgentRule, handoff+"/"+id, now, agentIn)
		return c.says(c.locale(), text)
	})
	_, err = d.handOver(ctx, in, err)
	return ok, err
}

// SayLate tells the customer of an open handoff, once, that nobody can be reached right now and that the message is kept.
func (d *Dispatcher) SayLate(ctx context.Context, m *Merchant, handoff string) error {
	assistant, err := m.Assistant()
	if err != nil {
		return err
	}
	now := d.Now()
	in, _, err := d.Ledger.Say(ctx, m.ID, handoff, now, func(s notify.Story, h notify.DeskHandoff) *notify.Planning {
		market := m.market(*s.Person)
		if market == nil {
			return nil
		}
		c := m.replying(s, market, h.Channel, "desk late", handoff+"/late", now, agentIn)
		text, locale := assistant.Late(c.locale(), c.voice().Brand)
		return c.says(locale, text)
	})
	_, err = d.handOver(ctx, in, err)
	return err
}

// remembered is a conversation as it was stored; one nobody can read begins anew.
func remembered(raw json.RawMessage) (t chat.Talk) {
	if len(raw) > 0 && json.Unmarshal(raw, &t) != nil {
		return chat.Talk{}
	}
	return t
}

// encodeTalk writes a conversation down: it holds nothing that cannot be written.
func encodeTalk(t chat.Talk) json.RawMessage {
	b, err := json.Marshal(t)
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}

func bought(x notify.Exchange) []chat.Bought {
	var out []chat.Bought
	for _, o := range x.Orders {
		out = append(out, chat.Bought{Order: o, Parcels: x.Parcels[o.ID]})
	}
	return out
}
