package e2e

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"landfall/internal/notify"
	"landfall/internal/sandbox"
)

var choicesLink = regexp.MustCompile(`http://\S+/p/\S+`)

// Mei follows the link in a mail and chooses text messages in English. The shop stores her anew as every night, and the next
// news comes as she chose.
func TestChoicesOutliveTheShopsNightlyUpdate(t *testing.T) {
	everywhere(t, "2026-12-01T09:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "STOP"))
		s.must(s.Settle(t.Context()))
		s.hear("2026-12-01T10:00:00Z", "departed_origin")
		s.last(2, sandbox.Email, "2026-12-01T10:00:00Z", "Wollmantel") // after the STOP's confirmation
		link := choicesLink.FindString(s.Sandbox.Received()[1].Text)
		page := s.browse(http.Get(link))
		if !strings.Contains(page, "Ihre Nachrichten") || strings.Contains(page, mail) {
			t.Fatalf("%s leads to %s", link, page)
		}
		page = s.browse(http.PostForm(link, url.Values{"locale": {"en"}, "channel": {"sms"}, "from": {""}, "to": {""}, "was": {"email.order_status.on"}}))
		if !strings.Contains(page, "Your choices have been saved") {
			t.Fatalf("after saving: %s", page)
		}
		s.mei()
		s.hear("2026-12-01T11:00:00Z", "arrived_destination_country")
		got := s.Sandbox.Received()
		if last := got[len(got)-1]; len(got) != 3 || last.Channel != sandbox.SMS || !strings.Contains(last.Text, "has arrived in your country") {
			t.Errorf("she is told %+v", got)
		}
		s.ended("arrived", notify.SMS, "sent", notify.SaidDelivered)
		s.content()
	})
}

// browse reads what a page answers with.
func (s *stage) browse(r *http.Response, err error) string {
	s.t.Helper()
	s.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	s.must(err)
	if r.StatusCode != http.StatusOK {
		s.t.Fatalf("status %d: %s", r.StatusCode, body)
	}
	return string(body)
}
