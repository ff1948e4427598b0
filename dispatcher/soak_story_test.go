package dispatcher

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
)

// soul is a customer of the long run.
type soul struct {
	notify.Person
	stored bool
	erased bool
}

// box is a parcel of the long run and what will still happen to it.
type box struct {
	label parcel.Label
	next  []parcel.Kind
	last  parcel.Event
	late  *parcel.Order // its order, when the shop tells of it later
}

// step lets some time pass, some things happen to people and some parcels move.
func (s *soak) step() {
	s.now = s.now.Add([...]time.Duration{time.Second, 40 * time.Second, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour}[s.rnd.IntN(6)])
	for len(s.boxes) < 30+s.events/400 {
		s.open()
	}
	for range 1 + s.rnd.IntN(3) {
		s.act(s.anybody())
	}
	s.rarely()
	s.feed()
	s.receipts()
	s.round()
}

// rarely does what happens now and then.
func (s *soak) rarely() {
	switch s.rnd.IntN(40) {
	case 0, 1:
		s.process.dies = [...]moment{beforeClaim, afterClaim, beforeRecord, afterRecord}[s.rnd.IntN(4)]
	case 2:
		s.erase(s.anybody())
	case 3, 4:
		s.move(s.anybody())
	case 5:
		s.reload(s.pages[s.rnd.IntN(len(s.pages))])
	case 6, 7:
		s.record.foul = map[notify.Channel]bool{notify.Channels()[s.rnd.IntN(5)]: true}
	case 8, 9, 10:
		s.record.foul = nil
	case 11:
		s.comeBack(s.anybody())
	case 12:
		s.belt.ids, s.parked = nil, nil // Redis was flushed
	}
}

// anybody is one of the customers so far.
func (s *soak) anybody() *soul { return s.people[s.rnd.IntN(len(s.people))] }

// newcomer is somebody who has not ordered before.
func (s *soak) newcomer() *soul {
	i := len(s.people)
	p := &soul{Person: notify.Person{ID: notify.PersonID(fmt.Sprint("p", i)), Name: "Mei", Postal: notify.Postal{Country: s.country()},
		Phone: notify.Phone(fmt.Sprintf("+4915%09d", i)), Email: notify.EmailAddress(fmt.Sprintf("p%d@example.com", i)),
		Line: notify.LineID(fmt.Sprint("U", i)), InApp: s.chance(3)}}
	switch s.rnd.IntN(12) {
	case 0:
		p.TimeZone = "America/New_York"
	case 1:
		p.Phone = ""
	case 2:
		p.Email = ""
	case 3:
		p.Prefer = notify.Channels()[s.rnd.IntN(5)]
	case 4:
		p.Phone = s.anyPhone(p.Phone)
	case 5:
		p.Quiet = &notify.Quiet{From: 19 * 60, To: 10 * 60}
	}
	s.people = append(s.people, p)
	return p
}

// anyPhone is that of somebody in the same family.
func (s *soak) anyPhone(own notify.Phone) notify.Phone {
	if len(s.people) == 0 {
		return own
	}
	return s.anybody().Phone
}

// country is one of the pack, often one whose hours the stand-ins know.
func (s *soak) country() string {
	if s.chance(2) {
		return known[s.rnd.IntN(len(known))].code
	}
	return s.record.codes(s.pages[0])[s.rnd.IntN(len(s.pages[0]))]
}

// store tells the ledger of a person; somebody it must not know again stays unknown.
func (s *soak) store(p *soul) {
	_, err := s.PutPerson(s.Context(), s.shop, p.Person)
	if errors.Is(err, ledger.ErrErased) {
		return
	}
	s.must(err)
	p.stored, p.erased = true, false
	s.record.knows(p.Person)
}

// open begins an order with one or two parcels.
func (s *soak) open() {
	p := s.newcomer()
	if len(s.people) > 20 && !s.chance(3) {
		p = s.anybody()
	}
	if !p.stored && !p.erased {
		s.store(p)
		s.agree(p)
	}
	s.orders++
	o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("o", s.orders)), Person: string(p.ID), Value: parcel.Money{Amount: 100, Currency: "EUR"},
		Items: []parcel.Item{{Title: "Coat"}}}
	for i := range 1 + s.rnd.IntN(2) {
		o.Parcels = append(o.Parcels, parcel.Label{Carrier: "dhl", Number: parcel.Number(fmt.Sprintf("N%d-%d", s.orders, i))})
		s.boxes = append(s.boxes, &box{label: o.Parcels[i], next: s.journey()})
	}
	if s.chance(10) {
		s.boxes[len(s.boxes)-1].late = &o
		return
	}
	s.put(o)
}

