package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/token"
)

func (d *desk) goodbye(c notify.Channel, p notify.Purpose) string {
	return "/u/" + d.tokens.Sign(token.Unsubscribe, "acme/mei/1/"+string(c)+"/"+string(p), d.now.Add(time.Hour))
}

// oneClick is what a mail provider sends.
func (d *desk) oneClick(path string) *http.Response {
	return d.post(path, url.Values{"List-Unsubscribe": {"One-Click"}})
}

func TestLeave_ButtonOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	page := d.page(d.goodbye(notify.Email, notify.Marketing))
	contains(t, text(page), "Damit enden diese Nachrichten von Acme & Söhne: Werbung und Angebote · E-Mail Abmelden")
	contains(t, page, `<form method="post"><button>Abmelden</button></form>`, `<a href="https://parcels.example/p/of-mei/1">`)
	lacks(t, page, `role="status"`, "example.com")
}

func TestLeave_OneClick(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	d.said(notify.ConsentEvent{ID: "yes", Channel: notify.Email, Purpose: notify.Marketing, Action: notify.Granted})
	d.now = d.now.Add(time.Minute)
	path := d.goodbye(notify.Email, notify.Marketing)
	r := d.oneClick(path)
	if r.StatusCode != http.StatusOK || len(r.Cookies()) > 0 {
		t.Errorf("status %d, cookies %v", r.StatusCode, r.Cookies())
	}
	page := read(t, r)
	contains(t, page, `role="status"`, `name="scope" value="all"`)
	contains(t, text(page), "Sie sind abgemeldet. Acme & Söhne sendet Ihnen nicht mehr: Werbung und Angebote · E-Mail")
	d.oneClick(path)
	if diff := cmp.Diff([]string{"granted email marketing", "link_post withdrawn email marketing"}, d.acts()); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	contains(t, d.page(path), `role="status"`)
	f := form(d.page(d.prefs()))
	for _, want := range []string{"email.marketing.off", "email.order_status.on"} {
		if !strings.Contains(strings.Join(f["was"], " "), want) {
			t.Errorf("%s is not what the page of preferences shows: %v", want, f["was"])
		}
	}
}

// A body of any kind will do: RFC 8058 allows multipart too, and some senders leave it out.
func TestLeave_AnyBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ kind, body string }{
		"none":      {"", ""},
		"multipart": {`multipart/form-data; boundary=x`, "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"},
		"broken":    {`multipart/form-data; boundary=x`, "--y"},
		"too large": {"application/x-www-form-urlencoded", "scope=all&x=" + strings.Repeat("x", maxForm)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.knows(mei())
			r := httptest.NewRequest(http.MethodPost, d.goodbye(notify.Email, notify.OrderStatus), strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			r.Header.Set("Origin", "https://webmail.example")
			if got := d.request(r); got.StatusCode != http.StatusOK {
				t.Errorf("status %d", got.StatusCode)
			}
			if diff := cmp.Diff([]string{"link_post withdrawn email order_status"}, d.acts()); diff != "" {
				t.Errorf("acts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLeave_All(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	path := d.goodbye(notify.Email, notify.Marketing)
	d.oneClick(path)
	for range 2 {
		d.now = d.now.Add(time.Minute)
		page := read(t, d.post(path, url.Values{"scope": {"all"}}))
		contains(t, text(page), "sendet Ihnen nicht mehr: Alle Nachrichten · E-Mail")
		lacks(t, page, "<button")
	}
	if diff := cmp.Diff([]string{"link_post withdrawn email marketing", "link_post withdrawn email"}, d.acts()); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	all, err := d.book.Consents(t.Context(), "acme", "mei/1")
	d.must(err)
	if e := all[1]; e.Text != "Damit enden diese Nachrichten von Acme & Söhne: Alle Nachrichten · E-Mail" || e.Source != "/u/" || e.Actor != "subject" {
		t.Errorf("act %+v", e)
	}
}
