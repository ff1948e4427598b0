package line

import (
	"context"

	"landfall/channels"
)

var _ channels.Prober = (*Sender)(nil)

// Probe asks LINE who the account is, which takes a good channel token. The channel secret is not asked about: only a webhook
// shows whether it is right. An error is always a *channels.Error.
func (s *Sender) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	one := *s.api // see push
	res, _, err := one.WithContext(ctx).GetBotInfoWithHttpInfo()
	switch {
	case res == nil:
		return &channels.Error{Kind: channels.Temporary, Down: true, Detail: "LINE did not answer; check the way out to it, and try again"}
	case err == nil:
		return nil
	}
	e := refusal(res)
	switch e.Kind {
	case channels.Misconfigured, channels.Throttled:
	case channels.Temporary:
		e.Detail = "LINE did not answer as it should; try again"
	default:
		e.Kind, e.Detail = channels.Misconfigured, "LINE refused the question; check channel_token and base_url"
	}
	return e
}
