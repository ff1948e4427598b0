// Package templates puts a notice into words: for one channel, in one locale, within that channel's limits. It
// decides how a message looks on WhatsApp, LINE, SMS, in an e-mail and in the inbox; the words themselves are
// the catalogs' of package locales. The dispatcher renders at the moment of sending; explain and rule tests show the
// same output, and the tracking page draws a parcel's way by the Journey that e-mails show.
//
// It does not choose a channel, a locale or a time, sends nothing, and reads no clock. All values of an Input are
// untrusted: they reach a message as plain text, without control characters, and escaped where there is markup.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

//go:embed email.html whatsapp.yaml
var shipped embed.FS

// ErrMissing is returned for a notice nobody has written words for.
var ErrMissing = errors.New("there are no words for this notice")

// ErrNoContent is returned on WhatsApp when the merchant has no approved template for the notice in the language.
var ErrNoContent = errors.New("there is no approved WhatsApp template for this notice and language")

// Brand is how the merchant appears in a message.
type Brand struct {
	Name    string
	Color   string // "#1F4E79"; anything else gives our own
	URL     string // of the shop
	LogoURL string
	Support string // where questions go: an address or a phone number
	// Signature stands below an e-mail, in one or more lines; it may be empty.
	Signature string
}

// Input is everything a message may say.
type Input struct {
	Say      notify.TemplateKey
	Channel  notify.Channel
	Locale   string // of the reader, BCP 47
	Audience notify.Audience
	Now      time.Time
	Zone     *time.Location // of the delivery; nil means UTC
	Brand    Brand
	Person   string        // the reader's name; may be empty
	Postal   notify.Postal // where the parcel goes, as far as it is known
	Order    *parcel.Order // may be nil
	Parcel   parcel.Parcel
	Event    parcel.Event
	Link     string // the tracking page; may be empty
	// Preferences is the customer's page of choices; may be empty.
	Preferences string
	// Identify asks that the message names the sender and says how to hear no more, as some countries do of news of an order.
	Identify bool
	// Conversing says that the customer wrote on WhatsApp within the last 24 hours, during which any text may be sent there
	// and no approved template is needed.
	Conversing bool
}

// Set holds everything that is written once and filled often. It never changes once made and is safe for
// concurrent use.
type Set struct {
	catalog   *locales.Catalog
	email     *layout
	approvals map[notify.TemplateKey]approval
	sids      map[notify.TemplateKey]map[string]string
	keys      []notify.TemplateKey
	promo     map[notify.TemplateKey]string // promotional notices, and what makes them so
	// events are those each notice tells in words of their own; they are found when first asked for.
	events func() map[notify.TemplateKey][]parcel.Event
}

// New returns the templates Landfall ships over the words of c. An override may hold email.html, which replaces
// ours, and whatsapp.yaml, which is merged with ours notice by notice; the later override wins.
func New(c *locales.Catalog, overrides ...fs.FS) (*Set, error) {
	s := &Set{catalog: c, approvals: map[notify.TemplateKey]approval{}, keys: noticesOf(c, c.Written())}
	for _, layer := range append([]fs.FS{shipped}, overrides...) {
		if err := s.readEmail(layer); err != nil {
			return nil, err
		}
		if err := s.readApprovals(layer); err != nil {
			return nil, err
		}
	}
	s.events = sync.OnceValue(func() map[notify.TemplateKey][]parcel.Event { return variantsOf(c, s.keys) })
	return s, s.readClasses()
}

func (s *Set) readEmail(layer fs.FS) error {
	source, err := fs.ReadFile(layer, "email.html")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read e-mail layout: %w", err)
	}
	s.email, err = readLayout(string(source))
	return err
}

// noticePrefix is where the catalogs keep the words of notices, staffPrefix those the merchant's own people read.
const (
	noticePrefix = "notice."
	staffPrefix  = "staff"
)

// noticesOf lists the notices any locale has a lead for: a merchant may have written one of their own. The shipped languages all have
// the same.
func noticesOf(c *locales.Catalog, locales []string) []notify.TemplateKey {
	var keys []notify.TemplateKey
	for _, locale := range locales {
		for _, key := range c.Keys(locale) {
			name, ok := strings.CutPrefix(key, noticePrefix)
			if name, isLead := strings.CutSuffix(name, ".lead"); ok && isLead && !strings.Contains(name, ".") {
				keys = append(keys, notify.TemplateKey(name))
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Keys lists every notice there are words for, sorted.
func (s *Set) Keys() []notify.TemplateKey { return slices.Clone(s.keys) }

// Locales lists the locales there are words in, sorted.
func (s *Set) Locales() []string { return s.catalog.Locales() }

// Has reports whether there are words for a notice to an audience. Staff read one wording for all notices, which
// names the kind of event.
func (s *Set) Has(say notify.TemplateKey, a notify.Audience) bool {
	return (a == notify.Customer || a == notify.Staff) && slices.Contains(s.keys, say)
}

// Render puts a notice into words. The error is ErrMissing when there are none in any language of the locale's
// chain, and ErrNoContent when WhatsApp has not approved them; anything else is a mistake in a catalog or layout,
// which Check finds before a customer does.
func (s *Set) Render(in Input) (notify.Words, error) {
	d, err := s.draft(in)
	if err != nil {
		return notify.Words{}, fmt.Errorf("render %s: %w", in.Say, err)
	}
	write, ok := writers[in.Channel]
	if !ok {
		return notify.Words{}, fmt.Errorf("render %s: %q is no channel", in.Say, in.Channel)
	}
	words, err := write(d)
	if err = errors.Join(d.err, err); err != nil {
		return notify.Words{}, fmt.Errorf("render %s for %s in %s: %w", in.Say, in.Channel, d.locale, err)
	}
	words.Locale = d.locale
	words.Link = d.link
	if d.borrowed || locales.Foreign(in.Locale, d.locale) {
		words.Fallback = notify.LocaleFallback
	}
	return words, nil
}

// writers is how each channel is written. A new channel is one entry here and one file.
var writers = map[notify.Channel]func(*draft) (notify.Words, error){
	notify.WhatsApp: writeWhatsApp,
	notify.LINE:     writeLINE,
	notify.SMS:      writeSMS,
	notify.Email:    writeEmail,
	notify.InApp:    writeInApp,
}

// writeInApp writes a card: its button is the link.
func writeInApp(d *draft) (notify.Words, error) {
	return notify.Words{Title: d.title(), Text: d.card()}, nil
}
