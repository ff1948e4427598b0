package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
	"landfall/internal/token"
	"landfall/rules"
	"landfall/templates"
)

// today is a Tuesday in all the zones of these tests.
var today = time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC)

// ago is an instant some hours before today.
func ago(hours int) time.Time { return today.Add(-time.Duration(hours) * time.Hour) }

type fakeLedger struct {
	Ledger  // what no test of the tracking page asks for
	stories map[parcel.ID]*notify.Story
	err     error
}

func (l fakeLedger) Parcel(_ context.Context, m notify.MerchantID, id parcel.ID) (*notify.Story, error) {
	if l.err != nil {
		return nil, l.err
	}
	s := l.stories[id]
	if s == nil || s.Merchant != m {
		return nil, nil
	}
	return s, nil
}

// events numbers events, so that no two are one.
func events(es ...parcel.Event) []parcel.Event {
	for i := range es {
		es[i].ID = parcel.EventID(fmt.Sprint("e", i))
	}
	return es
}

// tell makes the story of a parcel for somebody in a market.
func tell(market string, es ...parcel.Event) *notify.Story {
	s := &notify.Story{
		Merchant: "acme",
		Parcel:   parcel.Parcel{ID: "p_1", Carrier: "dhl", Number: "00340434161094", Order: "A-1001"},
		Order:    &parcel.Order{ID: "A-1001", Person: "mei", Items: []parcel.Item{{Title: "Wool coat"}, {Title: "Scarf", Quantity: 2}}},
		Person: &notify.Person{
			ID: "mei", Name: "Mei Tanaka", Market: market, Phone: "+15005550006", Email: "mei@example.com", Line: "U77777777",
			Postal: notify.Postal{Country: market, City: "Quedlinburg", PostalCode: "06484"},
		},
	}
	s.Parcel.State, s.Marks = parcel.Fold(events(es...))
	return s
}

func shop() *dispatcher.Merchant {
	markets := map[string]*rules.Market{}
	for code, m := range map[string]rules.Market{
		"US": {Locale: "en-US", Zones: []string{"America/New_York", "America/Los_Angeles"}},
		"GB": {Locale: "en-GB", Zones: []string{"Europe/London"}},
		"DE": {Locale: "de", Zones: []string{"Europe/Berlin"}},
		"FR": {Locale: "fr", Zones: []string{"Europe/Paris"}},
		"BR": {Locale: "pt-BR", Zones: []string{"America/Sao_Paulo", "America/Manaus"}},
		"JP": {Locale: "ja", Zones: []string{"Asia/Tokyo"}},
		"TH": {Locale: "th", Zones: []string{"Asia/Bangkok"}},
		"ID": {Locale: "id", Zones: []string{"Asia/Jakarta"}},
		"CN": {Locale: "zh-Hans", Zones: []string{"Asia/Shanghai"}},
	} {
		m.Code = code
		markets[code] = &m
	}
	return &dispatcher.Merchant{ID: "acme", Markets: markets, World: &dispatcher.World{Atlas: &policy.Atlas{}}, Voice: dispatcher.Voice{Brand: templates.Brand{
		Name: "Acme & Söhne", Color: "#E2725B", URL: "https://acme.example/", Support: "help@acme.example", LogoURL: "https://cdn.acme.example/logo.svg",
	}}}
}

// site is the handler mounted as in production, and what it logged.
type site struct {
	http.Handler
	tokens token.Signer
	log    *bytes.Buffer
}

func newSite(l Ledger, m *dispatcher.Merchant) site {
	s := site{tokens: token.NewSigner("a key of the tests"), log: &bytes.Buffer{}}
	s.Handler = (&handler{Config: Config{
		Ledger: l, Tokens: s.tokens, Now: func() time.Time { return today }, Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Merchant:    func(id notify.MerchantID) (*dispatcher.Merchant, bool) { return m, id == m.ID },
		Preferences: func(m notify.MerchantID, p notify.PersonID) string { return "https://p.example/" + string(p) },
	}}).routes()
	return s
}

func TestNew(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	New(Config{Now: func() time.Time { return today }}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/t/x", nil))
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "This link does not lead to a parcel") {
		t.Errorf("a link that is none gives %d: %s", w.Code, w.Body)
	}
}

