package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/internal/desk"
	"landfall/internal/notify"
	"landfall/internal/tracking"
	"landfall/rules"
)

// Merchant is one merchant's folder: merchant.yaml, whatsapp.yaml, its markets, and where its own words are.
type Merchant struct {
	ID      notify.MerchantID                        `yaml:"-"`
	Markets map[string]*rules.Market                 `yaml:"-"`
	Dir     fs.FS                                    `yaml:"-"` // the folder itself; templates and locales in it override the shipped ones
	Content map[notify.TemplateKey]map[string]string `yaml:"-"` // whatsapp.yaml: approved WhatsApp templates: notice -> locale -> ContentSid

	Name          string          `yaml:"name"`
	Brand         Brand           `yaml:"brand"`
	DefaultMarket string          `yaml:"default_market"`
	Contact       *Contact        `yaml:"contact"`
	APIKeys       []APIKey        `yaml:"api_keys"`
	Feeds         map[string]Feed `yaml:"feeds"`
	Senders       Senders         `yaml:"senders"`
	Inbox         Inbox           `yaml:"inbox"`
	Assistant     bool            `yaml:"assistant"` // customers who write back are answered
	Desk          *desk.Config    `yaml:"desk"`      // where the merchant's own people answer
	Model         bool            `yaml:"model"`     // what nobody understands is shown to the operator's language model, masked

	at place // where in merchant.yaml everything stands
}

// Brand is how the merchant's messages look, whom they name, and how they address the reader.
type Brand struct {
	Look `yaml:",inline"`
	// Markets are the markets where it differs, by their codes; what is left out there is as everywhere.
	Markets map[string]Look `yaml:"markets"`
}

// Look is a brand in one place.
type Look struct {
	Name      string `yaml:"name"` // default: the merchant's name
	Color     string `yaml:"color"`
	URL       string `yaml:"url"`
	Support   string `yaml:"support"` // where customers find help: an address or a page
	Logo      string `yaml:"logo"`
	Signature string `yaml:"signature"` // below an e-mail; may have several lines
	// Register is formal, the default, or informal, where the language has words for it.
	Register string `yaml:"register"`
}

// In returns the brand as a market sees it.
func (b Brand) In(market string) Look {
	own := b.Markets[market]
	return Look{
		Name: cmp.Or(own.Name, b.Name), Color: cmp.Or(own.Color, b.Color), URL: cmp.Or(own.URL, b.URL), Support: cmp.Or(own.Support, b.Support),
		Logo: cmp.Or(own.Logo, b.Logo), Signature: cmp.Or(own.Signature, b.Signature), Register: cmp.Or(own.Register, b.Register),
	}
}

// Informal is the register of a shop that is on first-name terms with its customers.
const Informal = "informal"

// Contact is who hears notices meant for the merchant's own staff.
type Contact struct {
	Email  notify.EmailAddress `yaml:"email"`
	Locale string              `yaml:"locale"`
}

// Feed is a tracking webhook, reached under its name.
type Feed struct {
	Kind   tracking.Feed `yaml:"kind"` // default: the feed's name
	Secret notify.Secret `yaml:"secret"`
}

// Senders are the merchant's accounts. The inbox needs none.
type Senders struct {
	WhatsApp Accounts[whatsapp.Config] `yaml:"whatsapp"`
	SMS      Accounts[sms.Config]      `yaml:"sms"`
	LINE     Accounts[line.Config]     `yaml:"line"`
	Email    Accounts[email.Config]    `yaml:"email"`
}

// None reports whether the merchant names no sender at all.
func (s Senders) None() bool {
	return len(s.WhatsApp)+len(s.SMS)+len(s.LINE)+len(s.Email) == 0
}

// Inbox is who may open the in-app inboxes of the merchant's customers, besides its API key.
type Inbox struct {
	// Secret signs the tokens that the merchant's own server makes, SecretOld is the one before it.
	Secret    notify.Secret `yaml:"secret"`
	SecretOld notify.Secret `yaml:"secret_old"`
	// Origins are the sites whose pages may show the inbox, such as https://shop.example.
	Origins []string `yaml:"origins"`
}

