package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"landfall/internal/sandbox"
)

// verbatim is a message sent exactly as it is written.
type verbatim string

func (v verbatim) GetType() string              { return "" }
func (v verbatim) MarshalJSON() ([]byte, error) { return []byte(v), nil }

func (w *world) lineAPI(t *testing.T, token string) *messaging_api.MessagingApiAPI {
	t.Helper()
	api, err := messaging_api.NewMessagingApiAPI(token, messaging_api.WithEndpoint(w.LineURL()))
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// push sends messages with the real SDK and returns the answer's headers and status.
func (w *world) push(t *testing.T, key, to string, messages ...messaging_api.MessageInterface) (*http.Response, *messaging_api.PushMessageResponse) {
	t.Helper()
	api := w.lineAPI(t, w.Credentials().LineChannelToken)
	res, answer, err := api.PushMessageWithHttpInfo(&messaging_api.PushMessageRequest{To: to, Messages: messages}, key)
	if res == nil {
		t.Fatal(err)
	}
	return res, answer
}

func text(s string) messaging_api.MessageInterface { return &messaging_api.TextMessage{Text: s} }

func flex(contents string) verbatim {
	return verbatim(`{"type":"flex","altText":"Your parcel","contents":` + contents + `}`)
}

// bubbleOf is a bubble around one component of its body.
func bubbleOf(component string) verbatim {
	return flex(`{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[` + component + `]}}`)
}

func TestLine_TextArrives(t *testing.T) {
	t.Parallel()
	w := start(t)
	res, answer := w.push(t, retryKey, lineUser, text("荷物が出発しました"), text("二通目"))
	if res.StatusCode != 200 || len(answer.SentMessages) != 2 || answer.SentMessages[0].Id == answer.SentMessages[1].Id {
		t.Fatalf("answer = %d %+v", res.StatusCode, answer)
	}
	got := w.Received()
	if len(got) != 2 || got[0].Text != "荷物が出発しました" || got[0].To != lineUser || got[0].Channel != sandbox.LINE {
		t.Fatalf("received = %+v", got)
	}
	if got[0].ProviderID != answer.SentMessages[0].Id || got[0].RequestID != res.Header.Get("X-Line-Request-Id") {
		t.Errorf("ids = %s, %s", got[0].ProviderID, got[0].RequestID)
	}
	w.wantProblems(t)
}

func TestLine_FlexIsReadLineByLine(t *testing.T) {
	t.Parallel()
	w := start(t)
	bubble := `{"type":"bubble","hero":{"type":"image","url":"https://img.example/a.png"},
		"body":{"type":"box","layout":"vertical","contents":[
			{"type":"text","text":"พัสดุถึงแล้ว"},{"type":"separator"},
			{"type":"box","layout":"baseline","contents":[{"type":"text","text":"ETA"},{"type":"text","text":"Monday"}]},
			{"type":"text","contents":[{"type":"span","text":"No. "},{"type":"span","text":"0034"}]}]},
		"footer":{"type":"box","layout":"vertical","contents":[
			{"type":"button","action":{"type":"uri","label":"Track","uri":"https://shop.example/t/1"}}]}}`
	w.push(t, retryKey, lineUser, flex(`{"type":"carousel","contents":[`+bubble+`,`+bubble+`]}`))
	one := "พัสดุถึงแล้ว\nETA  Monday\nNo. 0034\n[Track] https://shop.example/t/1"
	got := w.Received()
	if len(got) != 1 || got[0].Title != "Your parcel" {
		t.Fatalf("received = %+v, problems %q", got, w.Problems())
	}
	if diff := cmp.Diff(one+"\n\n"+one, got[0].Text); diff != "" {
		t.Error(diff)
	}
}

func TestLine_TakesFlexOfTheSDK(t *testing.T) {
	t.Parallel()
	w := start(t)
	res, _ := w.push(t, retryKey, lineUser, &messaging_api.FlexMessage{AltText: "Parcel", Contents: &messaging_api.FlexBubble{
		Body: &messaging_api.FlexBox{Layout: "vertical", Contents: []messaging_api.FlexComponentInterface{
			&messaging_api.FlexText{Text: "Here it is"},
		}},
	}})
	if res.StatusCode != 200 || len(w.Received()) != 1 || w.Received()[0].Text != "Here it is" {
		t.Errorf("status %d, received %+v, problems %q", res.StatusCode, w.Received(), w.Problems())
	}
}

func TestLine_RefusesWhatLineRefuses(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	quick := func(items string) verbatim {
		return verbatim(`{"type":"text","text":"a","quickReply":{"items":[` + items + `]}}`)
	}
	deep := strings.Repeat(`{"type":"box","layout":"vertical","contents":[`, 30) + strings.Repeat(`]}`, 30)
	for _, c := range []struct {
		name     string
		messages []messaging_api.MessageInterface
		property string
	}{
		{"no message", nil, "messages"},
		{"six messages", []messaging_api.MessageInterface{text("1"), text("2"), text("3"), text("4"), text("5"), text("6")}, "messages"},
		{"unknown type", msg(`{"type":"letter"}`), "messages[0].type"},
		{"not an object", msg(`"hello"`), "messages[0]"},
		{"empty text", msg(`{"type":"text","text":""}`), "messages[0].text"},
		{"text too long", []messaging_api.MessageInterface{text(strings.Repeat("😀", 2501))}, "messages[0].text"},
		{"no alt text", msg(`{"type":"flex","contents":{"type":"bubble"}}`), "messages[0].altText"},
		{"alt text too long", msg(`{"type":"flex","altText":"` + long(401) + `","contents":{}}`), "messages[0].altText"},
		{"no contents", msg(`{"type":"flex","altText":"a"}`), "messages[0].contents"},
		{"nested values, not pointers", []messaging_api.MessageInterface{flexOfValues()}, "contents[1].type"},
		{"empty bubble", msg(string(flex(`{"type":"bubble"}`))), "messages[0].contents"},
		{"bubble too large", []messaging_api.MessageInterface{bubbleOf(`{"type":"text","text":"` + long(31<<10) + `"}`)}, "messages[0].contents"},
		{"no bubbles", msg(string(flex(`{"type":"carousel","contents":[]}`))), "contents.contents"},
		{"thirteen bubbles", []messaging_api.MessageInterface{carouselOf(13, "a")}, "contents.contents"},
		{"carousel too large", []messaging_api.MessageInterface{carouselOf(3, long(20<<10))}, "messages[0].contents"},
		{"carousel of boxes", msg(string(flex(`{"type":"carousel","contents":[{"type":"box"}]}`))), "contents[0].type"},
		{"body is a text", msg(string(flex(`{"type":"bubble","body":{"type":"text","text":"a"}}`))), "body.type"},
		{"hero is a text", msg(string(flex(`{"type":"bubble","hero":{"type":"text","text":"a"}}`))), "hero.type"},
		{"box without layout", []messaging_api.MessageInterface{bubbleOf(`{"type":"box","contents":[]}`)}, "layout"},
		{"box without contents", []messaging_api.MessageInterface{bubbleOf(`{"type":"box","layout":"vertical"}`)}, "contents[0].contents"},
		{"button in a baseline box", []messaging_api.MessageInterface{bubbleOf(`{"type":"box","layout":"baseline","contents":[{"type":"button"}]}`)}, "type"},
		{"component without type", []messaging_api.MessageInterface{bubbleOf(`{"text":"a"}`)}, "contents[0].type"},
		{"component is a list", []messaging_api.MessageInterface{bubbleOf(`[]`)}, "contents[0]"},
		{"text without text", []messaging_api.MessageInterface{bubbleOf(`{"type":"text"}`)}, "contents[0].text"},
		{"text in a text", []messaging_api.MessageInterface{bubbleOf(`{"type":"text","contents":[{"type":"text","text":"a"}]}`)}, "contents[0].type"},
		{"span without text", []messaging_api.MessageInterface{bubbleOf(`{"type":"text","contents":[{"type":"span"}]}`)}, "contents[0].text"},
		{"picture by http", []messaging_api.MessageInterface{bubbleOf(`{"type":"image","url":"http://img.example/a.png"}`)}, "contents[0].url"},
		{"button without action", []messaging_api.MessageInterface{bubbleOf(`{"type":"button"}`)}, "contents[0].action"},
		{"button without label", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"uri","uri":"https://a.example"}}`)}, "action.label"},
		{"unknown action", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"jump","label":"a"}}`)}, "action.type"},
		{"script as link", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"uri","label":"a","uri":"javascript:1"}}`)}, "action.uri"},
		{"link too long", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"uri","label":"a","uri":"https://a.example/` + long(1000) + `"}}`)}, "action.uri"},
		{"postback too long", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"postback","label":"a","data":"` + long(301) + `"}}`)}, "action.data"},
		{"message action without text", []messaging_api.MessageInterface{bubbleOf(`{"type":"button","action":{"type":"message","label":"a"}}`)}, "action.text"},
		{"nested too deeply", []messaging_api.MessageInterface{bubbleOf(deep)}, "contents"},
		{"no quick replies", []messaging_api.MessageInterface{quick("")}, "quickReply"},
		{"fourteen quick replies", []messaging_api.MessageInterface{quick(strings.Repeat(quickItem("a")+",", 13) + quickItem("a"))}, "quickReply"},
		{"quick reply is no action", []messaging_api.MessageInterface{quick(`{"type":"text"}`)}, "quickReply"},
		{"quick reply label too long", []messaging_api.MessageInterface{quick(quickItem(long(21)))}, "quickReply.items.label"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			res, _ := w.push(t, retryKey, lineUser, c.messages...)
			var body struct {
				Details []struct{ Property string }
			}
			_ = json.NewDecoder(res.Body).Decode(&body) // an empty body fails below
			if res.StatusCode != 400 || len(body.Details) == 0 || !strings.Contains(body.Details[0].Property, c.property) {
				t.Errorf("answer = %d %+v, want 400 about %s", res.StatusCode, body, c.property)
			}
			if len(w.Received()) != 0 || len(w.Problems()) != 1 {
				t.Errorf("received %v, problems %q", w.Received(), w.Problems())
			}
		})
	}
}

// flexOfValues falls into the SDK's trap: what lies inside a value that is no pointer loses its type.
func flexOfValues() messaging_api.MessageInterface {
	type parts = []messaging_api.FlexComponentInterface
	inner := messaging_api.FlexBox{Layout: "vertical", Contents: parts{&messaging_api.FlexText{Text: "a"}, messaging_api.FlexText{Text: "b"}}}
	body := &messaging_api.FlexBox{Layout: "vertical", Contents: parts{inner}}
	return &messaging_api.FlexMessage{AltText: "a", Contents: &messaging_api.FlexBubble{Body: body}}
}

func msg(json string) []messaging_api.MessageInterface {
	return []messaging_api.MessageInterface{verbatim(json)}
}

func carouselOf(n int, words string) verbatim {
	bubble := `{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":"` + words + `"}]}}`
	return flex(`{"type":"carousel","contents":[` + strings.Repeat(bubble+",", n-1) + bubble + `]}`)
}

