package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

const acme notify.MerchantID = "acme"

func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// crowd is a ledger with many customers about whom everything there is was written down.
type crowd struct {
	*ledger.Ledger
	t    *testing.T
	file string
}

func newCrowd(t *testing.T, n int) *crowd {
	t.Helper()
	dsn := ledgertest.SQLite(t)
	book, err := ledger.Open(t.Context(), dsn, ledger.WithKeys(ledger.SecretKeys("a key that is kept apart from the file")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &crowd{Ledger: book, t: t, file: strings.TrimPrefix(dsn, "sqlite:")}
	for i := range n {
		c.live(i)
	}
	return c
}

// secrets are what gives one customer of the crowd away.
func secrets(i int) []string {
	return []string{fmt.Sprintf("Tanaka-%04d-Mei", i), fmt.Sprintf("+4915155%05d", i), fmt.Sprintf("box%05d@example.com", i), fmt.Sprintf("U%032x", 7000000+i),
		fmt.Sprintf("customer-%05d", i), fmt.Sprintf("Wollmantel Nr. %05d", i), fmt.Sprintf("vip-%05d", i), fmt.Sprintf("https://push.example/%05d-of-hers", i)}
}

func (c *crowd) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// live writes a life down: an order, a parcel, a message in two channels, a reply, a STOP, and each of them again.
func (c *crowd) live(i int) {
	c.t.Helper()
	ctx, of := c.t.Context(), secrets(i)
	p := notify.Person{ID: notify.PersonID(of[4]), Name: of[0], Phone: notify.Phone(of[1]), Email: notify.EmailAddress(of[2]), Line: notify.LineID(of[3]), InApp: true}
	o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: of[4], Items: []parcel.Item{{Title: of[5]}}, Tags: []string{of[6]}, URL: "https://shop.example/" + of[4],
		Parcels: []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint(10000 + i))}}}
	n := notify.Notification{ID: notify.NotificationID(fmt.Sprint("n_", i)), Merchant: acme, Person: p.ID, Order: o.ID, CreatedAt: noon()}
	d := notify.Delivery{ID: notify.DeliveryID(n.ID + ".email"), Notification: n.ID, Channel: notify.Email, State: notify.Planned, UpdatedAt: noon(), Due: noon()}
	plan := func(s notify.Story, _ map[parcel.EventID]bool) notify.Plan {
		n.Parcel = s.Parcel.ID
		why := notify.Decision{At: noon(), Notification: n.ID, Verdict: notify.Allow, Detail: "of " + of[2], Facts: []byte(`{"event":"c-` + of[4] + `"}`)}
		return notify.Plan{Notifications: []notify.Planning{{Notification: n, Deliveries: []notify.Delivery{d}, Decisions: []notify.Decision{why}}}}
	}
	for range 2 {
		_, err := c.PutPerson(ctx, acme, p, noon(), nil)
		c.must(err)
		_, err = c.PutOrder(ctx, acme, o, noon(), nil)
		c.must(err)
	}
	c.must(c.AddConsents(ctx, acme, p.ID, []notify.ConsentEvent{{ID: "c-" + of[4], Channel: notify.WhatsApp, Action: notify.Granted, OccurredAt: noon(), Source: "form of " + of[0]}}))
	_, err := c.AddAddressConsent(ctx, acme, notify.Address{Channel: notify.SMS, Value: notify.Secret(of[1])},
		notify.ConsentEvent{ID: "r1", Action: notify.Withdrawn, Method: "stop_keyword", OccurredAt: noon()}, noon(), nil)
	c.must(err)
	e := parcel.Event{ID: parcel.EventID(fmt.Sprint("e", i)), Carrier: "dhl", Number: o.Parcels[0].Number, Kind: parcel.Delivered, Note: "Signed by: " + of[0], HappenedAt: noon(), HeardAt: noon()}
	_, err = c.Accept(ctx, acme, []parcel.Event{e}, noon(), plan)
	c.must(err)
	words := &notify.Words{Title: of[5], Text: "Dear " + of[0] + ", your " + of[5], HTML: strings.Repeat("<p>"+of[0]+"</p>", 200)} // longer than a page
	_, err = c.Claim(ctx, d.ID, noon(), func(notify.Job) notify.Ruling { return notify.Ruling{State: notify.Sending} })
	c.must(err)
	c.must(c.Record(ctx, notify.Outcome{Delivery: d.ID, StartedAt: noon(), EndedAt: noon(), State: notify.Sent, Words: words}))
	_, err = c.PutBrowser(ctx, inbox.Owner{Merchant: acme, Person: p.ID}, fmt.Sprint("b", i), inapp.Browser{Endpoint: notify.Secret(of[7])}, noon())
	c.must(err)
	_, err = c.PutCard(ctx, acme, inapp.Card{Delivery: d.ID, Person: p.ID, Title: of[5], Text: words.Text}, noon())
	c.must(err)
	_, err = c.AddReply(ctx, acme, p.ID, notify.SMS, notify.Message{ID: fmt.Sprint("m", i), Text: "I am " + of[0] + ", write to " + of[2], At: noon()})
	c.must(err)
}

