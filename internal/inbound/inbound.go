// Package inbound applies what providers tell us of their own accord: receipts, replies, opt-ins and opt-outs. The channels
// verify and parse; this package decides whom it concerns and has it written down. It sends nothing itself.
package inbound

import (
	"context"
	"fmt"
	"strings"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/optout"
)

// Ledger is where signals are written.
type Ledger interface {
	PeopleAt(ctx context.Context, m notify.MerchantID, a notify.Address) ([]notify.PersonID, error)
	Origin(ctx context.Context, id notify.DeliveryID) (notify.Origin, error)
	AddConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, events []notify.ConsentEvent) error
	AddReply(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) (bool, error)
}

// Inbound applies signals. All fields are required.
type Inbound struct {
	Ledger Ledger
	// Act records what whoever is behind an address did there, and has a STOP confirmed unless answered is set.
	Act func(ctx context.Context, m notify.MerchantID, a notify.Address, e notify.ConsentEvent, answered bool) error
	// Receipt writes down what became of a message; why says why it failed, where the channel knows.
	Receipt func(ctx context.Context, m notify.MerchantID, r notify.Receipt, why *channels.Error) error
	// Converse keeps what a person wrote, and answers it where the merchant has that done.
	Converse func(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) error
	// Room reports whether another message of a person is kept; nil for always. What it asks for is done in any case: a STOP counts, however much somebody writes.
	Room   func(m notify.MerchantID, p notify.PersonID, c notify.Channel) bool
	Now    func() time.Time
	Reader *optout.Reader // of what replies say about being written to
}

// Apply writes down what a provider told us. A reply of nobody we know is dropped: it creates no one. An act of consent
// is kept under its address all the same: the STOP holds for whoever is reached there, now or later. Applying the same
// signal twice changes nothing.
func (in Inbound) Apply(ctx context.Context, m notify.MerchantID, signals []channels.Signal) error {
	for _, s := range signals {
		if err := in.apply(ctx, m, s); err != nil {
			return fmt.Errorf("apply signal: %w", err)
		}
	}
	return nil
}

func (in Inbound) apply(ctx context.Context, m notify.MerchantID, s channels.Signal) error {
	switch {
	case s.Receipt != nil:
		return in.Receipt(ctx, m, *s.Receipt, s.Failure)
	case s.Consent != nil:
		return in.consent(ctx, m, s.From, *s.Consent, s.Answered)
	case s.Reply != nil:
		return in.reply(ctx, m, s.From, *s.Reply)
	}
	return nil
}

// consent records an act of whoever is behind an address.
func (in Inbound) consent(ctx context.Context, m notify.MerchantID, from notify.Address, e notify.ConsentEvent, answered bool) error {
	e.Channel, e.ReceivedAt = from.Channel, in.Now()
	return in.Act(ctx, m, from, e, answered)
}

// reply keeps what somebody wrote. A message that asks for an end of messages, by a keyword or in words of its own, is an
// act of consent too, and holds for that channel: for advertising where that is all it speaks of, else for every purpose.
func (in Inbound) reply(ctx context.Context, m notify.MerchantID, from notify.Address, r channels.Reply) error {
	people, err := in.writers(ctx, m, &from, &r)
	if err != nil || r.Of != "" && len(people) == 0 {
		return err
	}
	said := in.Reader.Read(r.Text)
	if r.Handled { // the provider's own reading of it comes as a signal of its own
		said = optout.Reading{}
	}
	if err := in.keep(ctx, m, from.Channel, people, r, said.Act == optout.None && !r.Handled); err != nil || said.Act == optout.None {
		return err
	}
	e := act(r, said)
	if err := in.consent(ctx, m, from, e, false); err != nil || !said.All {
		return err
	}
	return in.everywhere(ctx, m, people, e)
}

// writers are who may have written: whoever is reached at the address; of what replies to a message, only the one whom that went to, and only from their own address.
func (in Inbound) writers(ctx context.Context, m notify.MerchantID, from *notify.Address, r *channels.Reply) ([]notify.PersonID, error) {
	if r.Of == "" {
		return in.Ledger.PeopleAt(ctx, m, *from)
	}
	of, err := in.Ledger.Origin(ctx, r.Of)
	if err != nil || of.Merchant != m || of.Address == "" || !strings.EqualFold(of.Address.Reveal(), from.Value.Reveal()) {
		return nil, err
	}
	from.Value, r.Sender = of.Address, of.Sender
	return []notify.PersonID{of.Person}, nil
}

// keep stores what was written with everybody who is reached there, unless they have written too much. The first of them is answered, where an answer is wanted.
func (in Inbound) keep(ctx context.Context, m notify.MerchantID, c notify.Channel, people []notify.PersonID, r channels.Reply, answer bool) error {
	for i, p := range people {
		if in.Room != nil && !in.Room(m, p, c) {
			continue
		}
		msg := notify.Message{ID: r.ID + ":" + string(p), Sender: r.Sender, Token: r.Token, Mail: r.Mail, Text: r.Text, At: r.At}
		if i == 0 && answer {
			if err := in.Converse(ctx, m, p, c, msg); err != nil {
				return err
			}
			continue
		}
		if _, err := in.Ledger.AddReply(ctx, m, p, c, msg); err != nil {
			return err
		}
	}
	return nil
}

// everywhere records a wish to hear no more on any channel with the people who are known by the one it came in on.
func (in Inbound) everywhere(ctx context.Context, m notify.MerchantID, people []notify.PersonID, e notify.ConsentEvent) error {
	e.ID, e.Channel, e.ReceivedAt = e.ID+":all", notify.AnyChannel, in.Now()
	for _, p := range people {
		if err := in.Ledger.AddConsents(ctx, m, p, []notify.ConsentEvent{e}); err != nil {
			return err
		}
	}
	return nil
}

// act is what a reply says, as an event of consent. START takes a STOP back for news of orders, never for advertising.
func act(r channels.Reply, said optout.Reading) notify.ConsentEvent {
	e := notify.ConsentEvent{ID: "reply:" + r.ID, OccurredAt: r.At, Actor: notify.ActorSubject, Source: r.ID}
	switch {
	case said.Act == optout.Start:
		e.Action, e.Method, e.Purpose = notify.Granted, "start_keyword", notify.OrderStatus
	case said.Keyword:
		e.Action, e.Method = notify.Withdrawn, notify.MethodStop
	default:
		e.Action, e.Method, e.Text = notify.Withdrawn, notify.MethodFreeText, said.Matched
	}
	if said.Marketing {
		e.Purpose = notify.Marketing
	}
	return e
}
