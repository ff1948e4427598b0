package templates

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"landfall/internal/notify"
)

// The encodings of an SMS, as billed.
const (
	GSM7 = "GSM-7"
	UCS2 = "UCS-2"
)

// lengths are tried one after another until a message fits: a shorter title is better than another segment.
var lengths = []struct {
	title int // graphemes
	brief bool
}{{40, false}, {32, false}, {32, true}, {24, true}, {16, true}}

// shortest is the title when even those lengths leave more segments than anybody is asked to pay for.
const shortest = 8

// writeSMS writes "Brand: what happened. link", and how to hear no more where a market asks for that, with the goods named only as long as the segments allow: one
// segment in the telephone alphabet, two in any other.
func writeSMS(d *draft) (notify.Words, error) {
	var best notify.Words
	for _, l := range lengths {
		w := d.sms(d.item(l.title, l.brief))
		if best.Segments == 0 || w.Segments < best.Segments {
			best = w
		}
		if fits(w) {
			return w, nil
		}
	}
	if w := d.sms(d.item(shortest, true)); best.Segments > smsLimit && w.Segments < best.Segments {
		return w, nil
	}
	return best, nil
}

func fits(w notify.Words) bool {
	return w.Segments == 1 || w.Segments == 2 && w.Encoding == UCS2
}

func (d *draft) sms(item string) notify.Words {
	key := d.set.partKey(d.locale, d.prefix, "sms", d.in.Event)
	text := d.text(key, d.with("Item", item))
	if d.in.Brand.Name != "" {
		text = d.in.Brand.Name + ": " + text
	}
	if d.link != "" {
		text += " " + d.link
	}
	if leave := d.leave(); leave != "" {
		text += " " + leave
	}
	text = telephone(text)
	w := notify.Words{Text: text}
	w.Segments, w.Encoding = SMSSegments(text)
	return w
}

// basic and extended are the characters of GSM 03.38; those of extended count double.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

// SMSSegments counts the parts a text is billed as, and names the encoding it needs. GSM-7 holds 160 characters,
// or 153 in each of several parts; UCS-2 70 UTF-16 units, or 67. No character is split between parts.
func SMSSegments(text string) (segments int, encoding string) {
	if !isGSM(text) {
		return parts(text, 70, 67, utf16.RuneLen), UCS2
	}
	return parts(text, 160, 153, septets), GSM7
}

func isGSM(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return septets(r) == 0 })
}

// septets is what a character takes in GSM-7; 0 when the alphabet does not have it.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extended, r):
		return 2
	default:
		return 0
	}
}

func parts(text string, single, part int, size func(rune) int) int {
	total, count, used := 0, 1, 0
	for _, r := range text {
		n := size(r)
		total += n
		if used+n > part {
			count, used = count+1, 0
		}
		used += n
	}
	if total <= single {
		return 1
	}
	return count
}

// lookalikes stand in for typographic characters the telephone alphabet does not have.
var lookalikes = strings.NewReplacer(
	"’", "'", "‘", "'", "‚", "'", "“", "\"", "”", "\"", "„", "\"", "«", "\"", "»", "\"", "‹", "'", "›", "'",
	"–", "-", "—", "-", "‐", "-", "‑", "-", "−", "-", "…", "...", "×", "x", "·", "-", "•", "-",
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u200b", "",
	"œ", "oe", "Œ", "OE", "ł", "l", "Ł", "L", "ı", "i", "º", "o", "ª", "a",
)

// telephone returns the text in the telephone alphabet where look-alikes and letters without their accents make
// that possible, as people there write short messages by hand; otherwise it returns the text as it is, since every
// character is then billed the same.
func telephone(text string) string {
	if isGSM(text) {
		return text
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(lookalikes.Replace(text)) {
		b.WriteString(unaccented(r))
	}
	if folded := b.String(); isGSM(folded) {
		return folded
	}
	return text
}

// unaccented drops the accents of a Latin letter that the alphabet has only without them.
func unaccented(r rune) string {
	if septets(r) > 0 || !unicode.Is(unicode.Latin, r) {
		return string(r)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(string(r)))
}
