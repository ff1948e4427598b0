package sandbox

import (
	"net/http"
	"time"
)

// replyTokenLife is how long after its webhook a reply token serves.
const replyTokenLife = time.Minute

// replyToken is one that went out with a webhook and has not been used.
type replyToken struct {
	user string
	at   time.Time
}

// hand makes a reply token for what a user did; the caller holds mu.
func (l *line) hand(user string) string {
	token := l.ids.hex("")
	l.tokens[token] = replyToken{user, l.now()}
	return token
}

// reply takes up to five messages in answer to a webhook: POST /v2/bot/message/reply. They do not count to the quota.
func (l *line) reply(w http.ResponseWriter, r *http.Request) {
	p, fault, ok := l.request(w, r, readReply)
	switch {
	case !ok:
	case !l.redeem(&p):
		answerJSON(w, http.StatusBadRequest, lineError{Message: "Invalid reply token"})
	case fault.CutAnswer:
		cut(w)
	default:
		answerJSON(w, http.StatusOK, map[string]any{"sentMessages": p.sent})
	}
}

// redeem uses a token up and shows the messages to whom it came from; false for one that is unknown, used or too old.
func (l *line) redeem(p *push) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	token, known := l.tokens[p.ReplyToken]
	delete(l.tokens, p.ReplyToken)
	if !known || l.now().Sub(token.at) > replyTokenLife {
		return false
	}
	p.To = token.user
	for range p.Messages {
		p.sent = append(p.sent, sentMessage{ID: l.ids.number(), QuoteToken: l.ids.hex("q")})
	}
	l.display(*p)
	return true
}

// readReply reads and judges an answer.
func readReply(w http.ResponseWriter, r *http.Request) (push, *lineError) {
	if len(r.Header.Values("X-Line-Retry-Key")) > 0 {
		return push{}, &lineError{Message: "The retry key is not supported by this API"}
	}
	var p push
	if no := p.parse(w, r); no != nil {
		return p, no
	}
	if p.ReplyToken == "" || p.To != "" {
		return p, &lineError{Message: "The request body has no reply token, or a 'to' beside it"}
	}
	return p, p.judgeMessages()
}
