package config

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
)

// SampleKeySHA256 is the hash of the sample merchant's API key. The key stands in Landfall's source, so whoever has it
// there lets everybody in.
const SampleKeySHA256 = "3c5915ceabdc40c5c754b915bc66f527110c5649e726905c40763dba2b42cffc"

// APIKey is a key of the merchant's programs. Only its SHA-256 is kept: 'printf %s "$KEY" | sha256sum'.
type APIKey struct {
	Name   string  `yaml:"name"`
	SHA256 string  `yaml:"sha256"`
	Scopes []Scope `yaml:"scopes"`  // what it opens; none: everything
	Until  string  `yaml:"expires"` // the last day it opens anything, as 2027-01-31 in UTC; "" for no end
}

// Scope is a part of the API that a key may open.
type Scope string

// The scopes.
const (
	ScopeEvents  Scope = "events"  // telling what happened to parcels
	ScopeOrders  Scope = "orders"  // storing orders, people and consents, and tokens for inboxes
	ScopeRead    Scope = "read"    // looking up what became of orders and messages
	ScopeSupport Scope = "support" // conversations that were handed over, and dead letters
	ScopePrivacy Scope = "privacy" // exporting and erasing people, and proofs
)

// Scopes lists all of them.
func Scopes() []Scope {
	return []Scope{ScopeEvents, ScopeOrders, ScopeRead, ScopeSupport, ScopePrivacy}
}

// Opens reports whether the key is for a part of the API.
func (k APIKey) Opens(s Scope) bool { return len(k.Scopes) == 0 || slices.Contains(k.Scopes, s) }

// expired reports whether the key's last day is over.
func (k APIKey) expired(now time.Time) bool {
	last, err := time.Parse(time.DateOnly, k.Until)
	return err == nil && !now.Before(last.AddDate(0, 0, 1))
}

// Sample reports whether k is the sample merchant's key, which everybody knows.
func (k APIKey) Sample() bool { return strings.EqualFold(k.SHA256, SampleKeySHA256) }

// Key finds a key among the merchant's; ok is false when it is none of them, or was until lately. It compares in constant time.
func (m Merchant) Key(key string, now time.Time) (found APIKey, ok bool) {
	sum := sha256.Sum256([]byte(key))
	for _, k := range m.APIKeys {
		want, err := hex.DecodeString(k.SHA256)
		if err == nil && subtle.ConstantTimeCompare(want, sum[:]) == 1 && !k.expired(now) {
			found, ok = k, true
		}
	}
	return found, ok
}

// Clash reports an API key that another merchant has too: whose request it is could not be told from it.
func (m *Merchant) Clash(others map[notify.MerchantID]*Merchant) error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(others)) {
		for i, k := range m.APIKeys {
			if id != m.ID && others[id].has(k) {
				errs = append(errs, m.at.problem(fmt.Sprintf("api key %q is also in %s/merchant.yaml, and a key tells merchants apart; give one of them a key of its own",
					k.Name, id), "api_keys", i))
			}
		}
	}
	return errors.Join(errs...)
}

func (m *Merchant) has(key APIKey) bool {
	return slices.ContainsFunc(m.APIKeys, func(k APIKey) bool {
		return k.SHA256 != "" && k.SHA256 != Placeholder && strings.EqualFold(k.SHA256, key.SHA256)
	})
}

// clashes reports every pair of merchants with one key, at the later of the two.
func clashes(merchants map[notify.MerchantID]*Merchant) error {
	var errs []error
	before := map[notify.MerchantID]*Merchant{}
	for _, id := range slices.Sorted(maps.Keys(merchants)) {
		errs = append(errs, merchants[id].Clash(before))
		before[id] = merchants[id]
	}
	return errors.Join(errs...)
}

// checkKeys reports keys that open nothing, and the one that opens to everybody.
func (l Loader) checkKeys(m *Merchant) error {
	var errs []error
	for i, k := range m.APIKeys {
		b, err := hex.DecodeString(k.SHA256)
		switch {
		case k.SHA256 == Placeholder:
		case err != nil || len(b) != sha256.Size:
			errs = append(errs, m.at.problem(fmt.Sprintf("api key %q needs its SHA-256 as 64 hex digits; get it with: printf %%s \"$KEY\" | sha256sum", k.Name), "api_keys", i))
		case k.Sample() && !l.SampleKey:
			errs = append(errs, m.at.problem(fmt.Sprintf("api key %q is the sample merchant's, which everybody knows; put the hash of one of your own in its place: openssl rand -hex 32, then printf %%s \"$KEY\" | sha256sum", k.Name), "api_keys", i))
		}
		if why := k.wrong(); why != "" {
			errs = append(errs, m.at.problem(fmt.Sprintf("api key %q %s", k.Name, why), "api_keys", i))
		}
	}
	return errors.Join(errs...)
}

// wrong says what is wrong with what a key opens, and until when; "" for nothing.
func (k APIKey) wrong() string {
	for _, s := range k.Scopes {
		if !slices.Contains(Scopes(), s) {
			return fmt.Sprintf("has the scope %q, which there is not; use %s", s, listed(Scopes()))
		}
	}
	if _, err := time.Parse(time.DateOnly, k.Until); err != nil && k.Until != "" {
		return fmt.Sprintf("expires on %q, which is no date; write it as 2027-01-31", k.Until)
	}
	return ""
}

func listed(scopes []Scope) string {
	var names []string
	for _, s := range scopes {
		names = append(names, string(s))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
