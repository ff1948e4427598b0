package play

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/report"
	"landfall/internal/sandbox"
)

//go:embed journeys/*.json
var journeys embed.FS

// Member is a customer of the sample merchant.
type Member struct {
	ID, Name, Home, Zone string
	Order, Goods         string
	person, order        map[string]any
	consents             []map[string]any
	addresses            []string
}

const nokLine = "U4af4980629a1b2c3d4e5f60718293a4b"

// Cast are the customers of the story.
func Cast() []Member {
	consent := func(channel, method string) map[string]any {
		return map[string]any{"channel": channel, "purpose": "order_status", "action": "granted", "method": method, "occurred_at": "2026-11-28T09:00:00Z"}
	}
	order := func(person, currency string, amount float64, title, carrier, number string) map[string]any {
		return map[string]any{"person": person, "value": map[string]any{"amount": amount, "currency": currency},
			"items": []any{map[string]any{"title": title}}, "ordered_at": "2026-11-28T09:00:00Z",
			"parcels": []any{map[string]any{"carrier": carrier, "number": number}}}
	}
	return []Member{
		{ID: "mei", Name: "Mei Schneider", Home: "Berlin", Zone: "Europe/Berlin", Order: "A1", Goods: "a wool coat from Osaka",
			person: map[string]any{"name": "Mei Schneider", "market": "DE", "locale": "de", "phone": "+4915112345678", "email": "mei@example.com",
				"address": map[string]any{"country": "DE", "postal_code": "10115", "city": "Berlin"}, "in_app": true},
			order:    order("mei", "EUR", 120, "Wollmantel", "dhl", "00340434161094015902"),
			consents: []map[string]any{consent("whatsapp", "checkbox")}, addresses: []string{"+4915112345678", "mei@example.com"}},
		{ID: "nok", Name: "Nok Saetang", Home: "Chiang Mai", Zone: "Asia/Bangkok", Order: "T7", Goods: "running shoes from Tokyo",
			person: map[string]any{"name": "Nok Saetang", "market": "TH", "locale": "th", "line": nokLine,
				"address": map[string]any{"country": "TH", "postal_code": "50000", "city": "Chiang Mai"}},
			order: order("nok", "THB", 4900, "รองเท้าวิ่ง", "thailand-post", "RR123456785JP"), addresses: []string{nokLine}},
		{ID: "grace", Name: "Grace Miller", Home: "Portland, Maine", Zone: "America/New_York", Order: "U3", Goods: "headphones from Seoul",
			person: map[string]any{"name": "Grace Miller", "market": "US", "locale": "en-US", "phone": "+12075550142", "email": "grace@example.com",
				"address": map[string]any{"country": "US", "region": "ME", "postal_code": "04101", "city": "Portland"}},
			order:    order("grace", "USD", 199, "Headphones", "usps", "9400110898825022579493"),
			consents: []map[string]any{consent("sms", "checkbox")}, addresses: []string{"+12075550142", "grace@example.com"}},
	}
}

// scene is something that happens at a time.
type scene struct {
	at   string // RFC 3339
	note string // for the progress line
	play func(context.Context, *World) error
}

func webhook(feed, file string) func(context.Context, *World) error {
	return func(ctx context.Context, w *World) error {
		payload, err := journeys.ReadFile("journeys/" + file + ".json")
		if err != nil {
			return err
		}
		return w.Webhook(ctx, feed, payload)
	}
}

func scenes() []scene {
	return []scene{
		{"2026-11-30T13:02:00Z", "the coat is picked up in Osaka", webhook("aftership", "aftership_de_1_picked_up")},
		{"2026-12-01T02:41:00Z", "the shoes reach customs in Bangkok", webhook("17track", "17track_th_1_customs")},
		{"2026-12-01T15:14:00Z", "the headphones reach the carrier", webhook("easypost", "easypost_us_1_accepted")},
		{"2026-12-01T15:30:00Z", "Grace answers STOP", func(_ context.Context, w *World) error {
			return w.Sandbox.Reply(sandbox.SMS, "+12075550142", smsNumber, "STOP")
		}},
		{"2026-12-01T21:15:00Z", "the coat departs, late in the evening in Berlin", webhook("aftership", "aftership_de_2_departed")},
		{"2026-12-02T03:00:00Z", "the coat is out for delivery before Berlin wakes", webhook("aftership", "aftership_de_3_out_for_delivery")},
		{"2026-12-02T04:16:00Z", "customs asks for papers", webhook("17track", "17track_th_2_documents")},
		{"2026-12-02T13:20:00Z", "the coat is with a neighbour", webhook("aftership", "aftership_de_4_delivered")},
		{"2026-12-03T09:31:00Z", "customs lets the shoes go", webhook("17track", "17track_th_3_released")},
		{"2026-12-03T13:06:00Z", "the headphones are out for delivery", webhook("easypost", "easypost_us_2_out_for_delivery")},
		{"2026-12-03T19:43:00Z", "the headphones are delivered", webhook("easypost", "easypost_us_3_delivered")},
		{"2026-12-04T01:21:00Z", "the shoes are out for delivery", webhook("17track", "17track_th_4_out_for_delivery")},
		{"2026-12-04T06:06:00Z", "the shoes are delivered", webhook("17track", "17track_th_5_delivered")},
	}
}

