package phrase

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ message, want string }{
		{"Where's my PARCEL?", "wheres my parcel"},
		{"Stopppp!!!", "stop"},
		{"l'ordine è in ritardo", "l ordine e in ritardo"},
		{"ＳＴＯＰ", "stop"},
		{"我的外套在哪", "我 的 外 套 在 哪"},
		{"コートどこ", "コ ー ト ど こ"},
		{"Große Straße", "grosse strasse"},
		{"đơn hàng", "don hang"},
		{"a\x00\xffb\u202e", "a b"},
	} {
		if got := strings.Join(Split(c.message).Tokens, " "); got != c.want {
			t.Errorf("%q is cut into %q, want %q", c.message, got, c.want)
		}
	}
	long := Split(strings.Repeat("word ", 5000))
	if len(long.Tokens) > tokenLimit {
		t.Errorf("a long message has %d tokens", len(long.Tokens))
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phrase, message string
		want            []string
	}{
		{"cancel*", "please cancel it, cancellation", []string{"cancel", "cancellation"}},
		{"has not .. arrived", "it has not really arrived", []string{"has not really arrived"}},
		{"has not .. arrived", "it has not come. arrived", nil},
		{"has not .. arrived", "has not a b c d e arrived", nil},
		{"where .. parcel*", "where is my parcel", []string{"where is my parcel"}},
		{"在 .. 哪", "外套现在到底在谁哪", []string{"在到底在谁哪", "在谁哪"}},
		{"out of stock", "is it out of stock?", []string{"out of stock"}},
		{"stock", "stocks", nil},
	} {
		x := NewIndex()
		g, err := x.Group([]string{c.phrase})
		if err != nil {
			t.Fatal(err)
		}
		text := Split(c.message)
		var got []string
		for _, s := range x.Find(text).Of(g) {
			got = append(got, text.Quote(s.From, s.To))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q in %q (-want +got):\n%s", c.phrase, c.message, d)
		}
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	a, err := x.Group([]string{"one", "two"})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := x.Group([]string{"one", "two"}); err != nil || b != a {
		t.Errorf("the same phrases are group %d and %d (%v)", a, b, err)
	}
	for _, bad := range []string{"", "!", strings.Repeat("w ", Longest+1)} {
		if _, err := x.Group([]string{bad}); err == nil || !strings.Contains(err.Error(), "is no phrase of 1 to 24 words") {
			t.Errorf("%q is a phrase: %v", bad, err)
		}
	}
}

func FuzzFind(f *testing.F) {
	x := NewIndex()
	if _, err := x.Group([]string{"a .. b", "cancel*", "在 .. 哪", "not a .. b .. c"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, message string) {
		text := Split(message)
		for _, s := range x.Find(text).Of(0) {
			if s.From < 0 || s.To > len(text.Tokens) || s.Len() < 1 {
				t.Fatalf("%v of %d tokens", s, len(text.Tokens))
			}
		}
	})
}
