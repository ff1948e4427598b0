package templates_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/templates"
)

func TestSMSSegments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		segments   int
		encoding   string
	}{
		{"empty", "", 1, "GSM-7"},
		{"one full", strings.Repeat("a", 160), 1, "GSM-7"},
		{"one more", strings.Repeat("a", 161), 2, "GSM-7"},
		{"two full", strings.Repeat("a", 306), 2, "GSM-7"},
		{"three", strings.Repeat("a", 307), 3, "GSM-7"},
		{"umlauts are in the alphabet", strings.Repeat("ü", 160), 1, "GSM-7"},
		{"euro counts double", strings.Repeat("€", 80), 1, "GSM-7"},
		{"euro counts double, over", strings.Repeat("€", 80) + "a", 2, "GSM-7"},
		{"an escape is not split", strings.Repeat("a", 152) + strings.Repeat("€", 77), 3, "GSM-7"},
		{"small c with cedilla is not", "ça", 1, "UCS-2"},
		{"one full of UCS-2", strings.Repeat("あ", 70), 1, "UCS-2"},
		{"one more of UCS-2", strings.Repeat("あ", 71), 2, "UCS-2"},
		{"two full of UCS-2", strings.Repeat("あ", 134), 2, "UCS-2"},
		{"three of UCS-2", strings.Repeat("あ", 135), 3, "UCS-2"},
		{"an emoji is two units", strings.Repeat("🎁", 35), 1, "UCS-2"},
		{"an emoji is not split", strings.Repeat("あ", 66) + strings.Repeat("🎁", 34), 3, "UCS-2"},
	}
	for _, tt := range tests {
		segments, encoding := templates.SMSSegments(tt.text)
		if segments != tt.segments || encoding != tt.encoding {
			t.Errorf("%s: %d %s, want %d %s", tt.name, segments, encoding, tt.segments, tt.encoding)
		}
	}
}

func TestSMSSegments_HoldTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		segments, encoding := templates.SMSSegments(text)
		room := segments * 160
		if encoding == "UCS-2" {
			room = segments * 70
		}
		if n := len(utf16.Encode([]rune(text))); n > room {
			t.Fatalf("%d units in %d segments of %s", n, segments, encoding)
		}
	})
}

func TestSMS_TelephoneAlphabet(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, locale, title, want, encoding string }{
		{"typographic signs", "en", "“Aran” coat – navy…", `"Aran" coat - navy...`, "GSM-7"},
		{"accents the alphabet lacks", "pt-BR", "Edredão", "Edredao", "GSM-7"},
		{"accents the alphabet has", "fr", "Théière", "Théière", "GSM-7"},
		{"narrow spaces", "fr", "Lot\u202f2\u00a0pièces", "Lot 2 pièces", "GSM-7"},
		{"other scripts stay as they are", "pt-BR", "茶碗 “ão”", "茶碗 “ão”", "UCS-2"},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Locale, in.Say, in.Link = notify.SMS, tt.locale, "shipped", ""
		in.Order.Items = []parcel.Item{{Title: tt.title}}
		w := render(t, set(), in)
		if !strings.Contains(w.Text, tt.want) || w.Encoding != tt.encoding {
			t.Errorf("%s: %q in %s, want %q in %s", tt.name, w.Text, w.Encoding, tt.want, tt.encoding)
		}
	}
}

func TestSMS_ShortensTheGoodsBeforeItCostsMore(t *testing.T) {
	t.Parallel()
	in := held()
	in.Channel = notify.SMS
	in.Order.Items = []parcel.Item{{Title: "Hand-woven wool coat, dark blue, size 40", Quantity: 2}, {Title: "Scarf", Quantity: 3}}
	in.Link = "https://parcels.shop.example/t/" + strings.Repeat("x", 29)
	w := render(t, set(), in)
	if w.Segments != 1 || !strings.Contains(w.Text, "2 x Hand-woven") || !strings.Contains(w.Text, "+3") {
		t.Errorf("%d segments: %s", w.Segments, w.Text)
	}
	in.Link = ""
	if w := render(t, set(), in); !strings.Contains(w.Text, "size 40 and 3 more items") {
		t.Errorf("there was room: %s", w.Text)
	}
}

