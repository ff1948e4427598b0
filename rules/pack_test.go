package rules

import (
	"maps"
	"slices"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"

	"github.com/google/go-cmp/cmp"
)

func hours(from, to, sundays int) notify.Quiet {
	return notify.Quiet{From: notify.Clock(from * 60), To: notify.Clock(to * 60), SundaysUntil: notify.Clock(sundays * 60)}
}

func TestPack_Markets(t *testing.T) {
	t.Parallel()
	const (
		whatsapp = notify.WhatsApp
		line     = notify.LINE
		sms      = notify.SMS
		email    = notify.Email
	)
	tests := map[string]struct {
		locale   string
		zone     string
		zones    int
		channels []notify.Channel
		quiet    notify.Quiet
		sms      Need
	}{
		"DE": {"de", "Europe/Berlin", 1, []notify.Channel{email, whatsapp, sms}, hours(21, 8, 9), NeedNotice},
		"FR": {"fr", "Europe/Paris", 6, []notify.Channel{email, sms, whatsapp}, hours(22, 8, 9), NeedNotice},
		"GB": {"en-GB", "Europe/London", 1, []notify.Channel{sms, email, whatsapp}, hours(21, 8, 9), NeedNotice},
		"US": {"en-US", "America/New_York", 7, []notify.Channel{sms, email}, hours(21, 8, 0), NeedOptIn},
		"BR": {"pt-BR", "America/Sao_Paulo", 5, []notify.Channel{whatsapp, email, sms}, hours(21, 8, 0), NeedNotice},
		"JP": {"ja", "Asia/Tokyo", 1, []notify.Channel{line, email, sms}, hours(21, 8, 0), NeedNotice},
		"TH": {"th", "Asia/Bangkok", 1, []notify.Channel{line, sms, email}, hours(21, 7, 0), NeedNotice},
		"ID": {"id", "Asia/Jakarta", 3, []notify.Channel{whatsapp, sms, email}, hours(21, 7, 0), NeedNotice},
	}
	pack := shippedPack(t)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(tests)), slices.Sorted(maps.Keys(pack))); diff != "" {
		t.Fatalf("markets, -want +got:\n%s", diff)
	}
	for code, tt := range tests {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			m := pack[code]
			if m.Code != code || m.Locale != tt.locale || m.Zone != tt.zone || len(m.Zones) != tt.zones || m.Zones[0] != m.Zone {
				t.Errorf("got %s, locale %s, zone %s of %v", m.Code, m.Locale, m.Zone, m.Zones)
			}
			if diff := cmp.Diff(tt.channels, m.Channels); diff != "" {
				t.Errorf("channels, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tt.quiet, m.Quiet); diff != "" {
				t.Errorf("quiet hours, -want +got:\n%s", diff)
			}
			want := map[notify.Channel]Need{whatsapp: NeedOptIn, line: NeedFriend, sms: tt.sms, email: NeedNotice, notify.InApp: NeedNotice}
			if diff := cmp.Diff(want, m.Consent); diff != "" {
				t.Errorf("consent, -want +got:\n%s", diff)
			}
		})
	}
}

// told is what a rule of the pack is expected to make of an event.
type told struct {
	Say      notify.TemplateKey
	Collapse string
	Urgency  notify.Urgency
	TTL      time.Duration
}

func TestPack_TellsWhatHappened(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	hold := told{"customs_hold", "", notify.High, day}
	pickup := told{"ready_for_pickup", "milestone", notify.Normal, day}
	damaged := told{"damaged", "", notify.High, day}
	tests := map[parcel.Kind]told{
		parcel.PickedUp:    {"shipped", "milestone", notify.Normal, day},
		parcel.Departed:    {"departed", "milestone", notify.Normal, day},
		parcel.Arrived:     {"arrived", "milestone", notify.Normal, day},
		parcel.Customs:     hold,
		parcel.CustomsInfo: hold,
		parcel.CustomsPay:  hold,
		parcel.HeldPayment: hold,
		parcel.HeldPapers:  hold,
		parcel.Released:    {"customs_released", "milestone", notify.Normal, day},
		parcel.OutForDeliv: {"out_for_delivery", "milestone", notify.Normal, 14 * time.Hour},
		parcel.Attempted:   {"attempt_failed", "", notify.High, day},
		parcel.BadAddress:  {"attempt_failed", "", notify.High, day},
		parcel.Pickup:      pickup,
		parcel.PickupAgain: pickup,
		parcel.Delivered:   {"delivered", "milestone", notify.Normal, 3 * day},
		parcel.Delay:       {"delayed", "delay", notify.High, day},
		parcel.Lost:        {"lost", "", notify.High, day},
		parcel.Damaged:     damaged,
		parcel.Destroyed:   damaged,
		parcel.Returning:   {"returning", "", notify.Normal, day},
		parcel.Returned:    {"returned", "", notify.Normal, day},
	}
	for code, m := range shippedPack(t) {
		for _, kind := range parcel.Kinds() {
			var got []told
			for _, match := range m.Match(Env{Event: EventFacts{Kind: string(kind)}}) {
				n := match.Notice
				got = append(got, told{n.Say, n.Collapse, n.Urgency, n.TTL})
				if !match.Fired || !slices.Equal(n.To, []notify.Audience{notify.Customer}) {
					t.Errorf("%s on %s: fired %t, to %v", code, kind, match.Fired, n.To)
				}
			}
			var want []told
			if w, ok := tests[kind]; ok {
				want = []told{w}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s on %s, -want +got:\n%s", code, kind, diff)
			}
		}
	}
}
