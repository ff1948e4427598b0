package understand

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"landfall/internal/phrase"
)

// brief is how many words an answer has at most that is no more than an answer.
const brief = 6

// answer reads a message as the answer to what was asked. A message that wants something else is none.
func (r *Reader) answer(m Message, h *heard, v verdict) (string, bool) {
	if m.Expecting.Kind == Confirm {
		return h.confirmed(m.Text, v)
	}
	options := m.Expecting.Options
	if n, ok := figure(m.Text, len(options)); ok {
		return strconv.Itoa(n), true
	}
	if v.intent == ContactHuman || v.intent == OptOut || v.intent == OptIn || v.intent == Help {
		return "", false
	}
	if h.length() <= brief {
		if word, ok := h.chosen(len(options)); ok {
			return word, true
		}
	}
	if v.weight >= .8 && v.intent != OrderStatus && v.intent != DeliveryETA {
		return "", false
	}
	return r.described(m, h, options)
}

// described is the option that a message describes.
func (r *Reader) described(m Message, h *heard, options []Order) (string, bool) {
	d := h.describe(m, h.anyTime(m))
	if d.empty() && len(d.not) == 0 {
		return "", false
	}
	var fit []candidate
	for _, o := range options {
		if c := r.weigh(o, d, h, ""); c.points >= enough {
			fit = append(fit, c)
		}
	}
	which, ids := lead(fit)
	if which != One {
		return "", false
	}
	return strconv.Itoa(1 + slices.IndexFunc(options, func(o Order) bool { return o.ID == ids[0] })), true
}

// figure is a choice in figures: "2", "#2", "no. 2", "2番", "2️⃣".
func figure(text string, options int) (int, bool) {
	var figures []rune
	letters := 0
	for _, c := range phrase.Fold(text) {
		switch {
		case c >= '0' && c <= '9':
			figures = append(figures, c)
		case unicode.IsLetter(c):
			letters++
		}
	}
	if len(figures) != 1 || letters > 8 {
		return 0, false
	}
	n := int(figures[0] - '0')
	return n, n >= 1 && n <= options
}

// chosen is a choice in words.
func (h *heard) chosen(options int) (string, bool) {
	if h.any("none") {
		return "none", true
	}
	if h.any("all") {
		return "all", true
	}
	for n := options; n >= 1; n-- {
		if h.any("ordinal:" + strconv.Itoa(n)) {
			return strconv.Itoa(n), true
		}
	}
	if h.any("lastone") && options > 0 {
		return strconv.Itoa(options), true
	}
	if h.length() <= 2 {
		for n := options; n >= 1; n-- {
			if h.any("number:" + strconv.Itoa(n)) {
				return strconv.Itoa(n), true
			}
		}
	}
	if h.any("no") && !h.any("other") && h.length() <= 3 {
		return "none", true
	}
	return "", false
}

// thumbs are answers without words.
var thumbs = map[string]string{"👍": "yes", "✅": "yes", "👌": "yes", "👎": "no", "❌": "no"}

// confirmed reads a yes or a no. The first of the two that is said counts.
func (h *heard) confirmed(text string, v verdict) (string, bool) {
	for thumb, word := range thumbs {
		if strings.Contains(text, thumb) && len(h.text.Tokens) == 0 {
			return word, true
		}
	}
	if v.weight >= .8 && v.intent != CancelOrder && v.intent != OptIn && h.length() > 2 {
		return "", false
	}
	yes, no := h.first("yes"), h.first("no")
	if d := h.first("not"); yes == nowhere && d < no && h.length() <= brief {
		no = d
	}
	switch {
	case h.length() > 2*brief || yes == no:
		return "", false
	case yes < no:
		return "yes", true
	}
	return "no", true
}

// first is where a key is said first.
func (h *heard) first(key string) int {
	best := nowhere
	for _, in := range append([]*heard{h}, h.others...) {
		for _, s := range in.at(key) {
			best = min(best, s.From)
		}
	}
	return best
}
