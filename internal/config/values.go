package config

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"

	"golang.org/x/text/language"
)

// checkValues reports what a merchant.yaml says that would only be found out later, in a message to a customer.
func (m *Merchant) checkValues(at place) error {
	errs := []error{m.checkDefaultMarket(at), m.checkBrandMarkets(at), m.checkAccounts(at)}
	for _, v := range m.values() {
		if v.text != "" && v.text != Placeholder && !v.good(v.text) {
			errs = append(errs, at.problem(v.message, v.at...))
		}
	}
	return errors.Join(errs...)
}

// value is a text of a merchant.yaml that has a form; an empty one is left out, which is allowed.
type value struct {
	text    string
	good    func(string) bool
	message string
	at      []any
}

func (m *Merchant) values() []value {
	out := m.Brand.Look.values("brand")
	for _, code := range slices.Sorted(maps.Keys(m.Brand.Markets)) {
		out = append(out, m.Brand.Markets[code].values("brand", "markets", code)...)
	}
	if c := m.Contact; c != nil {
		out = append(out,
			value{string(c.Email), mailAddress, "contact.email is no e-mail address; write it as logistics@shop.example", []any{"contact", "email"}},
			value{c.Locale, isLocale, "contact.locale is no language; write a BCP 47 tag such as de or pt-BR", []any{"contact", "locale"}})
	}
	return out
}

// values are those of a look that stands under steps of the file.
func (l Look) values(steps ...any) []value {
	name := ""
	for _, s := range steps {
		name += fmt.Sprint(s) + "."
	}
	at := func(key string) []any { return append(slices.Clone(steps), key) }
	return []value{
		{l.Color, color.MatchString, name + `color is no colour; write it as "#1f5f8b", with the quotes`, at("color")},
		{l.URL, webAddress, name + "url is no web address; write it as https://shop.example", at("url")},
		{l.Logo, webAddress, name + "logo is no web address; write it as https://shop.example/logo.png", at("logo")},
		{l.Support, reachable, name + "support is no place to ask; write an e-mail address, a web address such as https://shop.example/help, or a phone number", at("support")},
		{l.Register, isRegister, name + "register is neither formal nor informal; write one of them", at("register")},
	}
}

func isRegister(s string) bool { return s == "formal" || s == Informal }

// checkBrandMarkets can only be asked when the markets could be read.
func (m *Merchant) checkBrandMarkets(at place) error {
	var errs []error
	for _, code := range slices.Sorted(maps.Keys(m.Brand.Markets)) {
		if m.Markets != nil && m.Markets[code] == nil {
			errs = append(errs, at.problem(fmt.Sprintf("brand.markets has %q, which is no market of this merchant; %s",
				code, insteadMarket(code, slices.Sorted(maps.Keys(m.Markets)))), "brand", "markets", code))
		}
	}
	return errors.Join(errs...)
}

// checkDefaultMarket can only be asked when the markets could be read.
func (m *Merchant) checkDefaultMarket(at place) error {
	if _, ok := m.Markets[m.DefaultMarket]; ok || m.DefaultMarket == "" || m.DefaultMarket == Placeholder || m.Markets == nil {
		return nil
	}
	return at.problem(fmt.Sprintf("default_market is %q, which is no market of this merchant; %s",
		m.DefaultMarket, insteadMarket(m.DefaultMarket, slices.Sorted(maps.Keys(m.Markets)))), "default_market")
}

// insteadMarket knows that de and DEU are DE and that UK is GB. Two letters are too few to guess further.
func insteadMarket(written string, codes []string) string {
	if region, err := language.ParseRegion(written); err == nil {
		if code := region.Canonicalize().String(); slices.Contains(codes, code) {
			return fmt.Sprintf("did you mean %q?", code)
		}
	}
	return Instead("", codes) + ", or add a file for it to markets"
}

var (
	color = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	phone = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{3,}[0-9]$`)
)

func reachable(s string) bool { return mailAddress(s) || webAddress(s) || phone.MatchString(s) }

func mailAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func isLocale(s string) bool {
	_, err := language.Parse(s)
	return err == nil
}
