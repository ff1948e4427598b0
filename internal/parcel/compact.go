package parcel

import (
	"encoding/base32"
	"strings"
)

// packed marks an id written by Compact in bytes; no id begins with it.
const packed = "\x00"

// letters is how an id of the ledger is written after "p_": 80 bits in 16 characters.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Compact returns an id in as few bytes as it takes, for a link in a text message, where each character is paid for. The
// result may hold any byte; Expand reads it. An id of another form is returned as it is.
func (id ID) Compact() string {
	text, ok := strings.CutPrefix(string(id), "p_")
	bits, err := letters.DecodeString(text)
	if !ok || err != nil || letters.EncodeToString(bits) != text {
		return string(id)
	}
	return packed + string(bits)
}

// Expand returns the id that Compact made s of.
func Expand(s string) ID {
	bits, ok := strings.CutPrefix(s, packed)
	if !ok {
		return ID(s)
	}
	return ID("p_" + letters.EncodeToString([]byte(bits)))
}