func TestItem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		items []parcel.Item
		want  string
	}{
		{"one", []parcel.Item{{Title: "Coat"}}, "(Coat)"},
		{"one more", []parcel.Item{{Title: "Coat"}, {Title: "Hat"}}, "(Coat and 1 more item)"},
		{"more by quantity", []parcel.Item{{Title: "Coat"}, {Title: "Hat", Quantity: 3}}, "(Coat and 3 more items)"},
		{"several of one", []parcel.Item{{Title: "Coat", Quantity: 2}}, "(2 × Coat)"},
		{"none", nil, "(order A1)"},
		{"no title", []parcel.Item{{}}, "(order A1)"},
		{"long", []parcel.Item{{Title: strings.Repeat("👩‍🚀", 80)}}, "(" + strings.Repeat("👩‍🚀", 59) + "…)"},
	}
	for _, tt := range tests {
		in := held()
		in.Order.Items = tt.items
		if w := render(t, set(), in); !strings.Contains(w.Text, tt.want) {
			t.Errorf("%s: %q, want %q in it", tt.name, w.Text, tt.want)
		}
	}
}

func TestCarrierNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		carrier parcel.Carrier
		want    string
	}{
		{"dhl", "DHL 0034"}, {"thailand-post", "Thailand Post 0034"}, {"österreichische-post", "Österreichische Post 0034"}, {"", "Shipment: 0034"},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Parcel.Carrier = notify.Email, tt.carrier
		if w := render(t, set(), in); !strings.Contains(w.Text, tt.want) {
			t.Errorf("%s: %q, want %q in it", tt.carrier, w.Text, tt.want)
		}
	}
}

func TestETA(t *testing.T) {
	t.Parallel()
	utc := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, time.UTC) }
	tokyo, newYork := time.FixedZone("JST", 9*3600), time.FixedZone("EST", -5*3600)
	tests := []struct {
		name string
		eta  parcel.Window
		zone *time.Location
		want string // "" when nothing is said
	}{
		{"range tomorrow", parcel.Window{From: utc(24, 13, 0), To: utc(24, 17, 0)}, nil, "tomorrow, Tue 24 Nov, 13:00–17:00"},
		{"in the reader's zone", parcel.Window{From: utc(24, 13, 0), To: utc(24, 14, 0)}, tokyo, "tomorrow, Tue 24 Nov, 22:00–23:00"},
		{"a moment", parcel.Window{From: utc(23, 13, 0), To: utc(23, 13, 0)}, nil, "today, Mon 23 Nov at 13:00"},
		{"a day", parcel.Window{From: utc(25, 0, 0)}, nil, "Wed 25 Nov"},
		{"a day is not the evening before", parcel.Window{From: utc(25, 0, 0)}, newYork, "Wed 25 Nov"},
		{"a day to its last minute", parcel.Window{From: utc(24, 0, 0), To: utc(24, 23, 59)}, newYork, "tomorrow, Tue 24 Nov"},
		{"only an end", parcel.Window{To: utc(25, 0, 0)}, nil, "Wed 25 Nov"},
		{"days", parcel.Window{From: utc(25, 0, 0), To: utc(27, 0, 0)}, nil, "25\u2009–\u200927 Nov"},
		{"over", parcel.Window{From: utc(23, 1, 0), To: utc(23, 2, 0)}, nil, ""},
		{"yesterday", parcel.Window{From: utc(22, 0, 0)}, nil, ""},
		{"today is not over", parcel.Window{From: utc(23, 0, 0)}, nil, "today, Mon 23 Nov"},
		{"unknown", parcel.Window{}, nil, ""},
	}
	for _, tt := range tests {
		in := held()
		in.Now, in.Zone, in.Channel, in.Event.ETA = utc(23, 9, 0), tt.zone, notify.LINE, &tt.eta
		text := render(t, set(), in).Text
		if tt.want != "" && !strings.Contains(text, "Expected delivery: "+tt.want+"\n") {
			t.Errorf("%s: %q, want %q", tt.name, text, tt.want)
		}
		if tt.want == "" && !strings.Contains(text, "Expected delivery: Not known yet\n") {
			t.Errorf("%s: %q does not say that nobody knows", tt.name, text)
		}
	}
}

