package email_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/email"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	pair, ca := certificate(t)
	for name, c := range map[string]struct {
		script   channeltest.Script
		password string
		says     string // "" for good
	}{
		"logged in":      {channeltest.Script{StartTLS: pair, User: "acme", Password: password}, password, ""},
		"wrong password": {channeltest.Script{StartTLS: pair, User: "acme", Password: password}, "another", "check user and password"},
		"no encryption":  {channeltest.Script{User: "acme", Password: password}, password, "would not encrypt"},
		"no greeting":    {channeltest.Script{HangUp: "greeting"}, password, "could not be reached"},
		"takes no mails": {channeltest.Script{StartTLS: pair, User: "acme", Password: password, Mail: &smtp.SMTPError{Code: 550}}, password, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := channeltest.NewServer(t, c.script)
			cfg := config(server)
			cfg.TLS, cfg.CAFile, cfg.ServerName, cfg.User, cfg.Password = email.StartTLS, ca, "mail.acme.example", "acme", "another"
			if c.password == password {
				cfg.Password = password
			}
			s, err := email.New(cfg, clock)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Probe(t.Context())
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(channels.AsError(err).Detail, c.says)) {
				t.Errorf("Probe = %v, want …%s…", err, c.says)
			}
			if got := server.Mails(); len(got) != 0 {
				t.Errorf("a probe sent %d mails", len(got))
			}
		})
	}
}