// merchantName is what a folder of a merchant may be called: it stands in URLs.
var merchantName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Placeholder stands for the value of a variable that is not set where that does not matter. What has it is not checked.
const Placeholder = "00000000000000000000000000000000"

// Loader reads merchants.
type Loader struct {
	Pack      map[string]*rules.Market
	Providers Providers
	Getenv    func(string) string
	// Unset, when set, is told of a variable that a file names and that has no value, and of where it is named; a
	// Placeholder takes its place. Otherwise that is a mistake.
	Unset func(variable string, at rules.Problem)
	// SampleKey allows the sample merchant's API key, which everybody knows: on a stage, never where others can call.
	SampleKey bool
}

// Merchants reads every merchant of a folder. It reports all mistakes of all merchants together.
func (l Loader) Merchants(dir string) (map[notify.MerchantID]*Merchant, error) {
	ids, err := Folders(dir)
	if err != nil {
		return nil, err
	}
	out := map[notify.MerchantID]*Merchant{}
	var errs []error
	for _, id := range ids {
		m, err := l.Merchant(id, os.DirFS(path.Join(dir, string(id))))
		errs = append(errs, err)
		out[id] = m
	}
	return out, errors.Join(append(errs, clashes(out))...)
}

// Folders lists the merchants that have a folder in dir, sorted.
func Folders(dir string) ([]notify.MerchantID, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("LANDFALL_MERCHANTS names %s, which cannot be read; make the folder and put one folder a merchant into it", dir)
	}
	var ids []notify.MerchantID
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			ids = append(ids, notify.MerchantID(e.Name()))
		}
	}
	return ids, nil
}

// Merchant reads one merchant's folder. The result is usable only when the error is nil.
func (l Loader) Merchant(id notify.MerchantID, dir fs.FS) (*Merchant, error) {
	m := &Merchant{ID: id, Dir: dir}
	if !merchantName.MatchString(string(id)) {
		return m, fmt.Errorf("merchant folder %q stands in web addresses; name it with small letters, digits and dashes", id)
	}
	var errs []error
	m.Markets, errs = markets(dir, id, l.Pack)
	doc, err := l.read(dir, id, "merchant.yaml", m)
	if err != nil {
		errs = append([]error{err}, errs...)
	} else {
		m.at = place{file: path.Join(string(id), "merchant.yaml"), doc: doc}
		errs = append([]error{l.defaults(m), m.check(), l.checkKeys(m), m.checkFeeds(), m.checkInbox(), m.checkDesk(), m.checkValues(m.at)}, errs...)
	}
	if _, err := fs.Stat(dir, "whatsapp.yaml"); err == nil {
		errs = append(errs, l.approvals(dir, m))
	}
	return m, errors.Join(errs...)
}

// markets reads a merchant's markets; none when one of them is broken.
func markets(dir fs.FS, id notify.MerchantID, pack map[string]*rules.Market) (map[string]*rules.Market, []error) {
	found, err := rules.LoadMerchant(dir, "markets", pack)
	if err != nil {
		return nil, []error{within(id, err)}
	}
	return found, nil
}

// within puts a merchant's folder before the names of its market files.
func within(id notify.MerchantID, err error) error {
	found, ok := errors.AsType[rules.Problems](err)
	if !ok {
		return err
	}
	out := slices.Clone(found)
	for i, p := range out {
		if !strings.HasPrefix(p.File, "pack/") {
			out[i].File = path.Join(string(id), p.File)
		}
	}
	return out
}

// contentSID is how Twilio names an approved text.
var contentSID = regexp.MustCompile(`^HX[0-9a-f]{32}$`)

