package pages

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/token"
	"landfall/rules"
)

// desk is the pages over a ledger of their own, with a clock that is set.
type desk struct {
	http.Handler
	t      *testing.T
	book   *ledger.Ledger
	shop   *dispatcher.Merchant
	tokens token.Signer
	now    time.Time
	log    *bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, book: ledgertest.New(t), shop: shop(), tokens: token.NewSigner("a key of the tests"), now: today, log: &bytes.Buffer{}}
	d.shop.Senders = dispatcher.Senders{}
	for _, c := range notify.Channels() {
		d.shop.Senders[c] = []dispatcher.Sender{{Sender: nobody{}}}
	}
	for _, m := range d.shop.Markets {
		m.Channels = []notify.Channel{notify.Email, notify.WhatsApp, notify.SMS}
		m.Quiet = notify.Quiet{From: 21 * 60, To: 8 * 60}
		m.Consent = map[notify.Channel]rules.Need{notify.WhatsApp: rules.NeedOptIn, notify.LINE: rules.NeedFriend}
		m.Marketing = rules.Marketing{Channels: []notify.Channel{notify.Email, notify.WhatsApp}, Consent: map[notify.Channel]rules.Need{
			notify.Email: rules.NeedSoft, notify.WhatsApp: rules.NeedOptIn, notify.SMS: rules.NeedForbidden, notify.LINE: rules.NeedFriend}}
	}
	d.Handler = (&handler{Config: Config{
		Ledger: d.book, Tokens: d.tokens, Now: func() time.Time { return d.now }, Log: slog.New(slog.NewTextHandler(d.log, nil)),
		Merchant: func(id notify.MerchantID) (*dispatcher.Merchant, bool) { return d.shop, id == d.shop.ID },
		Preferences: func(_ notify.MerchantID, p notify.PersonID) string {
			return "https://parcels.example/p/of-" + string(p)
		},
	}}).routes()
	return d
}

// nobody is a sender that no page calls.
type nobody struct{}

