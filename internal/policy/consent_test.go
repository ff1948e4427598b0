package policy

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"landfall/internal/notify"
)

// said is one act on SMS, some minutes after a common start, heard at once and by the person themselves.
func said(t testing.TB, id string, a notify.Action, minutes int, change ...func(*notify.ConsentEvent)) notify.ConsentEvent {
	t.Helper()
	at := instant(t, "2026-11-01T10:00:00Z").Add(time.Duration(minutes) * time.Minute)
	e := notify.ConsentEvent{ID: id, Channel: notify.SMS, Action: a, OccurredAt: at, ReceivedAt: at, Actor: notify.ActorSubject}
	for _, c := range change {
		c(&e)
	}
	return e
}

func by(actor string) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.Actor = actor }
}

func method(m string) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.Method = m }
}

func about(p notify.Purpose) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.Purpose = p }
}

func through(c notify.Channel) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.Channel = c }
}

func basedOn(b notify.Basis) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.Basis = b }
}

// heard moves when we heard of an act by some minutes.
func heard(minutes int) func(*notify.ConsentEvent) {
	return func(e *notify.ConsentEvent) { e.ReceivedAt = e.ReceivedAt.Add(time.Duration(minutes) * time.Minute) }
}

func undated(e *notify.ConsentEvent) { e.OccurredAt = time.Time{} }

func told(s Standing) string {
	var earlier []string
	for _, a := range s.Earlier {
		earlier = append(earlier, a.Event)
	}
	return fmt.Sprintf("yes %q %q no %q ended %t elsewhere %t", s.Yes.Event, earlier, s.No.Event, s.Ended, s.Elsewhere)
}

