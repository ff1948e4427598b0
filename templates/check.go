package templates

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

// The limits Check holds every message to.
const (
	smsLimit     = 2         // segments
	bubbleLimit  = 30 << 10  // bytes of a LINE bubble
	emailLimit   = 102 << 10 // bytes of HTML, from which Gmail cuts
	bodyLimit    = 1024      // characters of a WhatsApp body
	subjectLimit = 120       // characters, of which phones show the first third
	textLimit    = 5000      // UTF-16 units of a LINE text
)

// Check renders every notice for every channel, locale and audience, once with all there is to say and once with
// next to nothing, and returns what does not render or breaks a limit, together with what the catalogs lack. It is
// slow enough to run when files change, not when messages are sent.
func (s *Set) Check() []error {
	var rendered []error
	full := s.WithContent(s.pretendSIDs())
	for _, locale := range s.catalog.Locales() {
		for _, key := range s.ContentKeys() {
			rendered = append(rendered, full.checkBody(key, locale)...)
		}
		for _, in := range full.Samples(locale) {
			rendered = append(rendered, full.checkRender(in)...)
			if in.Channel == notify.SMS && in.Audience == notify.Customer { // the longest it may get
				in.Identify = true
				rendered = append(rendered, full.checkRender(in)...)
			}
		}
	}
	rendered = distinct(rendered)
	return slices.Concat(s.checkCatalog(rendered), s.checkParts(), rendered)
}

// checkCatalog asks the catalogs what they lack. About variables they know only what the shipped words use: a message
// that was rendered has had its verdict, and the values every notice is given may stand in any part of it.
func (s *Set) checkCatalog(rendered []error) []error {
	return slices.DeleteFunc(s.catalog.Check(), func(err error) bool {
		v, ok := errors.AsType[*locales.VariableError](err)
		return ok && (ofNotice(v.Key) && slices.Contains(noticeValues, v.Variable) || slices.ContainsFunc(rendered, v.Same))
	})
}

func ofNotice(key string) bool {
	return strings.HasPrefix(key, noticePrefix) || strings.HasPrefix(key, staffPrefix+".")
}

// distinct drops errors that say the same: one mistake shows in many messages. A variable nobody gives is told once,
// with the values it may be replaced by wherever the message is used.
func distinct(errs []error) []error {
	told := map[string]bool{}
	var kept []error
	for _, err := range errs {
		if v, ok := errors.AsType[*locales.VariableError](err); ok {
			kept = withVariable(kept, v)
		} else if !told[err.Error()] {
			kept = append(kept, err)
		}
		told[err.Error()] = true
	}
	return kept
}

// withVariable adds a mistake, or narrows what was said of it already to what may be used here too.
func withVariable(errs []error, v *locales.VariableError) []error {
	i := slices.IndexFunc(errs, v.Same)
	if i < 0 {
		one := *v
		if ofNotice(v.Key) { // what only WhatsApp is given would be missing elsewhere
			one.Known = both(v.Known, noticeValues)
		}
		return append(errs, &one)
	}
	same, _ := errors.AsType[*locales.VariableError](errs[i])
	same.Known = both(same.Known, v.Known)
	return errs
}

// both returns the names in a that are in b too.
func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(name string) bool { return !slices.Contains(b, name) })
}

// partNames are what a notice is made of. One without "act" asks nothing of its reader.
var partNames = []string{"title", "lead", "next", "act", "sms"}

// checkParts finds notices without one of their parts, and words that no message will ever use.
func (s *Set) checkParts() []error {
	var errs []error
	for _, locale := range s.catalog.Locales() {
		for _, key := range s.catalog.Keys(locale) {
			name, ok := strings.CutPrefix(key, noticePrefix)
			if part := name[strings.LastIndexByte(name, '.')+1:]; ok && !slices.Contains(partNames, part) {
				errs = append(errs, fmt.Errorf("%s.yaml: %q is never used; a notice has %s", locale, key, strings.Join(partNames, ", ")))
			}
		}
	}
	for _, say := range s.keys {
		for _, part := range s.missingParts(say) {
			errs = append(errs, fmt.Errorf("%q is missing; a notice has %s", noticePrefix+string(say)+"."+part, strings.Join(partNames, ", ")))
		}
	}
	return errs
}

