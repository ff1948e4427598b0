package whatsapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/whatsapp"
	"landfall/internal/notify"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	token   = "0123456789abcdef0123456789abcdef"
	sid     = "SM0123456789abcdef0123456789abcdef"
	content = "HX0123456789abcdef0123456789abcdef"
)

func config(base string) whatsapp.Config {
	return whatsapp.Config{AccountSID: account, AuthToken: token, From: "+14155238886", BaseURL: base}
}

func message() channels.Message {
	return channels.Message{
		Merchant: "acme",
		Delivery: "d1",
		To:       notify.Address{Channel: notify.WhatsApp, Value: "+6591234567"},
		Words:    notify.Words{Text: "Your parcel is here."},
	}
}

func yes(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid": %q, "status": "queued"}`, sid)
}

func TestSender_Kit(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		New: func(base string, timeout time.Duration) (channels.Sender, error) {
			cfg := config(base)
			cfg.Timeout = timeout
			return whatsapp.New(cfg)
		},
		Message: message(),
		Yes:     yes,
		Lost:    channels.Ambiguous,
		Secrets: []string{token, account},
	})
}

func TestSend(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"1": "Mei & <Co>", "2": "明天"}
	for name, c := range map[string]struct {
		content *notify.Content
		want    url.Values
		vars    map[string]string
	}{
		"free words":                 {nil, url.Values{"Body": {"Your parcel is here."}}, nil},
		"template":                   {&notify.Content{SID: content, Variables: vars}, url.Values{"ContentSid": {content}}, vars},
		"template without variables": {&notify.Content{SID: content}, url.Values{"ContentSid": {content}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want["To"], c.want["From"] = []string{"whatsapp:+6591234567"}, []string{"whatsapp:+14155238886"}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				checkForm(t, r, c.want, c.vars)
				yes(w, r)
			}))
			defer srv.Close()
			s, err := whatsapp.New(config(srv.URL))
			if err != nil {
				t.Fatal(err)
			}
			m := message()
			m.Words.Content = c.content
			got, err := s.Send(t.Context(), m)
			if want := (channels.Accepted{ProviderID: sid, State: notify.Sent}); err != nil || got != want {
				t.Errorf("Send = %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

// checkForm compares the form, with the variables, which are JSON inside it, read back.
func checkForm(t *testing.T, r *http.Request, want url.Values, vars map[string]string) {
	t.Helper()
	if err := r.ParseForm(); err != nil {
		t.Errorf("read form: %v", err)
	}
	var got map[string]string
	if r.PostForm.Has("ContentVariables") != (vars != nil) {
		t.Errorf("variables %q; Twilio refuses a null", r.PostForm.Get("ContentVariables"))
	}
	if text := r.PostForm.Get("ContentVariables"); text != "" {
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("read variables: %v", err)
		}
	}
	if diff := cmp.Diff(vars, got); diff != "" {
		t.Error(diff)
	}
	delete(r.PostForm, "ContentVariables")
	if diff := cmp.Diff(want, r.PostForm); diff != "" {
		t.Error(diff)
	}
}

func TestConfig_Mistakes(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"+14155238886":          "",
		"whatsapp:+14155238886": "whatsapp: from is no number",
		"Acme":                  "whatsapp: from is no number",
		"":                      "whatsapp: set either from or messaging_service_sid",
	} {
		cfg := config("")
		cfg.From = from
		_, err := whatsapp.New(cfg)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("from %q: %v, want %q", from, err, want)
		}
	}
}