func TestStand(t *testing.T) {
	t.Parallel()
	e := func(id string, a notify.Action, minutes int, change ...func(*notify.ConsentEvent)) notify.ConsentEvent {
		return said(t, id, a, minutes, change...)
	}
	yes := func(id string) string { return fmt.Sprintf("yes %q [] no %q ended false elsewhere false", id, "") }
	no := func(id string) string { return fmt.Sprintf("yes %q [] no %q ended false elsewhere false", "", id) }
	for name, c := range map[string]struct {
		events []notify.ConsentEvent
		want   string
	}{
		"nothing on record":                     {nil, no("")},
		"granted":                               {[]notify.ConsentEvent{e("g", notify.Granted, 0)}, yes("g")},
		"granted twice":                         {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("h", notify.Granted, 1)}, yes("h")},
		"reconfirmed":                           {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("r", notify.Reconfirmed, 1)}, yes("r")},
		"denied":                                {[]notify.ConsentEvent{e("d", notify.Denied, 0)}, no("d")},
		"withdrawn":                             {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("w", notify.Withdrawn, 5)}, no("w")},
		"an older grant comes late":             {[]notify.ConsentEvent{e("w", notify.Withdrawn, 5), e("g", notify.Granted, 0, heard(60))}, no("w")},
		"granted anew":                          {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("g", notify.Granted, 5)}, yes("g")},
		"a withdrawal wins a tie":               {[]notify.ConsentEvent{e("a", notify.Withdrawn, 0), e("z", notify.Granted, 0)}, no("a")},
		"a block wins a tie":                    {[]notify.ConsentEvent{e("a", notify.Blocked, 0), e("z", notify.Reconfirmed, 0)}, no("a")},
		"the latest of two refusals names it":   {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("b", notify.Blocked, 1)}, no("b")},
		"an undated withdrawal counts":          {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("w", notify.Withdrawn, 5, undated)}, no("w")},
		"an undated grant lifts nothing":        {[]notify.ConsentEvent{e("w", notify.Withdrawn, 5), e("g", notify.Granted, 9, undated)}, no("w")},
		"an undated grant counts alone":         {[]notify.ConsentEvent{e("g", notify.Granted, 9, undated)}, yes("g")},
		"an import lifts no withdrawal":         {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("i", notify.Granted, 5, method(notify.MethodImport))}, no("w")},
		"an import by its other name neither":   {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("i", notify.Granted, 5, method("api_import"))}, no("w")},
		"an import counts where nobody refused": {[]notify.ConsentEvent{e("i", notify.Granted, 0, method(notify.MethodImport))}, yes("i")},
		"an import after a new grant": {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("g", notify.Granted, 5),
			e("i", notify.Granted, 9, method(notify.MethodImport))}, yes("i")},
		"an import of a withdrawal counts": {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("i", notify.Withdrawn, 5, method(notify.MethodImport))}, no("i")},
		"the merchant lifts a withdrawal":  {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("g", notify.Granted, 5, by("merchant"))}, yes("g")},
		"the merchant lifts no objection":  {[]notify.ConsentEvent{e("o", notify.Objected, 0), e("g", notify.Granted, 5, by("merchant"))}, no("o")},
		"the person lifts an objection":    {[]notify.ConsentEvent{e("o", notify.Objected, 0), e("g", notify.Granted, 5)}, yes("g")},
		"an objection outlasts a later withdrawal": {[]notify.ConsentEvent{e("o", notify.Objected, 0), e("w", notify.Withdrawn, 5),
			e("g", notify.Granted, 9, by("merchant"))}, no("w")},
		"an objection taken back is over": {[]notify.ConsentEvent{e("o", notify.Objected, 0), e("g", notify.Granted, 5), e("w", notify.Withdrawn, 7),
			e("h", notify.Granted, 9, by("merchant"))}, yes("h")},
		"an import lifts no objection though it names the person": {[]notify.ConsentEvent{e("o", notify.Objected, 0),
			e("i", notify.Granted, 5, method(notify.MethodImport))}, no("o")},

		"an hour ahead: heard before the STOP":           {[]notify.ConsentEvent{e("g", notify.Granted, 60, heard(-60)), e("w", notify.Withdrawn, 1)}, no("w")},
		"a grant gets no slack":                          {[]notify.ConsentEvent{e("g", notify.Granted, 4, heard(-4)), e("w", notify.Withdrawn, 1)}, no("w")},
		"a refusal gets five minutes":                    {[]notify.ConsentEvent{e("w", notify.Withdrawn, 5, heard(-5)), e("g", notify.Granted, 4)}, no("w")},
		"and no more":                                    {[]notify.ConsentEvent{e("w", notify.Withdrawn, 6, heard(-6)), e("g", notify.Granted, 4)}, yes("g")},
		"without a time of hearing what is said holds":   {[]notify.ConsentEvent{e("w", notify.Withdrawn, 60, func(e *notify.ConsentEvent) { e.ReceivedAt = time.Time{} }), e("g", notify.Granted, 4)}, no("w")},
		"every channel withdrawn":                        {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("w", notify.Withdrawn, 5, through(notify.AnyChannel))}, no("w")},
		"every channel granted":                          {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("g", notify.Granted, 5, through(notify.AnyChannel))}, yes("g")},
		"another channel withdrawn":                      {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("w", notify.Withdrawn, 5, through(notify.Email))}, yes("g")},
		"a STOP is about every purpose":                  {[]notify.ConsentEvent{e("g", notify.Granted, 0, about(notify.OrderStatus)), e("s", notify.Withdrawn, 5, method(notify.MethodStop))}, no("s")},
		"unsubscribed from advertising alone":            {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("w", notify.Withdrawn, 5, about(notify.Marketing))}, yes("g")},
		"granted for another purpose":                    {[]notify.ConsentEvent{e("m", notify.Granted, 0, about(notify.Marketing))}, `yes "" [] no "" ended false elsewhere true`},
		"granted for another purpose and withdrawn":      {[]notify.ConsentEvent{e("m", notify.Granted, 0, about(notify.Marketing)), e("w", notify.Withdrawn, 5, about(notify.Marketing))}, no("")},
		"granted for another purpose on another channel": {[]notify.ConsentEvent{e("m", notify.Granted, 0, about(notify.Marketing), through(notify.Email))}, no("")},
		"granted for this purpose and another":           {[]notify.ConsentEvent{e("m", notify.Granted, 5, about(notify.Marketing)), e("g", notify.Granted, 0, about(notify.OrderStatus))}, yes("g")},

		"expired":                    {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("x", notify.ConsentOver, 5)}, `yes "" [] no "" ended true elsewhere false`},
		"expired in a tie":           {[]notify.ConsentEvent{e("x", notify.ConsentOver, 0), e("z", notify.Granted, 0)}, `yes "" [] no "" ended true elsewhere false`},
		"expired and renewed":        {[]notify.ConsentEvent{e("x", notify.ConsentOver, 0), e("g", notify.Granted, 5)}, yes("g")},
		"expired and asked for anew": {[]notify.ConsentEvent{e("x", notify.ConsentOver, 0), e("r", notify.DOIRequested, 5)}, yes("r")},
		"expired does not lift a withdrawal": {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("x", notify.ConsentOver, 5)},
			`yes "" [] no "w" ended true elsewhere false`},

		"double opt-in asked for":              {[]notify.ConsentEvent{e("r", notify.DOIRequested, 0)}, yes("r")},
		"double opt-in asked for lifts no no":  {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("r", notify.DOIRequested, 5)}, `yes "r" [] no "w" ended false elsewhere false`},
		"double opt-in confirmed":              {[]notify.ConsentEvent{e("r", notify.DOIRequested, 0), e("c", notify.DOIConfirmed, 5)}, `yes "c" ["r"] no "" ended false elsewhere false`},
		"double opt-in confirmed lifts a no":   {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("r", notify.DOIRequested, 5), e("c", notify.DOIConfirmed, 9)}, `yes "c" ["r"] no "" ended false elsewhere false`},
		"a second one asked for":               {[]notify.ConsentEvent{e("c", notify.DOIConfirmed, 0), e("r", notify.DOIRequested, 5)}, `yes "r" ["c"] no "" ended false elsewhere false`},
		"a purchase after a grant":             {[]notify.ConsentEvent{e("g", notify.Granted, 0), e("s", notify.Granted, 5, basedOn(notify.BySoftOptIn))}, `yes "s" ["g"] no "" ended false elsewhere false`},
		"a withdrawal ends the earlier ones":   {[]notify.ConsentEvent{e("c", notify.DOIConfirmed, 0), e("r", notify.DOIRequested, 5), e("w", notify.Withdrawn, 9)}, no("w")},
		"lifted before it was asked for again": {[]notify.ConsentEvent{e("w", notify.Withdrawn, 0), e("g", notify.Granted, 5), e("r", notify.DOIRequested, 9)}, `yes "r" ["g"] no "" ended false elsewhere false`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				if got := told(Stand(c.events, notify.SMS, notify.OrderStatus)); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				slices.Reverse(c.events)
			}
		})
	}
}