// missingParts lists what a notice lacks in every locale.
func (s *Set) missingParts(say notify.TemplateKey) []string {
	return slices.DeleteFunc(slices.Clone(partNames), func(part string) bool {
		return part == "act" || slices.ContainsFunc(s.catalog.Locales(), func(l string) bool {
			return s.catalog.Has(l, noticePrefix+string(say)+"."+part)
		})
	})
}

func (s *Set) pretendSIDs() map[notify.TemplateKey]map[string]string {
	sids := map[notify.TemplateKey]map[string]string{}
	for key := range s.approvals {
		sids[key] = map[string]string{}
		for _, locale := range s.catalog.Locales() {
			sids[key][locale] = "HX0"
		}
	}
	return sids
}

var (
	place      = regexp.MustCompile(`\{\{\d+\}\}`)
	neighbours = regexp.MustCompile(`\}\}[\s\p{P}]*\{\{`)
)

// checkBody holds one WhatsApp body to what is asked of it before approval.
func (s *Set) checkBody(key notify.TemplateKey, locale string) []error {
	complain := func(format string, args ...any) []error {
		return []error{fmt.Errorf("WhatsApp %s in %s: %w", key, locale, fmt.Errorf(format, args...))}
	}
	body, err := s.ContentBody(key, locale)
	if err != nil {
		return complain("%w", err)
	}
	found := place.FindAllString(body, -1)
	slices.Sort(found)
	switch want := len(s.approvals[key].Variables); {
	case len(slices.Compact(found)) != want:
		return complain("its words do not use each of its %d variables", want)
	case strings.HasPrefix(body, "{{") || strings.HasSuffix(body, "}}"):
		return complain("a body may not begin or end with a variable")
	case neighbours.MatchString(body):
		return complain("two variables stand side by side; put words between them")
	case len([]rune(body)) > bodyLimit:
		return complain("%d characters; %d are allowed", len([]rune(body)), bodyLimit)
	}
	return nil
}

func (s *Set) checkRender(in Input) []error {
	if len(s.missingParts(in.Say)) > 0 {
		return nil // told once by checkParts
	}
	w, err := s.Render(in)
	if errors.Is(err, ErrNoContent) && !s.hasApproval(in.Say) {
		return nil // a merchant's own notice that goes on other channels only
	}
	if err != nil {
		return []error{err}
	}
	var errs []error
	for _, problem := range problems(in.Channel, w) {
		errs = append(errs, fmt.Errorf("%s for %s in %s to the %s: %s", in.Say, in.Channel, in.Locale, in.Audience, problem))
	}
	return errs
}

// problems lists the limits a message breaks.
func problems(c notify.Channel, w notify.Words) []string {
	var found []string
	over := func(what string, n, limit int) {
		if n > limit {
			found = append(found, fmt.Sprintf("%s is %d, %d is the limit", what, n, limit))
		}
	}
	if strings.TrimSpace(w.Text) == "" {
		found = append(found, "the text is empty")
	}
	switch c {
	case notify.SMS:
		over("the number of segments", w.Segments, smsLimit)
	case notify.LINE:
		over("the size of the bubble", len(w.Flex), bubbleLimit)
		over("the length of the alt text", units(w.Title), altLimit)
		over("the length of the text", units(w.Text), textLimit)
		if !json.Valid(w.Flex) {
			found = append(found, "the bubble is no JSON")
		}
	case notify.Email:
		over("the size of the HTML", len(w.HTML), emailLimit)
		over("the length of the subject", len([]rune(w.Title)), subjectLimit)
	case notify.WhatsApp:
		over("the length of the body", len([]rune(w.Text)), bodyLimit)
	}
	return found
}

// Samples returns inputs that between them say everything that can be said in a locale: every notice, in each of
// its variants, on every channel, to each audience, with much and with little known.
func (s *Set) Samples(locale string) []Input {
	var all []Input
	for _, say := range s.keys {
		for _, v := range s.variantsOf(say) {
			for _, in := range []Input{rich(v.Kind), poor(v.Kind)} {
				in.Say, in.Locale, in.Event.Detail = say, locale, v.Detail
				all = append(all, everywhere(in)...)
			}
		}
	}
	return all
}

