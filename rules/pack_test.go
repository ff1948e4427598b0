package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"

	"github.com/google/go-cmp/cmp"
)

// The pack as the facts about markets have it, one market a line. Channels are whatsapp, line, sms and email by their first
// letters (e-mail's is E), of orders and of advertising. Quiet hours name the days whose morning ends at 09:00. Hours of
// advertising are those of Monday to Friday, Saturday and Sunday, x for none, and H when holidays are closed. The needs of
// advertising are those of email, sms and whatsapp: n notice, s soft opt-in, o opt-in, d double opt-in, - forbidden.
const packTable = `
DE de                      Europe/Berlin 1                  EWS EW 21-08 Su,H 09-20 09-20 x     H doo
AT de-AT                   Europe/Vienna 1                  EWS EW 21-08 Su,H 09-20 09-20 x     H doo
CH de,fr,it                Europe/Zurich 1                  EWS EW 21-08 Su,H 09-20 09-20 x     H sso
FR fr                      Europe/Paris 6                   ESW ES 22-08 Su,H 08-20 10-19 x     H sso
BE nl-BE,fr-BE,de          Europe/Brussels 1                EWS E  21-08 Su,H 09-20 09-20 x     H sso
NL nl                      Europe/Amsterdam 1               WES E  21-08 Su   09-20 10-16 x     H sso
LU fr,de,lb                Europe/Luxembourg 1              EWS E  21-08 -    09-20 09-20 x     H sso
IT it                      Europe/Rome 1                    WES EW 22-08 Su,H 09-20 10-19 x     H sso
ES es                      Europe/Madrid 3                  WES EW 22-08 Su,H 10-15,16-21 x x   H sso
PT pt-PT                   Europe/Lisbon 3                  WES E  22-08 -    09-20 09-20 x     H sso
IE en-IE                   Europe/Dublin 1                  ESW E  21-08 -    09-20 09-20 x     H sso
GB en-GB                   Europe/London 1                  SEW ES 21-08 Sa,Su 09-20 09-20 09-20 - sso
PL pl                      Europe/Warsaw 1                  ESW E  21-08 Su,H 09-20 09-20 x     H ooo
CZ cs                      Europe/Prague 1                  ESW E  21-08 -    09-20 09-20 x     H sso
SE sv                      Europe/Stockholm 1               SE  E  21-08 -    09-20 09-20 x     H sso
DK da                      Europe/Copenhagen 1              SE  E  21-08 -    09-20 09-20 x     H ooo
NO nb                      Europe/Oslo 1                    SE  E  21-08 -    09-20 09-20 x     H sso
FI fi,sv-FI                Europe/Helsinki 1                SEW E  21-08 -    09-20 09-20 x     H sso
GR el                      Europe/Athens 1                  SE  E  22-08 -    09-20 09-20 x     H sso
RO ro                      Europe/Bucharest 1               WSE E  22-08 -    09-20 09-20 x     H sso
RS sr-Latn                 Europe/Belgrade 1                SE  E  21-08 -    09-20 09-20 x     H ooo
TR tr                      Europe/Istanbul 1                SWE SE 22-08 -    09-20 09-20 x     - ooo
US en-US,es-US             America/New_York 11              SE  ES 21-08 -    09-20 09-20 09-20 - no-
CA en-CA,fr-CA             America/Toronto 9                ES  E  21-08 -    09-20 10-18 10-18 - sso
MX es-MX                   America/Mexico_City 7            WSE WE 22-08 -    09-20 09-20 x     - ooo
BR pt-BR                   America/Sao_Paulo 5              WES WE 21-08 -    09-20 10-16 x     - soo
AR es-AR                   America/Argentina/Buenos_Aires 1 WES WE 22-08 -    09-20 09-20 x     - ooo
CL es-CL                   America/Santiago 3               WES WE 22-08 -    09-20 09-20 x     - ooo
CO es-CO                   America/Bogota 1                 WES EW 21-08 -    07-19 08-15 x     H ooo
JP ja                      Asia/Tokyo 1                     LES LE 21-08 -    09-20 09-20 09-20 - ooo
TW zh-Hant-TW              Asia/Taipei 1                    LSE LE 21-08 -    09-20 09-20 09-20 - ooo
HK zh-Hant-HK,en-HK        Asia/Hong_Kong 1                 WSE WE 21-08 -    09-20 09-20 09-20 - ooo
KR ko                      Asia/Seoul 1                     SE  ES 21-08 -    09-20 09-20 09-20 - ooo
TH th                      Asia/Bangkok 1                   LSE LE 21-07 -    09-20 09-20 09-20 - ooo
VN vi                      Asia/Ho_Chi_Minh 1               SE  ES 21-07 -    08-20 08-20 08-20 - ooo
ID id                      Asia/Jakarta 3                   WSE WE 21-07 -    09-20 09-20 09-20 - ooo
MY ms,en-MY,zh-Hans        Asia/Kuala_Lumpur 1              WES WE 21-07 -    09-20 09-20 09-20 - ooo
SG en-SG,zh-Hans,ms,ta     Asia/Singapore 1                 WES WE 21-08 -    09-20 09-20 09-20 - ooo
PH fil,en-PH               Asia/Manila 1                    SE  ES 21-07 -    08-20 08-20 08-20 - ooo
IN en-IN,hi                Asia/Kolkata 1                   WSE WS 21-08 -    10-20 10-20 10-20 - ooo
AU en-AU                   Australia/Sydney 7               SEW ES 21-08 -    09-20 09-17 x     H sso
NZ en-NZ                   Pacific/Auckland 2               SE  ES 21-08 -    09-20 09-20 09-20 - ooo
AE ar-AE,en                Asia/Dubai 1                     WSE WS 22-08 -    08-21 08-21 08-21 - ooo
SA ar-SA,en                Asia/Riyadh 1                    WSE W  22-08 -    09-21 09-21 09-21 - o-o
EG ar-EG                   Africa/Cairo 1                   WSE W  22-08 -    09-21 09-21 09-21 - ooo
MA ar-MA,fr                Africa/Casablanca 1              WSE W  22-08 -    09-20 09-20 09-20 - ooo
IL he,ar,en                Asia/Jerusalem 1                 WSE WE 21-08 -    09-20 x     09-20 - sso
ZA en-ZA,af,zu             Africa/Johannesburg 1            WSE WE 21-08 -    08-20 09-13 x     H sso
`

