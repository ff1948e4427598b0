package templates

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	phone = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{4,}$`)
	email = regexp.MustCompile(`^[^\s?&<>"'@]+@[^\s?&<>"'@]+$`)
)

// ContactLink is where a tap on a merchant's support address leads: a web page, a call or a letter. It is "" for
// words that can only be read, and safe to stand in an href.
func ContactLink(address string) string {
	switch web := safeLink(address); {
	case web != "":
		return web
	case phone.MatchString(address):
		return "tel:" + dialled(address)
	case email.MatchString(address):
		return "mailto:" + url.PathEscape(address)
	default:
		return ""
	}
}

// dialled keeps what a telephone dials. The (0) in +49 (0)30 is left out, as it is from abroad.
func dialled(number string) string {
	if strings.HasPrefix(number, "+") {
		number = strings.Replace(number, "(0)", "", 1)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+0123456789", r) {
			return r
		}
		return -1
	}, number)
}
