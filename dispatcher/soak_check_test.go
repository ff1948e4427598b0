package dispatcher

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/policy"
	"landfall/internal/report"
	"landfall/rules"
)

// record is what the script itself knows of the long run, and folds in its own way: the ledger is held against it.
type record struct {
	seq    int
	people map[notify.PersonID]notify.Person
	byName map[notify.PersonID][]deed
	byAddr map[notify.Address][]deed

	claims  map[notify.DeliveryID][]claimed
	calls   []call
	keys    map[string]bool
	reached map[notify.DeliveryID]int
	foul    map[notify.Channel]bool // whose provider has a bad day
	fair    bool                    // all have a good one
	failed  map[channels.Kind]int
	places  []string
	deaths  int // of processes between a decision and its call
}

// deed is an act of consent as far as it decides who may be called.
type deed struct {
	seq     int
	channel notify.Channel
	purpose notify.Purpose
	no, yes bool // an import is neither, but counts as long as nothing was refused
	stop    bool
}

// claimed is a decision to send; called when it came to a call.
type claimed struct {
	job    notify.Job
	at     time.Time
	called bool
}

// call is one that reached a stand-in.
type call struct {
	delivery notify.DeliveryID
	claim    int // which of the delivery's
}

func newRecord() record {
	return record{people: map[notify.PersonID]notify.Person{}, byName: map[notify.PersonID][]deed{}, byAddr: map[notify.Address][]deed{},
		claims: map[notify.DeliveryID][]claimed{}, keys: map[string]bool{}, reached: map[notify.DeliveryID]int{}, failed: map[channels.Kind]int{}}
}

// codes lists the markets in order.
func (r *record) codes(markets map[string]*rules.Market) []string {
	if r.places == nil {
		r.places = slices.Sorted(maps.Keys(markets))
	}
	return r.places
}

func (r *record) knows(p notify.Person) { r.people[p.ID] = p }

func (r *record) deed(e notify.ConsentEvent) deed {
	r.seq++
	return deed{seq: r.seq, channel: e.Channel, purpose: e.Purpose, no: e.Action.Refuses(), yes: e.Action.Allows() && e.Method != notify.MethodImport,
		stop: e.Method == notify.MethodStop}
}

func (r *record) own(p notify.PersonID, e notify.ConsentEvent) {
	r.byName[p] = append(r.byName[p], r.deed(e))
}

func (r *record) from(a notify.Address, e notify.ConsentEvent) {
	r.byAddr[a] = append(r.byAddr[a], r.deed(e))
}

// erase forgets a person; what they refused stays with their addresses.
func (r *record) erase(p notify.Person) {
	for _, c := range notify.Channels() {
		a, ok := p.Address(c)
		for _, purpose := range notify.Purposes() {
			if no := r.no(p, c, purpose); ok && no.no {
				no.channel, no.purpose = c, purpose
				r.byAddr[a] = append(r.byAddr[a], no)
			}
		}
	}
	delete(r.people, p.ID)
	delete(r.byName, p.ID)
}

// deeds are a person's own and their address's that matter to a channel and purpose, in order.
func (r *record) deeds(p notify.Person, c notify.Channel, purpose notify.Purpose) []deed {
	all := slices.Clone(r.byName[p.ID])
	if a, ok := p.Address(c); ok {
		all = append(all, r.byAddr[a]...)
	}
	slices.SortStableFunc(all, func(a, b deed) int { return a.seq - b.seq })
	return slices.DeleteFunc(all, func(d deed) bool {
		return d.channel != c && d.channel != notify.AnyChannel || d.purpose != "" && d.purpose != purpose
	})
}

// no is the refusal that holds, if one does: the last word that counts.
func (r *record) no(p notify.Person, c notify.Channel, purpose notify.Purpose) deed {
	var last deed
	for _, d := range r.deeds(p, c, purpose) {
		if d.no || d.yes {
			last = d
		}
	}
	if last.no {
		return last
	}
	return deed{}
}

