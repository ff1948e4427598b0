package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"landfall/internal/sandbox"
)

// token lets the user write, and returns the reply token of the last webhook.
func (w *world) token(t *testing.T) string {
	t.Helper()
	if err := w.LineReply(lineUser, "いつ届きますか"); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	e, ok := w.app.hooks[len(w.app.hooks)-1].Events[0].(webhook.MessageEvent)
	if !ok || e.ReplyToken == "" {
		t.Fatalf("webhook = %+v, want a message with a reply token", w.app.hooks)
	}
	return e.ReplyToken
}

func (w *world) reply(t *testing.T, token string) int {
	t.Helper()
	res, _, err := w.lineAPI(t, w.Credentials().LineChannelToken).ReplyMessageWithHttpInfo(&messaging_api.ReplyMessageRequest{
		ReplyToken: token, Messages: []messaging_api.MessageInterface{text("明日です")}})
	if res == nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// A reply token serves once and for a minute.
func TestLineReplyToken(t *testing.T) {
	t.Parallel()
	w := start(t)
	token := w.token(t)
	if first, second := w.reply(t, token), w.reply(t, token); first != http.StatusOK || second != http.StatusBadRequest {
		t.Errorf("used twice it is answered with %d and %d", first, second)
	}
	late := w.token(t)
	w.clock.advance(61 * time.Second)
	if status := w.reply(t, late); status != http.StatusBadRequest {
		t.Errorf("after a minute it is answered with %d", status)
	}
	if status := w.reply(t, "made-up"); status != http.StatusBadRequest {
		t.Errorf("a token nobody gave is answered with %d", status)
	}
	if got := w.Received(); len(got) != 1 || got[0].To != lineUser || !got[0].ByToken || got[0].Channel != sandbox.LINE {
		t.Errorf("received = %+v, want one answer", got)
	}
}