// An act of any kind, on few instants, so that ties are frequent.
func anyAct(t *rapid.T, id string) notify.ConsentEvent {
	at := time.Date(2026, 11, 1, 10, rapid.IntRange(0, 6).Draw(t, "minute"), 0, 0, time.UTC)
	return notify.ConsentEvent{
		ID: id, Action: rapid.SampledFrom(notify.Actions()).Draw(t, "action"), OccurredAt: at,
		ReceivedAt: at.Add(time.Duration(rapid.IntRange(-6, 6).Draw(t, "heard")) * time.Minute),
		Channel:    rapid.SampledFrom([]notify.Channel{notify.SMS, notify.Email, notify.AnyChannel}).Draw(t, "channel"),
		Purpose:    rapid.SampledFrom([]notify.Purpose{"", notify.OrderStatus, notify.Marketing}).Draw(t, "purpose"),
		Method:     rapid.SampledFrom([]string{"", notify.MethodImport, notify.MethodDouble, notify.MethodStop}).Draw(t, "method"),
		Actor:      rapid.SampledFrom([]string{notify.ActorSubject, "merchant"}).Draw(t, "actor"),
		Basis:      rapid.SampledFrom([]notify.Basis{notify.ByConsent, notify.BySoftOptIn}).Draw(t, "basis"),
	}
}

