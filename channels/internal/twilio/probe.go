package twilio

import (
	"context"
	"net/http"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"landfall/channels"
)

// probed is a number of Twilio's own that nobody has: messages to it are asked for, so that the answer holds nobody's.
const probed = "+15005550006"

// Probe asks for the account with its auth token, which signs callbacks too, and where calls are signed with an API key for
// messages with that: Twilio shows an account to no ordinary key. It sends nothing. An error is always a *channels.Error.
func (c *Client) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if no := c.probeAccount(ctx); no != nil {
		return no
	}
	if c.cfg.APIKey == "" {
		return nil
	}
	if no := c.probeKey(ctx); no != nil {
		return no
	}
	return nil
}

func (c *Client) probeAccount(ctx context.Context) *channels.Error {
	own := *c
	own.cfg.APIKey, own.cfg.APISecret = "", ""
	one := newCall(ctx, c.base, c.next)
	account, err := own.api(one).FetchAccount(c.cfg.AccountSID)
	switch {
	case err != nil || one.status >= 300 || account.Status == nil:
		return one.unproven(err)
	case *account.Status != "active":
		return &channels.Error{Kind: channels.Misconfigured, Detail: "Twilio has suspended or closed the account; see its console"}
	}
	return nil
}

func (c *Client) probeKey(ctx context.Context) *channels.Error {
	p := &openapi.ListMessageParams{}
	p.SetTo(probed)
	p.SetPageSize(1)
	p.SetLimit(1)
	one := newCall(ctx, c.base, c.next)
	if _, err := c.api(one).PageMessage(p, "", ""); err != nil || one.status >= 300 {
		return one.unproven(err)
	}
	return nil
}

// unproven is failure for a call that carried no message.
func (c *call) unproven(err error) *channels.Error {
	e := c.failure(err)
	switch {
	case c.status == http.StatusNotFound:
		e.Kind, e.Detail = channels.Misconfigured, "Twilio knows no such account; check account_sid"
	case e.Kind == channels.Ambiguous:
		e.Kind, e.Detail = channels.Temporary, "Twilio did not answer as it should; try again, and look at status.twilio.com"
	case e.Kind == channels.Rejected:
		e.Kind, e.Detail = channels.Misconfigured, "Twilio refused the question; its error dictionary explains the code"
	}
	return e
}
