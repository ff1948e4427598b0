package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"landfall/internal/config"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

// oracle is a language model that says what a test has it say.
type oracle struct {
	mu    sync.Mutex
	says  string
	code  int
	heard []string
}

func (o *oracle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, string(body))
	if o.code != 0 {
		w.WriteHeader(o.code)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": o.says}}}})
}

func (o *oracle) will(code int, say string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.code, o.says = code, say
}

func (o *oracle) asked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string{}, o.heard...)
}

// modelled is a world whose operator has a language model, and whose merchant wants it asked.
func modelled(t *testing.T, o *oracle) *stage {
	t.Helper()
	srv := httptest.NewServer(o)
	t.Cleanup(srv.Close)
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), Redis: "embedded", Operator: func(c *config.Settings) {
		c.ModelURL, c.ModelName, c.ModelKey, c.ModelDaily = srv.URL+"/v1", "small", "key", 1000
	}})
	s.reconfigured("assistant: true", "model: true\nassistant: true")
	s.mei()
	s.hear("2026-12-01T10:01:00Z", "customs_started")
	s.until("2026-12-01T11:00:00Z")
	return s
}

// riddle is a message of which nothing is known.
const riddle = "zibbel knarz der quatrix plonk"

// A model may say what a message means, and nothing else: the answer is made of the record.
func TestModel_SaysWhatIsMeant(t *testing.T) {
	t.Parallel()
	o := &oracle{says: `{"intent":"order_status","confidence":0.95}`}
	s := modelled(t, o)
	s.answers(sandbox.WhatsApp, riddle+" Mei +4915112345678", "Wollmantel", "Zoll")
	asked := o.asked()
	if len(asked) != 1 || !strings.Contains(asked[0], "quatrix") {
		t.Fatalf("it was asked %q", asked)
	}
	for _, secret := range []string{"Mei", "Wollmantel", "4915112345678", "A1", "0034", "acme"} {
		if strings.Contains(asked[0], secret) {
			t.Errorf("the model is told %q: %s", secret, asked[0])
		}
	}
	s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel", "Zoll")
	if n := len(o.asked()); n != 1 {
		t.Errorf("of what is understood it is asked too: %d times", n)
	}
	s.content()
}

// Whatever a model makes up, none of it reaches the customer, and nothing is done on its word that ends something.
func TestModel_Lies(t *testing.T) {
	t.Parallel()
	o := &oracle{}
	s := modelled(t, o)
	for name, lie := range map[string]struct {
		code int
		says string
	}{
		"a wrong date":    {0, `{"intent":"order_status","confidence":1,"eta":"2026-12-24","answer":"It arrives on Christmas"}`},
		"another's name":  {0, `{"intent":"order_status","confidence":1,"customer":"Eve"}`},
		"a link":          {0, `{"intent":"https://evil.example/pay","confidence":1}`},
		"half JSON":       {0, `{"intent":"order_st`},
		"words":           {0, `Your parcel was stolen. Pay at https://evil.example`},
		"an error":        {500, `{"intent":"order_status","confidence":1}`},
		"a cancellation":  {0, `{"intent":"cancel_order","confidence":1}`},
		"an end of it":    {0, `{"intent":"opt_out","confidence":1}`},
		"beyond its list": {0, `{"intent":"refund_granted","confidence":1}`},
	} {
		s.Clock.Set(s.Clock.Now().Add(time.Hour)) // a share of the model's, and a conversation's, is full
		o.will(lie.code, lie.says)
		before := len(o.asked())
		got := s.asks(sandbox.WhatsApp, riddle)
		if !strings.Contains(got, "nicht verstanden") || len(o.asked()) != before+1 {
			t.Errorf("%s: asked %d times, the answer is %q", name, len(o.asked())-before, got)
		}
		for _, bad := range []string{"Christmas", "24.", "Eve", "evil", "stolen", "storn", "Wollmantel"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: the answer has %q: %s", name, bad, got)
			}
		}
		s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel") // messages go on
	}
	s.content()
}
