package config

import (
	"errors"
	"fmt"
	"net/url"

	"landfall/internal/notify"
)

// checkInbox reports secrets that could be guessed and sites that no browser would name so.
func (m *Merchant) checkInbox() error {
	var errs []error
	for _, s := range []struct {
		key    string
		secret notify.Secret
	}{{"secret", m.Inbox.Secret}, {"secret_old", m.Inbox.SecretOld}} {
		if n := len(s.secret.Reveal()); n > 0 && n < minKey {
			errs = append(errs, m.at.problem(fmt.Sprintf("inbox.%s has %d characters; make one of at least %d with: openssl rand -hex 32, and name it as env:NAME",
				s.key, n, minKey), "inbox", s.key))
		}
	}
	if m.Inbox.SecretOld != "" && m.Inbox.Secret == "" {
		errs = append(errs, m.at.problem("inbox.secret_old stands alone; write the secret in force as inbox.secret, or remove both", "inbox", "secret_old"))
	}
	for i, origin := range m.Inbox.Origins {
		if origin != Placeholder && !siteOrigin(origin) {
			errs = append(errs, m.at.problem("this is no origin of a site; write it as https://shop.example, without a path (http only on this machine)", "inbox", "origins", i))
		}
	}
	return errors.Join(errs...)
}

// siteOrigin reports whether s is an origin as browsers write it, over an encrypted connection unless it is this machine.
func siteOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || s != u.Scheme+"://"+u.Host {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}
