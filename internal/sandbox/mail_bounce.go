package sandbox

import (
	"encoding/json"
	"fmt"
	"net/smtp"
	"strings"
)

// BounceTo sets where mails are returned to: the SMTP server behind the senders' return addresses.
func (s *Sandbox) BounceTo(address string) {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	s.mail.bounceTo = address
}

// Bounce returns the last mail to an address, with a delivery status as RFC 3464 asks for it: action is failed or delayed, code an
// enhanced status code. It is an error when there is no such mail, and when nobody takes the report.
func (s *Sandbox) Bounce(to, action, code string) error {
	back := ""
	for _, m := range s.Received() {
		var envelope struct{ From string }
		if m.Channel == Email && strings.EqualFold(m.To, to) && json.Unmarshal(m.Raw, &envelope) == nil {
			back = envelope.From
		}
	}
	if back == "" {
		return fmt.Errorf("bounce: no mail has come to %s", to)
	}
	s.mail.mu.Lock()
	server := s.mail.bounceTo
	s.mail.mu.Unlock()
	if err := smtp.SendMail(server, nil, "", []string{back}, []byte(deliveryStatus(back, to, action, code))); err != nil {
		return fmt.Errorf("bounce: %w", err)
	}
	return nil
}

// deliveryStatus is the report a mail server writes.
func deliveryStatus(back, to, action, code string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@sandbox.invalid
To: `+back+`
Subject: Delivery status
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=sandbox

--sandbox
Content-Type: text/plain

Your mail could not be delivered.
--sandbox
Content-Type: message/delivery-status

Reporting-MTA: dns; sandbox.invalid

Final-Recipient: rfc822; `+to+`
Action: `+action+`
Status: `+code+`
--sandbox--
`, "\n", "\r\n")
}
