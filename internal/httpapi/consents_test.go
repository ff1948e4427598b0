package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
)

func TestConsentBody_KeepsWhatProvesIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	e, err := ConsentBody{ID: "c1", Channel: notify.Email, Purpose: notify.Marketing, Action: notify.DOIConfirmed, Basis: notify.ByConsent, Actor: "subject",
		Method: "double_opt_in", Text: "Yes, write to me.", TextID: "newsletter", TextVersion: "3", TextLocale: "de", NoticeURL: "https://acme.example/privacy",
		Jurisdiction: "DE", ValidUntil: now.AddDate(2, 0, 0), Evidence: &EvidenceBody{IP: "192.0.2.77", UserAgent: "Mozilla/5.0", DOIToken: "d1", Document: "s1", Message: "m1"}}.event(now)
	if err != nil {
		t.Fatal(err)
	}
	want := notify.ConsentEvent{ID: "c1", Channel: notify.Email, Purpose: notify.Marketing, Action: notify.DOIConfirmed, Basis: notify.ByConsent, OccurredAt: now,
		ReceivedAt: now, Actor: "subject", Method: "double_opt_in", Text: "Yes, write to me.", TextID: "newsletter", TextVersion: "3", TextLocale: "de",
		TextHash: notify.Fingerprint("Yes, write to me."), NoticeURL: "https://acme.example/privacy", Jurisdiction: "DE", ValidUntil: now.AddDate(2, 0, 0),
		Evidence: &notify.Evidence{IP: "192.0.2.0/24", UserAgent: notify.Fingerprint("Mozilla/5.0"), DOIToken: "d1", Document: "s1", Message: "m1"}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestEvidenceBody_CutsAddresses(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{"": "", "192.0.2.77": "192.0.2.0/24", "2001:db8:1:2:3::9": "2001:db8:1::/48", "::ffff:192.0.2.77": "192.0.2.0/24",
		"fe80::1%eth0": "fe80::/48"} {
		e, err := (&EvidenceBody{IP: ip}).kept()
		if err != nil || e.IP != want {
			t.Errorf("%q: kept as %+v, %v; want %q", ip, e, err, want)
		}
	}
	if _, err := (&EvidenceBody{IP: "somewhere"}).kept(); err == nil || strings.Contains(err.Error(), "somewhere") {
		t.Errorf("an address that is none: %v", err)
	}
}