func (s site) link(text string) string { return s.tokens.Sign(token.Track, text, today.Add(time.Hour)) }

func (s site) get(link string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/t/"+link, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// open returns the page of a story.
func open(t *testing.T, story *notify.Story) string {
	t.Helper()
	s := newSite(fakeLedger{stories: map[parcel.ID]*notify.Story{story.Parcel.ID: story}}, shop())
	r := s.get(s.link("acme/" + string(story.Parcel.ID)))
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", r.StatusCode, s.log)
	}
	return read(t, r)
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	headOfPage = regexp.MustCompile(`(?s)^.*</style>`)
	tag        = regexp.MustCompile(`<[^>]*>`)
)

// text is what a page says, its parts set apart by single spaces.
func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(headOfPage.ReplaceAllString(page, ""), " "))), " ")
}

// contains reports each wanted part that a page does not say.
func contains(t *testing.T, said string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(said, w) {
			t.Errorf("does not say %q in:\n%s", w, said)
		}
	}
}

func lacks(t *testing.T, said string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(said, w) {
			t.Errorf("says %q in:\n%s", w, said)
		}
	}
}

func window(from, to time.Time) *parcel.Window { return &parcel.Window{From: from, To: to} }

// look is one story and what its page has to say, and must not say.
type look struct {
	name         string
	story        *notify.Story
	lang, head   string
	says, hushes []string
}

func (l look) check(t *testing.T) {
	t.Parallel()
	page := open(t, l.story)
	contains(t, page, `<html lang="`+l.lang+`" dir="ltr">`, `<h1 id="now">`+l.head+`</h1>`)
	contains(t, text(page), l.says...)
	lacks(t, text(page), l.hushes...)
}

func TestPage_OnItsWay(t *testing.T) {
	t.Parallel()
	for _, l := range []look{
		{
			name: "in customs, in Japanese",
			story: tell("JP",
				parcel.Event{Kind: parcel.Departed, HappenedAt: ago(60), Place: parcel.Place{City: "Leipzig", Country: "DE"}},
				parcel.Event{Kind: parcel.Customs, HappenedAt: ago(20), Place: parcel.Place{City: "成田", Country: "JP"}, Note: "通関手続中",
					ETA: window(today.AddDate(0, 0, 2), today.AddDate(0, 0, 4))}),
			lang: "ja", head: "お荷物は通関手続き中です",
			says: []string{"日本 成田", "昨日 11月23日(月) 23:30", "通常の手続きです", "今後の流れ", "お届け予定 11月26日～28日", "Wool coat 2 × Scarf", "A-1001",
				"20 時間前", "通関手続中", "発送国を出発", "ドイツ Leipzig", "UTC+9"},
			hushes: []string{"お客様へのお願い"},
		},
		{
			name:  "nothing scanned yet, in Thai",
			story: tell("TH"),
			lang:  "th", head: "ยังไม่มีข้อมูลจากบริษัทขนส่ง",
			says:   []string{"บริษัทขนส่งยังไม่ได้บันทึกพัสดุของคุณ", "คาดว่าจะนำส่ง ยังไม่ทราบ", "DHL 00340434161094"},
			hushes: []string{"เสร็จแล้ว", "UTC"},
		},
		{
			name: "overdue, in Brazilian Portuguese",
			story: tell("BR", parcel.Event{Kind: parcel.Released, HappenedAt: ago(24 * 7), Place: parcel.Place{City: "Curitiba", Country: "BR"},
				ETA: window(time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))}),
			lang: "pt-BR", head: "Sua encomenda foi liberada pela alfândega",
			says: []string{"Atrasada. A previsão era 18 – 20 de nov.; ainda não há nova data.", "Curitiba, Brasil", "há 7 dias", "UTC-3"},
		},
		{
			name:  "duty to pay, in Chinese",
			story: tell("CN", parcel.Event{Kind: parcel.CustomsPay, HappenedAt: ago(1)}),
			lang:  "zh-Hans", head: "您的包裹需要缴纳进口税费",
			says: []string{"您可以这样做", "请直接向承运商支付"},
		},
	} {
		t.Run(l.name, l.check)
	}
}