func (nobody) Send(context.Context, channels.Message) (channels.Accepted, error) {
	return channels.Accepted{}, &channels.Error{Kind: channels.Rejected, Detail: "a page sends nothing"}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// mei is reached by e-mail and telephone.
func mei() notify.Person {
	return notify.Person{ID: "mei/1", Name: "Mei Tanaka", Market: "DE", Phone: "+4915112345678", Email: "mei@example.com"}
}

func (d *desk) knows(p notify.Person) {
	d.t.Helper()
	_, err := d.book.PutPerson(d.t.Context(), "acme", p, d.now, func(notify.Story, map[parcel.EventID]bool) notify.Plan { return notify.Plan{} })
	d.must(err)
}

// said adds an act of Mei's that no page brought.
func (d *desk) said(e notify.ConsentEvent) {
	d.t.Helper()
	e.OccurredAt, e.ReceivedAt = d.now, d.now
	d.must(d.book.AddConsents(d.t.Context(), "acme", "mei/1", []notify.ConsentEvent{e}))
}

// acts lists what is on record for Mei, as "method action channel purpose".
func (d *desk) acts() []string {
	d.t.Helper()
	all, err := d.book.Consents(d.t.Context(), "acme", "mei/1")
	d.must(err)
	var out []string
	for _, e := range all {
		out = append(out, strings.TrimSpace(strings.Join([]string{e.Method, string(e.Action), string(e.Channel), string(e.Purpose)}, " ")))
	}
	return out
}

func (d *desk) chosen() notify.Preferences {
	d.t.Helper()
	p, err := d.book.Preferences(d.t.Context(), "acme", "mei/1")
	d.must(err)
	return p
}

func (d *desk) prefs() string {
	return "/p/" + d.tokens.Sign(token.Preferences, "acme/mei/1", d.now.Add(time.Hour))
}

func (d *desk) request(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

// page opens an address and insists on its being served.
func (d *desk) page(path string) string {
	d.t.Helper()
	r := d.request(httptest.NewRequest(http.MethodGet, path, nil))
	if r.StatusCode != http.StatusOK {
		d.t.Fatalf("status %d: %s", r.StatusCode, d.log)
	}
	return read(d.t, r)
}

func (d *desk) post(path string, form url.Values, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return d.request(r)
}

// save posts a form and insists on its being kept.
func (d *desk) save(path string, form url.Values) {
	d.t.Helper()
	if r := d.post(path, form, "Sec-Fetch-Site", "same-origin"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "?saved" {
		d.t.Fatalf("status %d to %q: %s", r.StatusCode, r.Header.Get("Location"), text(read(d.t, r)))
	}
}

var (
	field  = regexp.MustCompile(`<input type="(\w+)" name="(\w+)" value="([^"]*)"( checked)?>`)
	choice = regexp.MustCompile(`(?s)<select name="(\w+)">(.*?)</select>`)
	picked = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// form is what a browser would send when a page's button is pressed at once.
func form(page string) url.Values {
	out := url.Values{}
	for _, f := range field.FindAllStringSubmatch(page, -1) {
		if f[1] == "hidden" || f[4] != "" {
			out.Add(f[2], html.UnescapeString(f[3]))
		}
	}
	for _, s := range choice.FindAllStringSubmatch(page, -1) {
		out.Set(s[1], picked.FindStringSubmatch(s[2])[1])
	}
	return out
}

// tick sets or clears a box of a form.
func tick(f url.Values, key string, on bool) {
	f["yes"] = slices.DeleteFunc(f["yes"], func(k string) bool { return k == key })
	if on {
		f.Add("yes", key)
	}
}

func TestChoices_ShowsWhatHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	d.said(notify.ConsentEvent{ID: "1", Channel: notify.WhatsApp, Purpose: notify.OrderStatus, Action: notify.Granted})
	d.said(notify.ConsentEvent{ID: "2", Channel: notify.SMS, Action: notify.Withdrawn, Method: "form"})
	page := d.page(d.prefs())
	contains(t, page, `<html lang="de"`, `<option value="" selected>Wie üblich (Deutsch)</option>`, `<option value="ja">日本語</option>`,
		`<option value="" selected>Wie üblich</option>`, `<option value="08:30">08:30 Uhr</option>`)
	contains(t, text(page), "Ihre Nachrichten", "Wie üblich (21:00–08:00 Uhr)", "SMS +49", "E-Mail m•••@e•••.com", "Acme & Söhne darf mir Nachrichten zu meinen Bestellungen senden über:")
	lacks(t, page, "mei@example.com", "15112345678", "Tanaka", "LINE", "Postfach")
	want := url.Values{"locale": {""}, "channel": {""}, "from": {""}, "to": {""},
		"yes": {"whatsapp.order_status", "email.order_status"},
		"was": {"whatsapp.order_status.on", "sms.order_status.off", "email.order_status.on",
			"whatsapp.review_request.off", "email.review_request.off", "whatsapp.marketing.off", "email.marketing.off"}}
	if diff := cmp.Diff(want, form(page)); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestChoices_Save(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	before, err := d.book.Stamp(t.Context(), "acme", "mei/1")
	d.must(err)
	f := form(d.page(d.prefs()))
	f.Set("locale", "ja")
	f.Set("channel", "sms")
	f.Set("from", "20:30")
	f.Set("to", "09:00")
	tick(f, "email.order_status", false)
	tick(f, "email.marketing", true)
	d.save(d.prefs(), f)
	want := notify.Preferences{Locale: "ja", Prefer: notify.SMS, Quiet: &notify.Quiet{From: 20*60 + 30, To: 9 * 60}}
	if diff := cmp.Diff(want, d.chosen()); diff != "" {
		t.Errorf("preferences (-want +got):\n%s", diff)
	}
	if after, err := d.book.Stamp(t.Context(), "acme", "mei/1"); err != nil || after == before {
		t.Errorf("a message about to go would not be judged anew: %v", err)
	}
	page := d.page(d.prefs() + "?saved")
	contains(t, page, `<html lang="ja"`, `role="status"`, `value="20:30" selected`, `value="sms" checked`)
	again := form(page)
	if !slices.Contains(again["was"], "email.order_status.off") || !slices.Contains(again["yes"], "email.marketing") {
		t.Errorf("the page then shows %v", again)
	}
	lacks(t, d.page(d.prefs()), `role="status"`)
}

// What proves a consent is the words somebody saw, in the language they saw them in.
func TestChoices_ActsAreEvidence(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	f := form(d.page(d.prefs()))
	f.Set("locale", "fr")
	tick(f, "email.marketing", true)
	d.save(d.prefs(), f)
	all, err := d.book.Consents(t.Context(), "acme", "mei/1")
	d.must(err)
	const words = "Ich bin einverstanden, dass Acme & Söhne mir Werbung und Angebote sendet. Das kann ich hier jederzeit ändern. Über: E-Mail"
	got := all[0]
	if !strings.HasPrefix(got.ID, "page:") || got.Seq != 1 {
		t.Errorf("act %q, number %d of its chain", got.ID, got.Seq)
	}
	got.ID, got.Seq, got.Hash = "", 0, ""
	want := notify.ConsentEvent{Channel: notify.Email, Purpose: notify.Marketing, Action: notify.Granted, Basis: notify.ByConsent, OccurredAt: today,
		ReceivedAt: today, Actor: notify.ActorSubject, Method: "preference_page", Source: "/p/", Text: words, TextLocale: "de",
		TextHash: notify.Fingerprint(words), Jurisdiction: "DE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("act (-want +got):\n%s", diff)
	}
}

func TestChoices_OnlyWhatChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	d.save(d.prefs(), form(d.page(d.prefs())))
	if acts := d.acts(); len(acts) > 0 {
		t.Errorf("a page sent back as it was adds %v", acts)
	}
	if diff := cmp.Diff(notify.Preferences{}, d.chosen()); diff != "" {
		t.Errorf("and chooses\n%s", diff)
	}
}

func TestChoices_SentTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	f := form(d.page(d.prefs()))
	tick(f, "sms.order_status", false)
	d.save(d.prefs(), f)
	d.now = d.now.Add(time.Second)
	d.save(d.prefs(), f)
	if diff := cmp.Diff([]string{"preference_page withdrawn sms order_status"}, d.acts()); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
}

// Two clicks that are handled at the same time see the same past, and make the same act.
func TestAct_SameIDFromTheSamePast(t *testing.T) {
	t.Parallel()
	g := &guest{market: &rules.Market{}, now: today}
	first := g.act(byPage(), notify.Withdrawn, notify.SMS, notify.OrderStatus, "", "de")
	g.now = g.now.Add(time.Second)
	if again := g.act(byPage(), notify.Withdrawn, notify.SMS, notify.OrderStatus, "", "de"); again.ID != first.ID {
		t.Error("the same click has another id")
	}
	seen := map[string]bool{first.ID: true}
	later := &guest{market: &rules.Market{}, now: today, acts: []notify.ConsentEvent{first}}
	for name, e := range map[string]notify.ConsentEvent{
		"after another act": later.act(byPage(), notify.Withdrawn, notify.SMS, notify.OrderStatus, "", "de"),
		"another action":    g.act(byPage(), notify.Granted, notify.SMS, notify.OrderStatus, "", "de"),
		"another channel":   g.act(byPage(), notify.Withdrawn, notify.Email, notify.OrderStatus, "", "de"),
		"another purpose":   g.act(byPage(), notify.Withdrawn, notify.SMS, notify.Marketing, "", "de"),
	} {
		if seen[e.ID] {
			t.Errorf("%s: the id of an act before", name)
		}
		seen[e.ID] = true
	}
}

// A page that lay open while a STOP came does not take it back, and a no on an old page is still a no.
func TestChoices_StalePage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	stale := form(d.page(d.prefs()))
	d.now = d.now.Add(time.Minute)
	d.said(notify.ConsentEvent{ID: "stop", Channel: notify.SMS, Action: notify.Withdrawn, Method: notify.MethodStop})
	d.now = d.now.Add(time.Minute)
	d.save(d.prefs(), stale)
	if acts := d.acts(); len(acts) != 1 {
		t.Errorf("an old page adds %v", acts)
	}
	off := form(d.page(d.prefs()))
	tick(off, "email.order_status", false)
	d.save(d.prefs(), off)
	d.now = d.now.Add(time.Minute)
	on := form(d.page(d.prefs()))
	tick(on, "email.order_status", true)
	d.save(d.prefs(), on)
	d.now = d.now.Add(time.Minute)
	d.save(d.prefs(), off)
	if slices.Contains(form(d.page(d.prefs()))["yes"], "email.order_status") {
		t.Errorf("the old no is lost: %v", d.acts())
	}
}

func TestChoices_RefusesForms(t *testing.T) {
	t.Parallel()
	set := func(name string, values ...string) func(url.Values) { return func(f url.Values) { f[name] = values } }
	cases := []struct {
		name   string
		change func(url.Values)
		says   string
		status int // if not 400
	}{
		{"a beginning alone", set("from", "22:00"), "einen Anfang und ein Ende", 0},
		{"an end alone", set("to", "08:00"), "einen Anfang und ein Ende", 0},
		{"hours of no length", func(f url.Values) { f.Set("from", "22:00"); f.Set("to", "22:00") }, "einen Anfang und ein Ende", 0},
		{"no hours", func(f url.Values) { f.Set("from", "22:00"); f.Set("to", "late") }, "konnte nicht gespeichert werden", 0},
		{"unknown language", set("locale", "tlh"), "konnte nicht gespeichert werden", 0},
		{"unknown channel", set("channel", "fax"), "konnte nicht gespeichert werden", 0},
		{"a channel without an address", set("channel", "line"), "konnte nicht gespeichert werden", 0},
		{"two languages", set("locale", "de", "fr"), "konnte nicht gespeichert werden", 0},
		{"half a form", func(f url.Values) { f.Del("to") }, "konnte nicht gespeichert werden", 0},
		{"garbled boxes", set("was", "sms.order_status"), "konnte nicht gespeichert werden", 0},
		{"too large", set("yes", strings.Repeat("x", maxForm)), "konnte nicht gespeichert werden", http.StatusRequestEntityTooLarge},
	}
	d := newDesk(t)
	d.knows(mei())
	path, clean := d.prefs(), form(d.page(d.prefs()))
	for _, c := range cases {
		f := url.Values{}
		for k, v := range clean {
			f[k] = slices.Clone(v)
		}
		tick(f, "sms.order_status", false)
		f.Set("locale", "fr")
		c.change(f)
		r := d.post(path, f)
		page := read(t, r)
		if r.StatusCode != max(c.status, http.StatusBadRequest) {
			t.Errorf("%s: status %d", c.name, r.StatusCode)
		}
		contains(t, text(page), c.says)
		secured(t, r, page)
	}
	r := d.post(path, clean, "Content-Type", "text/plain")
	if r.StatusCode != http.StatusBadRequest {
		t.Errorf("no form: status %d", r.StatusCode)
	}
	if acts := d.acts(); len(acts) > 0 || d.chosen() != (notify.Preferences{}) {
		t.Errorf("something was kept: %v, %+v", acts, d.chosen())
	}
}

func TestChoices_RefusesOtherSites(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	f := form(d.page(d.prefs()))
	tick(f, "sms.order_status", false)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		if r := d.post(d.prefs(), f, header...); r.StatusCode != http.StatusForbidden {
			t.Errorf("%v: status %d", header, r.StatusCode)
		}
	}
	if acts := d.acts(); len(acts) > 0 {
		t.Errorf("another site added %v", acts)
	}
	if r := d.post(d.prefs(), f, "Origin", "http://example.com"); r.StatusCode != http.StatusSeeOther { // the host of httptest's requests
		t.Errorf("our own page, in a browser of old: status %d", r.StatusCode)
	}
}