// actsOf draws up to eight acts.
func actsOf(t *rapid.T) []notify.ConsentEvent {
	events := make([]notify.ConsentEvent, rapid.IntRange(0, 8).Draw(t, "acts"))
	for i := range events {
		events[i] = anyAct(t, fmt.Sprint(i))
	}
	return events
}

func TestStand_TheOrderOfHearingDecidesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := actsOf(t)
		want := Stand(events, notify.SMS, notify.Marketing)
		if diff := cmp.Diff(want, Stand(rapid.Permutation(events).Draw(t, "order"), notify.SMS, notify.Marketing)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever happened: a yes that stands is newer than every refusal, was not imported over one, and is the person's own
// after an objection that nobody else took back.
func TestStand_NoYesBesideAStrongerNo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := actsOf(t)
		s := Stand(events, notify.SMS, notify.Marketing)
		if !s.some(func(a Act) bool { return a.Action.Allows() }) {
			return
		}
		if s.No.Action != "" {
			t.Fatalf("both %+v and %+v", s.Yes, s.No)
		}
		for _, e := range events {
			if e.Channel == notify.Email || e.Purpose == notify.OrderStatus || !e.Action.Refuses() {
				continue
			}
			for _, yes := range append(s.Earlier, s.Yes) {
				if !yes.At.After(when(e)) {
					t.Fatalf("%+v stands in spite of %+v", yes, e)
				}
			}
		}
		refused(t, events, s)
	})
}

// refused insists that some yes, neither imported nor against an objection by another, came after the last refusal.
func refused(t *rapid.T, events []notify.ConsentEvent, s Standing) {
	list := acts(events, notify.SMS, notify.Marketing)
	last, objected := -1, false
	for i, a := range list {
		switch {
		case a.Action.Refuses() && a.Action != notify.ConsentOver:
			last, objected = i, objected || a.Action == notify.Objected
		case objected && a.Actor == notify.ActorSubject && a.Action.Allows() && a.Method != notify.MethodImport:
			objected = false
		}
	}
	if objected {
		t.Fatalf("%+v stands against an objection", s.Yes)
	}
	if last < 0 {
		return
	}
	if !slices.ContainsFunc(list[last+1:], func(a Act) bool { return a.Action.Allows() && a.Method != notify.MethodImport }) {
		t.Fatalf("%+v was lifted by an import alone", list[last])
	}
}

func TestStand_KeepsWhatProvesTheAct(t *testing.T) {
	t.Parallel()
	e := said(t, "g", notify.Granted, 0, method("checkbox"), basedOn(notify.ByConsent))
	e.TextHash, e.Hash, e.ValidUntil = notify.Fingerprint("yes"), "h", e.OccurredAt.AddDate(1, 0, 0)
	want := Act{Event: "g", Action: notify.Granted, Basis: notify.ByConsent, Method: "checkbox", Actor: notify.ActorSubject, At: e.OccurredAt,
		Until: e.ValidUntil, Text: e.TextHash, Hash: "h"}
	if diff := cmp.Diff(want, Stand([]notify.ConsentEvent{e}, notify.SMS, notify.Marketing).Yes); diff != "" {
		t.Error(diff)
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at, until string
		months    int
		last      string // the last instant at which it holds; "" for ever
	}{
		"for ever":                      {at: "2026-01-15T10:00:00Z"},
		"KR, 2 years":                   {at: "2026-01-15T10:00:00Z", months: 24, last: "2028-01-15T10:00:00Z"},
		"FR, 36 months":                 {at: "2026-01-15T10:00:00Z", months: 36, last: "2029-01-15T10:00:00Z"},
		"from 29 February":              {at: "2028-02-29T10:00:00Z", months: 24, last: "2030-02-28T10:00:00Z"},
		"from a longer month":           {at: "2026-08-31T10:00:00Z", months: 6, last: "2027-02-28T10:00:00Z"},
		"an end of its own":             {at: "2026-01-15T10:00:00Z", until: "2026-03-01T00:00:00Z", months: 24, last: "2026-03-01T00:00:00Z"},
		"whatever clock it was read on": {at: "2026-01-01T05:00:00+09:00", months: 2, last: "2026-02-28T20:00:00Z"},
	} {
		a := Act{Action: notify.Granted, At: instant(t, c.at)}
		if c.until != "" {
			a.Until = instant(t, c.until)
		}
		if c.last == "" {
			if a.over(instant(t, "2036-01-01T00:00:00Z"), c.months) {
				t.Errorf("%s: over", name)
			}
			continue
		}
		if last := instant(t, c.last); a.over(last, c.months) || !a.over(last.Add(time.Millisecond), c.months) {
			t.Errorf("%s: does not end at %s", name, c.last)
		}
	}
}

