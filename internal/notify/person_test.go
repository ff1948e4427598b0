package notify

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestClock(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		want Clock
		bad  bool
	}{
		{"00:00", 0, false}, {"08:30", 8*60 + 30, false}, {"23:59", 24*60 - 1, false}, {"24:00", 24 * 60, false},
		{"24:01", 0, true}, {"8:30", 0, true}, {"08:60", 0, true}, {"25:00", 0, true}, {"", 0, true}, {"noon", 0, true},
		{"08:30:00", 0, true}, {"-1:00", 0, true},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			var got Clock
			err := got.UnmarshalText([]byte(c.text))
			if (err != nil) != c.bad || got != c.want {
				t.Fatalf("%q reads as %d, %v", c.text, got, err)
			}
			if c.bad {
				if !strings.Contains(err.Error(), `write it as "22:00"`) {
					t.Errorf("the error does not say how to write it: %v", err)
				}
				return
			}
			if got.String() != c.text {
				t.Errorf("%q is written back as %q", c.text, got)
			}
		})
	}
}

func TestQuietTravelsAsText(t *testing.T) {
	t.Parallel()
	in := Quiet{From: 22 * 60, To: 8 * 60, SundaysUntil: 10 * 60}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"from":"22:00","to":"08:00","sundays_until":"10:00"}`; string(b) != want {
		t.Errorf("got %s", b)
	}
	var out Quiet
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("comes back as %+v, %v", out, err)
	}
}

func TestMarketCode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		person Person
		want   string
	}{
		{"named", Person{Market: "DE", Postal: Postal{Country: "FR"}}, "DE"},
		{"by address", Person{Postal: Postal{Country: "FR"}}, "FR"},
		{"nothing tells", Person{}, ""},
	}
	for _, c := range cases {
		if got := c.person.MarketCode(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	p := Person{ID: "mei", Phone: "+49151", Email: "m@x.de", Line: "U1", InApp: true}
	want := map[Channel]string{WhatsApp: "+49151", SMS: "+49151", Email: "m@x.de", LINE: "U1", InApp: "mei"}
	for _, c := range Channels() {
		a, ok := p.Address(c)
		if !ok || a.Channel != c || a.Value.Reveal() != want[c] {
			t.Errorf("%s: %s %q %t", c, a.Channel, a.Value.Reveal(), ok)
		}
		if _, ok := (Person{ID: "mei"}).Address(c); ok {
			t.Errorf("%s: somebody without addresses is reached", c)
		}
	}
	if _, ok := p.Address("pigeon"); ok || Channel("pigeon").Known() {
		t.Error("pigeons are taken for a channel")
	}
}

func TestSupersessionSaysWhatTookThePlace(t *testing.T) {
	t.Parallel()
	if got := (Supersession{By: "n_1", Event: "e1"}).Why(); got != "by n_1" {
		t.Errorf("got %q", got)
	}
	if got := (Supersession{Event: "e1"}).Why(); got != "by event e1" {
		t.Errorf("got %q", got)
	}
}
