package sandbox

import (
	"fmt"
	"net/smtp"
	"strings"
)

// replyByMail lets a person answer the last mail to them as mail programs do: to its Reply-To, with what it said below. It is an error when there is no such mail, and when
// nobody takes the answer.
func (s *Sandbox) replyByMail(from, text string) error {
	var last *Received
	for _, m := range s.Received() {
		if m.Channel == Email && strings.EqualFold(m.To, from) {
			last = &m
		}
	}
	if last == nil || len(last.Headers["Reply-To"]) == 0 {
		return fmt.Errorf("reply by mail: no mail that can be answered has come to %s", from)
	}
	to := strings.Trim(last.Headers["Reply-To"][0], "<>")
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(last.Text), "\n", "\n> ")
	mail := fmt.Sprintf("From: %s\nTo: %s\nSubject: Re: %s\nMessage-ID: <%s@sandbox.invalid>\nIn-Reply-To: <%s>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n\nOn Tue, Dec 1, 2026 at 10:01 AM <%s> wrote:\n\n%s\n",
		from, to, last.Title, s.line.ids.hex("reply-"), last.ProviderID, text, last.From, quoted)
	s.mail.mu.Lock()
	server := s.mail.bounceTo
	s.mail.mu.Unlock()
	if err := smtp.SendMail(server, nil, from, []string{to}, []byte(strings.ReplaceAll(mail, "\n", "\r\n"))); err != nil {
		return fmt.Errorf("reply by mail: %w", err)
	}
	return nil
}