func TestVerifyChain(t *testing.T) {
	t.Parallel()
	var chain []notify.ConsentEvent
	for i, a := range []notify.Action{notify.Granted, notify.Withdrawn, notify.Granted, notify.Objected} {
		prev := ""
		if i > 0 {
			prev = chain[i-1].Hash
		}
		chain = append(chain, said(t, fmt.Sprint(i), a, i).Chained(int64(i+1), prev))
	}
	if err := notify.VerifyChain(chain); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func([]notify.ConsentEvent) []notify.ConsentEvent
		breaks int64
	}{
		"edited": {func(es []notify.ConsentEvent) []notify.ConsentEvent { es[1].Action = notify.Granted; return es }, 2},
		"edited and hashed": {func(es []notify.ConsentEvent) []notify.ConsentEvent {
			es[1].Action = notify.Granted
			es[1] = es[1].Chained(2, es[0].Hash)
			return es
		}, 3},
		"removed":           {func(es []notify.ConsentEvent) []notify.ConsentEvent { return slices.Delete(es, 1, 2) }, 2},
		"the first removed": {func(es []notify.ConsentEvent) []notify.ConsentEvent { return es[1:] }, 1},
		"swapped":           {func(es []notify.ConsentEvent) []notify.ConsentEvent { es[1], es[2] = es[2], es[1]; return es }, 2},
		"added":             {func(es []notify.ConsentEvent) []notify.ConsentEvent { return slices.Insert(es, 1, es[1]) }, 3},
	} {
		err := notify.VerifyChain(c.change(slices.Clone(chain)))
		broken, ok := errors.AsType[*notify.BrokenLink](err)
		if !ok || broken.Seq != c.breaks {
			t.Errorf("%s: got %v, want a break at %d", name, err, c.breaks)
		}
	}
}

// A second request for double opt-in does not stand for the click that confirmed the first.
func TestRelied_EarlierYes(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	confirmed := Act{Event: "c", Action: notify.DOIConfirmed, At: noon}
	bought := Act{Event: "s", Action: notify.Granted, Basis: notify.BySoftOptIn, At: noon}
	for name, tt := range map[string]struct {
		need    Need
		latest  Act
		earlier []Act
		want    string
	}{
		"a request came after":           {NeedDouble, Act{Event: "r", Action: notify.DOIRequested, At: noon}, []Act{confirmed}, "c"},
		"a grant goes before a purchase": {NeedSoft, bought, []Act{{Event: "g", Action: notify.Granted, At: noon}}, "g"},
		"a purchase alone":               {NeedSoft, bought, nil, "s"},
		"only a request":                 {NeedDouble, Act{Event: "r", Action: notify.DOIRequested, At: noon}, nil, ""},
		"nothing":                        {NeedDouble, Act{}, nil, ""},
	} {
		c := Candidate{Class: notify.MarketingClass, Need: tt.need, Standing: Standing{Yes: tt.latest, Earlier: tt.earlier}}
		if got := c.Relied(noon).Event; got != tt.want {
			t.Errorf("%s: relied on %q, want %q", name, got, tt.want)
		}
	}
}