// agreed reports whether there is anything like a yes where every market asks for one.
func (r *record) agreed(p notify.Person, c notify.Channel, purpose notify.Purpose) bool {
	return c != notify.WhatsApp && c != notify.LINE || slices.ContainsFunc(r.deeds(p, c, purpose), func(d deed) bool { return !d.no })
}

func (r *record) claimed(j notify.Job, at time.Time) {
	r.claims[j.Delivery.ID] = append(r.claims[j.Delivery.ID], claimed{job: j, at: at})
}

// called reports whether the last decision to send a delivery came to a call.
func (r *record) called(id notify.DeliveryID) bool {
	claims := r.claims[id]
	return len(claims) > 0 && claims[len(claims)-1].called
}

// clock is what a market's hours are, read off its page and written down again by hand: quiet from and to for news of an order, the
// hours open for advertising.
type clock struct {
	code, zone               string
	quietFrom, quietTo       int
	openFrom, openTo, closed int // closed is a day of the week, -1 for none
}

var known = [...]clock{
	{"DE", "Europe/Berlin", 21, 8, 9, 20, int(time.Sunday)},
	{"GB", "Europe/London", 21, 8, 9, 20, -1},
	{"IN", "Asia/Kolkata", 21, 8, 10, 20, -1},
	{"JP", "Asia/Tokyo", 21, 8, 9, 20, -1},
	{"KR", "Asia/Seoul", 21, 8, 9, 20, -1},
	{"TH", "Asia/Bangkok", 21, 7, 9, 20, -1},
}

// asleep reports whether a person must not be disturbed, as far as the table knows their market.
func asleep(p notify.Person, n notify.Notification, c notify.Channel, now time.Time) bool {
	i := slices.IndexFunc(known[:], func(k clock) bool { return k.code == p.Postal.Country })
	if i < 0 {
		return false
	}
	k := known[i]
	zone, err := time.LoadLocation(cmp.Or(p.TimeZone, k.zone))
	if err != nil {
		return true
	}
	local := now.In(zone)
	if n.Notice.Class == notify.MarketingClass {
		return local.Hour() < k.openFrom || local.Hour() >= k.openTo || int(local.Weekday()) == k.closed
	}
	return c.Interrupts() && (local.Hour() >= k.quietFrom || local.Hour() < k.quietTo)
}

// standIn stands in for a provider. It knows what must not reach it.
type standIn struct {
	*soak
	channel notify.Channel
}

// Send checks a call and answers as the day is.
func (p *standIn) Send(_ context.Context, m channels.Message) (channels.Accepted, error) {
	at := p.now
	p.tick()
	p.allowed(m, at)
	kind := p.mood()
	taken := kind == "" || kind == channels.Ambiguous && p.chance(2)
	if taken && !(p.record.keys[m.Key] && p.channel.Repeatable()) {
		p.record.reached[m.Delivery]++
	}
	p.record.keys[m.Key] = p.record.keys[m.Key] || taken
	if taken && p.chance(50) {
		p.receipt(m.Delivery) // it overtakes the answer
	}
	if kind != "" {
		p.record.failed[kind]++
		return channels.Accepted{}, &channels.Error{Kind: kind, Code: "42", RetryAfter: time.Duration(p.rnd.IntN(60)) * time.Second}
	}
	return channels.Accepted{ProviderID: fmt.Sprint("id", len(p.record.calls)), State: notify.Sent}, nil
}

// mood is how the provider fails this call; "" for not at all.
func (p *standIn) mood() channels.Kind {
	often := 12
	if p.record.foul[p.channel] {
		often = 2
	}
	if p.record.fair || p.rnd.IntN(often) > 0 {
		return ""
	}
	return channels.Kinds()[p.rnd.IntN(len(channels.Kinds()))]
}

