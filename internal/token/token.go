// Package token signs the short texts that stand in links and in the inbox's requests, so that whoever holds one proves
// what it names, for one use and until it expires. It encrypts nothing: a token is signed, not secret.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// Use is what a token is good for. A token made for one use is worthless for another.
type Use string

// Track opens a parcel's tracking page, Inbox reads a person's in-app messages, Preferences opens a person's page of choices
// and Unsubscribe ends one kind of message on one channel.
const (
	Track       Use = "track"
	Inbox       Use = "inbox"
	Preferences Use = "prefs"
	Unsubscribe Use = "unsubscribe"
)

// ErrInvalid is returned for a token that was not made here, or not for this use.
var ErrInvalid = errors.New("this link is not valid")

// ErrExpired is returned for a genuine token past its time.
var ErrExpired = errors.New("this link has expired")

const macSize = 9 // 72 bits: far beyond guessing over HTTP, and short enough for a text message

// Signer makes and opens tokens under one key.
type Signer struct{ key []byte }

// NewSigner returns a signer. Every process that shares links must be given the same key.
func NewSigner(key string) Signer { return Signer{key: []byte(key)} }

// Sign returns a token that names text until expires, to the second.
func (s Signer) Sign(use Use, text string, expires time.Time) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(expires.Unix()))
	b = append(b, text...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.mac(use, b)...))
}

// Open returns the text a token names.
func (s Signer) Open(use Use, token string, now time.Time) (string, error) {
	text, _, err := s.OpenUntil(use, token, now)
	return text, err
}

// OpenUntil returns the text a token names, and when the token expires.
func (s Signer) OpenUntil(use Use, token string, now time.Time) (text string, expires time.Time, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 4+macSize {
		return "", time.Time{}, ErrInvalid
	}
	body, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if subtle.ConstantTimeCompare(mac, s.mac(use, body)) != 1 {
		return "", time.Time{}, ErrInvalid
	}
	expires = time.Unix(int64(binary.BigEndian.Uint32(body)), 0).UTC()
	if now.Unix() > expires.Unix() {
		return "", time.Time{}, ErrExpired
	}
	return string(body[4:]), expires, nil
}

func (s Signer) mac(use Use, body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(use))
	h.Write([]byte{0})
	h.Write(body)
	return h.Sum(nil)[:macSize]
}