func TestChoices_LookingChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	for _, path := range []string{d.prefs() + "?locale=fr&yes=email.marketing&was=email.marketing.off", d.goodbye(notify.Email, notify.Marketing) + "?scope=all"} {
		d.page(path)
		d.request(httptest.NewRequest(http.MethodHead, path, nil))
	}
	if acts := d.acts(); len(acts) > 0 || d.chosen() != (notify.Preferences{}) {
		t.Errorf("something was kept: %v, %+v", acts, d.chosen())
	}
}

func TestChoices_RefusesLinks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	sign := func(use token.Use, text string) string { return d.tokens.Sign(use, text, d.now.Add(time.Hour)) }
	for name, c := range map[string]struct {
		path   string
		status int
	}{
		"garbage":                    {"/p/garbage", http.StatusNotFound},
		"a tracking page's token":    {"/p/" + sign(token.Track, "acme/mei/1"), http.StatusNotFound},
		"a token to leave by":        {"/p/" + sign(token.Unsubscribe, "acme/mei/1"), http.StatusNotFound},
		"erased person":              {"/p/" + sign(token.Preferences, "acme/tom"), http.StatusNotFound},
		"unknown merchant":           {"/p/" + sign(token.Preferences, "other/mei/1"), http.StatusNotFound},
		"expired":                    {"/p/" + d.tokens.Sign(token.Preferences, "acme/mei/1", ago(1)), http.StatusGone},
		"leaving, erased person":     {"/u/" + sign(token.Unsubscribe, "acme/tom/email/marketing"), http.StatusNotFound},
		"leaving, names too little":  {"/u/" + sign(token.Unsubscribe, "acme/email/marketing"), http.StatusNotFound},
		"leaving, unknown channel":   {"/u/" + sign(token.Unsubscribe, "acme/mei/1/fax/marketing"), http.StatusNotFound},
		"leaving, unknown purpose":   {"/u/" + sign(token.Unsubscribe, "acme/mei/1/email/"), http.StatusNotFound},
		"leaving, a token to choose": {"/u/" + sign(token.Preferences, "acme/mei/1/email/marketing"), http.StatusNotFound},
		"leaving, expired":           {"/u/" + d.tokens.Sign(token.Unsubscribe, "acme/mei/1/email/marketing", ago(1)), http.StatusGone},
	} {
		for _, r := range []*http.Response{d.request(httptest.NewRequest(http.MethodGet, c.path, nil)), d.post(c.path, url.Values{"List-Unsubscribe": {"One-Click"}})} {
			page := read(t, r)
			if r.StatusCode != c.status {
				t.Errorf("%s: status %d, want %d", name, r.StatusCode, c.status)
			}
			lacks(t, page, "Acme", "mei")
			secured(t, r, page)
		}
	}
	if acts := d.acts(); len(acts) > 0 || d.log.Len() > 0 {
		t.Errorf("kept %v, logged %s", acts, d.log)
	}
}