// traces lists which of some strings stand in the ledger's files, as bytes.
func (c *crowd) traces(of []string) []string {
	c.t.Helper()
	files, err := filepath.Glob(strings.NewReplacer("?", "[?]").Replace(c.file) + "*")
	c.must(err)
	if len(files) < 3 {
		c.t.Fatalf("the ledger has %d files, want the database, its log and the log's index", len(files))
	}
	var out []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		c.must(err)
		for _, s := range of {
			if n := bytes.Count(data, []byte(s)); n > 0 {
				out = append(out, fmt.Sprintf("%s %d times in %s", s, n, filepath.Base(file)))
			}
		}
	}
	return out
}

func TestErase_LeavesNoByteBehind(t *testing.T) {
	t.Parallel()
	const many = 60
	c := newCrowd(t, many)
	if got := c.traces(secrets(7)); len(got) < len(secrets(7)) {
		t.Fatalf("before, only this is found: %v", got)
	}
	for i := 0; i < many; i += 3 {
		out, err := c.Erase(t.Context(), acme, notify.PersonID(secrets(i)[4]), noon())
		c.must(err)
		if out.Lingers {
			t.Error("the log could not be emptied")
		}
		if got := c.traces(secrets(i)); len(got) > 0 {
			t.Fatalf("after the erasure of %d: %s", i, strings.Join(got, "; "))
		}
	}
	for i := 1; i < many; i += 3 { // churn moves pages about; it must bring nothing back
		c.live(i)
	}
	for i := 0; i < many; i += 3 {
		if got := c.traces(secrets(i)); len(got) > 0 {
			t.Errorf("in the end, of %d: %s", i, strings.Join(got, "; "))
		}
		if got := c.traces(secrets(i + 1)[:2]); len(got) == 0 {
			t.Errorf("nothing is left of %d", i+1)
		}
	}
}

func TestErase_WhileAnotherProcessReadsTheLedger(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3)
	second, err := ledger.Open(t.Context(), "sqlite:"+c.file)
	c.must(err)
	defer second.Close()
	if _, err := second.Notifications(t.Context(), acme, ledger.Filter{}); err != nil {
		t.Fatal(err)
	}
	out, err := c.Erase(t.Context(), acme, notify.PersonID(secrets(1)[4]), noon())
	c.must(err)
	if got := c.traces(secrets(1)); out.Lingers || len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestErase_KeysCanBeExchanged(t *testing.T) {
	t.Parallel()
	dsn := ledgertest.SQLite(t)
	with := func(secrets ...notify.Secret) *ledger.Ledger {
		book, err := ledger.Open(t.Context(), dsn, ledger.WithKeys(ledger.SecretKeys(secrets...)))
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	mei := notify.Person{ID: "mei", Phone: "+4915112345678"}
	steps := []struct {
		name    string
		secrets []notify.Secret
		refused bool
	}{
		{"the same key", []notify.Secret{"one"}, true},
		{"a new key beside the old one", []notify.Secret{"two", "one"}, true},
		{"without a second key", []notify.Secret{"one", ""}, true},
		{"another key alone", []notify.Secret{"two"}, false},
	}
	book := with("one")
	_, err := book.PutPerson(t.Context(), acme, mei, noon(), nil)
	if err == nil {
		_, err = book.Erase(t.Context(), acme, "mei", noon())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		book = with(s.secrets...)
		if _, err := book.PutPerson(context.Background(), acme, mei, noon(), nil); (err != nil) != s.refused {
			t.Errorf("with %s the import ends with %v", s.name, err)
		}
	}
	if err := book.Close(); err != nil {
		t.Error(err)
	}
}

// Each merchant hashes under a key of its own, as wide as the hash: what is found by trying all numbers is found by nobody who
// has the database alone, and says nothing about another merchant's customers.
func TestCases_HashQuality(t *testing.T) {
	t.Parallel()
	keys := ledger.SecretKeys("one", "two")
	seen := map[string]bool{}
	for _, m := range []notify.MerchantID{acme, "other"} {
		for _, key := range keys(m) {
			seen[string(key)] = true
			if len(key) != 32 {
				t.Errorf("%s has a key of %d bytes", m, len(key))
			}
		}
	}
	if len(seen) != 4 {
		t.Errorf("two secrets make %d keys for two merchants, not 4", len(seen))
	}
}