func quickItem(label string) string {
	return `{"type":"action","action":{"type":"message","label":"` + label + `","text":"a"}}`
}

func TestLine_TakesWhatLineTakes(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, m := range []messaging_api.MessageInterface{
		text(strings.Repeat("😀", 2500)),
		verbatim(`{"type":"sticker","packageId":"1","stickerId":"1"}`),
		verbatim(`{"type":"text","text":"a","quickReply":{"items":[` + quickItem("yes") + `]}}`),
		carouselOf(12, "a"),
		bubbleOf(`{"type":"button","action":{"type":"postback","label":"Help","data":"intent=help"}}`),
		bubbleOf(`{"type":"box","layout":"baseline","contents":[{"type":"icon","url":"https://a.example/i.png"},{"type":"filler"}]}`),
	} {
		key := fmt.Sprintf("7c9e6679-7425-40de-944b-e07fc1f90a%02d", i)
		if res, _ := w.push(t, key, lineUser, m); res.StatusCode != 200 {
			t.Errorf("message %d: status %d, problems %q", i, res.StatusCode, w.Problems())
		}
	}
	w.wantProblems(t)
}

func TestLine_ChecksTheEnvelope(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, token, key, to string
		status               int
	}{
		{"wrong token", "wrong", retryKey, lineUser, 401},
		{"empty retry key", "", "", lineUser, 400},
		{"retry key is no UUID", "", "order-1", lineUser, 400},
		{"recipient is a number", "", retryKey, person, 400},
		{"recipient is empty", "", retryKey, "", 400},
		{"a group", "", retryKey, "C" + lineUser[1:], 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			token := c.token
			if token == "" {
				token = w.Credentials().LineChannelToken
			}
			request := &messaging_api.PushMessageRequest{To: c.to, Messages: []messaging_api.MessageInterface{text("Hello")}}
			res, _, err := w.lineAPI(t, token).PushMessageWithHttpInfo(request, c.key)
			if res == nil {
				t.Fatal(err)
			}
			if res.StatusCode != c.status || (len(w.Problems()) == 0) != (c.status == 200) {
				t.Errorf("status %d, problems %q; want %d", res.StatusCode, w.Problems(), c.status)
			}
		})
	}
}