func TestChoices_Headers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(mei())
	for _, path := range []string{d.prefs(), d.goodbye(notify.Email, notify.Marketing)} {
		r := d.request(httptest.NewRequest(http.MethodGet, path, nil))
		page := read(t, r)
		contains(t, r.Header.Get("Content-Security-Policy"), "form-action 'self'; frame-ancestors 'none'", "default-src 'none'; style-src 'sha256-")
		contains(t, page, `<meta name="referrer" content="same-origin">`)
		if r.Header.Get("Referrer-Policy") != "same-origin" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", r.Header)
		}
		lacks(t, page, "<script", "style=", "ZgotmplZ")
	}
}

// A box that the gates would go on refusing whatever is ticked is none: a sentence says what would help.
func TestChoices_Barriers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, key, says string
		arrange         func(*desk, *notify.Person)
	}{
		{"double opt-in", "email.marketing", "Bestätigung über einen Link", func(d *desk, _ *notify.Person) {
			d.shop.Markets["DE"].Marketing.Consent[notify.Email] = rules.NeedDouble
		}},
		{"no friend yet", "line.order_status", "als Freund", func(_ *desk, p *notify.Person) { p.Line = "U1" }},
		{"blocked", "line.order_status", "als Freund", func(d *desk, p *notify.Person) {
			p.Line = "U1"
			d.said(notify.ConsentEvent{ID: "1", Channel: notify.LINE, Action: notify.Blocked})
		}},
		{"STOP", "sms.order_status", "mit START", func(d *desk, _ *notify.Person) {
			d.said(notify.ConsentEvent{ID: "1", Channel: notify.SMS, Action: notify.Withdrawn, Method: notify.MethodStop})
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			p := mei()
			c.arrange(d, &p)
			d.knows(p)
			before := d.acts()
			page := d.page(d.prefs())
			contains(t, text(page), c.says)
			lacks(t, page, `value="`+c.key)
			d.now = d.now.Add(time.Minute)
			f := form(page)
			f.Add("was", c.key+".off")
			tick(f, c.key, true)
			d.save(d.prefs(), f)
			if diff := cmp.Diff(before, d.acts()); diff != "" {
				t.Errorf("a forged box adds acts:\n%s", diff)
			}
		})
	}
}

