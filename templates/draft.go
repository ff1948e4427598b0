package templates

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

// draft is one message half way: the locale is chosen, the values are clean, no channel's form is on it yet.
type draft struct {
	set    *Set
	in     Input
	locale string // of the words
	rtl    bool   // whether they run from right to left
	format locales.Format
	prefix string // where the catalog keeps this notice
	link   string
	data   map[string]any
	// borrowed is set once words had to be taken from another locale's catalog.
	borrowed bool
	err      error // the first mistake in the catalog; kept here so that writers read as sentences
}

const (
	itemLimit  = 60 // graphemes of an item's title
	headLimit  = 32 // of one in a headline
	brandLimit = 30
	nameLimit  = 60
	linkLimit  = 1000 // LINE takes no longer one
)

// errNameless is told to the merchant, whom it is up to.
var errNameless = errors.New("this market asks every message to name its sender; give the brand a name in merchant.yaml")

func (s *Set) draft(in Input) (*draft, error) {
	if !slices.Contains(s.keys, in.Say) {
		return nil, ErrMissing
	}
	prefix := noticePrefix + string(in.Say)
	if in.Audience == notify.Staff {
		prefix = staffPrefix
	}
	locale, ok := s.localeOf(in.Locale, prefix)
	if !ok {
		return nil, ErrMissing
	}
	in.Brand.Name = cut(clean(in.Brand.Name), brandLimit)
	if in.Identify && in.Brand.Name == "" {
		return nil, errNameless
	}
	d := &draft{set: s, in: in, prefix: prefix, link: safeLink(in.Link)}
	d.speak(locale)
	return d, nil
}

// speak chooses the locale of the words and gathers the values in it.
func (d *draft) speak(locale string) {
	d.locale, d.rtl = locale, RunsRTL(locale)
	d.format = d.set.catalog.Format(readable(d.in.Locale, locale))
	d.data = map[string]any{}
	d.fill()
}

// localeOf is the first of a locale's chain that has words for the notice.
func (s *Set) localeOf(asked, prefix string) (string, bool) {
	if s.catalog.Has(asked, prefix+".lead") { // as nearly always
		return asked, true
	}
	for _, l := range s.catalog.Chain(asked) {
		if s.catalog.Has(l, prefix+".lead") {
			return l, true
		}
	}
	return "", false
}

// readable chooses the locale for dates: the reader's own region where the words are their language, else that of
// the words.
func readable(asked, words string) string {
	if locales.Foreign(asked, words) {
		return words
	}
	return asked
}

// noticeValues are the values every notice may name; WhatsApp's only those of whatsapp.yaml.
var noticeValues = []string{"Brand", "Support", "Person", "Ref", "Shipment", "Item", "Label", "Shop"}

// fill gathers noticeValues. Each is set, and none is empty but Person, Support and Shop.
func (d *draft) fill() {
	d.data["Brand"] = d.own(d.in.Brand.Name)
	d.data["Support"] = d.own(clean(d.in.Brand.Support))
	d.data["Person"] = d.own(cut(clean(d.in.Person), nameLimit))
	d.data["Ref"] = d.ref()
	d.data["Shipment"] = d.shipment()
	d.data["Item"] = d.item(itemLimit, inWords)
	d.data["Label"] = d.label()
	d.data["Shop"] = safeLink(d.in.Brand.URL)
}

// own is a value that is not of the reader's language: a name, a number, an address.
func (d *draft) own(value string) string { return isolated(value, d.rtl) }

// text returns a message of the catalog; a mistake is kept for Render to report.
func (d *draft) text(key string, data map[string]any) string {
	text, err := d.find(key, data)
	if err != nil && d.err == nil {
		d.err = err
	}
	return text
}

func (d *draft) find(key string, data map[string]any) (string, error) {
	if !d.set.catalog.Has(d.locale, key) {
		d.borrowed = true
	}
	return d.set.catalog.Text(d.locale, key, data)
}

func (d *draft) plain(key string) string { return d.text(key, d.data) }

// part returns one part of the notice, in the variant for this kind of event where there is one.
func (d *draft) part(name string) string {
	return d.plain(d.set.partKey(d.locale, d.prefix, name, d.in.Event))
}

func (d *draft) title() string { return d.part("title") }
func (d *draft) lead() string  { return d.part("lead") }

// next is what comes next. Staff are not told: the customer is.
func (d *draft) next() string {
	if d.in.Audience == notify.Staff {
		return ""
	}
	return d.part("next")
}

// noAction is what a notice says that asks nothing of its reader.
const noAction = "phrase.no_action"

// act is what the reader needs to do. needed is false for a notice that asks nothing of anybody, which says so.
func (d *draft) act() (text string, needed bool) {
	nothing := d.plain(noAction)
	key := d.set.partKey(d.locale, d.prefix, "act", d.in.Event)
	if !d.set.catalog.Has(d.locale, key) {
		return nothing, false
	}
	text = d.plain(key)
	return text, text != nothing
}

// story is what happened, what comes next, and what the reader needs to do.
func (d *draft) story() string {
	act, _ := d.act()
	return paragraphs(d.lead(), d.next(), act)
}

// card is the story with the facts that change on the way.
func (d *draft) card() string { return paragraphs(d.story(), strings.Join(d.lines(d.news()), "\n")) }

// headline names the news and the goods in one line. A headline for staff names the order already.
func (d *draft) headline() string {
	if d.in.Audience == notify.Staff {
		return d.title()
	}
	return d.title() + " · " + d.item(headLimit, inBrief)
}

