package dispatcher

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
)

// prefers stores what Mei chose on her page.
func (r *rig) prefers(c notify.Channel) {
	r.t.Helper()
	_, err := r.book.PutPreferences(r.t.Context(), acme, "mei", notify.Preferences{Prefer: c}, nil, r.now)
	r.must(err)
}

// linked gives a rig pages of choices and links to leave by.
func (r *rig) linked() {
	r.Preferences = func(m notify.MerchantID, p notify.PersonID) string {
		return "https://p.example/" + string(m) + "/" + string(p)
	}
	r.Leave = func(m notify.MerchantID, p notify.PersonID, c notify.Channel, why notify.Purpose) string {
		return "https://u.example/" + strings.Join([]string{string(m), string(p), string(c), string(why)}, "/")
	}
}

// strict makes Germany a market that asks every message for its sender and a way out.
func (r *rig) strict() {
	m := *r.shop.Markets["DE"]
	m.Identify = true
	r.shop.Markets["DE"] = &m
}

func TestPlan_PreferredChannelFirst(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		prefer notify.Channel
		change func(*rig, *notify.Person)
		want   []string
	}{
		{"the last of the order", notify.Email, nil, []string{"allow email BASIS_CONTRACT"}},
		{"the first of it", notify.WhatsApp, nil, []string{"allow whatsapp BASIS_CONSENT"}},
		{"one the market does not name", notify.InApp, func(_ *rig, p *notify.Person) { p.InApp = true }, []string{"allow inapp BASIS_CONTRACT"}},
		{"one nobody has", notify.InApp, nil, []string{"allow whatsapp BASIS_CONSENT"}},
		{"one that was shut since", notify.SMS, func(r *rig, _ *notify.Person) { r.consents(notify.SMS, notify.Withdrawn) },
			[]string{"skip sms CONSENT_WITHDRAWN", "allow whatsapp BASIS_CONSENT", "note whatsapp CHANNEL_FALLBACK"}},
		{"an address that is gone", notify.Email, func(_ *rig, p *notify.Person) { p.Email = "" },
			[]string{"skip email CHANNEL_NO_ENDPOINT", "allow whatsapp BASIS_CONSENT"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := mei()
			r.ready(p)
			r.prefers(c.prefer)
			if c.change != nil {
				c.change(r, &p)
			}
			r.knows(p)
			r.hear("e1", parcel.Departed)
			if diff := cmp.Diff(c.want, r.decided()); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}

// A person's choice moves neither advertising nor answers nor the shop's own mail.
func TestChannels_PreferenceIsOfNewsOfOrders(t *testing.T) {
	t.Parallel()
	market := &rules.Market{Channels: []notify.Channel{notify.SMS, notify.Email}}
	market.Marketing.Channels = []notify.Channel{notify.WhatsApp, notify.Email}
	p := mei()
	p.Prefer = notify.Email
	for name, c := range map[string]struct {
		notification notify.Notification
		want         []notify.Channel
	}{
		"news":        {notify.Notification{Audience: notify.Customer}, []notify.Channel{notify.Email, notify.SMS}},
		"advertising": {notify.Notification{Audience: notify.Customer, Notice: notify.Notice{Class: notify.MarketingClass}}, market.Marketing.Channels},
		"an answer":   {notify.Notification{Audience: notify.Customer, Only: notify.SMS}, []notify.Channel{notify.SMS}},
	} {
		got := (&choice{market: market, person: p, notification: c.notification}).channels()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if market.Channels[0] != notify.SMS {
		t.Error("one person's choice changed the market's order")
	}
}

func TestDeliver_MailLeadsToChoices(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.linked()
	p := mei()
	p.Phone, p.Line = "", ""
	r.ready(p)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	m := r.provider.calls[0]
	if !strings.Contains(m.Words.Text, "https://p.example/acme/mei") || m.Unsubscribe != "" {
		t.Errorf("unsubscribe at %q, and the mail says %s", m.Unsubscribe, m.Words.Text)
	}
}

func TestDeliver_StrictMarketNamesAWayOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.linked()
	r.strict()
	p := mei()
	p.Line = ""
	r.ready(p)
	r.prefers(notify.SMS)
	r.hear("e1", parcel.Departed)
	p.Phone = ""
	r.knows(p)
	r.must(r.work()) // the number is gone, so it is a mail
	if m := r.provider.calls[0]; m.Unsubscribe != "https://u.example/acme/mei/email/order_status" {
		t.Errorf("a mail is left at %q", m.Unsubscribe)
	}
	r.knows(mei())
	r.hear("e2", parcel.Arrived)
	r.must(r.work())
	if m := r.provider.calls[1]; m.To.Channel != notify.SMS || !strings.HasSuffix(m.Words.Text, "Abmelden: STOP antworten") || m.Unsubscribe != "" {
		t.Errorf("sent on %s, left at %q: %s", m.To.Channel, m.Unsubscribe, m.Words.Text)
	}
}

func TestDeliver_StrictMarketRefusesTheNameless(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.strict()
	r.shop.Brand.Name = ""
	p := mei()
	p.Phone, p.Line = "", ""
	r.ready(p)
	r.hear("e1", parcel.Departed)
	r.must(r.work())
	r.tells("email failed RENDER_ERROR")
}

// Advertising can be left in every market; staff has nothing to leave.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.linked()
	advertising := notify.Notification{Person: "mei", Audience: notify.Customer, Notice: notify.Notice{Class: notify.MarketingClass, Purpose: notify.ReviewRequest}}
	staff := advertising
	staff.Audience = notify.Staff
	for name, c := range map[string]struct {
		n       notify.Notification
		channel notify.Channel
		want    string
	}{
		"a mail":         {advertising, notify.Email, "https://u.example/acme/mei/email/review_request"},
		"a text message": {advertising, notify.SMS, ""},
		"to staff":       {staff, notify.Email, ""},
	} {
		j := notify.Job{Notification: c.n, Delivery: notify.Delivery{Channel: c.channel}, Story: notify.Story{Merchant: acme}}
		if got := r.unsubscribe(&choice{market: r.shop.Markets["DE"]}, j); got != c.want {
			t.Errorf("%s is left at %q, want %q", name, got, c.want)
		}
	}
}