// Tomorrow is decided when the message is sent, not when the carrier spoke.
func TestETA_HeldOverNight(t *testing.T) {
	t.Parallel()
	in := held()
	in.Channel = notify.LINE
	in.Event.ETA = &parcel.Window{From: in.Now.Add(28 * time.Hour), To: in.Now.Add(32 * time.Hour)}
	evening := render(t, set(), in).Text
	in.Now = in.Now.AddDate(0, 0, 1)
	morning := render(t, set(), in).Text
	if !strings.Contains(evening, "tomorrow, Tue 24 Nov") || !strings.Contains(morning, "today, Tue 24 Nov") {
		t.Errorf("evening: %q\nmorning: %q", evening, morning)
	}
}

func TestETA_NothingToWaitFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []parcel.Kind{parcel.Pickup, parcel.Delivered, parcel.Returning, parcel.Lost, parcel.Destroyed} {
		in := held()
		in.Channel, in.Event.Kind = notify.LINE, kind
		in.Event.ETA = &parcel.Window{From: in.Now.Add(24 * time.Hour)}
		if text := render(t, set(), in).Text; strings.Contains(text, "Expected delivery") {
			t.Errorf("%s: %q", kind, text)
		}
	}
}

const evil = "<b>x</b>\u202e\u2066\n\t\x00\"';}{{.Person}}    y"

// No value of a feed, a shop or a person may change the message around it.
func TestRender_UntrustedValues(t *testing.T) {
	t.Parallel()
	in := held()
	in.Person, in.Brand = evil, templates.Brand{Name: "Ac\u202eme", Color: "red;}", URL: "javascript:alert(1)", LogoURL: "data:x", Support: evil}
	in.Order.Items[0].Title, in.Order.ID = evil, evil
	in.Parcel.Number, in.Parcel.Carrier = evil, evil
	in.Event.Place, in.Event.Detail = parcel.Place{City: evil, Country: "<i>"}, evil
	for _, c := range notify.Channels() {
		in.Channel = c
		w := render(t, set(), in)
		all := w.Title + w.Text + w.HTML + string(w.Flex)
		if i := strings.IndexAny(all, "\u202e\u2066\x00\t"); i >= 0 {
			t.Errorf("%s: %q is in it", c, all[i:i+3])
		}
		if strings.Contains(w.Title, "\n") {
			t.Errorf("%s: two lines of title %q", c, w.Title)
		}
		for _, bad := range []string{"<b>x", "<i>", "javascript:", "data:x", "red;}"} {
			if strings.Contains(w.HTML, bad) {
				t.Errorf("%s: %q is in the HTML", c, bad)
			}
		}
		if c == notify.LINE && !json.Valid(w.Flex) {
			t.Errorf("no JSON: %s", w.Flex)
		}
	}
}

func TestRender_BadLinks(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"javascript:alert(1)", "ftp://x/y", "/t/abc", "https://x/" + strings.Repeat("y", 1000), "https://x/\ny"} {
		for _, c := range notify.Channels() {
			in := held()
			in.Channel, in.Link = c, link
			w := render(t, set(), in)
			if all := w.Text + w.HTML + string(w.Flex) + w.Link; strings.Contains(all, link) || w.Link != "" {
				t.Errorf("%s: %q is in it", c, link)
			}
		}
	}
}

