package play

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"

	"landfall/internal/notify"
)

// signed returns the headers with which a feed signs its webhooks.
func signed(feed string, body []byte) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	switch feed {
	case "aftership":
		h.Set("Aftership-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac(aftershipSecret, body)))
	case "17track":
		sum := sha256.Sum256(append(append([]byte{}, body...), []byte("/"+seventeenKey)...))
		h.Set("Sign", hex.EncodeToString(sum[:]))
	case "easypost":
		h.Set("X-Hmac-Signature", "hmac-sha256-hex="+hex.EncodeToString(mac(easypostSecret, body)))
	}
	return h
}

func mac(secret string, body []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return m.Sum(nil)
}

// contentSID makes up the id the provider gives to an approved text: its form, from what it is about.
func contentSID(key notify.TemplateKey, locale string) string {
	sum := md5.Sum([]byte(string(key) + "/" + locale))
	return "HX" + hex.EncodeToString(sum[:])
}
