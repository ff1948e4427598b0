package sandbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"landfall/internal/sandbox"
)

const lineNumber = "+818000001234"

// pushTo sends a notification message with the real SDK and returns the answer's status.
func (w *world) pushTo(t *testing.T, to, tag string) int {
	t.Helper()
	api := w.lineAPI(t, w.Credentials().LineChannelToken)
	res, _, err := api.PushMessagesByPhoneWithHttpInfo(&messaging_api.PnpMessagesRequest{To: to, Messages: []messaging_api.MessageInterface{text("hi")}}, tag)
	if res == nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func digest(number string) string {
	sum := sha256.Sum256([]byte(number))
	return hex.EncodeToString(sum[:])
}

func TestLineNumber_Arrives(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.LineNumber(lineNumber, lineUser)
	if status := w.pushTo(t, digest(lineNumber), strings.Repeat("t", 16)); status != http.StatusOK {
		t.Fatalf("answer = %d", status)
	}
	w.settle(t)
	if got := w.Received(); len(got) != 1 || got[0].To != lineUser || got[0].Text != "hi" || got[0].Channel != sandbox.LINE {
		t.Errorf("received = %+v", got)
	}
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	if len(w.app.hooks) != 1 || len(w.app.hooks[0].Events) != 1 {
		t.Fatalf("webhooks = %+v, want one with one event", w.app.hooks)
	}
	done, ok := w.app.hooks[0].Events[0].(webhook.PnpDeliveryCompletionEvent)
	if !ok || done.Delivery == nil || done.Delivery.Data != strings.Repeat("t", 16) {
		t.Errorf("event = %+v, want the delivery of the tag", w.app.hooks[0].Events[0])
	}
	w.wantProblems(t)
}

func TestLineNumber_Refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to, tag string
		status  int
	}{
		"number of nobody": {digest("+818000009999"), strings.Repeat("t", 100), http.StatusUnprocessableEntity},
		"short tag":        {digest(lineNumber), strings.Repeat("t", 15), http.StatusBadRequest},
		"long tag":         {digest(lineNumber), strings.Repeat("t", 101), http.StatusBadRequest},
		"number in clear":  {lineNumber, strings.Repeat("t", 16), http.StatusBadRequest},
		"upper case":       {strings.ToUpper(digest(lineNumber)), strings.Repeat("t", 16), http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.LineNumber(lineNumber, lineUser)
			if status := w.pushTo(t, c.to, c.tag); status != c.status {
				t.Errorf("answer = %d, want %d", status, c.status)
			}
			if got := w.Received(); len(got) != 0 {
				t.Errorf("received = %+v", got)
			}
		})
	}
}

func TestLineNumber_TakesNoRetryKey(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.LineNumber(lineNumber, lineUser)
	body := `{"to":"` + digest(lineNumber) + `","messages":[{"type":"text","text":"hi"}]}`
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, w.LineURL()+"/bot/pnp/push", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.Credentials().LineChannelToken)
	req.Header.Set("X-Line-Retry-Key", retryKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("answer = %d, want 400", res.StatusCode)
	}
}
