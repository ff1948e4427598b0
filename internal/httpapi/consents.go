package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/ledger"
	"landfall/internal/notify"
)

// ConsentBody is one act of consent or refusal, with what proves it.
type ConsentBody struct {
	ID           string         `json:"id,omitempty" maxLength:"200" doc:"The shop's own id; an id sent again is a no-op."`
	Channel      notify.Channel `json:"channel" enum:"whatsapp,line,sms,email,inapp,any"`
	Purpose      notify.Purpose `json:"purpose,omitempty" enum:"order_status,review_request,marketing" doc:"Empty: every purpose."`
	Action       notify.Action  `json:"action" enum:"granted,reconfirmed,doi_requested,doi_confirmed,denied,withdrawn,objected,expired"`
	Basis        notify.Basis   `json:"legal_basis,omitempty" enum:"consent,contract,legitimate_interest,soft_opt_in"`
	OccurredAt   time.Time      `json:"occurred_at,omitempty" doc:"When the person did it; default: now. One in the future counts from now."`
	Actor        string         `json:"actor,omitempty" enum:"subject,merchant" doc:"Who did it: the person themselves, on your form, or you; default: merchant. An objection, and advertising after an erasure, take a yes of the person's own."`
	Method       string         `json:"method,omitempty" maxLength:"100" doc:"checkbox, friend_add, double_opt_in, import, paper, voice, ... An import never lifts a refusal."`
	Source       string         `json:"source,omitempty" maxLength:"500" doc:"Where: a form's address, a campaign, an import's number."`
	Text         string         `json:"text,omitempty" maxLength:"5000" doc:"The words agreed to; their SHA-256 is kept beside them."`
	TextID       string         `json:"text_id,omitempty" maxLength:"200"`
	TextVersion  string         `json:"text_version,omitempty" maxLength:"100"`
	TextLocale   string         `json:"text_locale,omitempty" maxLength:"35" doc:"The language they were read in, BCP 47."`
	NoticeURL    string         `json:"notice_url,omitempty" format:"uri" maxLength:"2000" doc:"The privacy notice shown with it."`
	Jurisdiction string         `json:"jurisdiction,omitempty" pattern:"^[A-Z]{2}$" doc:"ISO 3166-1: the country whose law it was given under."`
	ValidUntil   time.Time      `json:"valid_until,omitempty" doc:"The last instant at which it holds; default: until it is withdrawn, or the market's own limit."`
	Evidence     *EvidenceBody  `json:"evidence,omitempty"`
}

// EvidenceBody is what shows that an act happened.
type EvidenceBody struct {
	IP        string `json:"ip,omitempty" maxLength:"45" doc:"Only its network is kept: /24, or /48 of IPv6."`
	UserAgent string `json:"user_agent,omitempty" maxLength:"1000" doc:"Only its SHA-256 is kept."`
	DOIToken  string `json:"doi_token_id,omitempty" maxLength:"200" doc:"Of the mail whose link was clicked."`
	Document  string `json:"document_ref,omitempty" maxLength:"500" doc:"A screenshot's or a paper's number."`
	Message   string `json:"message_ref,omitempty" maxLength:"200" doc:"The id of the message it was written in."`
}

type addConsents struct {
	Key
	ID   string        `path:"id" maxLength:"200"`
	Body []ConsentBody `minItems:"1" maxItems:"100"`
}

func (a *api) addConsents(ctx context.Context, in *addConsents) (*ConsentList, error) {
	t, err := a.known(ctx, in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	events := make([]notify.ConsentEvent, len(in.Body))
	for i, b := range in.Body {
		if events[i], err = b.event(a.Now()); err != nil {
			return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("body[%d].%v", i, err))
		}
	}
	switch err := a.Ledger.AddConsents(ctx, t.ID, notify.PersonID(in.ID), events); {
	case errors.Is(err, ledger.ErrErased): // a moment ago
		return nil, huma.Error404NotFound(unknownPerson)
	case errors.Is(err, ledger.ErrConsentID):
		return nil, huma.Error409Conflict(err.Error() + "; give this one an id of its own, nothing was kept")
	case err != nil:
		return nil, a.fault("store consents", err)
	}
	return a.consents(ctx, t, in.ID)
}

func (b ConsentBody) event(now time.Time) (notify.ConsentEvent, error) {
	evidence, err := b.Evidence.kept()
	e := notify.ConsentEvent{ID: b.ID, Channel: b.Channel, Purpose: b.Purpose, Action: b.Action, Basis: b.Basis, OccurredAt: b.OccurredAt, ReceivedAt: now,
		Actor: b.Actor, Method: b.Method, Source: b.Source, Text: b.Text, TextID: b.TextID, TextVersion: b.TextVersion, TextLocale: b.TextLocale,
		TextHash: notify.Fingerprint(b.Text), NoticeURL: b.NoticeURL, Jurisdiction: b.Jurisdiction, ValidUntil: b.ValidUntil, Evidence: evidence}
	if e.OccurredAt.IsZero() {
		e.OccurredAt = now
	}
	if e.Actor == "" {
		e.Actor = "merchant"
	}
	if e.ID == "" { // the same act told twice is one act
		sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", e.Channel, e.Purpose, e.Action, e.OccurredAt.UnixMilli()))
		e.ID = "api:" + hex.EncodeToString(sum[:10])
	}
	return e, err
}

// kept is what is kept of evidence: of an address its network, since alone it proves little and says much, of a browser a hash.
func (b *EvidenceBody) kept() (*notify.Evidence, error) {
	if b == nil {
		return nil, nil
	}
	e := &notify.Evidence{UserAgent: notify.Fingerprint(b.UserAgent), DOIToken: b.DOIToken, Document: b.Document, Message: b.Message}
	if b.IP == "" {
		return e, nil
	}
	address, err := netip.ParseAddr(b.IP)
	if err != nil {
		return nil, errors.New("evidence.ip is no IP address; write it as 192.0.2.1 or 2001:db8::1, or leave it out")
	}
	bits := 24
	if address = address.Unmap().WithZone(""); address.Is6() {
		bits = 48
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return nil, fmt.Errorf("cut evidence.ip to its network: %w", err)
	}
	e.IP = network.String()
	return e, nil
}

// ConsentList is a person's consent events.
type ConsentList struct {
	Body struct {
		Consents []notify.ConsentEvent `json:"consents"`
	}
}

func (a *api) listConsents(ctx context.Context, in *byID) (*ConsentList, error) {
	t, err := a.known(ctx, in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	return a.consents(ctx, t, in.ID)
}

func (a *api) consents(ctx context.Context, t *Tenant, id string) (*ConsentList, error) {
	var out ConsentList
	var err error
	if out.Body.Consents, err = a.Ledger.Consents(ctx, t.ID, notify.PersonID(id)); err != nil {
		return nil, a.fault("read consents", err)
	}
	out.Body.Consents = append([]notify.ConsentEvent{}, out.Body.Consents...) // an empty list is a list
	return &out, nil
}
