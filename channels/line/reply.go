package line

import (
	"context"
	"net/http"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"landfall/channels"
)

// reply answers what somebody wrote by the token that came with it, which does not count to the quota. A token serves once and for about a minute, and knows no key:
// what may have been taken is Ambiguous. tried is false when LINE clearly did not take it, and the message may go another way.
func (s *Sender) reply(ctx context.Context, m channels.Message, message messaging_api.MessageInterface) (a channels.Accepted, tried bool, err error) {
	ctx, connected := watched(ctx)
	one := *s.api // see push
	res, sent, err := one.WithContext(ctx).ReplyMessageWithHttpInfo(&messaging_api.ReplyMessageRequest{
		ReplyToken: m.ReplyToken.Reveal(), Messages: []messaging_api.MessageInterface{message},
	})
	switch {
	case res == nil && (!connected.Load() || undialed(err)):
		return a, false, nil
	case res == nil:
		return a, true, doubtful.Error()
	case err == nil && res.StatusCode < 300 && res.Header.Get(headerRequest) != "":
		return accepted(res.Header.Get(headerRequest)), true, nil
	case err == nil && res.StatusCode < 300 && len(sent.SentMessages) > 0:
		return accepted(sent.SentMessages[0].Id), true, nil
	case res.StatusCode < 300 || res.StatusCode >= 500 || res.StatusCode == http.StatusRequestTimeout:
		return a, true, byNumber(res)
	}
	return a, false, nil
}
