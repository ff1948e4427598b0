package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/language"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/token"
)

// PersonBody is a customer as a shop tells it. Leave out what is not known.
type PersonBody struct {
	Name     string     `json:"name,omitempty" maxLength:"200"`
	Market   string     `json:"market,omitempty" pattern:"^[A-Z]{2}$" patternDescription:"a country code such as DE" doc:"ISO 3166-1; else the address's country."`
	Locale   string     `json:"locale,omitempty" maxLength:"35" doc:"BCP 47; else the market's."`
	TimeZone string     `json:"time_zone,omitempty" doc:"IANA, such as Europe/Berlin; else the market's."`
	Address  *PlaceBody `json:"address,omitempty"`
	Phone    string     `json:"phone,omitempty" pattern:"^\\+[1-9][0-9]{6,14}$" patternDescription:"an E.164 number such as +4915112345678" doc:"E.164."`
	Email    string     `json:"email,omitempty" format:"email"`
	Line     string     `json:"line,omitempty" pattern:"^U[0-9a-f]{32}$" patternDescription:"a LINE user id, U and 32 hex digits" doc:"LINE user id."`
	InApp    bool       `json:"in_app,omitempty" doc:"Has an inbox in the shop's app."`
	Quiet    *QuietBody `json:"quiet_hours,omitempty" doc:"The person's own hours of rest, besides the market's."`
	Again    bool       `json:"again,omitempty" doc:"The person is a customer again since they, or one of these addresses, were erased. Advertising still needs a new consent of their own."`
}

// PlaceBody is where parcels go.
type PlaceBody struct {
	Country    string `json:"country" pattern:"^[A-Z]{2}$" patternDescription:"a country code such as DE"`
	Region     string `json:"region,omitempty"`
	City       string `json:"city,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
}

// QuietBody is a window of local time; from later than to crosses midnight.
type QuietBody struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" patternDescription:"a time of day such as 22:00" example:"22:00"`
	To   string `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" patternDescription:"a time of day such as 08:00" example:"08:00"`
}

// check reports a country or language that does not exist. known is set for a market of the merchant's, which need be no
// country.
func (p PersonBody) check(known bool) error {
	if !known && p.Market != "" {
		if err := country("body.market", p.Market); err != nil {
			return err
		}
	}
	if p.Address != nil {
		if err := country("body.address.country", p.Address.Country); err != nil {
			return err
		}
	}
	if _, err := language.Parse(p.Locale); err != nil && p.Locale != "" {
		return huma.Error422UnprocessableEntity("body.locale is no language; write a BCP 47 tag such as de or pt-BR")
	}
	return nil
}

// country refuses two letters that are no country, and codes that another has replaced, such as UK.
func country(field, code string) error {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return huma.Error422UnprocessableEntity(field + " is no country; write its ISO 3166-1 code, such as DE")
	}
	if today := region.Canonicalize().String(); today != code {
		return huma.Error422UnprocessableEntity(field + " is not the code of this country; write " + today)
	}
	return nil
}

func (p PersonBody) person(id string) (notify.Person, error) {
	out := notify.Person{ID: notify.PersonID(id), Name: p.Name, Market: p.Market, Locale: p.Locale, TimeZone: p.TimeZone,
		Phone: notify.Phone(p.Phone), Email: notify.EmailAddress(p.Email), Line: notify.LineID(p.Line), InApp: p.InApp, Again: p.Again}
	if a := p.Address; a != nil {
		out.Postal = notify.Postal{Country: a.Country, Region: a.Region, City: a.City, PostalCode: a.PostalCode}
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
		return out, huma.Error422UnprocessableEntity("body.time_zone names no time zone; write an IANA name such as Europe/Berlin")
	}
	if out.ID.Erased() {
		return out, huma.Error422UnprocessableEntity("ids that begin with erased- stand for customers who were erased; give the customer another")
	}
	if out.ID == notify.MerchantContact {
		return out, huma.Error422UnprocessableEntity("this id is reserved for the merchant's own staff; give the customer another")
	}
	if q := p.Quiet; q != nil {
		out.Quiet = &notify.Quiet{}
		if err := cmp.Or(out.Quiet.From.UnmarshalText([]byte(q.From)), out.Quiet.To.UnmarshalText([]byte(q.To))); err != nil {
			return out, huma.Error422UnprocessableEntity("body.quiet_hours: " + err.Error())
		}
	}
	return out, nil
}

func (a *api) people() {
	put := a.route("put-person", http.MethodPut, "/v1/people/{id}", "Store a customer")
	put.Errors = append(put.Errors, http.StatusConflict)
	huma.Register(a.huma, put, a.putPerson)
	add := a.route("add-consents", http.MethodPost, "/v1/people/{id}/consents", "Append consent events")
	add.Errors = append(add.Errors, http.StatusConflict)
	huma.Register(a.huma, add, a.addConsents)
	huma.Register(a.huma, a.route("list-consents", http.MethodGet, "/v1/people/{id}/consents", "List consent events in order of time"), a.listConsents)
	huma.Register(a.huma, a.route("inbox-token", http.MethodPost, "/v1/people/{id}/inbox-token", "Issue a token for a customer's inbox, good for an hour"), a.inboxToken)
}

type putPerson struct {
	Key
	ID   string `path:"id" maxLength:"200"`
	Body PersonBody
}

func (a *api) putPerson(ctx context.Context, in *putPerson) (*Stored, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	if err := in.Body.check(t.Markets[in.Body.Market] != nil); err != nil {
		return nil, err
	}
	p, err := in.Body.person(in.ID)
	if err != nil {
		return nil, err
	}
	done, err := a.Dispatcher.PutPerson(ctx, t.Merchant, p)
	switch {
	case errors.Is(err, ledger.ErrErased):
		return nil, huma.Error409Conflict(err.Error() + `; when they have become a customer again since, say so with "again": true`)
	case err != nil:
		return nil, a.fault("store person", err)
	}
	return stored(in.ID, len(done.Ready)), nil
}

const unknownPerson = "no customer has this id; store them with PUT /v1/people/{id}"

// known finds the merchant a request is from and makes sure that it has such a customer.
func (a *api) known(ctx context.Context, k Key, id string) (*Tenant, error) {
	t, err := a.tenant(k)
	if err != nil {
		return nil, err
	}
	p, err := a.Ledger.Person(ctx, t.ID, notify.PersonID(id))
	if err != nil {
		return nil, a.fault("read person", err)
	}
	if p == nil {
		return nil, huma.Error404NotFound(unknownPerson)
	}
	return t, nil
}

// inboxTokenLife is how long an inbox token is good for. The merchant's app fetches a new one when it ends.
const inboxTokenLife = time.Hour

// InboxToken lets a customer's app read that customer's inbox.
type InboxToken struct {
	Body struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires"`
	}
}

func (a *api) inboxToken(ctx context.Context, in *byID) (*InboxToken, error) {
	t, err := a.known(ctx, in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	var out InboxToken
	out.Body.Expires = a.Now().Add(inboxTokenLife)
	out.Body.Token = a.Tokens.Sign(token.Inbox, string(t.ID)+"/"+in.ID, out.Body.Expires)
	return &out, nil
}
