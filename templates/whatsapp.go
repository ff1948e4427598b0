package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

// StaffContent is the key under which the template for the merchant's own people is registered.
const StaffContent notify.TemplateKey = staffPrefix

// approval is what WhatsApp has to approve for one notice.
type approval struct {
	Category  string   `yaml:"category"`
	Variables []string `yaml:"variables"`
}

// contentValues are the variables a WhatsApp template may have.
var contentValues = []string{"Item", "Facts", "Track", "Label", "Shipment", "Ref", "Brand"}

func (s *Set) readApprovals(layer fs.FS) error {
	source, err := fs.ReadFile(layer, "whatsapp.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read WhatsApp templates: %w", err)
	}
	var found map[notify.TemplateKey]approval
	if err := yaml.Load(source, &found, yaml.WithKnownFields()); err != nil {
		return fmt.Errorf("whatsapp.yaml: %w", err)
	}
	for key, a := range found {
		if err := a.validate(); err != nil {
			return fmt.Errorf("whatsapp.yaml: %s: %w", key, err)
		}
	}
	maps.Copy(s.approvals, found)
	return nil
}

func (a approval) validate() error {
	if a.Category != "utility" {
		return fmt.Errorf("category is %q; news of an order are \"utility\"", a.Category)
	}
	for _, v := range a.Variables {
		if !slices.Contains(contentValues, v) {
			return fmt.Errorf("%q is no variable; there are %s", v, strings.Join(contentValues, ", "))
		}
	}
	return nil
}

// WithContent returns s knowing the ContentSids of one merchant's Twilio account: notice -> locale -> sid. A notice
// that whatsapp.yaml lists with a variant, such as customs_hold.payment, has a sid for each.
func (s *Set) WithContent(sids map[notify.TemplateKey]map[string]string) *Set {
	one := *s
	one.sids = map[notify.TemplateKey]map[string]string{}
	for key, byLocale := range sids {
		one.sids[key] = maps.Clone(byLocale)
	}
	return &one
}

// Approved returns s as if the provider had approved every template in every locale, for those who only look.
func (s *Set) Approved() *Set {
	sids := map[notify.TemplateKey]map[string]string{}
	for key := range s.approvals {
		sids[key] = map[string]string{}
		for _, locale := range s.catalog.Locales() {
			sids[key][locale] = "HX0"
		}
	}
	return s.WithContent(sids)
}

// HasContent reports whether the merchant has an approved template for a notice in the language a locale is
// written to in. Some events of a notice have a template of their own; ContentKey names it.
func (s *Set) HasContent(say notify.TemplateKey, locale string) bool {
	words, ok := s.localeOf(locale, contentPrefix(say))
	return ok && s.contentLocale(say, words) != ""
}

// contentLocale is the locale an approved template is sent in to readers of a locale: that itself, or the one whose words it
// only varies, as American English does those of English; "" when neither is approved.
func (s *Set) contentLocale(key notify.TemplateKey, locale string) string {
	if s.sids[key][locale] != "" { // as nearly always
		return locale
	}
	for _, l := range s.catalog.Chain(locale) {
		if s.sids[key][l] != "" && !locales.Foreign(locale, l) {
			return l
		}
	}
	return ""
}

// ContentKeys lists every template a merchant can register, sorted.
func (s *Set) ContentKeys() []notify.TemplateKey { return slices.Sorted(maps.Keys(s.approvals)) }

// ContentKey returns the template under which an event is told to an audience: customs_hold, customs_hold.payment,
// staff.
func (s *Set) ContentKey(say notify.TemplateKey, e parcel.Event, a notify.Audience) notify.TemplateKey {
	if a == notify.Staff {
		return StaffContent
	}
	for _, variant := range variants(e) {
		if key := say + "." + notify.TemplateKey(variant); s.hasApproval(key) {
			return key
		}
	}
	return say
}

func (s *Set) hasApproval(key notify.TemplateKey) bool {
	_, ok := s.approvals[key]
	return ok
}

// ContentBody returns the text to register with the provider, in the language a locale is written to in, with {{1}},
// {{2}} where values go. The error is ErrNoContent when whatsapp.yaml does not list the key.
func (s *Set) ContentBody(key notify.TemplateKey, locale string) (string, error) {
	words, ok := s.localeOf(locale, contentPrefix(key))
	if !ok {
		return "", fmt.Errorf("write body of %s: %w", key, ErrMissing)
	}
	places := map[string]any{}
	for i, name := range s.approvals[key].Variables {
		places[name] = "{{" + strconv.Itoa(i+1) + "}}"
	}
	return s.body(key, words, places, func(key string, data map[string]any) (string, error) { return s.catalog.Text(words, key, data) })
}

