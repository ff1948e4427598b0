// Package twilio is what the whatsapp and sms channels have in common: one account's settings, one call to Twilio's
// Messages API through its SDK, the table of Twilio's error codes, and the verification and reading of callbacks.
// What a message looks like on either channel is theirs; retries and fallback are the dispatcher's.
package twilio

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"landfall/channels/internal/outbound"
	"landfall/internal/notify"
)

// The defaults of a Config.
const (
	DefaultBaseURL = "https://api.twilio.com"
	DefaultTimeout = 15 * time.Second
)

// Config is one sender of one Twilio account.
type Config struct {
	// AccountSID names the account, "AC...". Required.
	AccountSID string `yaml:"account_sid"`
	// AuthToken signs Twilio's callbacks, and calls too unless there is an API key. Required.
	AuthToken notify.Secret `yaml:"auth_token"`
	// AuthTokenOld is accepted on callbacks besides AuthToken while the token is being changed. Default: none.
	AuthTokenOld notify.Secret `yaml:"auth_token_old"`
	// APIKey and APISecret sign calls in the auth token's place, "SK..." and its secret. Default: none.
	APIKey    string        `yaml:"api_key"`
	APISecret notify.Secret `yaml:"api_secret"`
	// From is the number messages come from, in E.164; on SMS also a short code or a sender name. Either From or
	// MessagingServiceSID is required.
	From string `yaml:"from"`
	// MessagingServiceSID names a pool of senders, "MG...".
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	// BaseURL is where Twilio is reached. Plain http is for this machine only. Default: https://api.twilio.com.
	BaseURL string `yaml:"base_url"`
	// Guarded lets BaseURL lead to the internet alone: a merchant gave it.
	Guarded bool `yaml:"-"`
	// Timeout bounds one call. Default: 15s.
	Timeout time.Duration `yaml:"timeout"`
	// Rate is how many messages a second may be sent; the dispatcher keeps to it. Default: no limit.
	Rate float64 `yaml:"rate"`
}

// WithDefaults returns c with every unset field that has a default filled in.
func (c Config) WithDefaults() Config {
	c.BaseURL = cmp.Or(c.BaseURL, DefaultBaseURL)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	return c
}

// alphanumeric is what the SDK lets through as user name and password; anything else it refuses by itself.
var alphanumeric = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

// Validate reports the first mistake in c, as one sentence that says what to do. Call it after WithDefaults.
func (c Config) Validate() error {
	if err := c.validateCredentials(); err != nil {
		return err
	}
	if (c.From == "") == (c.MessagingServiceSID == "") {
		return errors.New("set either from or messaging_service_sid, and not both")
	}
	if c.Rate < 0 {
		return errors.New("rate is negative; write how many messages a second may be sent, such as 10")
	}
	if c.Timeout < 0 {
		return errors.New("timeout is negative; write it as 15s")
	}
	if _, err := outbound.ParseBase(c.BaseURL); err != nil {
		return fmt.Errorf("base_url %w", err)
	}
	return nil
}

func (c Config) validateCredentials() error {
	switch {
	case !alphanumeric.MatchString(c.AccountSID):
		return errors.New("account_sid is missing or holds other than letters and digits; copy it from the Twilio console, it starts with AC")
	case !alphanumeric.MatchString(c.AuthToken.Reveal()):
		return errors.New("auth_token is missing or holds other than letters and digits; copy it from the Twilio console, callbacks cannot be checked without it")
	case (c.APIKey == "") != (c.APISecret == ""):
		return errors.New("api_key and api_secret belong together; set both or neither")
	case c.APIKey != "" && !(alphanumeric.MatchString(c.APIKey) && alphanumeric.MatchString(c.APISecret.Reveal())):
		return errors.New("api_key and api_secret hold only letters and digits; copy them from the Twilio console")
	}
	return nil
}

// Tokens returns the auth tokens a callback may be signed with, the current one first.
func (c Config) Tokens() []notify.Secret {
	tokens := []notify.Secret{c.AuthToken}
	if c.AuthTokenOld != "" {
		tokens = append(tokens, c.AuthTokenOld)
	}
	return tokens
}

// login returns the user name and password of calls.
func (c Config) login() (user, password string) {
	if c.APIKey != "" {
		return c.APIKey, c.APISecret.Reveal()
	}
	return c.AccountSID, c.AuthToken.Reveal()
}