// partKey finds the most particular key there is for a part.
func (s *Set) partKey(locale, prefix, part string, e parcel.Event) string {
	for _, variant := range variants(e) {
		if key := prefix + "." + variant + "." + part; s.catalog.Has(locale, key) {
			return key
		}
	}
	return prefix + "." + part
}

// groups gather kinds that are told in the same words.
var groups = map[parcel.Kind][]string{
	parcel.CustomsInfo:  {"info", "customs"},
	parcel.CustomsPay:   {"payment", "customs"},
	parcel.HeldPayment:  {"payment", "customs"},
	parcel.HeldPapers:   {"documents", "customs"},
	parcel.BadAddress:   {"address"},
	parcel.Moved:        {"address_problem", "address"},
	parcel.Lost:         {"claim"},
	parcel.Damaged:      {"claim"},
	parcel.Destroyed:    {"claim"},
	parcel.Stuck:        {"silence"},
	parcel.NeverScanned: {"silence"},
	parcel.Expired:      {"silence"},
	parcel.Refused:      {"back"},
	parcel.Returning:    {"back"},
	parcel.Returned:     {"back"},
}

// variants lists the names under which a catalog may keep words for just this event, most particular first: its
// kind, a group of kinds, its detail as in nobody_home.
func variants(e parcel.Event) []string {
	var names []string
	if e.Kind != "" {
		names = append(names, string(e.Kind))
	}
	names = append(names, groups[e.Kind]...)
	if e.Detail != "" {
		names = append(names, slug(e.Detail))
	}
	return names
}

func slug(s string) string {
	return strings.NewReplacer(" ", "_", "-", "_", ".", "_").Replace(strings.ToLower(clean(s)))
}

func (d *draft) number() string {
	return clean(string(first(d.in.Parcel.Number, d.in.Event.Number)))
}

// ref names the order, or else the parcel, in a word or two; the shop when neither has a number.
func (d *draft) ref() string {
	order := first(d.in.Parcel.Order, d.in.Event.Order)
	if d.in.Order != nil {
		order = first(d.in.Order.ID, order)
	}
	switch {
	case clean(string(order)) != "":
		return d.text("phrase.order", map[string]any{"Order": d.own(cut(clean(string(order)), itemLimit))})
	case d.number() != "":
		return d.text("phrase.number", map[string]any{"Number": d.own(d.number())})
	case d.in.Brand.Name != "":
		return d.own(d.in.Brand.Name)
	default:
		return d.text("phrase.parcel", nil)
	}
}

// shipment is the carrier with the number on the label.
func (d *draft) shipment() string {
	carrier := carrierName(first(d.in.Parcel.Carrier, d.in.Event.Carrier))
	if d.number() == "" {
		return d.ref()
	}
	return d.own(strings.TrimSpace(carrier + " " + d.number()))
}

// naming is how much is said of what is in a parcel.
type naming int

const (
	inWords   naming = iota // "2 × Wool coat and 2 more items"
	inBrief                 // "2 × Wool coat +2"
	bareTitle               // "Wool coat"
)

// item names what is in the parcel, its first title cut to limit graphemes.
func (d *draft) item(limit int, how naming) string {
	if d.in.Order == nil || len(d.in.Order.Items) == 0 {
		return d.ref()
	}
	items := d.in.Order.Items
	name, others := cut(clean(items[0].Title), limit), 0
	for _, i := range items[1:] {
		others += max(1, i.Quantity)
	}
	if n := items[0].Quantity; n > 1 && name != "" && how != bareTitle {
		name = strconv.Itoa(n) + " × " + name
	}
	switch {
	case name == "":
		return d.ref()
	case others == 0 || how == bareTitle:
		return d.own(name)
	case how == inBrief:
		return d.own(name + " +" + strconv.Itoa(others))
	default:
		return d.text("phrase.items", map[string]any{"First": d.own(name), "Count": others})
	}
}

// leave says in a few words how to hear no more on a channel that takes answers; "" where nobody asks for it.
func (d *draft) leave() string {
	if !d.in.Identify {
		return ""
	}
	return d.plain("footer.stop")
}

// label is the kind of event in a few words; the notice's own title for a kind nobody has named.
func (d *draft) label() string {
	if key := "kind." + string(d.in.Event.Kind); d.set.catalog.Has(d.locale, key) {
		return d.text(key, nil)
	}
	return d.text(noticePrefix+string(d.in.Say)+".title", d.data)
}

// with returns the draft's values with one more.
func (d *draft) with(name string, value any) map[string]any {
	data := maps.Clone(d.data)
	data[name] = value
	return data
}

func first[S ~string](values ...S) S {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// carriers are the names that capital letters alone do not give.
var carriers = map[parcel.Carrier]string{
	"dhl": "DHL", "ups": "UPS", "usps": "USPS", "dpd": "DPD", "gls": "GLS", "tnt": "TNT", "ems": "EMS",
	"fedex": "FedEx", "jne": "JNE", "jp-post": "Japan Post", "sf-express": "SF Express", "yunexpress": "YunExpress",
}

func carrierName(c parcel.Carrier) string {
	if name, ok := carriers[c]; ok {
		return name
	}
	words := strings.FieldsFunc(clean(string(c)), func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	for i, w := range words {
		_, n := utf8.DecodeRuneInString(w)
		words[i] = strings.ToUpper(w[:n]) + w[n:]
	}
	return strings.Join(words, " ")
}

// safeLink keeps only what may stand behind a button: a web address of bearable length.
func safeLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || len(link) > linkLimit {
		return ""
	}
	return u.String()
}