func TestPage_AtTheDoor(t *testing.T) {
	t.Parallel()
	for _, l := range []look{
		{
			name: "out for delivery today, in German",
			story: tell("DE", parcel.Event{Kind: parcel.Released, HappenedAt: ago(48)},
				parcel.Event{Kind: parcel.OutForDeliv, HappenedAt: ago(3), Place: parcel.Place{City: "Halle", Country: "DE"},
					ETA: window(today.Add(time.Hour), today.Add(5*time.Hour))}),
			lang: "de", head: "Ihr Paket wird zugestellt",
			says: []string{"Halle, Deutschland", "Voraussichtliche Lieferung heute, Di., 24. Nov., 12:30–16:30 Uhr", "Verzollt (erledigt)",
				"vor 3 Stunden", "Haben Sie eine Frage zu Ihrer Bestellung?", "help@acme.example"},
			hushes: []string{"Überfällig"},
		},
		{
			name:  "out for delivery, no time given",
			story: tell("DE", parcel.Event{Kind: parcel.OutForDeliv, HappenedAt: ago(3)}),
			lang:  "de", head: "Ihr Paket wird zugestellt",
			says:   []string{"Die Uhrzeit ist nicht bekannt."},
			hushes: []string{"Noch nicht bekannt", "Verzollt", "Zoll"},
		},
		{
			name: "left with a neighbour, in English",
			story: tell("GB", parcel.Event{Kind: parcel.OutForDeliv, HappenedAt: ago(6), ETA: window(ago(5), ago(1))},
				parcel.Event{Kind: parcel.Delivered, Detail: "neighbour", HappenedAt: ago(2)}),
			lang: "en", head: "Your parcel has been left with a neighbour",
			says:   []string{"Please ask your neighbours.", "Is something not right?", "Delivered today, Tue 24 Nov at 08:30", "2 hours ago"},
			hushes: []string{"Expected delivery", "Overdue", "Not known"},
		},
		{
			name:  "waiting at a pickup point",
			story: tell("GB", parcel.Event{Kind: parcel.Pickup, HappenedAt: ago(9)}),
			lang:  "en", head: "Your parcel is ready to be collected",
			says:   []string{"bring a proof of identity", "Ready for pickup"},
			hushes: []string{"Expected delivery", "Out for delivery"},
		},
	} {
		t.Run(l.name, l.check)
	}
}

func TestPage_Trouble(t *testing.T) {
	t.Parallel()
	for _, l := range []look{
		{
			name: "lost, in French",
			story: tell("FR", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(24 * 30), ETA: window(ago(24*20), ago(24*20))},
				parcel.Event{Kind: parcel.Lost, HappenedAt: ago(25)}),
			lang: "fr", head: "Votre colis est déclaré perdu",
			says:   []string{"Nous en sommes sincèrement désolés.", "Que faire", "Perdu", "il y a 1 jour"},
			hushes: []string{"Livraison prévue", "En retard", "Vous n’avez rien à faire"},
		},
		{
			name: "damaged and delivered all the same",
			story: tell("US", parcel.Event{Kind: parcel.Damaged, HappenedAt: ago(50)},
				parcel.Event{Kind: parcel.Delivered, HappenedAt: ago(2)}),
			lang: "en-US", head: "Your parcel has been delivered",
			says: []string{"Your parcel was damaged on the way", "Please keep the packaging", "3:30 AM"},
		},
		{
			name:  "on its way back",
			story: tell("GB", parcel.Event{Kind: parcel.Returning, HappenedAt: ago(9)}),
			lang:  "en", head: "Your parcel is on its way back to the shop",
			says:   []string{"Going back"},
			hushes: []string{"Expected delivery", "Delivered"},
		},
		{
			name:  "held up by the weather, in Indonesian",
			story: tell("ID", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(9)}, parcel.Event{Kind: parcel.Delay, Detail: "weather", HappenedAt: ago(1)}),
			lang:  "id", head: "Paket Anda terlambat karena cuaca buruk",
			says: []string{"1 jam yang lalu"},
		},
	} {
		t.Run(l.name, l.check)
	}
}

