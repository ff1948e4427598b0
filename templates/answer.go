package templates

import (
	"errors"
	"fmt"

	"landfall/internal/notify"
)

// answerPrefix is where the catalogs keep answers to what a person wrote: one plain text each, about no parcel.
const answerPrefix = "answer."

// Answer puts an answer into words for a channel: plain text everywhere. The error is ErrMissing when no language of the
// locale's chain has it.
func (s *Set) Answer(say notify.TemplateKey, channel notify.Channel, locale string, b Brand) (notify.Words, error) {
	key := answerPrefix + string(say)
	for _, l := range s.catalog.Chain(locale) {
		if !s.catalog.Has(l, key) {
			continue
		}
		text, err := s.catalog.Text(l, key, map[string]any{"Brand": cut(clean(b.Name), brandLimit)})
		if err != nil {
			return notify.Words{}, fmt.Errorf("answer %s in %s: %w", say, l, err)
		}
		return Said(channel, l, text, b), nil
	}
	return notify.Words{}, fmt.Errorf("answer %s: %w", say, ErrMissing)
}

// Rests tells the merchant's own people that messages cannot go by a sender right now; code is what its provider said.
func (s *Set) Rests(locale, sender, code string) (notify.Words, error) {
	for _, l := range s.catalog.Chain(locale) {
		if !s.catalog.Has(l, staffPrefix+".rests.text") {
			continue
		}
		data := map[string]any{"Sender": cut(clean(sender), nameLimit), "Code": cut(clean(code), nameLimit)}
		title, err := s.catalog.Text(l, staffPrefix+".rests.title", data)
		text, more := s.catalog.Text(l, staffPrefix+".rests.text", data)
		return notify.Words{Locale: l, Title: title, Text: text}, errors.Join(err, more)
	}
	return notify.Words{}, fmt.Errorf("a sender that rests: %w", ErrMissing)
}

// Said is a text that is sent as it is. Where messages have a headline it is the brand's name.
func Said(channel notify.Channel, locale, text string, b Brand) notify.Words {
	w := notify.Words{Locale: locale, Text: text}
	switch channel {
	case notify.SMS:
		w.Text = telephone(text)
		w.Segments, w.Encoding = SMSSegments(w.Text)
	case notify.InApp, notify.Email:
		w.Title = cut(clean(b.Name), brandLimit)
	}
	return w
}