// What can be taken back from here can be given again from here.
func TestChoices_ThereAndBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := mei()
	p.Line, p.InApp = "U1", true
	d.knows(p)
	d.said(notify.ConsentEvent{ID: "1", Channel: notify.LINE, Action: notify.Granted, Method: "friend_add"})
	for _, key := range []string{"line.order_status", "inapp.order_status", "email.order_status", "sms.order_status"} {
		for _, on := range []bool{false, true, false} {
			d.now = d.now.Add(time.Minute)
			f := form(d.page(d.prefs()))
			tick(f, key, on)
			d.save(d.prefs(), f)
			if got := slices.Contains(form(d.page(d.prefs()))["yes"], key); got != on {
				t.Errorf("%s is on: %v, want %v", key, got, on)
			}
		}
	}
}

func TestChoices_EveryLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := mei()
	p.Line, p.InApp = "U1", true
	for _, locale := range words().Locales() {
		if !words().Has(locale, everyPage) {
			continue
		}
		p.Locale = locale
		d.knows(p)
		contains(t, d.page(d.prefs()), `<html lang="`+locale+`"`)
		contains(t, d.page(d.goodbye(notify.Email, notify.ReviewRequest)), `<html lang="`+locale+`"`)
	}
}

func TestChoices_NobodyIsReached(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.knows(notify.Person{ID: "mei/1", Market: "DE"})
	page := d.page(d.prefs())
	lacks(t, page, "Bevorzugter Weg", "checkbox")
	f := form(page)
	f.Set("locale", "en")
	d.save(d.prefs(), f)
	if got := d.chosen(); got.Locale != "en" {
		t.Errorf("chosen: %+v", got)
	}
}

// The words somebody consents to name the shop even where its brand has none.
func TestChoices_NamelessBrand(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.shop.Brand.Name = ""
	d.knows(mei())
	contains(t, text(d.page(d.prefs())), "dass acme mir Werbung")
}