func (s *soak) put(o parcel.Order) {
	_, err := s.PutOrder(s.Context(), s.shop, o)
	if !errors.Is(err, ledger.ErrErased) {
		s.must(err)
	}
}

// agree is what most people do when they order.
func (s *soak) agree(p *soul) {
	for _, c := range [...]notify.Channel{notify.WhatsApp, notify.LINE} {
		if !s.chance(4) {
			s.says(p, notify.ConsentEvent{Channel: c, Action: notify.Granted})
		}
	}
	if s.chance(2) {
		s.says(p, notify.ConsentEvent{Channel: notify.AnyChannel, Purpose: notify.ReviewRequest, Action: notify.DOIConfirmed})
	}
}

// journey is what will happen to a parcel: the usual way, with trouble now and then.
func (s *soak) journey() []parcel.Kind {
	way := []parcel.Kind{parcel.PickedUp, parcel.Departed, parcel.InTransit, parcel.Arrived, parcel.Customs, parcel.Released, parcel.OutForDeliv, parcel.Delivered}
	for _, k := range [...]parcel.Kind{parcel.CustomsPay, parcel.Delay, parcel.Attempted, parcel.BadAddress, parcel.Damaged, parcel.Pickup, parcel.OutForDeliv, parcel.Lost} {
		if s.chance(5) {
			way = slices.Insert(way, 1+s.rnd.IntN(len(way)-1), k)
		}
	}
	for range 6 { // scans that nobody is told of
		way = slices.Insert(way, 1+s.rnd.IntN(len(way)-1), parcel.InTransit)
	}
	return way
}

// feed accepts a batch of news of different parcels.
func (s *soak) feed() {
	var batch []parcel.Event
	for range 1 + s.rnd.IntN(12) {
		b := s.boxes[s.rnd.IntN(len(s.boxes))]
		for range 1 + s.rnd.IntN(5) {
			batch = append(batch, s.news(b))
		}
	}
	batch = batch[:min(len(batch), s.events-s.fed)]
	s.boxes = slices.DeleteFunc(s.boxes, func(b *box) bool { return len(b.next) == 0 })
	s.belt.fail = nil
	if s.chance(30) {
		s.belt.fail = errors.New("the queue is away")
	}
	in, err := s.Accept(s.Context(), s.shop, batch)
	s.must(err)
	s.belt.fail = nil
	s.fed, s.repeats = s.fed+len(batch), s.repeats+len(in.Repeated)
}

// news is the next of a parcel: mostly fresh, sometimes late, of another feed, or heard before.
func (s *soak) news(b *box) parcel.Event {
	if b.late != nil && s.chance(4) {
		s.put(*b.late)
		b.late = nil
	}
	if b.last.ID != "" && s.chance(12) {
		return b.last
	}
	if len(b.next) == 0 { // of a batch that holds the end of it already
		return b.last
	}
	e := parcel.Event{ID: parcel.EventID(fmt.Sprintf("%s-%d", b.label.Number, len(b.next))), Feed: "api", Carrier: b.label.Carrier, Number: b.label.Number,
		Kind: b.next[0], HappenedAt: s.now.Add(-s.ago()), HeardAt: s.tick()}
	if b.last.ID != "" && s.chance(12) { // another feed tells the same
		e.Kind, e.ID = b.last.Kind, e.ID+":again"
		return e
	}
	b.next, b.last = b.next[1:], e
	return e
}

func (s *soak) ago() time.Duration {
	return [...]time.Duration{0, 0, 0, 5 * time.Minute, 2 * time.Hour, 20 * time.Hour}[s.rnd.IntN(6)] + time.Duration(s.rnd.IntN(20)/19)*4*24*time.Hour
}

// act lets a person do something about what they agreed to.
func (s *soak) act(p *soul) {
	if !p.stored {
		return
	}
	channel := notify.Channels()[s.rnd.IntN(4)]
	purpose := [...]notify.Purpose{"", "", notify.OrderStatus, notify.ReviewRequest}[s.rnd.IntN(4)]
	switch s.rnd.IntN(10) {
	case 0, 1, 2, 3:
		s.says(p, notify.ConsentEvent{Channel: channel, Purpose: purpose, Action: notify.Granted})
	case 4:
		s.says(p, notify.ConsentEvent{Channel: channel, Purpose: purpose, Action: notify.Withdrawn, Method: "preference_page"})
	case 5:
		s.says(p, notify.ConsentEvent{Channel: notify.AnyChannel, Purpose: notify.ReviewRequest, Action: notify.Objected})
	case 6:
		s.writes(p, notify.ConsentEvent{Channel: notify.LINE, Action: notify.Blocked, Method: "block_event"})
	case 7:
		s.writes(p, notify.ConsentEvent{Channel: channel, Action: notify.Granted, Method: "start_keyword"})
	case 8:
		s.writes(p, notify.ConsentEvent{Channel: channel, Action: notify.Withdrawn, Method: notify.MethodStop})
	case 9:
		s.says(p, notify.ConsentEvent{Channel: channel, Action: notify.Granted, Method: notify.MethodImport, Actor: "merchant"})
	}
}

