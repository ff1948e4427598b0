package inbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store without a database, for tests in which time is a play.
type memory struct {
	mu    sync.Mutex
	rows  []inbox.Message
	owner []inbox.Owner
	fail  error
}

func (s *memory) PutCard(_ context.Context, m notify.MerchantID, c inapp.Card, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.rows, func(r inbox.Message) bool { return r.ID == c.Delivery }) {
		return false, s.fail
	}
	s.rows = append(s.rows, inbox.Message{ID: c.Delivery, Seq: int64(len(s.rows) + 1), Title: c.Title, Text: c.Text, CreatedAt: now})
	s.owner = append(s.owner, inbox.Owner{Merchant: m, Person: c.Person})
	return true, s.fail
}

func (s *memory) Cards(ctx context.Context, o inbox.Owner, q inbox.Query) ([]inbox.Message, error) {
	all, err := s.CardsAfter(ctx, o, 0, len(s.rows))
	all = slices.DeleteFunc(all, func(m inbox.Message) bool { return q.Before > 0 && m.Seq >= q.Before })
	slices.Reverse(all)
	return all[:min(q.Limit, len(all))], err
}

func (s *memory) NewestCard(ctx context.Context, o inbox.Owner) (int64, error) {
	newest, err := s.Cards(ctx, o, inbox.Query{Limit: 1})
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	return newest[0].Seq, nil
}

func (s *memory) CountCards(ctx context.Context, o inbox.Owner) (inbox.Counts, error) {
	all, err := s.CardsAfter(ctx, o, 0, len(s.rows))
	n := inbox.Counts{Total: len(all)}
	for _, m := range all {
		if m.ReadAt.IsZero() {
			n.Unread++
		}
	}
	n.Unseen = n.Unread
	return n, err
}

func (s *memory) CardsAfter(_ context.Context, o inbox.Owner, after int64, limit int) ([]inbox.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []inbox.Message
	for i, r := range s.rows {
		if s.owner[i] == o && r.Seq > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, s.fail
}

func (s *memory) SeeCards(context.Context, inbox.Owner, notify.DeliveryID, time.Time) (bool, error) {
	return false, errors.ErrUnsupported
}

func (s *memory) ReadCards(context.Context, inbox.Owner, notify.DeliveryID, time.Time) (bool, error) {
	return false, errors.ErrUnsupported
}

func (s *memory) MarkCard(_ context.Context, o inbox.Owner, id notify.DeliveryID, _ inbox.Mark, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.rows {
		if r.ID == id && s.owner[i] == o {
			s.rows[i].ReadAt = now
			return true, s.fail
		}
	}
	return false, s.fail
}

// alone is an inbox without a bus.
func alone(s inbox.Store) *inbox.Inbox { return inbox.New(inbox.Config{Store: s, Now: time.Now}) }

func mei() inbox.Owner { return inbox.Owner{Merchant: "acme", Person: "mei"} }

// page is what a client has received so far.
type page struct {
	mu sync.Mutex
	httptest.ResponseRecorder
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ResponseRecorder.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Body.String()
}

// client is somebody who listens to a stream inside a bubble.
type client struct {
	t     *testing.T
	body  *page
	leave context.CancelFunc // the client goes
	stop  context.CancelFunc // the process stops
	ended chan error
}

func listen(t *testing.T, b *inbox.Inbox, o inbox.Owner, last string) *client {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/v1/inbox/stream", nil)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	return listenTo(t, b, o, r)
}

func listenTo(t *testing.T, b *inbox.Inbox, o inbox.Owner, r *http.Request) *client {
	t.Helper()
	asked, leave := context.WithCancel(t.Context())
	running, stop := context.WithCancel(t.Context())
	r = r.WithContext(asked)
	c := &client{t: t, body: &page{ResponseRecorder: *httptest.NewRecorder()}, leave: leave, stop: stop, ended: make(chan error, 1)}
	go func() { c.ended <- b.Stream(running, c.body, r, o) }()
	synctest.Wait()
	return c
}

// heard lists the ids of the messages so far.
func (c *client) heard() string {
	synctest.Wait()
	var out []string
	for line := range strings.Lines(c.body.String()) {
		if _, rest, found := strings.Cut(line, `data: {"id":"`); found {
			id, _, _ := strings.Cut(rest, `"`)
			out = append(out, id)
		}
	}
	return strings.Join(out, " ")
}

func (c *client) hears(want string) {
	c.t.Helper()
	if got := c.heard(); got != want {
		c.t.Errorf("the client heard %q, want %q", got, want)
	}
}

// ends stops the process and insists that the stream ends.
func (c *client) ends() {
	c.t.Helper()
	c.stop()
	if err := <-c.ended; err != nil {
		c.t.Errorf("the stream ended with %v", err)
	}
	c.leave()
}

func put(t *testing.T, b *inbox.Inbox, o inbox.Owner, ids ...notify.DeliveryID) {
	t.Helper()
	for _, id := range ids {
		if err := b.Put(t.Context(), o.Merchant, inapp.Card{Delivery: id, Person: o.Person, Title: "News", Text: "line\nbreak"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStream_NewMessageArrivesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := alone(&memory{})
		put(t, b, mei(), "old")
		c := listen(t, b, mei(), "")
		c.hears("")
		put(t, b, mei(), "d1", "d1", "d2")
		c.hears("d1 d2")
		if got := c.body.Header().Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("the stream is %s", got)
		}
		if want := "id: 2\nevent: message\ndata: {"; !strings.Contains(c.body.String(), want) {
			t.Errorf("the stream reads\n%s", c.body)
		}
		c.ends()
	})
}

func TestStream_LastEventIDResumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := alone(&memory{})
		var missed []string
		for i := range 350 {
			id := fmt.Sprint("d", i+1)
			put(t, b, mei(), notify.DeliveryID(id))
			missed = append(missed, id)
		}
		c := listen(t, b, mei(), "50")
		c.hears(strings.Join(missed[50:], " "))
		c.ends()
		asked := httptest.NewRequest(http.MethodGet, "/v1/inbox/stream?last_event_id=348", nil)
		c = listenTo(t, b, mei(), asked)
		c.hears("d349 d350")
		c.ends()
		for last, want := range map[string]string{"349": "d350", "350": "", "nonsense": "", "-1": ""} {
			c := listen(t, b, mei(), last)
			c.hears(want)
			c.ends()
		}
	})
}

