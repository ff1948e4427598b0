package locales

import (
	"strconv"
	"strings"
	"time"
)

// expand writes times by a pattern of CLDR: letters stand for parts of a date, what is between quotes and everything else for
// itself. In a pattern of a range the second half begins where a part comes for the second time, and is written of end.
func (f Format) expand(pattern string, t, end time.Time) string {
	var b strings.Builder
	b.Grow(2 * len(pattern))
	var seen [128]bool
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, rest, _ := strings.Cut(pattern[i+1:], "'")
			b.WriteString(text)
			i = len(pattern) - len(rest)
		case !isLetter(c):
			b.WriteByte(c)
			i++
		default:
			n := i
			for n < len(pattern) && pattern[n] == c {
				n++
			}
			if part := same(c); seen[part] {
				t, seen = end, [128]bool{}
			} else {
				seen[part] = true
			}
			f.field(&b, c, n-i, t)
			i = n
		}
	}
	return f.digits(b.String())
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// same returns one letter for all those that mean the same part.
func same(c byte) byte {
	switch c {
	case 'c', 'e':
		return 'E'
	case 'L':
		return 'M'
	case 'h', 'K', 'k':
		return 'H'
	}
	return c
}

// field writes one part of t in width n. The letters are those of CLDR's date field symbols.
func (f Format) field(b *strings.Builder, c byte, n int, t time.Time) {
	switch same(c) {
	case 'E':
		b.WriteString(name(f.style.weekdays, f.style.longDays, int(t.Weekday()), n))
	case 'M':
		if n < 3 {
			number(b, int(t.Month()), n)
			return
		}
		b.WriteString(name(f.style.months, f.style.longMonths, int(t.Month())-1, n))
	case 'd':
		if t.Day() == 1 && f.choice.first != "" && n == 1 {
			b.WriteString(f.choice.first)
			return
		}
		number(b, t.Day(), n)
	case 'y':
		number(b, t.Year()+f.choice.yearOffset, 1)
	case 'H':
		number(b, hour(t, c), n)
	case 'm':
		number(b, t.Minute(), n)
	case 'a':
		if t.Hour() < 12 {
			b.WriteString(f.style.am)
		} else {
			b.WriteString(f.style.pm)
		}
	}
}

// hour is t's as a clock shows it: H counts from 0 to 23, K from 0 to 11, h from 1 to 12.
func hour(t time.Time, c byte) int {
	switch h := t.Hour(); {
	case c == 'H':
		return h
	case c == 'K':
		return h % 12
	case h%12 == 0:
		return 12
	default:
		return h % 12
	}
}

func name(short, long []string, i, width int) string {
	if width == 4 {
		return long[i]
	}
	return short[i]
}

func number(b *strings.Builder, v, width int) {
	if width == 2 && v < 10 {
		b.WriteByte('0')
	}
	var digits [20]byte
	b.Write(strconv.AppendInt(digits[:0], int64(v), 10))
}

// arabicZero is the first of the digits that CLDR calls arab.
const arabicZero = '٠'

// digits writes the figures of a text in those of the locale.
func (f Format) digits(s string) string {
	if f.style.digits != "arab" {
		return s
	}
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return arabicZero + r - '0'
		}
		return r
	}, s)
}

// join puts parts into the places {0} and {1} of a pattern.
func join(pattern, zero, one string) string {
	var b strings.Builder
	b.Grow(len(pattern) + len(zero) + len(one))
	for i := 0; i < len(pattern); i++ {
		switch {
		case strings.HasPrefix(pattern[i:], "{0}"):
			b.WriteString(zero)
			i += 2
		case strings.HasPrefix(pattern[i:], "{1}"):
			b.WriteString(one)
			i += 2
		case pattern[i] == '\'': // around words such as klo
		default:
			b.WriteByte(pattern[i])
		}
	}
	return b.String()
}
