package templates

import (
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
)

// Samples returns inputs that between them say everything that can be said in a locale: every notice, in each of
// its variants, on every channel, to each audience, with much and with little known.
func (s *Set) Samples(locale string) []Input {
	var all []Input
	for _, say := range s.keys {
		for _, v := range s.events()[say] {
			for _, in := range []Input{rich(v.Kind), lengthy(v.Kind), poor(v.Kind)} {
				in.Say, in.Locale, in.Event.Detail = say, locale, v.Detail
				all = append(all, everywhere(in)...)
			}
		}
	}
	return all
}

// everywhere returns in for every channel and audience. Staff has an e-mail address only.
func everywhere(in Input) []Input {
	var all []Input
	for _, channel := range notify.Channels() {
		in.Channel, in.Audience = channel, notify.Customer
		all = append(all, in)
	}
	in.Channel, in.Audience = notify.Email, notify.Staff
	return append(all, in)
}

// usual is the kind of event that brings about a notice; its variants are added by kindsOf.
var usual = map[notify.TemplateKey]parcel.Kind{
	"shipped": parcel.PickedUp, "departed": parcel.Departed, "arrived": parcel.Arrived, "customs_hold": parcel.Customs,
	"customs_released": parcel.Released, "customs_delay": parcel.Stuck, "out_for_delivery": parcel.OutForDeliv,
	"attempt_failed": parcel.Attempted, "ready_for_pickup": parcel.Pickup, "delivered": parcel.Delivered,
	"delayed": parcel.Delay, "lost": parcel.Lost, "damaged": parcel.Damaged, "returning": parcel.Returning, "returned": parcel.Returned,
	"review_request": parcel.Delivered, "announced": parcel.LabelMade, "delivery_scheduled": parcel.Scheduled,
	"eta_changed": parcel.ETAMoved, "stuck": parcel.Stuck, "problem": parcel.Problem, "refused": parcel.Refused, "cancelled": parcel.Cancelled,
}

// variantsOf lists, for each notice, the events that are told differently under it: the usual one, the kinds with words of
// their own, and the usual one with each detail that has some.
func variantsOf(c *locales.Catalog, notices []notify.TemplateKey) map[notify.TemplateKey][]parcel.Event {
	names := variantNames(c)
	all := map[notify.TemplateKey][]parcel.Event{}
	for _, say := range notices {
		events := []parcel.Event{{Kind: usual[say]}}
		for _, kind := range parcel.Kinds() {
			if kind != usual[say] && slices.ContainsFunc(variants(parcel.Event{Kind: kind}), func(v string) bool { return slices.Contains(names[say], v) }) {
				events = append(events, parcel.Event{Kind: kind})
			}
		}
		for _, name := range names[say] {
			if !isVariantOfKind(name) {
				events = append(events, parcel.Event{Kind: usual[say], Detail: name})
			}
		}
		all[say] = events
	}
	return all
}

// variantNames lists the names under which any catalog keeps words for some events of a notice, sorted.
func variantNames(c *locales.Catalog) map[notify.TemplateKey][]string {
	names := map[notify.TemplateKey][]string{}
	for _, locale := range c.Locales() {
		for _, key := range c.Keys(locale) {
			rest, ok := strings.CutPrefix(key, noticePrefix)
			parts := strings.Split(rest, ".")
			if !ok || len(parts) != 3 {
				continue
			}
			if say := notify.TemplateKey(parts[0]); !slices.Contains(names[say], parts[1]) {
				names[say] = append(names[say], parts[1])
			}
		}
	}
	for _, of := range names {
		slices.Sort(of)
	}
	return names
}

// isVariantOfKind reports whether a variant is that of a kind or a group of kinds, rather than of a detail.
func isVariantOfKind(name string) bool {
	return slices.ContainsFunc(parcel.Kinds(), func(k parcel.Kind) bool { return slices.Contains(variants(parcel.Event{Kind: k}), name) })
}

// sampleTime is when the samples are written: a Monday morning.
func sampleTime() time.Time { return time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC) }

// rich is a message about which everything is known, at the lengths messages are planned for: an item's title of 40
// characters, a link of 68.
func rich(kind parcel.Kind) Input {
	now := sampleTime()
	eta := parcel.Window{From: now.Add(28*time.Hour + 30*time.Minute), To: now.Add(32*time.Hour + 30*time.Minute)}
	order := parcel.Order{ID: "A-10482", Items: []parcel.Item{
		{Title: "Hand-woven wool coat, dark blue, size 40"}, {Title: "Scarf"}, {Title: "Gloves"}}}
	return Input{
		Now: now, Zone: time.UTC, Person: "Mei Tanaka", Postal: notify.Postal{Country: "DE", PostalCode: "04109", City: "Leipzig"}, Order: &order,
		Brand:  Brand{Name: "Acme Store", Color: "#1F4E79", URL: "https://shop.example", Support: "help@shop.example"},
		Parcel: parcel.Parcel{Carrier: "dhl", Number: "00340434161094042557", Order: order.ID},
		Event:  parcel.Event{Kind: kind, Place: parcel.Place{City: "Leipzig", Country: "DE"}, ETA: &eta},
		Link:   "https://track.shop.example/t/Zk3vQ9xT7bW2mN5cR8yL1pD4sH6fJ0aE-uVtgXo", // as long as they are

		Preferences: "https://track.shop.example/p/Yw8dK2fM6qS1vB9nX4",
	}
}

// lengthy is a message with values as long as they come: those that may be cut are, and what stands around them has to leave
// room for the rest. It names its sender and the way out, as some markets ask.
func lengthy(kind parcel.Kind) Input {
	in := rich(kind)
	order := parcel.Order{ID: "WEB-2026-11-0048291", Items: []parcel.Item{
		{Title: "Women's double-breasted wool-blend winter coat with detachable hood, midnight blue, EU size 40 (petite)", Quantity: 12}, {Title: "Scarf", Quantity: 25}}}
	in.Order, in.Parcel.Order, in.Parcel.Carrier, in.Identify = &order, order.ID, "österreichische-post", true
	in.Person = "Maximiliane Charlotte von Hohenstein-Wittgenstein"
	in.Event.Place = parcel.Place{City: "Llanfairpwllgwyngyll", Country: "GB"}
	return in
}

// poor is a message about which next to nothing is known.
func poor(kind parcel.Kind) Input {
	return Input{
		Now:   sampleTime(),
		Brand: Brand{Name: "Acme Store"}, Event: parcel.Event{Kind: kind, Number: "00340434161094042557"},
	}
}
