package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/report"
	"landfall/internal/sandbox"
)

// buried is a Landfall that runs, with one mail of Mei's that was refused for good.
func buried(t *testing.T) (*play.World, []string) {
	t.Helper()
	w, at := world(t)
	w.Sandbox.Fail(sandbox.Email, sandbox.Fault{Status: 550, Code: 560}) // mails may come at any hour, and so may this test
	for path, body := range map[string]any{
		"people/mei": map[string]any{"name": "Mei", "market": "DE", "locale": "de", "email": "mei@example.com"},
		"orders/A1": map[string]any{"person": "mei", "items": []any{map[string]any{"title": "Wollmantel"}},
			"parcels": []any{map[string]any{"carrier": "dhl", "number": "0034"}}},
	} {
		if err := w.Put(t.Context(), path, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Post(t.Context(), "events", map[string]any{"id": "e1", "parcel": "0034", "carrier": "dhl", "kind": "departed_origin", "happened_at": w.Clock.Now().Format(time.RFC3339)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, at
}

// dead runs landfall dead.
func dead(t *testing.T, do string, args ...string) result {
	t.Helper()
	return landfall(t, append([]string{"dead", do}, args...)...)
}

func TestDead(t *testing.T) {
	t.Parallel()
	w, at := buried(t)
	var rows []report.Row
	if r := dead(t, "list", append(at, "--json")...); r.code != 0 || json.Unmarshal([]byte(r.out), &rows) != nil || len(rows) == 0 {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	id := string(rows[0].Notification)
	for _, filter := range []string{"--channel=email", "--reason=PROVIDER_REJECTED", "--person=mei", "--order=A1", "--since=2026-11-01T00:00:00Z"} {
		if r := dead(t, "list", append(at, filter)...); r.code != 0 || strings.Count(r.out, "\n") != 1 || !strings.Contains(r.out, id) || !strings.Contains(r.out, "PROVIDER_REJECTED:5.6.0") {
			t.Errorf("%s: exit %d: %s%s", filter, r.code, r.out, r.err)
		}
	}
	if r := dead(t, "list", append(at, "--channel=sms")...); r.code != 0 || r.out != "nothing is dead here\n" {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if r := dead(t, "show", append(at, id)...); r.code != 0 || !strings.Contains(r.out, "FAILED  departed to mei on Email") || !strings.Contains(r.out, "provider code 5.6.0") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if r := dead(t, "show", append(at, id)...); strings.Contains(r.out, "mei@example.com") {
		t.Error("it prints an address")
	}
	if r := dead(t, "retry", append(at, id)...); r.code != 0 || r.out != id+"  goes again by email\n" {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if err := w.Work(t.Context()); err != nil { // the running one brings it
		t.Fatal(err)
	}
	if got := w.Sandbox.Received(); len(got) != 1 {
		t.Errorf("%d messages came", len(got))
	}
	if r := dead(t, "retry", append(at, id)...); r.code != 1 || r.out != id+"  is no dead letter, or not any more\n" {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

func TestDead_RetryAll(t *testing.T) {
	t.Parallel()
	_, at := buried(t)
	r := dead(t, "retry", append(at, "--all", "--reason=PROVIDER_REJECTED", "--json")...)
	var got []dispatcher.Retried
	if r.code != 0 || json.Unmarshal([]byte(r.out), &got) != nil || len(got) != 1 || got[0].Channel != notify.Email || got[0].Outcome != dispatcher.RetryQueued {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	dead(t, "retry", append(at, "--all")...).sentence(t, 2, "this sends every dead letter again; add --yes, or a filter such as --reason")
	if r := dead(t, "retry", append(at, "--all", "--yes")...); r.code != 0 || r.out != "" {
		t.Errorf("with nothing left exit %d: %s%s", r.code, r.out, r.err)
	}
}

func TestDead_Misuse(t *testing.T) {
	t.Parallel()
	_, at := world(t)
	dead(t, "retry", at...).sentence(t, 2, "name the notifications, or add --all for everything that the filters leave")
	dead(t, "retry", append(at, "--all", "n_1")...).sentence(t, 2, "name the notifications, or add --all for everything that the filters leave")
	dead(t, "list", append(at, "--channel=fax")...).sentence(t, 2, `"fax" is no channel; use one of whatsapp, line, sms, email, inapp`)
	dead(t, "show", append(at, "n_1")...).sentence(t, 1, "no dead letter of acme has this id; landfall dead list shows what there is")
	at[0] = "--merchant=acne"
	if r := dead(t, "list", at...); r.code != 1 || !strings.Contains(r.err, `there is no merchant "acne"`) {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}