func TestLINE_AltTextIsCutOnWholeCharacters(t *testing.T) {
	t.Parallel()
	s := set()
	rapid.Check(t, func(t *rapid.T) {
		in := held()
		in.Channel, in.Locale = notify.LINE, rapid.SampledFrom([]string{"en", "ja", "th"}).Draw(t, "locale")
		in.Order.Items[0].Title = rapid.StringOfN(rapid.RuneFrom([]rune("กาํ่🎁👩‍🚀e\u0301あ")), 1, 200, -1).Draw(t, "title")
		w, err := s.Render(in)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(utf16.Encode([]rune(w.Title))); n > 400 {
			t.Fatalf("%d units", n)
		}
		if n := uniseg.GraphemeClusterCount(w.Title); n > 400 {
			t.Fatalf("%d characters", n)
		}
	})
}

func TestEmail_Timeline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, state parcel.Kind
		want        string // * done, > now; "" for no timeline
	}{
		{parcel.LabelMade, "", "Shipped, On its way, Customs, Out for delivery, Delivered"},
		{parcel.PickedUp, "", ">Shipped, On its way, Customs, Out for delivery, Delivered"},
		{parcel.Arrived, "", "*Shipped, >On its way, Customs, Out for delivery, Delivered"},
		{parcel.Customs, parcel.Customs, "*Shipped, *On its way, >Customs, Out for delivery, Delivered"},
		{parcel.HeldPayment, parcel.Arrived, "*Shipped, *On its way, >Customs, Out for delivery, Delivered"},
		{parcel.HeldPayment, parcel.Released, "*Shipped, *On its way, >*Through customs, Out for delivery, Delivered"},
		{parcel.Released, "", "*Shipped, *On its way, >*Through customs, Out for delivery, Delivered"},
		{parcel.Delay, parcel.Released, "*Shipped, *On its way, >*Through customs, Out for delivery, Delivered"},
		{parcel.OutForDeliv, "", "*Shipped, *On its way, >Out for delivery, Delivered"},
		{parcel.Pickup, parcel.Pickup, "*Shipped, *On its way, >Ready for pickup, Delivered"},
		{parcel.Delivered, "", "*Shipped, *On its way, *Out for delivery, >*Delivered"},
		{parcel.Returning, "", "*Shipped, *On its way, *Out for delivery, >Going back"},
		{parcel.Lost, parcel.Released, ""},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Event.Kind, in.Parcel.State.Kind = notify.Email, tt.kind, tt.state
		if got := timeline(render(t, set(), in).HTML); got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.kind, tt.state, got, tt.want)
		}
	}
}

var stepCell = regexp.MustCompile(`<td class="step (ink|soft)"[^>]*>(<span class="tick">&#10003;&nbsp;</span>)?([^<]*)</td>`)

// timeline reads the bar out of an e-mail.
func timeline(html string) string {
	var steps []string
	for _, cell := range stepCell.FindAllStringSubmatch(html, -1) {
		step := cell[3]
		if cell[2] != "" {
			step = "*" + step
		}
		if cell[1] == "ink" {
			step = ">" + step
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, ", ")
}

func TestContactLink(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"help@acme.example": "mailto:help@acme.example", "+49 (0)30 123-456": "tel:+4930123456", "030/123 456": "tel:030123456",
		"https://acme.example/help": "https://acme.example/help", "at the counter": "", "javascript:alert(1)": "",
		"a@b?bcc=c@d": "", "a@b@c": "", "12": "", "": "",
	} {
		if got := templates.ContactLink(address); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
}

// The address can be tapped wherever a language puts it in its sentence; words that are no address are only read.
func TestEmail_Support(t *testing.T) {
	t.Parallel()
	tests := []struct{ locale, support, want string }{
		{"en", "help@acme.example", `us here: <a class="soft" dir="ltr" href="mailto:help@acme.example" style="color:#5f6b7a;text-decoration:underline">help@acme.example</a></p>`},
		{"ja", "+81 3 1234 5678", `お問い合わせ：<a class="soft" dir="ltr" href="tel:&#43;81312345678"`},
		{"de", "https://acme.example/hilfe?a=1", `href="https://acme.example/hilfe?a=1"`},
		{"en", "Room 5 <b>", `us here: Room 5 &lt;b&gt;</p>`},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Locale, in.Brand.Support = notify.Email, tt.locale, tt.support
		if html := render(t, set(), in).HTML; !strings.Contains(html, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.support, tt.want, html[max(0, len(html)-3000):])
		}
	}
}