// Curtain is when the story begins.
func Curtain() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }

// Story plays the journeys of the cast from beginning to end, calling progress before each scene.
func (w *World) Story(ctx context.Context, progress func(done, all int, note string)) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	all := scenes()
	for i, s := range all {
		progress(i, len(all), s.note)
		at, err := time.Parse(time.RFC3339, s.at)
		if err != nil {
			return err
		}
		if err := w.Until(ctx, at); err != nil {
			return fmt.Errorf("until %s: %w", s.at, err)
		}
		if err := s.play(ctx, w); err != nil {
			return fmt.Errorf("at %s, %s: %w", s.at, s.note, err)
		}
		if err := w.Work(ctx); err != nil {
			return fmt.Errorf("after %s, %s: %w", s.at, s.note, err)
		}
	}
	progress(len(all), len(all), "done")
	return nil
}

// enter tells Landfall of the cast, as their shop would.
func (w *World) enter(ctx context.Context) error {
	for _, m := range Cast() {
		w.Sandbox.Name(m.Name, m.addresses...)
		zone, err := time.LoadLocation(m.Zone)
		if err != nil {
			return err
		}
		for _, a := range m.addresses {
			w.Sandbox.Zone(a, zone)
		}
		if err := w.Put(ctx, "people/"+m.ID, m.person); err != nil {
			return err
		}
		if m.consents != nil {
			if err := w.Post(ctx, "people/"+m.ID+"/consents", m.consents); err != nil {
				return err
			}
		}
		if err := w.Put(ctx, "orders/"+m.Order, m.order); err != nil {
			return err
		}
	}
	return w.Sandbox.Follow(nokLine)
}

// Experience is what one member of the cast lived through.
type Experience struct {
	Person   notify.PersonID `json:"person"`
	Name     string          `json:"name"`
	Home     string          `json:"home"`
	Zone     string          `json:"time_zone"`
	Order    string          `json:"order"`
	Goods    string          `json:"goods"`
	Messages []report.Row    `json:"messages"` // in order of time
	Timeline []report.Entry  `json:"timeline"`
}

// Experiences reads back what everybody was told.
func (w *World) Experiences(ctx context.Context) ([]Experience, error) {
	rows, err := w.Rows(ctx)
	if err != nil {
		return nil, err
	}
	var out []Experience
	for _, m := range Cast() {
		x := Experience{Person: notify.PersonID(m.ID), Name: m.Name, Home: m.Home, Zone: m.Zone, Order: m.Order, Goods: m.Goods, Messages: []report.Row{}}
		for _, r := range rows {
			if r.Person == x.Person {
				x.Messages = append(x.Messages, r)
			}
		}
		slices.SortStableFunc(x.Messages, func(a, b report.Row) int { return a.At.Compare(b.At) })
		var timeline struct{ Entries []report.Entry }
		if err := w.Get(ctx, "orders/"+m.Order+"/timeline", &timeline); err != nil {
			return nil, err
		}
		x.Timeline = timeline.Entries
		out = append(out, x)
	}
	return out, nil
}

// Discord compares what Landfall says it sent with what the stand-in providers say they got. Both lists and everything a
// provider objected to come back as sentences; none means that all is well.
func (w *World) Discord(rows []report.Row) []string {
	out := w.Sandbox.Problems()
	received := w.Sandbox.Received()
	for _, r := range rows {
		if r.Outcome != "sent" || r.Channel == notify.InApp {
			continue
		}
		if !slices.ContainsFunc(received, func(g sandbox.Received) bool { return same(g, r) }) {
			out = append(out, fmt.Sprintf("%s on %s says it was sent, and no provider got it", r.Say, r.Channel))
		}
	}
	return out
}

func same(g sandbox.Received, r report.Row) bool {
	return r.ProviderID != "" && (strings.Trim(g.ProviderID, "<>") == strings.Trim(r.ProviderID, "<>") || g.RequestID == r.ProviderID)
}
