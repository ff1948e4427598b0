package subject

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
	"landfall/internal/report"
)

func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// grant is a chained yes to WhatsApp.
func grant() notify.ConsentEvent {
	return notify.ConsentEvent{ID: "c1", Channel: notify.WhatsApp, Action: notify.Granted, OccurredAt: noon(), Text: "yes", TextHash: notify.Fingerprint("yes")}.Chained(1, "")
}

// told is a notification that went out by WhatsApp under a recorded consent, and by e-mail under the contract.
func told() report.Told {
	n := notify.Notification{ID: "n1", Merchant: "acme", Person: "mei", Order: "A1", Kind: parcel.Departed, Market: "DE", CreatedAt: noon(),
		Notice: notify.Notice{Rule: "departed", Say: "departed"}}
	t := report.Told{Notification: n}
	for _, c := range []notify.Channel{notify.WhatsApp, notify.Email} {
		d := notify.Delivery{ID: notify.DeliveryID("n1." + string(c)), Notification: n.ID, Channel: c, State: notify.Sent, Reason: notify.WasSent, Attempts: 1,
			UpdatedAt: noon(), SentAt: noon(), Words: &notify.Words{Locale: "de", Text: "=Wollmantel"}}
		need := policy.NeedNotice
		if c == notify.WhatsApp {
			need = "opt_in"
		}
		v := policy.Decide(policy.Candidate{Channel: c, Class: notify.Transactional, Purpose: notify.OrderStatus, HasAddress: true, HasSender: true, HasWords: true,
			Need: need, Standing: policy.Stand([]notify.ConsentEvent{grant()}, c, notify.OrderStatus)}, noon())
		v.Phase, v.Notification, v.Delivery = notify.AtDispatch, n.ID, d.ID
		t.Deliveries, t.Decisions = append(t.Deliveries, d), append(t.Decisions, v)
	}
	return t
}

func mei() Dossier {
	return Dossier{Person: notify.Person{ID: "mei", Name: "Mei", Phone: "+4915112345678"}, Consents: []notify.ConsentEvent{grant()},
		Chains: [][]notify.ConsentEvent{{grant()}}, Told: []report.Told{told()},
		Replies:  []report.Reply{{Channel: notify.SMS, Text: "@SUM(A1), wo ist\nmein Mantel?", At: noon()}},
		Cards:    []Card{{ID: "n1.inapp", Title: "Unterwegs", CreatedAt: noon()}},
		Browsers: []Browser{{Endpoint: "https://push.example/1", Key: "k", Auth: "a", CreatedAt: noon()}},
		Orders: []Order{{Order: parcel.Order{ID: "A1", Person: "mei", Items: []parcel.Item{{Title: "Wollmantel"}}},
			Shipments: []Shipment{{Carrier: "dhl", Number: "0034"}}}},
		Handoffs: []Handoff{{ID: "h1", Channel: notify.SMS, Reason: "contact_human", CreatedAt: noon(), Desk: notify.DeskWaiting}}}
}

func about() About {
	return About{GeneratedAt: noon(), Merchant: "acme", Name: "Acme", Recipients: []Recipient{
		{Name: "Twilio", Host: "api.twilio.com", Channels: []notify.Channel{notify.WhatsApp, notify.SMS}}, {Name: "LINE", Channels: []notify.Channel{notify.LINE}}}}
}

// exported unpacks an export.
func exported(t *testing.T, d Dossier) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := Export(&b, d, about()); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(data)
	}
	return out
}