func TestStream_HearsOnlyItsOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := alone(&memory{})
		c := listen(t, b, mei(), "0")
		put(t, b, inbox.Owner{Merchant: "other", Person: "mei"}, "d1")
		put(t, b, inbox.Owner{Merchant: "acme", Person: "tom"}, "d2")
		put(t, b, mei(), "d3")
		<-time.After(time.Minute) // in the bubble's time: looking again finds nothing else either
		c.hears("d3")
		c.ends()
	})
}

func TestStream_TwoWindowsBothHear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := alone(&memory{})
		phone, desk := listen(t, b, mei(), ""), listen(t, b, mei(), "")
		put(t, b, mei(), "d1")
		phone.hears("d1")
		desk.hears("d1")
		phone.ends()
		put(t, b, mei(), "d2")
		desk.hears("d1 d2")
		phone.hears("d1")
		desk.ends()
	})
}

func TestStream_FindsWhatAnotherProcessStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		b := alone(store)
		c := listen(t, b, mei(), "")
		put(t, alone(store), mei(), "d1")
		c.hears("")
		<-time.After(10 * time.Second)
		c.hears("d1")
		c.ends()
	})
}

// wire is a bus that keeps what is rung, and carries it to whoever listens.
type wire struct {
	mu      sync.Mutex
	rung    []string
	hearing []func(string)
	fail    error
}

func (w *wire) Ring(_ context.Context, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rung = append(w.rung, name)
	for _, heard := range w.hearing {
		if w.fail == nil {
			heard(name)
		}
	}
	return w.fail
}

func (w *wire) Listen(ctx context.Context, heard func(string)) {
	w.mu.Lock()
	w.hearing = append(w.hearing, heard)
	w.mu.Unlock()
	<-ctx.Done()
}

// joined is an inbox on a bus, of a process that runs until the returned function is called.
func joined(t *testing.T, s inbox.Store, w *wire) (*inbox.Inbox, func()) {
	b := inbox.New(inbox.Config{Store: s, Now: time.Now, Bus: w, Key: []byte("k")})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	synctest.Wait()
	return b, func() { stop(); running.Wait() }
}

func TestStream_HearsOfAnotherProcessAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, bus := &memory{}, &wire{}
		here, stopHere := joined(t, store, bus)
		there, stopThere := joined(t, store, bus)
		c, tom := listen(t, here, mei(), ""), listen(t, here, inbox.Owner{Merchant: "acme", Person: "tom"}, "")
		put(t, there, mei(), "d1")
		c.hears("d1")
		tom.hears("")
		if got := strings.Join(bus.rung, ""); len(bus.rung) != 1 || strings.Contains(got, "mei") || strings.Contains(got, "acme") {
			t.Errorf("the bus carried %q, want one name that tells nobody's", bus.rung)
		}
		c.ends()
		tom.ends()
		stopHere()
		stopThere()
	})
}

func TestStream_BusThatFailsIsMadeUpForByLooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, bus := &memory{}, &wire{fail: errors.New("redis is away")}
		here, stopHere := joined(t, store, bus)
		there, stopThere := joined(t, store, bus)
		c := listen(t, here, mei(), "")
		put(t, there, mei(), "d1")
		c.hears("")
		<-time.After(10 * time.Second)
		c.hears("d1")
		c.ends()
		stopHere()
		stopThere()
	})
}

func TestStream_TellsCountsWhenTheyChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := alone(&memory{})
		put(t, b, mei(), "d1")
		c := listen(t, b, mei(), "")
		put(t, b, mei(), "d2")
		synctest.Wait()
		if found, err := b.Mark(t.Context(), mei(), "d1", inbox.Read); err != nil || !found {
			t.Fatal(found, err)
		}
		<-time.After(time.Minute) // and not again while nothing changes
		synctest.Wait()
		var got []string
		for line := range strings.Lines(c.body.String()) {
			if rest, found := strings.CutPrefix(line, `data: {"total":`); found {
				got = append(got, strings.TrimSpace(rest))
			}
		}
		want := []string{`1,"unread":1,"unseen":1}`, `2,"unread":2,"unseen":2}`, `2,"unread":1,"unseen":1}`}
		if !slices.Equal(got, want) {
			t.Errorf("the counts are %v, want %v", got, want)
		}
		c.ends()
	})
}

func TestList_PagesByCursor(t *testing.T) {
	t.Parallel()
	b := alone(&memory{})
	put(t, b, mei(), "d1", "d2", "d3", "d4", "d5")
	var got []string
	q := inbox.Query{Limit: 2}
	for range 5 {
		page, err := b.List(t.Context(), mei(), q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range page.Messages {
			ids = append(ids, string(m.ID))
		}
		got = append(got, strings.Join(ids, " "))
		if page.Counts.Total != 5 {
			t.Errorf("the counts are %+v", page.Counts)
		}
		if page.Next == "" {
			break
		}
		var ok bool
		if q.Before, ok = inbox.Cursor(page.Next); !ok {
			t.Fatalf("%q is no cursor", page.Next)
		}
	}
	if want := []string{"d5 d4", "d3 d2", "d1"}; !slices.Equal(got, want) {
		t.Errorf("the pages are %q, want %q", got, want)
	}
}

func TestCursor_RefusesWhatNoPageGave(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "7", "%%%", "YmVmb3JlOg", "YmVmb3JlOi0x", "YmVmb3JlOng"} {
		if before, ok := inbox.Cursor(bad); ok {
			t.Errorf("%q is taken for %d", bad, before)
		}
	}
}

func TestStream_QuietOneIsKeptOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := listen(t, alone(&memory{}), mei(), "")
		<-time.After(31 * time.Second)
		synctest.Wait()
		if got := strings.Count(c.body.String(), ": ping\n\n"); got != 2 {
			t.Errorf("%d pings in half a minute", got)
		}
		c.ends()
	})
}

func TestStream_EndsWhenTheClientLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := listen(t, alone(&memory{}), mei(), "")
		c.leave()
		if err := <-c.ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		c.stop()
	})
}

func TestStream_StoreThatFailsEndsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{fail: errors.New("disk full")}
		c := listen(t, alone(store), mei(), "")
		if err := <-c.ended; !errors.Is(err, store.fail) {
			t.Errorf("it ended with %v", err)
		}
		c.leave()
		c.stop()
	})
}

// The whole way: the ledger's rows over a real connection, from storing to reading.
func TestInboxOnTheLedger(t *testing.T) {
	t.Parallel()
	book := ledgertest.New(t)
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	b := inbox.New(inbox.Config{Store: book, Now: func() time.Time { return noon }})
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ended <- b.Stream(running, w, r, mei()) }))
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	put(t, b, mei(), "d1")
	if line := eventLine(t, res); !strings.Contains(line, `"id":"d1"`) || !strings.Contains(line, `line\nbreak`) {
		t.Errorf("the stream says %s", line)
	}
	reads(t, b)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the stream ended with %v", err)
	}
}

// eventLine waits for the first message on a stream.
func eventLine(t *testing.T, res *http.Response) string {
	t.Helper()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), `data: {"id"`) {
			return lines.Text()
		}
	}
	t.Fatal("the stream ended")
	return ""
}

// reads insists that a message is read by its owner and by nobody else.
func reads(t *testing.T, b *inbox.Inbox) {
	t.Helper()
	for _, c := range []struct {
		owner inbox.Owner
		want  bool
	}{{inbox.Owner{Merchant: "acme", Person: "tom"}, false}, {inbox.Owner{Merchant: "other", Person: "mei"}, false}, {mei(), true}} {
		if found, err := b.Mark(t.Context(), c.owner, "d1", inbox.Read); err != nil || found != c.want {
			t.Errorf("%v reads it: %t, %v", c.owner, found, err)
		}
		if list, err := b.List(t.Context(), mei(), inbox.Query{Limit: 10}); err != nil || len(list.Messages) != 1 || list.Messages[0].ReadAt.IsZero() == c.want {
			t.Errorf("after %v the inbox holds %+v, %v", c.owner, list, err)
		}
	}
}