// allowed holds a call against the script's record.
func (p *standIn) allowed(m channels.Message, at time.Time) {
	claims := p.record.claims[m.Delivery]
	if len(claims) == 0 || claims[len(claims)-1].called {
		p.Errorf("%s: a call without a decision of its own", m.Delivery)
		return
	}
	last := &claims[len(claims)-1]
	last.called = true
	p.record.calls = append(p.record.calls, call{m.Delivery, len(claims) - 1})
	n := last.job.Notification
	if n.Audience != notify.Customer {
		return
	}
	who, ok := p.record.people[n.Person]
	if to, reached := who.Address(p.channel); !ok || !reached || to != m.To {
		p.Errorf("%s: a call to somebody who was erased or moved away from that address", m.Delivery)
		return
	}
	purpose := cmp.Or(n.Notice.Purpose, notify.OrderStatus)
	no := p.record.no(who, p.channel, purpose)
	if !n.Confirms() && !p.record.agreed(who, p.channel, purpose) {
		p.Errorf("%s: a call that nobody agreed to", m.Delivery)
	}
	if no.no && !(n.Confirms() && no.stop) {
		p.Errorf("%s: a call after the person's no", m.Delivery)
	}
	if !n.Confirms() && asleep(who, n, p.channel, at) {
		p.Errorf("%s: a call at %s in %s", m.Delivery, at, who.Postal.Country)
	}
}

// tally counts what the ledger tells.
type soakTally struct {
	notifications, deliveries, decisions, replayed, allows, anew, died, calls int
	ends, held                                                                map[string]int
}

// check reads the whole ledger through its front door.
func (s *soak) check() {
	sum := soakTally{ends: map[string]int{}, held: map[string]int{}}
	seen := map[notify.NotificationID]bool{}
	before := s.now.Add(time.Hour)
	for {
		page, err := s.book.Notifications(s.Context(), s.shop.ID, ledger.Filter{Before: before, Limit: 500})
		s.must(err)
		fresh := slices.DeleteFunc(page, func(t report.Told) bool { return seen[t.Notification.ID] })
		if len(fresh) == 0 {
			break
		}
		for _, t := range fresh {
			seen[t.Notification.ID] = true
			s.checkTold(t, &sum)
		}
		before = fresh[len(fresh)-1].Notification.CreatedAt.Add(time.Millisecond)
	}
	s.checkPeople()
	s.checkSums(sum)
}

// checkTold holds one notification against what it must be at the end.
func (s *soak) checkTold(t report.Told, sum *soakTally) {
	sum.notifications++
	if (len(t.Deliveries) == 0) != (t.Reason != "") || len(t.Deliveries) == 0 && t.Reason.Means() == "" {
		s.Errorf("%s has %d deliveries and the reason %q", t.Notification.ID, len(t.Deliveries), t.Reason)
	}
	if len(t.Deliveries) == 0 {
		sum.ends["no delivery "+code(t.Reason)]++
	}
	went := 0
	for _, d := range t.Deliveries {
		sum.deliveries++
		sum.ends[string(d.State)+" "+code(d.Reason)]++
		if d.HeldFor != "" {
			sum.held[string(d.HeldFor)]++
		}
		if !d.State.Fact().End || d.Reason.Means() == "" {
			s.Errorf("%s ends %s %q", d.ID, d.State, d.Reason)
		}
		if d.Channel != notify.InApp && d.Reason == notify.WasSent {
			went++
		}
		s.checkCalls(d, t.Decisions, sum)
	}
	if went > 1 {
		s.Errorf("%s went on %d channels", t.Notification.ID, went)
	}
	for _, d := range t.Decisions {
		s.checkReplay(d, sum)
	}
}

// code is a reason without its detail.
func code(r notify.Reason) string {
	c, _, _ := strings.Cut(string(r), ":")
	return c
}

