package templates

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"landfall/internal/notify"
	"landfall/locales"
)

// Report is what Check found.
type Report struct {
	Problems []error
	// Cells is how many messages there are, notices × channels × locales, without those that a channel does not carry; Sound
	// is how many of them are complete in the words of their own locale and within every limit.
	Cells, Sound int
}

// Check renders every notice for every channel, locale and audience, with all there is to say, with more than usual, and with
// next to nothing, and reports what does not render, breaks a limit or is left in another language, together with what the
// catalogs lack. Only some locales are rendered
// if any are named. It is slow enough to run when files change, not when messages are sent.
func (s *Set) Check(only ...string) Report {
	if len(only) == 0 {
		only = s.catalog.Locales()
	}
	full := s.Approved()
	found, faults := make([]Report, len(only)), s.faults()
	var wg sync.WaitGroup
	for i, locale := range only {
		wg.Go(func() { found[i] = full.checkLocale(locale, faults[locale]) })
	}
	wg.Wait()
	var all Report
	for _, r := range found {
		all.Cells, all.Sound = all.Cells+r.Cells, all.Sound+r.Sound
		all.Problems = append(all.Problems, r.Problems...)
	}
	all.Problems = distinct(all.Problems)
	all.Problems = slices.Concat(s.checkCatalog(all.Problems), s.checkParts(), all.Problems)
	return all
}

// faults lists, for each locale, the notices that the catalogs find fault with. Words that stand in many notices spoil them all.
func (s *Set) faults() map[string]map[notify.TemplateKey]bool {
	bad := map[string]map[notify.TemplateKey]bool{}
	for _, err := range s.checkCatalog(nil) {
		p, ok := errors.AsType[*locales.Problem](err)
		if !ok {
			continue
		}
		if bad[p.Locale] == nil {
			bad[p.Locale] = map[notify.TemplateKey]bool{}
		}
		spoilt := s.keys
		if rest, ofNotice := strings.CutPrefix(p.Key, noticePrefix); ofNotice {
			say, _, _ := strings.Cut(rest, ".")
			spoilt = []notify.TemplateKey{notify.TemplateKey(say)}
		}
		for _, say := range spoilt {
			bad[p.Locale][say] = true
		}
	}
	return bad
}

// cell is one message of a locale.
type cell struct {
	say     notify.TemplateKey
	channel notify.Channel
}

func (s *Set) checkLocale(locale string, faulty map[notify.TemplateKey]bool) Report {
	var r Report
	for _, key := range s.ContentKeys() {
		r.Problems = append(r.Problems, s.checkBody(key, locale)...)
	}
	sound := map[cell]bool{}
	whole := map[notify.TemplateKey]bool{}
	for _, say := range s.keys {
		whole[say] = len(s.missingParts(say)) == 0
	}
	for _, in := range s.Samples(locale) {
		if !whole[in.Say] { // told once by checkParts
			sound[cell{in.Say, in.Channel}] = false
			continue
		}
		w, carried, errs := s.checkRender(in)
		r.Problems = append(r.Problems, errs...)
		if at := (cell{in.Say, in.Channel}); carried && in.Audience == notify.Customer {
			before, seen := sound[at]
			sound[at] = (before || !seen) && len(errs) == 0 && w.Fallback == "" && !faulty[in.Say]
		}
	}
	for _, good := range sound {
		r.Cells++
		if good {
			r.Sound++
		}
	}
	return r
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

// checkRender renders one message. carried is false for one that its channel does not take.
func (s *Set) checkRender(in Input) (w notify.Words, carried bool, errs []error) {
	w, err := s.Render(in)
	if errors.Is(err, ErrNoContent) && !s.hasApproval(in.Say) {
		return w, false, nil // a merchant's own notice that goes on other channels only
	}
	if err != nil {
		return w, true, []error{err}
	}
	for _, problem := range Problems(in, w) {
		errs = append(errs, fmt.Errorf("%s for %s in %s to the %s: %s", in.Say, in.Channel, in.Locale, in.Audience, problem))
	}
	return w, true, errs
}