func TestLine_WithoutRetryKeyOrJSON(t *testing.T) {
	t.Parallel()
	w := start(t)
	post := func(body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.LineURL()+"/v2/bot/message/push", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.Credentials().LineChannelToken)
		return do(t, req)
	}
	if got := post(`{"to":"` + lineUser + `","messages":[{"type":"text","text":"a"}]}`); got != 200 {
		t.Errorf("without a key: status %d, want 200", got)
	}
	if got := post(`{"to":`); got != 400 {
		t.Errorf("broken JSON: status %d, want 400", got)
	}
	if got := post(strings.Repeat(" ", 2<<20+1)); got != 400 {
		t.Errorf("more than 2 MB: status %d, want 400", got)
	}
	w.wantProblems(t, "X-Line-Retry-Key", "JSON", "2 MB")
}

func TestLine_RetryKeyAcceptsOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	first, _ := w.push(t, retryKey, lineUser, text("Hello"))
	again, _ := w.push(t, retryKey, lineUser, text("Hello"))
	if again.StatusCode != 409 || again.Header.Get("X-Line-Accepted-Request-Id") != first.Header.Get("X-Line-Request-Id") {
		t.Errorf("second push: %d, accepted %q", again.StatusCode, again.Header.Get("X-Line-Accepted-Request-Id"))
	}
	w.wantProblems(t)
	if other, _ := w.push(t, retryKey, lineUser, text("Something else")); other.StatusCode != 409 {
		t.Errorf("another message under the key: status %d, want 409", other.StatusCode)
	}
	w.wantProblems(t, "is lost")
	w.clock.advance(24 * time.Hour)
	if later, _ := w.push(t, retryKey, lineUser, text("Hello")); later.StatusCode != 200 {
		t.Errorf("a day later: status %d, want 200", later.StatusCode)
	}
	if len(w.Received()) != 2 {
		t.Errorf("received %d messages, want 2", len(w.Received()))
	}
}