// The gap between a label and its value lies between them in either direction of writing.
func TestEmail_RightToLeft(t *testing.T) {
	t.Parallel()
	c, err := locales.New(fstest.MapFS{"ar.yaml": {Data: []byte("notice: {customs_hold: {title: ت, lead: ل, next: ب}}\n")}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{"ar": "padding:10px 0 10px 12px;", "en": "padding:10px 12px 10px 0;"} {
		in := held()
		in.Channel, in.Locale = notify.Email, locale
		if html := render(t, s, in).HTML; !strings.Contains(html, want) {
			t.Errorf("%s: labels are not padded %s", locale, want)
		}
	}
}

func TestEmail_BrandColor(t *testing.T) {
	t.Parallel()
	tests := []struct{ color, header, letters, button string }{
		{"#7A1F4E", "#7A1F4E", "#FFFFFF", "#7A1F4E"},
		{"#FFE14D", "#FFE14D", "#1F2933", "#1F4E79"},
		{"", "#1F4E79", "#FFFFFF", "#1F4E79"},
		{"#12345", "#1F4E79", "#FFFFFF", "#1F4E79"},
		{"#+12345", "#1F4E79", "#FFFFFF", "#1F4E79"},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Brand.Color = notify.Email, tt.color
		html := render(t, set(), in).HTML
		for _, want := range []string{"background:" + tt.header + ";background-color:" + tt.header, "color:" + tt.letters + `">Acme`, `bgcolor="` + tt.button + `"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%q: no %q", tt.color, want)
			}
		}
	}
}

func TestEmail_Greeting(t *testing.T) {
	t.Parallel()
	tests := []struct{ locale, person, want string }{
		{"en", "Mei", "Hello Mei,"}, {"en", "", "Hello,"}, {"de", "Mei", "Guten Tag Mei,"},
		{"ja", "田中 芽衣", "田中 芽衣 様"}, {"th", "สมชาย", "เรียน คุณสมชาย"}, {"fr", "", "Bonjour,"},
	}
	for _, tt := range tests {
		in := held()
		in.Channel, in.Locale, in.Person = notify.Email, tt.locale, tt.person
		if w := render(t, set(), in); !strings.HasPrefix(w.Text, tt.want+"\n") {
			t.Errorf("%s: %q, want %q first", tt.locale, w.Text, tt.want)
		}
	}
}

func TestRender_Details(t *testing.T) {
	t.Parallel()
	tests := []struct {
		say    notify.TemplateKey
		kind   parcel.Kind
		detail string
		want   string
	}{
		{"attempt_failed", parcel.Attempted, "nobody home", "nobody was there"},
		{"attempt_failed", parcel.Attempted, "", "could not hand it over"},
		{"attempt_failed", parcel.Attempted, "a word nobody foresaw", "could not hand it over"},
		{"attempt_failed", parcel.BadAddress, "", "complete address"},
		{"delivered", parcel.Delivered, "neighbour", "left with a neighbour"},
		{"delivered", parcel.Delivered, "signed", "has been delivered"},
		{"customs_hold", parcel.CustomsPay, "", "directly to the carrier"},
		{"customs_hold", parcel.HeldPapers, "", "invoice"},
	}
	for _, tt := range tests {
		in := held()
		in.Say, in.Event.Kind, in.Event.Detail = tt.say, tt.kind, tt.detail
		if w := render(t, set(), in); !strings.Contains(w.Text, tt.want) {
			t.Errorf("%s %s %q: %q, want %q in it", tt.say, tt.kind, tt.detail, w.Text, tt.want)
		}
	}
}
