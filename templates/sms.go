package templates

import (
	"slices"
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
	how   naming
}{{40, inWords}, {32, inWords}, {32, inBrief}, {24, inBrief}, {16, inBrief}, {10, bareTitle}, {6, bareTitle}}

// writeSMS writes "Brand: what happened. When. link", and how to hear no more where a market asks for that. The title of
// the goods gives way first, then the hours of the expected day, then the day: one segment if that much can be said in it,
// else two, and more only where even the bare news takes them.
func writeSMS(d *draft) (notify.Words, error) {
	eta, day := d.etaShort(d.eta()), d.etaShort(d.etaDay())
	var best notify.Words
	for _, when := range slices.Compact([]string{eta, day, ""}) {
		if w := d.fitting(when); best.Segments == 0 || w.Segments < best.Segments {
			best = w
		}
		if best.Segments <= smsLimit {
			break
		}
	}
	return best, nil
}

// fitting is the message with the longest title that takes as few segments as any: it is cut no shorter than it helps.
func (d *draft) fitting(when string) notify.Words {
	var best notify.Words
	for _, l := range lengths {
		if l.title < readableTitle && best.Segments <= smsLimit {
			break
		}
		if w := d.sms(d.item(l.title, l.how), when); best.Segments == 0 || w.Segments < best.Segments {
			best = w
		}
		if best.Segments == 1 {
			break
		}
	}
	return best
}

// readableTitle is the shortest title that still names the goods; a shorter one is better than a third segment only.
const readableTitle = 16

func (d *draft) sms(item, when string) notify.Words {
	text := d.text(d.set.partKey(d.locale, d.prefix, "sms", d.in.Event), d.with("Item", item))
	if d.in.Brand.Name != "" {
		text = d.data["Brand"].(string) + ": " + text
	}
	space := " "
	if d.rtl {
		text = rightToLeftMark + text // it begins with a name, by which a phone would guess the direction of all of it
		space = "\n"                  // a web address runs the other way, and nothing invisible may touch it: it would no longer open
	}
	for _, more := range []string{when, d.link, d.leave()} {
		switch {
		case more == "":
		case more == when:
			text += " " + more
		default:
			text += space + more
		}
	}
	text = telephone(text)
	w := notify.Words{Text: text}
	w.Segments, w.Encoding = SMSSegments(text)
	return w
}

// etaShort puts an expected day into a short sentence; "" for none.
func (d *draft) etaShort(eta string) string {
	if eta == "" || d.in.Audience == notify.Staff {
		return ""
	}
	return d.text("phrase.eta", map[string]any{"ETA": isolated(eta, d.rtl)})
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
	case r < 0x80:
		return int(ascii[r])
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extended, r):
		return 2
	default:
		return 0
	}
}

// ascii is septets for the characters most messages are made of.
var ascii = func() (sizes [0x80]uint8) {
	for r := range rune(0x80) {
		switch {
		case strings.ContainsRune(basic, r):
			sizes[r] = 1
		case strings.ContainsRune(extended, r):
			sizes[r] = 2
		}
	}
	return sizes
}()

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
	"\u200e", "", "\u200f", "", "đ", "d", "Đ", "D",
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