// line brings a market into the form of packTable.
func line(m *Market) string {
	a, q := m.Marketing, m.Quiet
	ends := []string{}
	for _, e := range []struct {
		name  string
		until notify.Clock
	}{{"Sa", q.SaturdaysUntil}, {"Su", q.SundaysUntil}, {"H", q.HolidaysUntil}} {
		if e.until == 9*60 {
			ends = append(ends, e.name)
		}
	}
	letters := map[Need]string{NeedNotice: "n", NeedSoft: "s", NeedOptIn: "o", NeedDouble: "d", NeedForbidden: "-"}
	holidays := "-"
	if a.Hours.HolidaysClosed {
		holidays = "H"
	}
	return strings.Join([]string{m.Code, strings.Join(m.Locales, ","), m.Zone, strconv.Itoa(len(m.Zones)), initials(m.Channels), initials(a.Channels),
		full(q.From) + "-" + full(q.To), orElse(strings.Join(ends, ","), "-"), opening(a.Hours.Days[1]), opening(a.Hours.Days[6]), opening(a.Hours.Days[0]),
		holidays, letters[a.Consent[notify.Email]] + letters[a.Consent[notify.SMS]] + letters[a.Consent[notify.WhatsApp]]}, " ")
}

func initials(channels []notify.Channel) string {
	var b strings.Builder
	for _, c := range channels {
		b.WriteString(strings.ToUpper(string(c[:1])))
	}
	return b.String()
}

func full(c notify.Clock) string { return fmt.Sprintf("%02d", int(c)/60) }

func opening(spans []notify.Span) string {
	var all []string
	for _, s := range spans {
		all = append(all, full(s.From)+"-"+full(s.To))
	}
	return orElse(strings.Join(all, ","), "x")
}

