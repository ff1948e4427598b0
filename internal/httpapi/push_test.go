package httpapi_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/internal/config"
	"landfall/internal/play"
)

// pushing is a stage that tells browsers, and a push service on the same machine. What a browser reads is tried where it is
// written, in channels/inapp/webpush.
type pushing struct {
	*stage
	public string
	came   chan *http.Request
	answer int
	url    string
}

func beginPush(t *testing.T) *pushing {
	t.Helper()
	public, private, err := config.NewVAPID()
	if err != nil {
		t.Fatal(err)
	}
	p := &pushing{public: public, came: make(chan *http.Request, 10), answer: http.StatusCreated}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(p.answer)
		p.came <- r
	}))
	t.Cleanup(service.Close)
	p.url = service.URL
	p.stage = beginWith(t, play.Options{Operator: func(s *config.Settings) {
		s.VAPIDPublicKey, s.VAPIDPrivateKey, s.VAPIDSubject = public, private, "ops@acme.example"
	}})
	p.coat()
	return p
}

// subscription is what a browser's PushSubscription says of itself.
func subscription(t *testing.T, endpoint string) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q},"of_a_newer_browser":true}`, endpoint, encode(key.PublicKey().Bytes()), encode(make([]byte, 16)))
}

// subscribe puts a browser of somebody's, and returns its id.
func (p *pushing) subscribe(key, path string) string {
	p.t.Helper()
	var out struct{ ID string }
	p.must(json.Unmarshal([]byte(p.good(request{method: http.MethodPost, path: "/v1/inbox/push", key: key, body: subscription(p.t, p.url+path)}, http.StatusCreated)), &out))
	return out.ID
}

// told lists the browsers that are told of somebody's messages.
func (p *pushing) told(key string) []string {
	p.t.Helper()
	var out struct {
		PublicKey string `json:"public_key"`
		Browsers  []string
	}
	p.must(json.Unmarshal([]byte(p.good(request{method: http.MethodGet, path: "/v1/inbox/push", key: key}, http.StatusOK)), &out))
	if out.PublicKey != p.public {
		p.t.Errorf("the key is %q, want %q", out.PublicKey, p.public)
	}
	return out.Browsers
}

// pushed waits for a push and returns it.
func (p *pushing) pushed() *http.Request {
	p.t.Helper()
	select {
	case r := <-p.came:
		return r
	case <-time.After(patience):
		p.t.Fatal("no push came")
		return nil
	}
}

// until waits for something to become so.
func (p *pushing) until(so func() bool) {
	p.t.Helper()
	for range 400 {
		if so() {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	p.t.Fatal("it did not become so")
}

func TestPush_TellsBrowsers(t *testing.T) {
	t.Parallel()
	p := beginPush(t)
	p.put("people/tom", `{"market":"DE","in_app":true}`)
	mei, tom := p.token(play.APIKey, "mei"), p.token(play.APIKey, "tom")
	if got := p.told(mei); len(got) != 0 {
		t.Errorf("before, %v are told", got)
	}
	id := p.subscribe(mei, "/secret-endpoint")
	p.subscribe(tom, "/another")
	if got := p.told(mei); !slices.Equal(got, []string{id}) || len(id) != 64 {
		t.Errorf("%v are told, want %s", got, id)
	}
	p.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	p.must(p.Work(t.Context()))
	r := p.pushed()
	if r.URL.Path != "/secret-endpoint" || r.Header.Get("TTL") == "" || r.Header.Get("Urgency") != "normal" || !strings.HasPrefix(r.Header.Get("Authorization"), "vapid t=") {
		t.Errorf("the push is %s %v", r.URL.Path, r.Header)
	}
	p.good(request{method: http.MethodDelete, path: "/v1/inbox/push/" + id, key: mei}, http.StatusNoContent)
	p.problem(p.ask(request{method: http.MethodDelete, path: "/v1/inbox/push/" + id, key: mei}), http.StatusNotFound)
	if strings.Contains(p.log.String(), "secret-endpoint") {
		t.Error("the log names the endpoint")
	}
	if metrics := p.good(request{method: http.MethodGet, path: "/metrics"}, http.StatusOK); !strings.Contains(metrics, `landfall_pushes_total{result="taken"} 1`) {
		t.Error("the push is not counted")
	}
}

func TestPush_GoneBrowserIsForgotten(t *testing.T) {
	t.Parallel()
	p := beginPush(t)
	p.answer = http.StatusGone
	mei := p.token(play.APIKey, "mei")
	p.subscribe(mei, "/1")
	p.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	p.must(p.Work(t.Context()))
	p.pushed()
	p.until(func() bool { return len(p.told(mei)) == 0 })
	if got := p.inbox(mei); len(got) != 1 {
		t.Errorf("the inbox has %d messages", len(got))
	}
}

// At night a message waits silently, and so does the word of it.
func TestPush_KeepsQuietHours(t *testing.T) {
	t.Parallel()
	p := beginPush(t)
	p.Clock.Set(time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC))
	p.subscribe(p.token(play.APIKey, "mei"), "/1")
	p.post("/v1/events", event("e1", "departed_origin", "2026-12-01T23:00:00Z"), http.StatusAccepted)
	p.must(p.Work(t.Context()))
	if got := p.rows()["knocks"]; got != 1 || len(p.came) > 0 {
		t.Fatalf("%d wait, %d came", got, len(p.came))
	}
	p.Clock.Set(time.Date(2026, 12, 2, 7, 1, 0, 0, time.UTC)) // 8:01 in Berlin
	p.pushed()
}

func TestPush_ErasureForgetsBrowsers(t *testing.T) {
	t.Parallel()
	p := beginPush(t)
	mei := p.token(play.APIKey, "mei")
	p.subscribe(mei, "/1")
	p.good(request{method: http.MethodDelete, path: "/v1/people/mei", key: play.APIKey}, http.StatusOK)
	if got := p.told(mei); len(got) != 0 {
		t.Errorf("%v are told still", got)
	}
	again := p.ask(request{method: http.MethodPost, path: "/v1/inbox/push", key: mei, body: subscription(t, p.url+"/1")})
	p.problem(again, http.StatusNotFound)
	if n := p.rows()["browsers"]; n != 0 {
		t.Errorf("%d browsers are left", n)
	}
}

func TestPush_RefusesWhatIsNoSubscription(t *testing.T) {
	t.Parallel()
	p := beginPush(t)
	mei := p.token(play.APIKey, "mei")
	good := subscription(t, "https://push.example/1")
	for name, body := range map[string]string{
		"a network behind": subscription(t, "https://10.0.0.1/1"),
		"in the clear":     subscription(t, "http://push.example/1"),
		"metadata":         subscription(t, "https://169.254.169.254/latest"),
		"no key":           strings.Replace(good, `"p256dh":"`, `"p256dh":"A`, 1),
		"no endpoint":      `{"keys":{"p256dh":"x","auth":"y"}}`,
		"nothing":          `{}`,
	} {
		a := p.ask(request{method: http.MethodPost, path: "/v1/inbox/push", key: mei, body: body})
		if detail := p.problem(a, http.StatusUnprocessableEntity); strings.Contains(detail, "169.254") {
			t.Errorf("%s: the answer repeats the address: %s", name, detail)
		}
	}
	p.problem(p.ask(request{method: http.MethodPost, path: "/v1/inbox/push", body: good}), http.StatusUnauthorized)
	p.problem(p.ask(request{method: http.MethodGet, path: "/v1/inbox/push"}), http.StatusUnauthorized)
	p.problem(p.ask(request{method: http.MethodDelete, path: "/v1/inbox/push/x"}), http.StatusUnauthorized)
}

func TestPush_OffWhereItIsNotSetUp(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	mei := s.token(play.APIKey, "mei")
	for _, r := range []request{{method: http.MethodGet, path: "/v1/inbox/push", key: mei},
		{method: http.MethodPost, path: "/v1/inbox/push", key: mei, body: subscription(t, "https://push.example/1")}} {
		if detail := s.problem(s.ask(r), http.StatusNotFound); !strings.Contains(detail, "LANDFALL_VAPID") {
			t.Errorf("%s says %q", r.method, detail)
		}
	}
}