// checkCalls pairs the decisions to send with the calls, one by one.
func (s *soak) checkCalls(d notify.Delivery, ds []notify.Decision, sum *soakTally) {
	var allows []notify.Decision
	takenBack := map[int]bool{}
	for _, x := range ds {
		switch {
		case x.Delivery != d.ID:
		case x.Phase == notify.AtDispatch && x.Verdict == notify.Allow:
			allows = append(allows, x)
		case x.Phase == notify.AfterSend && (x.Reason == notify.JudgedAnew || x.Reason == notify.NoConfig):
			takenBack[len(allows)-1] = true
		}
	}
	claims := s.record.claims[d.ID]
	if len(claims) != len(allows) {
		s.Errorf("%s: %d claims and %d decisions to send", d.ID, len(claims), len(allows))
		return
	}
	sum.allows += len(allows)
	for i, c := range claims {
		s.checkCall(d, c, allows[i], takenBack[i], sum)
	}
}

func (s *soak) checkCall(d notify.Delivery, c claimed, allow notify.Decision, takenBack bool, sum *soakTally) {
	switch {
	case c.called && takenBack:
		s.Errorf("%s: a call for a decision that was taken back", d.ID)
	case c.called:
		sum.calls++
	case takenBack:
		sum.anew++
	default:
		sum.died++
	}
	if !allow.At.Equal(c.at) || !slices.Contains(grounds[:], allow.Reason) {
		s.Errorf("%s: called at %s on a decision of %s for %s", d.ID, c.at, allow.At, allow.Reason)
	}
}

// grounds are the reasons for which something is sent.
var grounds = [...]notify.Reason{notify.BasisContract, notify.BasisConsent, notify.BasisSoftOptIn, notify.BasisInterest, notify.UserInitiatedBasis, notify.UrgentException}

// checkReplay decides again from the facts on record.
func (s *soak) checkReplay(d notify.Decision, sum *soakTally) {
	sum.decisions++
	if d.Reason.Means() == "" {
		s.Errorf("%s: a decision for the reason %q", d.Notification, d.Reason)
	}
	if len(d.Facts) == 0 {
		return
	}
	sum.replayed++
	again, err := policy.Replay(d)
	if err != nil || again.Verdict != d.Verdict || again.Reason != d.Reason || !again.Until.Equal(d.Until) {
		s.Errorf("%s: decided %s %s, replayed %s %s: %v", d.Delivery, d.Verdict, d.Reason, again.Verdict, again.Reason, err)
	}
}

// checkPeople verifies everybody's chains.
func (s *soak) checkPeople() {
	for _, p := range s.people {
		d, err := s.book.Dossier(s.Context(), s.shop.ID, p.ID)
		s.must(err)
		if d == nil { // erased
			continue
		}
		for _, chain := range d.Chains {
			if err := notify.VerifyChain(chain); err != nil {
				s.Errorf("%s: %v", p.ID, err)
			}
		}
	}
}

func (s *soak) checkSums(sum soakTally) {
	if sum.calls != len(s.record.calls) || sum.died != s.record.deaths {
		s.Errorf("%d calls on record and %d made; %d decisions without a call and %d deaths before one", sum.calls, len(s.record.calls), sum.died, s.record.deaths)
	}
	for id, n := range s.record.reached {
		if most := 1 + strings.Count(string(id), "."+string(notify.Email)); n > most { // one doubtful email is repeated, under its Message-ID
			s.Errorf("%s reached the person %d times", id, n)
		}
	}
	s.T.Log(s.figures())
	s.Logf("%d notifications, %d deliveries, %d decisions, %d of them replayed", sum.notifications, sum.deliveries, sum.decisions, sum.replayed)
	s.Logf("%d decisions to send = %d calls + %d judged anew + %d processes that died before the call", sum.allows, sum.calls, sum.anew, sum.died)
	s.Logf("providers failed: %v; deliveries were held for: %v", s.record.failed, sum.held)
	for _, end := range slices.Sorted(maps.Keys(sum.ends)) {
		s.Logf("%7d %s", sum.ends[end], end)
	}
}