func TestPack_Markets(t *testing.T) {
	t.Parallel()
	var want, got []string
	for row := range strings.Lines(strings.TrimSpace(packTable)) {
		want = append(want, strings.Join(strings.Fields(row), " "))
	}
	slices.Sort(want)
	pack := shippedPack(t)
	for _, code := range slices.Sorted(maps.Keys(pack)) {
		got = append(got, line(pack[code]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(got) != 48 {
		t.Errorf("%d markets, want 48", len(got))
	}
}

// What holds for every market, and what only some have.
func TestPack_Particulars(t *testing.T) {
	t.Parallel()
	for code, m := range shippedPack(t) {
		sms := NeedNotice
		if code == "US" {
			sms = NeedOptIn
		}
		want := map[notify.Channel]Need{notify.WhatsApp: NeedOptIn, notify.LINE: NeedFriend, notify.SMS: sms, notify.Email: NeedNotice, notify.InApp: NeedNotice}
		if diff := cmp.Diff(want, m.Consent); diff != "" {
			t.Errorf("%s: consent for orders, -want +got:\n%s", code, diff)
		}
		a := m.Marketing
		if months := map[string]int{"FR": 36, "CA": 24, "KR": 24}[code]; a.ValidMonths != months || a.Daily != map[string]int{"VN": 3}[code] || a.DailyByLaw != (code == "VN") {
			t.Errorf("%s: valid %d months, %d a day, by law %t", code, a.ValidMonths, a.Daily, a.DailyByLaw)
		}
		if m.MainZone != strings.Contains("CL ES FR NZ PT", code) {
			t.Errorf("%s: main zone %t", code, m.MainZone)
		}
		if m.Identify != (code == "CA" || code == "AU") || m.Ramadan || m.Daily != 0 {
			t.Errorf("%s: identify %t, ramadan %t, %d a day", code, m.Identify, m.Ramadan, m.Daily)
		}
		if (len(a.Regions) > 0) != (code == "US") || (a.Hours.Eves != nil) != (code == "IT") || (m.Quiet.Also != nil) != (code == "IL") {
			t.Errorf("%s: regions %v, eves %v, also %v", code, a.Regions, a.Hours.Eves, m.Quiet.Also)
		}
		if len(a.Consent) != len(notify.Channels()) || a.Consent[notify.LINE] != NeedFriend || !a.HoursIn("").Open() {
			t.Errorf("%s: consent for advertising %v, hours %v", code, a.Consent, a.HoursIn(""))
		}
		if len(m.Version) != 12 {
			t.Errorf("%s: version %q", code, m.Version)
		}
	}
}

func TestPack_WeekOfIsrael(t *testing.T) {
	t.Parallel()
	m := shippedPack(t)["IL"]
	want := notify.Stretch{FromDay: time.Friday, From: 15 * 60, ToDay: time.Saturday, To: 20 * 60}
	if m.Quiet.Also == nil || *m.Quiet.Also != want {
		t.Errorf("also quiet %v, want %v", m.Quiet.Also, want)
	}
	if got := opening(m.Marketing.Hours.Days[time.Friday]); got != "09-13" {
		t.Errorf("Fridays open %s, want 09-13", got)
	}
}

func TestPack_HoursOfStates(t *testing.T) {
	t.Parallel()
	a := shippedPack(t)["US"].Marketing
	tests := map[string][7]string{ // from Sunday on
		"":   {"12-17", "09-18", "09-18", "09-18", "09-18", "09-18", "10-17"},
		"CA": {"09-20", "09-20", "09-20", "09-20", "09-20", "09-20", "09-20"},
		"FL": {"09-20", "09-20", "09-20", "09-20", "09-20", "09-20", "09-20"},
		"RI": {"10-17", "09-18", "09-18", "09-18", "09-18", "09-18", "10-17"},
		"TX": {"12-20", "09-20", "09-20", "09-20", "09-20", "09-20", "09-20"},
	}
	for region, want := range tests {
		var got [7]string
		for d, spans := range a.HoursIn(region).Days {
			got[d] = opening(spans)
		}
		if got != want {
			t.Errorf("%q: open %v, want %v", region, got, want)
		}
	}
}

// told is what a rule of the pack is expected to make of an event.
type told struct {
	Say      notify.TemplateKey
	Collapse string
	Urgency  notify.Urgency
	TTL      time.Duration
}

// A parcel that stands still with customs is told in the words for that, and only in those.
func TestPack_StuckWithCustoms(t *testing.T) {
	t.Parallel()
	for code, m := range shippedPack(t) {
		var said []notify.TemplateKey
		for _, match := range m.Match(Env{Event: EventFacts{Kind: string(parcel.Stuck)}, Parcel: ParcelFacts{Stage: string(parcel.StageCustoms)}}) {
			if match.Fired {
				said = append(said, match.Notice.Say)
			}
		}
		if !slices.Equal(said, []notify.TemplateKey{"customs_delay"}) {
			t.Errorf("%s says %v", code, said)
		}
	}
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

		parcel.Scheduled:    {"delivery_scheduled", "milestone", notify.Normal, day},
		parcel.Tomorrow:     {"delivery_scheduled", "milestone", notify.Normal, day},
		parcel.Problem:      {"problem", "", notify.High, day},
		parcel.Refused:      {"refused", "", notify.High, day},
		parcel.Cancelled:    {"cancelled", "", notify.High, day},
		parcel.CarrierSayNo: {"cancelled", "", notify.High, day},
		parcel.Stuck:        {"stuck", "delay", notify.High, day}, // with customs it is customs_delay
		parcel.NeverScanned: {"stuck", "delay", notify.High, day},
		parcel.ETAMoved:     {"eta_changed", "delay", notify.High, day},
		parcel.ETAMissed:    {"eta_changed", "delay", notify.High, day},
	}
	for code, m := range shippedPack(t) {
		for _, kind := range parcel.Kinds() {
			var got []told
			for _, match := range m.Match(Env{Event: EventFacts{Kind: string(kind)}}) {
				if !match.Fired {
					continue
				}
				n := match.Notice
				got = append(got, told{n.Say, n.Collapse, n.Urgency, n.TTL})
				if !slices.Equal(n.To, []notify.Audience{notify.Customer}) {
					t.Errorf("%s on %s: to %v", code, kind, n.To)
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