func TestLine_Faults(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.Fail(sandbox.LINE, sandbox.Fault{Status: 429, Message: "You have reached your monthly limit."})
	w.Fail(sandbox.LINE, sandbox.Fault{CutAnswer: true})
	res, _ := w.push(t, retryKey, lineUser, text("Hello"))
	var body struct{ Message string }
	_ = json.NewDecoder(res.Body).Decode(&body) // an empty body fails below
	if res.StatusCode != 429 || body.Message != "You have reached your monthly limit." {
		t.Errorf("answer = %d %q", res.StatusCode, body.Message)
	}
	request := &messaging_api.PushMessageRequest{To: lineUser, Messages: []messaging_api.MessageInterface{text("Hello")}}
	if _, _, err := w.lineAPI(t, w.Credentials().LineChannelToken).PushMessageWithHttpInfo(request, retryKey); err == nil {
		t.Error("the answer was not cut")
	}
	if again, _ := w.push(t, retryKey, lineUser, text("Hello")); again.StatusCode != 409 {
		t.Errorf("retry of the cut push: status %d, want 409", again.StatusCode)
	}
	if len(w.Received()) != 1 {
		t.Errorf("received %d messages, want 1", len(w.Received()))
	}
	w.wantProblems(t)
}

func TestLine_Webhooks(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, act := range []func() error{
		func() error { return w.Follow(lineUser) },
		func() error { return w.LineReply(lineUser, "いつ届きますか") },
		func() error { return w.Unfollow(lineUser) },
		func() error { return w.Follow(lineUser) },
		func() error { return w.Reply(sandbox.LINE, lineUser, "", "ありがとう") },
	} {
		if err := act(); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
	}
	var got []string
	for _, e := range w.app.lineEvents() {
		got = append(got, told(e))
	}
	equal(t, "events", got, []string{
		lineUser + " follow false", lineUser + " text いつ届きますか", lineUser + " unfollow", lineUser + " follow true", lineUser + " text ありがとう",
	})
	w.wantProblems(t)
}

// told is a webhook event in a few words.
func told(e webhook.EventInterface) string {
	switch e := e.(type) {
	case webhook.FollowEvent:
		return fmt.Sprint(e.Source.(webhook.UserSource).UserId, " follow ", e.Follow.IsUnblocked)
	case webhook.UnfollowEvent:
		return e.Source.(webhook.UserSource).UserId + " unfollow"
	case webhook.MessageEvent:
		return e.Source.(webhook.UserSource).UserId + " text " + e.Message.(webhook.TextMessageContent).Text
	default:
		return e.GetType()
	}
}

func TestLine_WhoUnfollowedSeesNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.Unfollow(lineUser); err != nil {
		t.Fatal(err)
	}
	if res, _ := w.push(t, retryKey, lineUser, text("Hello")); res.StatusCode != 200 {
		t.Errorf("status %d, want 200", res.StatusCode)
	}
	if len(w.Received()) != 0 {
		t.Errorf("received %v, want nothing", w.Received())
	}
	w.wantProblems(t, "unfollowed")
}

func TestLine_EventsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.Follow(person); err == nil || !strings.Contains(err.Error(), "user id") {
		t.Errorf("follow of a phone number: %v", err)
	}
	w.InboundURL(sandbox.LINE, "")
	if err := w.Follow(lineUser); err == nil || !strings.Contains(err.Error(), "InboundURL") {
		t.Errorf("follow without InboundURL: %v", err)
	}
	w.InboundURL(sandbox.LINE, "https://shop.example/line")
	if err := w.Follow(lineUser); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("follow to the world: %v", err)
	}
}
