package rules

import (
	"regexp"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// A vocabulary says which words a key takes: those of a closed list, or those of a certain shape.
type vocabulary struct {
	noun  string // with its article and, for a shape, an example: "a channel", "a locale such as pt-BR"
	words []string
	shape *regexp.Regexp
	exist func(string) bool // when the shape alone does not tell
}

// has reports whether s is a word of v.
func (v vocabulary) has(s string) bool {
	switch {
	case v.words != nil:
		return contains(v.words, s)
	case !v.shape.MatchString(s):
		return false
	default:
		return v.exist == nil || v.exist(s)
	}
}

func contains[T ~string](words []T, s string) bool {
	for _, w := range words {
		if string(w) == s {
			return true
		}
	}
	return false
}

// A lexicon is a type that stands for a vocabulary, so that the type of a key's value names the words it takes.
type lexicon interface{ vocabulary() vocabulary }

type (
	marketCode    struct{}
	packName      struct{}
	localeTag     struct{}
	zoneName      struct{}
	channelWord   struct{}
	needWord      struct{}
	kindWord      struct{}
	audienceWord  struct{}
	urgencyWord   struct{}
	receiptWord   struct{}
	classWord     struct{}
	purposeWord   struct{}
	holidayWord   struct{}
	regionCode    struct{}
	codeRange     struct{}
	ruleName      struct{}
	templateKey   struct{}
	collapseGroup struct{}
)

var (
	marketShape = regexp.MustCompile(`^([A-Z]{2}|_[a-z]+)$`)
	packShape   = regexp.MustCompile(`^pack/([A-Z]{2}|_[a-z]+)$`)
	localeShape = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)
	zoneShape   = regexp.MustCompile(`^([A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+|UTC)$`)
	codeShape   = regexp.MustCompile(`^[A-Z0-9]{1,8}(-[A-Z0-9]{1,8})?$`)
	nameShape   = regexp.MustCompile(`^[^\s](.{0,58}[^\s])?$`)
	keyShape    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)
)

func (marketCode) vocabulary() vocabulary {
	return vocabulary{noun: "a market of two capital letters such as DE", shape: marketShape}
}

func (packName) vocabulary() vocabulary {
	return vocabulary{noun: "a market of the pack such as pack/DE", shape: packShape}
}

func (localeTag) vocabulary() vocabulary {
	return vocabulary{noun: "a locale such as de or pt-BR", shape: localeShape}
}

func (zoneName) vocabulary() vocabulary {
	return vocabulary{noun: "a time zone such as Europe/Berlin", shape: zoneShape, exist: zoneExists}
}

func zoneExists(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil
}

func (channelWord) vocabulary() vocabulary {
	return vocabulary{noun: "a channel", words: names(notify.Channels())}
}

func (needWord) vocabulary() vocabulary {
	return vocabulary{noun: "a need", words: names(strictness[:])}
}

func (kindWord) vocabulary() vocabulary {
	return vocabulary{noun: "a kind of event", words: names(parcel.Kinds())}
}

func (audienceWord) vocabulary() vocabulary {
	return vocabulary{noun: "an audience", words: names([]notify.Audience{notify.Customer, notify.Staff})}
}

func (urgencyWord) vocabulary() vocabulary {
	return vocabulary{noun: "an urgency", words: names([]notify.Urgency{notify.Low, notify.Normal, notify.High})}
}

func (receiptWord) vocabulary() vocabulary {
	return vocabulary{noun: "what a receipt says", words: names([]notify.State{notify.Read, notify.Arrived})}
}

func (classWord) vocabulary() vocabulary {
	return vocabulary{noun: "a class of message", words: names([]notify.Class{notify.Transactional, notify.MarketingClass})}
}

func (purposeWord) vocabulary() vocabulary {
	return vocabulary{noun: "a purpose", words: names(notify.Purposes())}
}

// closed and open are what a market says of public holidays.
const closed, open = "closed", "open"

func (holidayWord) vocabulary() vocabulary {
	return vocabulary{noun: "what holidays are", words: []string{closed, open}}
}

func (regionCode) vocabulary() vocabulary {
	return vocabulary{noun: "a region of ISO 3166-2 without the country, such as AZ", shape: regionShape}
}

func (codeRange) vocabulary() vocabulary {
	return vocabulary{noun: `the beginning of postal codes, such as "10", or a range such as "850-865" that counts up and whose ends are equally long`,
		shape: codeShape, exist: func(s string) bool { r := parseRange(s); return len(r.From) == len(r.To) && r.From <= r.To }}
}

// parseRange reads "850-865", and "10" as a range of one.
func parseRange(s string) CodeRange {
	from, to, ranged := strings.Cut(s, "-")
	if !ranged {
		to = from
	}
	return CodeRange{From: from, To: to}
}

func (ruleName) vocabulary() vocabulary {
	return vocabulary{noun: "a rule's name of one line and up to 60 characters", shape: nameShape}
}

func (templateKey) vocabulary() vocabulary {
	return vocabulary{noun: "a template key such as customs_hold", shape: keyShape}
}

func (collapseGroup) vocabulary() vocabulary {
	return vocabulary{noun: "a group's name such as milestone", shape: keyShape}
}

// names returns typed words as plain ones.
func names[T ~string](words []T) []string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = string(w)
	}
	return plain
}

// wrong returns the sentence about a word that v does not have.
func (v vocabulary) wrong(s string) string {
	return "this is not " + v.noun + suggest(strings.TrimSpace(s), v.words)
}