// approvals reads whatsapp.yaml.
func (l Loader) approvals(dir fs.FS, m *Merchant) error {
	doc, err := l.read(dir, m.ID, "whatsapp.yaml", &m.Content)
	if err != nil {
		return err
	}
	var errs []error
	at := place{file: path.Join(string(m.ID), "whatsapp.yaml"), doc: doc}
	for _, key := range slices.Sorted(maps.Keys(m.Content)) {
		for _, locale := range slices.Sorted(maps.Keys(m.Content[key])) {
			if !contentSID.MatchString(m.Content[key][locale]) {
				errs = append(errs, at.problem("this is no ContentSid; copy it from Twilio's console, HX and 32 hex digits", string(key), locale))
			}
		}
	}
	return errors.Join(errs...)
}

// read decodes a file strictly, with references to variables and files put in place, and returns where everything stands.
func (l Loader) read(dir fs.FS, id notify.MerchantID, name string, into any) (*yaml.Node, error) {
	shown := path.Join(string(id), name)
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read; every merchant's folder needs one", shown)
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, Located(shown, err, data, into)
	}
	if err := l.resolve(dir, shown, &doc); err != nil {
		return nil, err
	}
	return &doc, Located(shown, doc.Load(into, yaml.WithKnownFields()), data, into)
}

// resolve replaces scalars of the forms env:NAME and file:PATH by what they name, so that secrets need not stand in the file.
func (l Loader) resolve(dir fs.FS, file string, n *yaml.Node) error {
	var errs []error
	for _, child := range n.Content {
		errs = append(errs, l.resolve(dir, file, child))
	}
	if n.Kind != yaml.ScalarNode {
		return errors.Join(errs...)
	}
	at := rules.Problem{File: file, Line: n.Line, Column: n.Column, Text: n.Value}
	value, err := l.reference(dir, n.Value, at)
	if err != nil {
		at.Message = err.Error()
		return at
	}
	n.Value = value
	return nil
}

func (l Loader) reference(dir fs.FS, value string, at rules.Problem) (string, error) {
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		if v := l.Getenv(name); v != "" {
			return v, nil
		}
		if l.Unset != nil {
			l.Unset(name, at)
			return Placeholder, nil
		}
		return "", fmt.Errorf("the variable %s is not set; set it, or name another", name)
	}
	if name, ok := strings.CutPrefix(value, "file:"); ok {
		data, err := readReference(dir, name)
		if err != nil {
			return "", fmt.Errorf("the file %s cannot be read; write a path from this merchant's folder, or an absolute one", name)
		}
		return string(bytes.TrimSpace(data)), nil
	}
	return value, nil
}

func readReference(dir fs.FS, name string) ([]byte, error) {
	if path.IsAbs(name) {
		return os.ReadFile(name)
	}
	return fs.ReadFile(dir, name)
}

// check reports what a merchant.yaml lacks.
func (m *Merchant) check() error {
	if m.Name == "" {
		return m.at.problem("name is missing; write the shop's name as customers know it")
	}
	return nil
}

func (m *Merchant) checkFeeds() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(m.Feeds)) {
		errs = append(errs, m.Feeds[name].check(m.at, name))
	}
	return errors.Join(errs...)
}

func (m *Merchant) checkDesk() error {
	if m.Desk == nil {
		return nil
	}
	if err := m.Desk.Validate(); err != nil {
		return m.at.problem("desk."+err.Error(), "desk")
	}
	if !m.Assistant {
		return m.at.problem("desk gets what the assistant hands over; set assistant: true, or remove desk", "desk")
	}
	return nil
}

func (f Feed) check(at place, name string) error {
	var errs []error
	if !f.Kind.Known() {
		var kinds []string
		for _, k := range tracking.Feeds() {
			kinds = append(kinds, string(k))
		}
		errs = append(errs, at.problem(fmt.Sprintf("feed %q has kind %q; use one of %s", name, f.Kind, strings.Join(kinds, ", ")), "feeds", name))
	}
	if f.Secret == "" {
		errs = append(errs, at.problem(fmt.Sprintf("feed %q has no secret; copy the webhook secret from the feed's settings, as env:NAME", name), "feeds", name))
	}
	return errors.Join(errs...)
}