func TestExport_Files(t *testing.T) {
	t.Parallel()
	files := exported(t, mei())
	want := []string{"browsers.csv", "browsers.jsonl", "consents.csv", "consents.jsonl", "handoffs.csv", "handoffs.jsonl", "inbound.csv", "inbound.jsonl", "inbox.csv", "inbox.jsonl", "manifest.json", "messages.csv",
		"messages.jsonl", "orders.csv", "orders.jsonl", "preferences.json", "profile.json", "recipients.json"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, holds := range map[string]string{"profile.json": `"+4915112345678"`, "recipients.json": `"Twilio"`, "orders.jsonl": `"shipments"`,
		"consents.jsonl": `"text_sha256"`, "inbox.jsonl": "Unterwegs", "handoffs.jsonl": "contact_human", "browsers.jsonl": "https://push.example/1", "manifest.json": `"acme"`} {
		if !strings.Contains(files[name], holds) {
			t.Errorf("%s lacks %s: %s", name, holds, files[name])
		}
	}
	if !strings.Contains(files["recipients.json"], "push.example") {
		t.Error("recipients.json does not name the push service")
	}
	if strings.Contains(files["recipients.json"], "LINE") {
		t.Error("recipients.json names somebody who was given nothing")
	}
}

// The desk is named once it has a conversation of the person's, for that channel alone, and is taken for nobody who sends messages.
func TestExport_Desk(t *testing.T) {
	t.Parallel()
	desk := Recipient{Name: "the merchant's desk, webhook", Host: "desk.example", Channels: notify.Channels(), Desk: true}
	d := mei()
	if got := d.recipients([]Recipient{desk}); len(got) != 1 || got[0].Host != "push.example" {
		t.Errorf("nothing was handed over: %+v", got)
	}
	d.Handoffs[0].GivenAt = noon()
	if got := d.recipients([]Recipient{desk}); len(got) != 2 || got[0].Host != "desk.example" || !slices.Equal(got[0].Channels, []notify.Channel{notify.SMS}) {
		t.Errorf("a conversation by SMS was handed over: %+v", got)
	}
	for _, m := range d.messages([]Recipient{desk}) {
		if m.Provider != "" {
			t.Errorf("a message went by %s", m.Provider)
		}
	}
}

func TestExport_Messages(t *testing.T) {
	t.Parallel()
	var got []message
	for line := range strings.Lines(exported(t, mei())["messages.jsonl"]) {
		var m message
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	common := message{At: noon(), SentAt: noon(), Notification: "n1", Order: "A1", Event: parcel.Departed, Template: "departed", Rule: "departed",
		Purpose: notify.OrderStatus, Class: notify.Transactional, Decision: notify.Allow, Reason: notify.WasSent, Why: notify.WasSent.Means(),
		State: notify.Sent, Locale: "de", Text: "=Wollmantel"}
	whatsapp, email := common, common
	whatsapp.Channel, whatsapp.Basis, whatsapp.Provider = notify.WhatsApp, notify.BasisConsent, "Twilio"
	email.Channel, email.Basis = notify.Email, notify.BasisContract
	if diff := cmp.Diff([]message{whatsapp, email}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestExport_NoCellIsAFormula(t *testing.T) {
	t.Parallel()
	files := exported(t, mei())
	for name, text := range files {
		if !strings.HasSuffix(name, ".csv") {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		for _, cell := range slices.Concat(rows...) {
			if strings.IndexAny(cell, "=+-@\t") == 0 {
				t.Errorf("%s holds the cell %q", name, cell)
			}
		}
	}
	if !strings.Contains(files["inbound.csv"], "'@SUM(A1), wo ist") {
		t.Errorf("the reply is %s", files["inbound.csv"])
	}
}

func TestExport_SaysWhetherConsentsAreIntact(t *testing.T) {
	t.Parallel()
	d := mei()
	second := notify.ConsentEvent{ID: "c2", Channel: notify.SMS, Action: notify.Withdrawn, OccurredAt: noon()}.Chained(1, "")
	edited := second
	edited.Action = notify.Granted
	d.Chains = append(d.Chains, []notify.ConsentEvent{second}, []notify.ConsentEvent{edited})
	var m manifest
	if err := json.Unmarshal([]byte(exported(t, d)["manifest.json"]), &m); err != nil {
		t.Fatal(err)
	}
	want := []verifiedChain{{Events: 1, Intact: true}, {Channel: notify.SMS, Events: 1, Intact: true}, {Channel: notify.SMS, Events: 1, BrokenAt: 1}}
	if diff := cmp.Diff(want, m.Chains); diff != "" {
		t.Errorf("chains (-want +got):\n%s", diff)
	}
	if m.Schema != Schema || m.Controller != (controller{"acme", "Acme"}) || m.Subject != "mei" || m.Rows["messages"] != 2 {
		t.Errorf("the manifest says %+v", m)
	}
}

func TestExport_WriteFails(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	full := errors.New("disk full")
	r.CloseWithError(full)
	if err := Export(w, mei(), about()); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// prove proves the notification from a chain.
func prove(t *testing.T, of report.Told, chain ...notify.ConsentEvent) Proof {
	t.Helper()
	p, err := Prove(of, func(event, hash string) ([]notify.ConsentEvent, error) {
		if event != "c1" || hash != grant().Hash {
			t.Errorf("it asks for %s %s", event, hash)
		}
		return chain, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProve(t *testing.T) {
	t.Parallel()
	later := notify.ConsentEvent{ID: "c2", Channel: notify.SMS, Action: notify.Withdrawn, OccurredAt: noon()}.Chained(2, grant().Hash)
	rewritten := grant()
	rewritten.Text = "yes, to everything"
	forged := rewritten.Chained(1, "")
	lost := later.Chained(3, later.Hash)
	cases := []struct {
		name     string
		chain    []notify.ConsentEvent
		recorded bool
		intact   bool
		broken   int64
	}{
		{"as it was", []notify.ConsentEvent{grant()}, true, true, 0},
		{"with a later act", []notify.ConsentEvent{grant(), later}, true, true, 0},
		{"edited", []notify.ConsentEvent{rewritten, later}, true, false, 1},
		{"edited with a new hash", []notify.ConsentEvent{forged}, true, false, 0},
		{"with a row missing after it", []notify.ConsentEvent{grant(), lost}, true, false, 2},
		{"not on record any more", nil, false, false, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := prove(t, told(), c.chain...)
			g := p.Deliveries[0]
			if g.Basis != notify.BasisConsent || !g.Replayed || len(g.Decisions) != 1 || g.Decisions[0].Facts == nil {
				t.Errorf("the grounds are %+v", g)
			}
			r := g.Consent
			if r == nil || r.TextHash != grant().TextHash || (r.Record != nil) != c.recorded || r.Intact != c.intact || r.BrokenAt != c.broken {
				t.Errorf("the act relied on is %+v", r)
			}
			if second := p.Deliveries[1]; second.Basis != notify.BasisContract || second.Consent != nil {
				t.Errorf("the mail went by %+v", second)
			}
		})
	}
}

func TestProve_EditedFactsShow(t *testing.T) {
	t.Parallel()
	of := told()
	of.Decisions[0].Facts = bytes.Replace(of.Decisions[0].Facts, []byte(`"has_address":true`), []byte(`"has_address":false`), 1)
	if prove(t, of, grant()).Deliveries[0].Replayed {
		t.Error("the decision is said to follow from its facts")
	}
	of.Decisions = nil
	if g := prove(t, of).Deliveries[0]; g.Replayed || g.Basis != "" {
		t.Errorf("without decisions the grounds are %+v", g)
	}
}
