package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/policy"
	"landfall/rules"
	"landfall/templates"
)

// guest is who opened a page of their own, with what holds for them at that instant.
type guest struct {
	merchant *dispatcher.Merchant
	market   *rules.Market
	person   notify.Person
	chosen   notify.Preferences
	acts     []notify.ConsentEvent
	now      time.Time
}

// guest reads a person; errUnknown when there is none, who may have been erased since the link was sent.
func (h *handler) guest(ctx context.Context, merchant, id string) (*guest, error) {
	m, ok := h.Merchant(notify.MerchantID(merchant))
	if !ok {
		return nil, errUnknown
	}
	p, err := h.Ledger.Person(ctx, m.ID, notify.PersonID(id))
	if err != nil {
		return nil, fmt.Errorf("read person of %s: %w", merchant, err)
	}
	if p == nil {
		return nil, errUnknown
	}
	g := &guest{merchant: m, market: marketOf(m, *p), person: *p, now: h.Now()}
	if g.chosen, err = h.Ledger.Preferences(ctx, m.ID, p.ID); err != nil {
		return nil, fmt.Errorf("read preferences at %s: %w", merchant, err)
	}
	if g.acts, err = h.Ledger.Consents(ctx, m.ID, p.ID); err != nil {
		return nil, fmt.Errorf("read consents at %s: %w", merchant, err)
	}
	return g, nil
}

// brand is the merchant's in the guest's market.
func (g *guest) brand() templates.Brand { return g.merchant.VoiceIn(g.market.Code).Brand }

func (h *handler) readerOf(g *guest, accept string) *reader {
	return h.reader(&notify.Story{Person: &g.person}, g.merchant, accept)
}

// ways lists the channels that reach the guest: both ends of the wire are there.
func (g *guest) ways() []notify.Channel {
	return slices.DeleteFunc(notify.Channels(), func(c notify.Channel) bool {
		_, has := g.person.Address(c)
		return !has || len(g.merchant.Senders[c]) == 0
	})
}

// permits lists the channels that reach the guest and may carry a purpose at all.
func (g *guest) permits(p notify.Purpose) []notify.Channel {
	if p == notify.OrderStatus {
		return g.ways()
	}
	law := g.market.Marketing
	return slices.DeleteFunc(g.ways(), func(c notify.Channel) bool {
		return !slices.Contains(law.Channels, c) || law.Consent[c] == rules.NeedForbidden
	})
}

// candidate is what the gates of consent look at. Asking for a review is advertising.
func (g *guest) candidate(c notify.Channel, p notify.Purpose) policy.Candidate {
	cand := policy.Candidate{Channel: c, Class: notify.Transactional, Purpose: p, Need: policy.Need(g.market.Consent[c]),
		Standing: policy.Stand(g.acts, c, p)}
	if p != notify.OrderStatus {
		law := g.market.Marketing
		cand.Class, cand.Need, cand.GrantMonths = notify.MarketingClass, policy.Need(law.Consent[c]), law.ValidMonths
	}
	return cand
}

// barrier names what stands in the way of switching a channel on from here, "" for nothing: a yes of the guest's alone would
// change nothing then.
func barrier(c policy.Candidate) string {
	no := c.Standing.No
	switch {
	case c.Need == policy.NeedDouble:
		return "confirm"
	case c.Channel == notify.LINE && (no.Action == notify.Blocked || no.Action == "" && c.Need == policy.Need(rules.NeedFriend)):
		return "friend"
	case c.Channel == notify.SMS && no.Method == notify.MethodStop: // the provider holds such messages back until START
		return "stop"
	}
	return ""
}

// method is by what a guest acts, and page the page that stood there.
type method struct{ name, page string }

func byPage() method { return method{"preference_page", "/p/"} }

func byLink() method { return method{"link_post", "/u/"} }

// act is an act of the guest's, on the words that stood on the page. Its id follows from what it changes, so that a form sent
// twice adds it once.
func (g *guest) act(by method, a notify.Action, c notify.Channel, p notify.Purpose, words, locale string) notify.ConsentEvent {
	e := notify.ConsentEvent{
		Channel: c, Purpose: p, Action: a, OccurredAt: g.now, ReceivedAt: g.now, Actor: notify.ActorSubject, Method: by.name,
		Source: by.page, Text: words, TextLocale: locale, TextHash: notify.Fingerprint(words),
		Jurisdiction: g.market.Code,
	}
	if a == notify.Granted {
		e.Basis = notify.ByConsent
	}
	last := ""
	if n := len(g.acts); n > 0 {
		last = g.acts[n-1].ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%s|%d|%s", by.name, c, p, a, len(g.acts), last))
	e.ID = "page:" + hex.EncodeToString(sum[:10])
	return e
}