// says is an act under the person's name.
func (s *soak) says(p *soul, e notify.ConsentEvent) {
	s.sign(&e)
	s.must(s.book.AddConsents(s.Context(), s.shop.ID, p.ID, []notify.ConsentEvent{e}))
	s.record.own(p.ID, e)
}

// writes is an act that comes from one of the person's addresses.
func (s *soak) writes(p *soul, e notify.ConsentEvent) {
	from, ok := p.Address(e.Channel)
	if !ok {
		return
	}
	s.sign(&e)
	s.must(s.Act(s.Context(), s.shop, from, e, s.chance(4)))
	s.record.from(from, e)
}

// said keeps what a provider told of a person.
func (s *soak) said(p notify.PersonID, c notify.Channel, e notify.ConsentEvent) {
	if to, ok := s.record.people[p].Address(c); ok {
		s.record.from(to, e)
	}
}

func (s *soak) sign(e *notify.ConsentEvent) {
	s.acts++
	e.ID, e.OccurredAt, e.ReceivedAt = fmt.Sprint("c", s.acts), s.tick(), s.now
	if e.Actor == "" {
		e.Actor = notify.ActorSubject
	}
}

// meanwhile lets something happen between a claim and its call.
func (s *soak) meanwhile(j *notify.Job) {
	if j == nil || j.Notification.Audience != notify.Customer || !s.chance(60) {
		return
	}
	i := slices.IndexFunc(s.people, func(p *soul) bool { return p.ID == j.Notification.Person })
	if i < 0 || !s.people[i].stored {
		return
	}
	switch s.rnd.IntN(5) {
	case 0, 1:
		s.writes(s.people[i], notify.ConsentEvent{Channel: j.Delivery.Channel, Action: notify.Withdrawn, Method: notify.MethodStop})
	case 2:
		s.erase(s.people[i])
	case 3:
		s.move(s.people[i])
	case 4:
		s.reload(s.pages[s.rnd.IntN(len(s.pages))])
	}
}

// move gives a person another country, and sometimes another number.
func (s *soak) move(p *soul) {
	if !p.stored {
		return
	}
	p.Postal.Country = s.country()
	if p.Phone != "" && s.chance(3) {
		p.Phone = notify.Phone(fmt.Sprintf("+4916%09d", s.rnd.IntN(1e9)))
	}
	s.tick()
	s.store(p)
}

// erase forgets a person.
func (s *soak) erase(p *soul) {
	if !p.stored {
		return
	}
	_, err := s.book.Erase(s.Context(), s.shop.ID, p.ID, s.tick())
	s.must(err)
	s.erasures++
	s.record.erase(p.Person)
	p.stored, p.erased = false, true
}

// comeBack is somebody erased who orders again, of their own accord.
func (s *soak) comeBack(p *soul) {
	if !p.erased {
		return
	}
	p.Again = true
	s.tick()
	s.store(p)
	p.Again = false
}

// reload is what a change of the merchant's folder does.
func (s *soak) reload(markets map[string]*rules.Market) {
	s.reloads++
	m := *s.shop
	m.Markets = markets
	s.shop = &m
	s.must(s.Reconsider(s.Context(), s.shop))
}

// receipts are what providers say later about some of the calls.
func (s *soak) receipts() {
	for range min(len(s.record.calls), s.rnd.IntN(5)) {
		c := s.record.calls[len(s.record.calls)-1-s.rnd.IntN(min(len(s.record.calls), 200))]
		s.receipt(c.delivery)
	}
}

func (s *soak) receipt(id notify.DeliveryID) {
	state := [...]notify.State{notify.Sent, notify.Arrived, notify.Arrived, notify.Read, notify.Failed}[s.rnd.IntN(5)]
	at := s.tick()
	err := s.Receipt(s.Context(), s.shop.ID, notify.Receipt{ID: fmt.Sprint(id, at.UnixMilli()), Delivery: id, State: state, At: at}, nil)
	s.must(err)
}