func TestPage_Silence(t *testing.T) {
	t.Parallel()
	for _, l := range []look{
		{
			name: "silent for long",
			story: tell("GB", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(24 * 9)},
				parcel.Event{Kind: parcel.Stuck, HappenedAt: ago(24)}),
			lang: "en", head: "Your parcel is on its way",
			says:   []string{"There has been no news for longer than usual", "9 days ago"},
			hushes: []string{"No movement"},
		},
		{
			name: "silence broken by a scan that moves nothing",
			story: tell("GB", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(24 * 9)}, parcel.Event{Kind: parcel.Stuck, HappenedAt: ago(24)},
				parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(1), Place: parcel.Place{City: "Calais", Country: "FR"}}),
			lang: "en", head: "Your parcel is on its way",
			hushes: []string{"There has been no news"},
		},
	} {
		t.Run(l.name, l.check)
	}
}

func TestPage_WithoutOrderAndPerson(t *testing.T) {
	t.Parallel()
	story := tell("", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(1)})
	story.Order, story.Person = nil, nil
	s := newSite(fakeLedger{stories: map[parcel.ID]*notify.Story{"p_1": story}}, shop())
	page := read(t, s.get(s.link("acme/p_1"), "Accept-Language", "tlh, fr-CA;q=0.8, en;q=0.5"))
	contains(t, page, `<html lang="fr"`, "Votre colis est en route", "A-1001")
}

func TestPage_RefusesLinks(t *testing.T) {
	t.Parallel()
	s := newSite(fakeLedger{stories: map[parcel.ID]*notify.Story{"p_1": tell("DE")}}, shop())
	cases := []struct {
		name, link string
		status     int
		says       string
	}{
		{"garbage", "garbage", http.StatusNotFound, "This link does not lead to a parcel"},
		{"for another use", s.tokens.Sign(token.Inbox, "acme/p_1", today.Add(time.Hour)), http.StatusNotFound, "This link does not lead to a parcel"},
		{"expired", s.tokens.Sign(token.Track, "acme/p_1", ago(1)), http.StatusGone, "This link has expired; please use the link in a newer message or contact the shop."},
		{"unknown parcel", s.link("acme/p_2"), http.StatusNotFound, "This link does not lead to a parcel"},
		{"unknown merchant", s.link("other/p_1"), http.StatusNotFound, "This link does not lead to a parcel"},
		{"names no parcel", s.link("acme"), http.StatusNotFound, "This link does not lead to a parcel"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := s.get(c.link)
			page := read(t, r)
			if r.StatusCode != c.status {
				t.Errorf("status %d, want %d", r.StatusCode, c.status)
			}
			contains(t, text(page), c.says)
			lacks(t, page, "Wool coat", "A-1001", "Acme")
			secured(t, r, page)
		})
	}
	t.Cleanup(func() {
		if s.log.Len() > 0 {
			t.Errorf("a wrong link is logged: %s", s.log)
		}
	})
}

func TestPage_RefusesInTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(fakeLedger{}, shop())
	for header, want := range map[string]string{
		"de-AT,de;q=0.9": `lang="de"`, "zh-TW, ja;q=0.4": `lang="zh-Hant"`, "eo, ja;q=0.4": `lang="ja"`, "nl": `lang="en"`, "": `lang="en"`, "%%%": `lang="en"`,
	} {
		contains(t, read(t, s.get("garbage", "Accept-Language", header)), want)
	}
}

func TestPage_LedgerFault(t *testing.T) {
	t.Parallel()
	s := newSite(fakeLedger{err: errors.New("disk on fire")}, shop())
	link := s.link("acme/p_1")
	r := s.get(link)
	if r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", r.StatusCode)
	}
	page := read(t, r)
	contains(t, text(page), "please try again in a few minutes")
	lacks(t, page, "disk on fire")
	contains(t, s.log.String(), "disk on fire", "p_1", "acme")
	lacks(t, s.log.String(), link)
}