// contentPrefix is where the catalog keeps the words of a template, those of its plain notice if it is a variant.
func contentPrefix(key notify.TemplateKey) string {
	plain, _, _ := strings.Cut(string(key), ".")
	if plain == staffPrefix {
		return staffPrefix
	}
	return noticePrefix + plain
}

// finder returns a message of a catalog.
type finder func(key string, data map[string]any) (string, error)

// body writes a template with its values, or the places for them, filled in. It is given nothing else, so that a
// catalog cannot put a value into words that were approved without it.
func (s *Set) body(key notify.TemplateKey, locale string, values map[string]any, text finder) (string, error) {
	a, ok := s.approvals[key]
	if !ok {
		return "", ErrNoContent
	}
	whole := maps.Clone(values)
	for part, name := range contentParts {
		if part == "next" && key == StaffContent {
			continue
		}
		words, err := text(s.contentPart(locale, key, part), values)
		if err != nil {
			return "", err
		}
		whole[name] = words
	}
	return text(layoutOf(key, a), whole)
}

// contentParts are what the layout of a body puts together, and what it calls them.
var contentParts = map[string]string{"lead": "Lead", "next": "Next", "act": "Act"}

// layoutOf is the catalog's key of what stands around lead and next.
func layoutOf(key notify.TemplateKey, a approval) string {
	switch {
	case key == StaffContent:
		return "whatsapp.staff"
	case slices.Contains(a.Variables, "Facts"):
		return "whatsapp.body"
	default:
		return "whatsapp.brief"
	}
}

func (s *Set) contentPart(locale string, key notify.TemplateKey, part string) string {
	_, variant, _ := strings.Cut(string(key), ".")
	prefix := contentPrefix(key)
	if own := prefix + "." + variant + "." + part; variant != "" && s.catalog.Has(locale, own) {
		return own
	}
	if plain := prefix + "." + part; part != "act" || s.catalog.Has(locale, plain) {
		return plain
	}
	return noAction
}

// writeWhatsApp fills the approved template, or writes freely to somebody who wrote to us a moment ago. The text is what the
// person will read.
func writeWhatsApp(d *draft) (notify.Words, error) {
	if d.in.Conversing {
		return notify.Words{Text: d.chat()}, nil
	}
	key := d.set.ContentKey(d.in.Say, d.in.Event, d.in.Audience)
	switch l := d.set.contentLocale(key, d.locale); l {
	case d.locale:
	case "":
		return notify.Words{}, ErrNoContent
	default:
		d.speak(l)
	}
	values, numbered := map[string]any{}, map[string]string{}
	for i, name := range d.set.approvals[key].Variables {
		value := strings.Join(strings.Fields(d.value(name)), " ") // it takes no line breaks
		if value == "" {
			return notify.Words{}, fmt.Errorf("variable %s of %s is empty", name, key)
		}
		values[name] = value
		numbered[strconv.Itoa(i+1)] = value
	}
	if d.in.Identify && values["Track"] == nil {
		return notify.Words{}, fmt.Errorf("this market asks for a way to hear no more, and %s has no variable Track to say it in", key)
	}
	text, err := d.set.body(key, d.locale, values, d.find)
	if err != nil {
		return notify.Words{}, err
	}
	return notify.Words{Text: text, Content: &notify.Content{SID: d.set.sids[key][d.locale], Variables: numbered}}, nil
}

// chat is a text that needs no approval. WhatsApp shows what stands between stars in bold; a star in the title, which no
// catalog has, would only end it early.
func (d *draft) chat() string {
	return paragraphs("*"+d.title()+"*", d.card(), d.signed(d.link))
}

// value returns one of contentValues. WhatsApp takes no empty one, so what nobody knows is said in words.
func (d *draft) value(name string) string {
	switch name {
	case "Facts":
		return d.oneLine()
	case "Track":
		return d.signed(first(d.link, d.data["Shipment"].(string)))
	default:
		return d.data[name].(string)
	}
}

// signed adds whose message this is and how to hear no more, where a market asks for that, to the value that ends the news:
// the words around it were approved without.
func (d *draft) signed(value string) string {
	leave := d.leave()
	if leave == "" {
		return value
	}
	parts := []string{d.data["Brand"].(string), leave}
	if value != "" {
		parts = slices.Insert(parts, 0, value)
	}
	return strings.Join(parts, " · ")
}

// oneLine puts the facts on one line, with a sentence in place of a day nobody knows.
func (d *draft) oneLine() string {
	news := d.news()
	switch {
	case d.eta() == "" && d.awaited():
		return strings.Join(append(d.lines(news[:len(news)-1]), d.plain("phrase.eta_unknown")), " · ")
	case len(news) == 0:
		news = []row{{d.plain("label.shipment"), d.data["Shipment"].(string)}}
	}
	return strings.Join(d.lines(news), " · ")
}
