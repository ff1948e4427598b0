package desk

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
)

// A merchant's address leads to the internet, and not into the operator's own network.
func TestClient_OnlyTheInternet(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is called") }))
	t.Cleanup(srv.Close)
	d := New(Config{Kind: Webhook, URL: srv.URL, Secret: "0123456789abcdef"}, NewClient(false), time.Now)
	if _, err := d.Open(t.Context(), Packet{}, false); !errors.Is(err, errInside) {
		t.Errorf("a desk on this machine: %v", err)
	}
}

// Each kind of desk is called through the same guard, also where its name leads into the network only when it is resolved, and with private networks allowed still not at what a cloud tells its machines.
func TestClient_EveryKindOfDesk(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is called") }))
	t.Cleanup(srv.Close)
	for _, kind := range []Kind{Webhook, Chatwoot, Zendesk} {
		for _, url := range []string{srv.URL, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1), "http://10.0.0.1", "http://[::1]:1", "http://169.254.169.254/latest"} {
			d := New(Config{Kind: kind, URL: url, Secret: "0123456789abcdef"}, NewClient(false), time.Now)
			if _, err := d.Open(t.Context(), Packet{}, false); !errors.Is(err, errInside) {
				t.Errorf("%s at %s: %v", kind, url, err)
			}
			if _, err := d.Say(t.Context(), notify.DeskPlace{Ref: "src|7"}, Message{}, false); !errors.Is(err, errInside) {
				t.Errorf("%s at %s, the second time: %v", kind, url, err)
			}
		}
		d := New(Config{Kind: kind, URL: "http://169.254.169.254/latest", Secret: "0123456789abcdef"}, NewClient(true), time.Now)
		if _, err := d.Open(t.Context(), Packet{}, false); !errors.Is(err, errInside) {
			t.Errorf("%s at the metadata of a cloud: %v", kind, err)
		}
	}
}

// What a desk answers decides whether trying again may help; nothing of its answer is in the error.
func TestCall(t *testing.T) {
	t.Parallel()
	for status, no := range map[int]error{200: nil, 204: nil, 302: ErrRefused, 400: ErrUnwanted, 401: ErrRefused, 403: ErrRefused, 404: ErrRefused, 408: nil, 409: nil, 413: ErrUnwanted, 422: ErrUnwanted, 429: nil, 500: nil, 503: nil} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("secret words"))
		}))
		d := New(Config{Kind: Webhook, URL: srv.URL, Secret: "0123456789abcdef"}, NewClient(true), time.Now)
		_, err := d.Say(t.Context(), notify.DeskPlace{}, Message{Handoff: "h", ID: "1"}, false)
		if (err == nil) != (status < 300) || errors.Is(err, ErrRefused) != (no == ErrRefused) || errors.Is(err, ErrUnwanted) != (no == ErrUnwanted) || err != nil && strings.Contains(err.Error(), "secret words") {
			t.Errorf("%d: %v", status, err)
		}
		srv.Close()
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := Config{Kind: Webhook, URL: "https://desk.example/hook", Secret: "0123456789abcdef"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for part, change := range map[string]func(*Config){
		"kind":      func(c *Config) { c.Kind = "fax" },
		"url is no": func(c *Config) { c.URL = "desk" },
		"encrypted": func(c *Config) { c.URL = "http://desk.example" },
		"secret":    func(c *Config) { c.Secret = "short" },
		"inbox":     func(c *Config) { c.Kind = Chatwoot },
		"email":     func(c *Config) { c.Kind = Zendesk },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// A packet can be read by people, and names no address in full.
func TestPacket_Text(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	p := Packet{Reason: "complaint", Person: "mei", Name: "Mei", Channel: notify.SMS, Address: notify.Secret("+4915112345678").String(), Locale: "de",
		Order: &OrderBrief{ID: "A1", Title: "Wool coat", Parcels: []ParcelBrief{{Carrier: "dhl", Number: "0034", Kind: "customs_started"}}, Timeline: []Line{{at, "Heard from api: customs_started."}}},
		Turns: []notify.Turn{{At: at, From: "customer", Text: "it is broken"}, {At: at, From: "assistant", Text: "A colleague takes over."}}}
	text := p.Text()
	for _, part := range []string{"complaint: mei, Mei, sms", "Order A1: Wool coat", "Parcel dhl 0034: customs_started", "2026-12-01 11:00  Heard from api", "customer: it is broken", "assistant: A colleague"} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
	if strings.Contains(text, "15112345678") {
		t.Errorf("it names an address:\n%s", text)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(`{"event":"message_created","id":1,"content":"x","message_type":1,"conversation":{"id":7}}`)
	f.Add(`{"type":"handoff.reply","data":{"handoff":"h","id":"1","text":"x"}}`)
	f.Add(`{"handoff":"h","status":"solved"}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, read := range []func([]byte) (*Said, error){fromChatwoot, fromZendesk, fromWebhook} {
			if s, err := read([]byte(body)); s != nil && (err != nil || s.Handoff == "" && s.Ref == "" || !s.Close && (s.Text == "" || s.ID == "")) {
				t.Errorf("%q: %+v, %v", body, s, err)
			}
		}
	})
}