func TestPage_ReaderGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSite(fakeLedger{err: ctx.Err()}, shop())
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/t/"+s.link("acme/p_1"), nil))
	if s.log.Len() > 0 {
		t.Errorf("a reader who left is logged as a fault: %s", s.log)
	}
}

func TestPage_ReadAloud(t *testing.T) {
	t.Parallel()
	page := open(t, tell("GB", parcel.Event{Kind: parcel.Customs, HappenedAt: ago(1)}))
	contains(t, page, "<main>", "<header", "<footer>", `<ol class="bar" role="list" aria-label="The way of your parcel">`,
		`<li aria-current="step">Customs</li>`, `<li class="done">On its way<span class="unseen"> (done)</span></li>`, `<ol class="scans" role="list"`)
	if n := strings.Count(page, "aria-current"); n != strings.Count(stylesheet, "aria-current")+1 {
		t.Errorf("%d stages are current", n-strings.Count(stylesheet, "aria-current"))
	}
	lacks(t, open(t, tell("GB")), `aria-current="step"`)
}

// secured checks what every answer must carry: nothing kept, nothing passed on, nothing run, and only this style.
func secured(t *testing.T, r *http.Response, page string) {
	t.Helper()
	want := map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = r.Header.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	contains(t, r.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'",
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	lacks(t, page, "<script", "style=", "ZgotmplZ")
}

func TestPage_Headers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ logo, policy string }{
		"logo":                    {"https://cdn.acme.example/logo.svg?v=2", "; img-src https://cdn.acme.example; "},
		"logo at a port":          {"http://127.0.0.1:9000/l.png", "; img-src http://127.0.0.1:9000; "},
		"no logo":                 {"", "'; base-uri"},
		"logo that would add one": {"https://a.example;script-src/x.png", "'; base-uri"},
		"logo of a script":        {"javascript:alert(1)", "'; base-uri"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := shop()
			m.Brand.LogoURL = c.logo
			s := newSite(fakeLedger{stories: map[parcel.ID]*notify.Story{"p_1": tell("DE")}}, m)
			r := s.get(s.link("acme/p_1"))
			page := read(t, r)
			secured(t, r, page)
			contains(t, r.Header.Get("Content-Security-Policy"), c.policy)
			contains(t, page, "Acme &amp; Söhne")
			if got, want := strings.Contains(page, "<img"), strings.Contains(c.policy, "img-src"); got != want {
				t.Errorf("shows a logo: %v, want %v", got, want)
			}
		})
	}
}

func TestPage_TellsNothingOfThePerson(t *testing.T) {
	t.Parallel()
	note := func(s string, hours int) parcel.Event {
		return parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(hours), Note: s}
	}
	story := tell("DE",
		note("Signed by: TANAKA", 9), note("Called 0151 1234 5678", 8), note("Mail to MEI@example.com", 7), note("06484 reached", 6), note("Sorted in Leipzig", 5))
	story.Person.Phone = "+4915112345678"
	page := open(t, story)
	contains(t, page, "Sorted in Leipzig")
	lacks(t, strings.ToLower(page), "mei", "tanaka", "1234 5678", "12345678", "06484", "quedlinburg", "u7777")
}

func TestPage_EscapesWhatOthersWrote(t *testing.T) {
	t.Parallel()
	const hostile = `</bdi><script>alert("x")</script><img src=x onerror=y>`
	story := tell("GB", parcel.Event{Kind: parcel.InTransit, HappenedAt: ago(1), Note: hostile, Place: parcel.Place{City: hostile, Country: "{{.}}"}})
	story.Order.Items[0].Title, story.Order.ID, story.Parcel.Number = hostile, hostile, hostile
	page := open(t, story)
	lacks(t, page, "<script", "<img src=x")
	contains(t, page, `<bdi dir="auto">&lt;/bdi&gt;&lt;script&gt;`)
}

func TestPage_LongOrder(t *testing.T) {
	t.Parallel()
	story := tell("FR")
	for i := range 6 {
		story.Order.Items = append(story.Order.Items, parcel.Item{Title: fmt.Sprint("Article ", i)})
	}
	said := text(open(t, story))
	contains(t, said, "Article 2 et 3 autres articles")
	lacks(t, said, "Article 3")
}