func everywhere(in Input) []Input {
	var all []Input
	for _, channel := range notify.Channels() {
		for _, audience := range []notify.Audience{notify.Customer, notify.Staff} {
			in.Channel, in.Audience = channel, audience
			all = append(all, in)
		}
	}
	return all
}

// usual is the kind of event that brings about a notice; its variants are added by kindsOf.
var usual = map[notify.TemplateKey]parcel.Kind{
	"shipped": parcel.PickedUp, "departed": parcel.Departed, "arrived": parcel.Arrived, "customs_hold": parcel.Customs,
	"customs_released": parcel.Released, "customs_delay": parcel.Stuck, "out_for_delivery": parcel.OutForDeliv,
	"attempt_failed": parcel.Attempted, "ready_for_pickup": parcel.Pickup, "delivered": parcel.Delivered,
	"delayed": parcel.Delay, "lost": parcel.Lost, "damaged": parcel.Damaged, "returning": parcel.Returning, "returned": parcel.Returned,
	"review_request": parcel.Delivered, "announced": parcel.LabelMade, "delivery_scheduled": parcel.Scheduled,
	"eta_changed": parcel.ETAMoved, "stuck": parcel.Stuck, "problem": parcel.Problem, "refused": parcel.Refused, "cancelled": parcel.Cancelled,
}

// variantsOf lists the events that are told differently under a notice: the usual one, the kinds with words of their own,
// and the usual one with each detail that has some.
func (s *Set) variantsOf(say notify.TemplateKey) []parcel.Event {
	events := []parcel.Event{{Kind: usual[say]}}
	names := s.variantNames(say)
	for _, kind := range parcel.Kinds() {
		if kind != usual[say] && slices.ContainsFunc(variants(parcel.Event{Kind: kind}), func(v string) bool { return slices.Contains(names, v) }) {
			events = append(events, parcel.Event{Kind: kind})
		}
	}
	for _, name := range names {
		if !isVariantOfKind(name) {
			events = append(events, parcel.Event{Kind: usual[say], Detail: name})
		}
	}
	return events
}

// variantNames lists the names under which any catalog keeps words for some events of a notice, sorted.
func (s *Set) variantNames(say notify.TemplateKey) []string {
	var names []string
	for _, locale := range s.catalog.Locales() {
		for _, key := range s.catalog.Keys(locale) {
			rest, ok := strings.CutPrefix(key, noticePrefix+string(say)+".")
			if name, _, deep := strings.Cut(rest, "."); ok && deep && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// isVariantOfKind reports whether a variant is that of a kind or a group of kinds, rather than of a detail.
func isVariantOfKind(name string) bool {
	return slices.ContainsFunc(parcel.Kinds(), func(k parcel.Kind) bool { return slices.Contains(variants(parcel.Event{Kind: k}), name) })
}

// rich is a message about which everything is known, at the lengths messages are planned for: an item's title of 40
// characters, a link of 60.
func rich(kind parcel.Kind) Input {
	now := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	eta := parcel.Window{From: now.Add(28*time.Hour + 30*time.Minute), To: now.Add(32*time.Hour + 30*time.Minute)}
	order := parcel.Order{ID: "A-10482", Items: []parcel.Item{
		{Title: "Hand-woven wool coat, dark blue, size 40"}, {Title: "Scarf"}, {Title: "Gloves"}}}
	return Input{
		Now: now, Zone: time.UTC, Person: "Mei Tanaka", Order: &order,
		Brand:  Brand{Name: "Acme Store", Color: "#1F4E79", URL: "https://shop.example", Support: "help@shop.example"},
		Parcel: parcel.Parcel{Carrier: "dhl", Number: "00340434161094042557", Order: order.ID},
		Event:  parcel.Event{Kind: kind, Place: parcel.Place{City: "Leipzig", Country: "DE"}, ETA: &eta},
		Link:   "https://parcels.shop.example/t/Zk3vQ9xT7bW2mN5cR8yL1pD4sH6",

		Preferences: "https://parcels.shop.example/p/Yw8dK2fM6qS1vB9nX4",
	}
}

// poor is a message about which next to nothing is known.
func poor(kind parcel.Kind) Input {
	return Input{
		Now:   time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Brand: Brand{Name: "Acme Store"}, Event: parcel.Event{Kind: kind, Number: "00340434161094042557"},
	}
}
