package chat

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/templates"
)

// notices are the words in which each kind of event is told. What has none is told as trouble of no known kind.
var notices = map[parcel.Kind]notify.TemplateKey{
	parcel.LabelMade: "announced", parcel.PickedUp: "shipped", parcel.Departed: "departed", parcel.InTransit: "departed", parcel.Arrived: "arrived",
	parcel.Customs: "customs_hold", parcel.CustomsInfo: "customs_hold", parcel.CustomsPay: "customs_hold", parcel.HeldPayment: "customs_hold", parcel.HeldPapers: "customs_hold",
	parcel.Released: "customs_released", parcel.Scheduled: "delivery_scheduled", parcel.OutForDeliv: "out_for_delivery", parcel.Attempted: "attempt_failed",
	parcel.Pickup: "ready_for_pickup", parcel.PickupAgain: "ready_for_pickup", parcel.Delivered: "delivered", parcel.Returning: "returning", parcel.Returned: "returned",
	parcel.Delay: "delayed", parcel.Stuck: "stuck", parcel.NeverScanned: "stuck", parcel.Expired: "stuck", parcel.Refused: "refused", parcel.Cancelled: "cancelled",
	parcel.Lost: "lost", parcel.Damaged: "damaged",
}

// news is the event that says how a parcel stands: the trouble nothing has settled, else how far it has come. ok is false before anything was heard.
func news(st parcel.State) (e parcel.Event, ok bool) {
	e = parcel.Event{Kind: st.Kind, Detail: st.Detail, HappenedAt: st.Since, Place: st.Place, ETA: st.ETA}
	if t := st.Trouble; t != nil {
		e.Kind, e.Detail, e.HappenedAt = t.Kind, t.Detail, t.Since
	}
	return e, e.Kind != "" && e.Kind != parcel.Unknown
}

// stands says where an order is, what comes next, when it should arrive, and what is wrong.
func (s *speaker) stands(b Bought) {
	head := s.headed(b)
	if len(b.Parcels) == 0 {
		s.said = append(s.said, head+"\n"+s.text("no_news", nil))
		return
	}
	for i, p := range b.Parcels[:min(len(b.Parcels), told)] {
		text := s.parcel(b, p)
		if i == 0 {
			text = head + "\n" + text
		}
		s.said = append(s.said, text)
	}
}

// headed names an order, so that nobody takes the answer for another one's.
func (s *speaker) headed(b Bought) string {
	goods := b.goods()
	if b.Order.OrderedAt.IsZero() {
		return s.text("order_undated", map[string]any{"Goods": goods})
	}
	return s.text("order", map[string]any{"Goods": goods, "Date": s.date(b.Order.OrderedAt)})
}

// named is an order in a list.
func (s *speaker) named(b Bought) string {
	if b.Order.OrderedAt.IsZero() {
		return b.goods()
	}
	return b.goods() + " (" + s.date(b.Order.OrderedAt) + ")"
}

// goodsLimit is how many characters an order's goods are named in.
const goodsLimit = 60

// goods is what is in an order, or else its number.
func (b Bought) goods() string {
	if title := b.understood().Title; title != "" {
		return templates.Plain(title, goodsLimit)
	}
	return string(b.Order.ID)
}

func (s *speaker) date(t time.Time) string {
	return s.assistant.words.Format(s.locale).Date(t.In(s.zone()))
}

// parcel says how one parcel stands: in the words of the notice about its last news, with the estimate and the age of what is known. What is
// overdue is said to be.
func (s *speaker) parcel(b Bought, p parcel.Parcel) string {
	e, ok := news(p.State)
	if !ok {
		return s.text("no_news", nil)
	}
	say, ok := notices[e.Kind]
	if !ok {
		say = "problem"
	}
	words, err := s.Words.Render(templates.Input{
		Say: say, Channel: notify.InApp, Locale: s.locale, Audience: notify.Customer, Now: s.Now, Zone: s.zone(), Brand: s.Brand, Person: s.Person.Name, Postal: s.Person.Postal,
		Order: &b.Order, Parcel: p, Event: e,
	})
	if err != nil {
		return s.text("no_news", nil)
	}
	s.told = append(s.told, notify.Told{Parcel: p.ID, Kind: e.Kind})
	out := words.Text
	if w := p.State.ETA; w != nil && s.overdue(p) {
		out += "\n" + s.text("overdue", map[string]any{"When": s.date(w.To)})
	}
	if !p.State.LastScan.IsZero() {
		f := s.assistant.words.Format(s.locale)
		at := p.State.LastScan.In(s.zone())
		out += "\n" + s.text("asof", map[string]any{"When": f.At(f.Date(at), f.Time(at))})
	}
	return out
}

// overdue reports whether the estimate has passed and the parcel is still to come.
func (s *speaker) overdue(p parcel.Parcel) bool {
	to := p.State.ETA.To
	return !to.IsZero() && !p.State.Ended && p.State.Stage != parcel.StageDelivered && p.State.Stage != parcel.StagePickup && to.Add(24*time.Hour).Before(s.Now)
}
