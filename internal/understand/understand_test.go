package understand

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"landfall/internal/optout"
)

var (
	misses = flag.Bool("misses", false, "print what of the development set is not understood")
	update = flag.Bool("update", false, "write the scores in docs/understanding.md anew")
)

// line is one message of the development set, and what it means.
type line struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Text      string     `json:"text"`
	Lang      string     `json:"lang"`
	Now       Date       `json:"now"`
	Orders    []Order    `json:"orders"`
	Expecting *Expecting `json:"expecting"`
	Want      struct {
		Intent Intent   `json:"intent"`
		From   *Date    `json:"from"`
		To     *Date    `json:"to"`
		Which  Which    `json:"expect"`
		Orders []string `json:"orders"`
		Answer string   `json:"answer"`
	} `json:"want"`
}

// message is what the reader is given of it.
func (l line) message() Message {
	now := l.Now
	if now.IsZero() {
		now = dateOf(2026, 11, 22)
	}
	return Message{Text: l.Text, Locale: l.Lang, Now: now.Add(12 * time.Hour), Orders: l.Orders, Expecting: l.Expecting}
}

// made is a reader; reading its words takes a moment.
var made = sync.OnceValues(func() (*Reader, error) {
	return New(optout.New())
})

func reader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := made()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// score is how much of one language was understood.
type score struct{ lines, intents, dates, dated, which, named, wrong, answers, asked int }

func (s *score) add(o score) {
	s.lines, s.intents, s.dates, s.dated = s.lines+o.lines, s.intents+o.intents, s.dates+o.dates, s.dated+o.dated
	s.which, s.named, s.wrong, s.answers, s.asked = s.which+o.which, s.named+o.named, s.wrong+o.wrong, s.answers+o.answers, s.asked+o.asked
}

func (s score) String() string {
	return fmt.Sprintf("%4d lines: intents %5.1f %%, dates %d/%d, orders %d/%d (%d wrong), answers %d/%d",
		s.lines, 100*float64(s.intents)/float64(max(s.lines-s.asked, 1)), s.dates, s.dated, s.which, s.named, s.wrong, s.answers, s.asked)
}

// The least that must be understood of the development set, in each language, and the most orders that may be taken for others.
const (
	leastIntents = 0.93
	leastOrders  = 0.9
	leastAnswers = 0.93
)

// The development set is understood, in every language, and docs/understanding.md says how well.
func TestDevelopmentSet(t *testing.T) {
	t.Parallel()
	r := reader(t)
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var total score
	page := "\n| language | messages | intent | date | order | wrong order | answer |\n|---|---|---|---|---|---|---|\n"
	for _, name := range files {
		lang := strings.TrimSuffix(filepath.Base(name), ".jsonl")
		var s score
		for _, l := range lines(t, name) {
			s.add(judge(t, r, l))
		}
		s.check(t, lang)
		total.add(s)
		page += s.row(lang)
	}
	scores(t, page+total.row("all"))
	if len(files) != len(r.Languages()) {
		t.Errorf("%d languages are understood, %d have a development set", len(r.Languages()), len(files))
	}
}

func (s score) check(t *testing.T, lang string) {
	t.Helper()
	below := func(part, of int, least float64) bool { return float64(part) < least*float64(of) }
	if s.lines < 40 || below(s.intents, s.lines-s.asked, leastIntents) || below(s.which, s.named, leastOrders) || below(s.answers, s.asked, leastAnswers) || s.wrong > 0 {
		t.Errorf("%s: %s", lang, s)
	}
}

func (s score) row(lang string) string {
	return fmt.Sprintf("| %s | %d | %.1f %% | %d of %d | %d of %d | %d | %d of %d |\n",
		lang, s.lines, 100*float64(s.intents)/float64(max(s.lines-s.asked, 1)), s.dates, s.dated, s.which, s.named, s.wrong, s.answers, s.asked)
}

const docs = "../../docs/understanding.md"

// scores holds the page against the scores, or writes them.
func scores(t *testing.T, table string) {
	t.Helper()
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(page), "<!-- begin scores -->")
	old, after, ok := strings.Cut(rest, "<!-- end scores -->")
	if !ok {
		t.Fatal("docs/understanding.md has no place for the scores")
	}
	switch {
	case old == table:
	case *update:
		if err := os.WriteFile(docs, []byte(before+"<!-- begin scores -->"+table+"<!-- end scores -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/understanding.md says otherwise; run 'make golden'. The scores are:\n%s", table)
	}
}

func lines(t testing.TB, name string) []line {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all []line
	for in := bufio.NewScanner(bytes.NewReader(raw)); in.Scan(); {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v in %s", name, err, in.Text())
		}
		all = append(all, l)
	}
	return all
}

func judge(t *testing.T, r *Reader, l line) score {
	t.Helper()
	got := r.Read(l.message())
	s := score{lines: 1}
	var wrong []string
	if l.Want.Answer != "" {
		s.asked++
		if got.Answer == l.Want.Answer {
			s.answers++
		} else {
			wrong = append(wrong, fmt.Sprintf("answer %q, want %q", got.Answer, l.Want.Answer))
		}
	} else if got.Intent == l.Want.Intent && got.Answer == "" {
		s.intents++
	} else {
		wrong = append(wrong, fmt.Sprintf("%s%s, want %s", got.Intent, got.Answer, l.Want.Intent))
	}
	if l.Want.From != nil || got.Bought != nil {
		s.dated++
		if got.Bought != nil && l.Want.From != nil && !got.Bought.From.After(l.Want.To.Time) && !got.Bought.To.Before(l.Want.From.Time) {
			s.dates++
		} else {
			wrong = append(wrong, fmt.Sprintf("bought %v, want %v..%v", got.Bought, l.Want.From, l.Want.To))
		}
	}
	if l.Want.Which != "" {
		s.named++
		if got.Which == l.Want.Which && alikeSets(got.Orders, l.Want.Orders) {
			s.which++
		} else {
			if got.Which == One {
				s.wrong++
			}
			wrong = append(wrong, fmt.Sprintf("%s %v, want %s %v", got.Which, got.Orders, l.Want.Which, l.Want.Orders))
		}
	}
	if *misses && len(wrong) > 0 {
		t.Logf("%s %q (%s): %s\n      %s", l.ID, l.Text, got.Lang, strings.Join(wrong, "; "), strings.Join(got.Trace, " | "))
	}
	return s
}

func alikeSets(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
