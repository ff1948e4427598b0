package optout

import (
	"embed"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"landfall/internal/phrase"
)

//go:embed testdata/*.yaml
var tables embed.FS

// table is what people of one language write.
type table struct {
	Stop      []string `yaml:"stop"`
	Marketing []string `yaml:"marketing"`
	All       []string `yaml:"all"`
	None      []string `yaml:"none"`
}

var shared = sync.OnceValue(New)

// languagesOf lists the files of a folder by their languages.
func languagesOf(t *testing.T, files embed.FS, folder string) []string {
	t.Helper()
	entries, err := files.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
	}
	return all
}

func tableOf(t *testing.T, language string) table {
	t.Helper()
	source, err := tables.ReadFile("testdata/" + language + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got table
	if err := yaml.Load(source, &got, yaml.WithKnownFields()); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return got
}

func TestRead_FreeText(t *testing.T) {
	t.Parallel()
	for _, language := range languagesOf(t, tables, "testdata") {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			said := tableOf(t, language)
			for _, list := range []struct {
				messages []string
				want     Reading
			}{{said.Stop, Reading{Act: Stop}}, {said.Marketing, Reading{Act: Stop, Marketing: true}}, {said.All, Reading{Act: Stop, All: true}}, {said.None, Reading{}}} {
				for _, m := range list.messages {
					got := shared().Read(m)
					got.Keyword, list.want.Matched = false, got.Matched
					if got != list.want {
						t.Errorf("%q is read as %+v", m, got)
					}
				}
			}
		})
	}
}

// A table that is too short proves nothing.
func TestTables_AreLongEnough(t *testing.T) {
	t.Parallel()
	words := languagesOf(t, shipped, "words")
	if !slices.Equal(words, languagesOf(t, tables, "testdata")) {
		t.Error("the languages with words and those with a table differ")
	}
	for _, language := range words {
		said := tableOf(t, language)
		if n := len(said.Stop) + len(said.Marketing) + len(said.All); n < 8 || len(said.Marketing) < 1 || len(said.All) < 1 {
			t.Errorf("%s: %d wishes, %d of them about advertising, %d about every channel", language, n, len(said.Marketing), len(said.All))
		}
		if len(said.None) < 6 {
			t.Errorf("%s: %d messages that are no wish", language, len(said.None))
		}
	}
}

// Every keyword counts however a telephone dresses it up.
func TestRead_Keywords(t *testing.T) {
	t.Parallel()
	for _, language := range languagesOf(t, shipped, "words") {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			f, err := open("words/" + language + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range slices.Concat(f.Stop, f.StopAll, f.Bare) {
				for _, dressed := range []string{w, strings.ToUpper(w), " " + w + ". ", "“" + w + "”", w + " 🙅‍♀️", "\u200b" + w + "!!!", w + "\u200b"} {
					if got := shared().Read(dressed); got.Act != Stop || !got.Keyword || got.Marketing {
						t.Errorf("%q is read as %+v", dressed, got)
					}
				}
			}
			for _, w := range f.Start {
				if got := shared().Read(w + "!"); got.Act == None || !got.Keyword {
					t.Errorf("%q is read as %+v", w, got)
				}
			}
		})
	}
}

func TestRead_Forms(t *testing.T) {
	t.Parallel()
	cases := []struct {
		message string
		want    Reading
	}{
		{"ＳＴＯＰ", Reading{Act: Stop, Keyword: true, Matched: "stop"}},
		{"stop ❤️", Reading{Act: Stop, Keyword: true, Matched: "stop"}},
		{"arre\u0302t", Reading{Act: Stop, Keyword: true, Matched: "arret"}},
		{"s\u200bt\u200bo\u200bp", Reading{Act: Stop, Keyword: true, Matched: "stop"}},
		{"STOPPPPP", Reading{Act: Stop, Keyword: true, Matched: "stop"}},
		{"opt-out", Reading{Act: Stop, Keyword: true, Matched: "opt out"}},
		{"Stop all.", Reading{Act: Stop, Keyword: true, All: true, Matched: "stop all"}},
		{"stop stop STOP", Reading{Act: Stop, Matched: "stop"}},
		{"ok stop please", Reading{Act: Stop, Matched: "stop"}},
		{"配信停止！", Reading{Act: Stop, Keyword: true, Matched: "配信停止"}},
		{"Start", Reading{Act: Start, Keyword: true, Matched: "start"}},
		{"please start", Reading{}},
		{"cancel please", Reading{}},
		{"YES", Reading{}},
		{"help", Reading{}},
		{"", Reading{}},
		{"🙂", Reading{}},
		{"\xff\xfe", Reading{}},
		{"stop sending Peter Pan those texts", Reading{Act: Stop, Matched: "stop sending … texts"}},
	}
	for _, c := range cases {
		if got := shared().Read(c.message); got != c.want {
			t.Errorf("%q is read as %+v, want %+v", c.message, got, c.want)
		}
	}
}

// What a file says is taken by its word: a mistake in one is found when the program is built.
func TestLearn_Mistakes(t *testing.T) {
	t.Parallel()
	cases := map[string]file{
		"there is no group <object>":    {Wishes: []string{"stop <object>"}},
		"must begin and end with words": {Wishes: []string{"stop .."}},
		"is no phrase of 1 to 24 words": {Message: []string{"!"}},
	}
	for want, f := range cases {
		l := &lexicon{keywords: map[string]keyword{}, index: phrase.NewIndex()}
		if err := l.learn(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A message is read in time linear in its length, whatever is in it, and no further than its first thousand characters.
func TestRead_Bounded(t *testing.T) {
	for _, piece := range []string{"stop ", "stop sending me offers and messages ", "不要再发", "送らないで", "dont ", "a", "a ", ".", "ﷺ", "não me mandem mais ofertas e "} {
		short := strings.Repeat(piece, 1+250/len([]rune(piece)))
		long := strings.Repeat(piece, 1+1000/len([]rune(piece)))
		once, more := bytesOf(short), bytesOf(long)
		if more > 8*once {
			t.Errorf("%q: four times the message takes %d bytes instead of %d", piece, more, once)
		}
		if cut := shared().Read(strings.Repeat("x", 1000) + " stop texting me"); cut.Act != None {
			t.Errorf("it reads on to %+v", cut)
		}
	}
}

// bytesOf is what reading a message allocates.
func bytesOf(message string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		shared().Read(message)
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / 10
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"STOP", "don't stop texting me", "不要再给我发消息", "หยุด", "\xff'", "ﷺﷺ", "m'écrivez plus", "aaa\u0301aaa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, message string) {
		got := shared().Read(message)
		if got.Act == None && got != (Reading{}) {
			t.Errorf("%q is nothing, and yet %+v", message, got)
		}
		if got.Act != None && got.Matched == "" {
			t.Errorf("%q is %+v without a reason", message, got)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for name, message := range map[string]string{
		"English":  "Hello, could you please tell me where my coat is? And kindly stop texting me about it every morning!",
		"German":   "Guten Tag, das Paket ist noch nicht da, und bitte schicken Sie mir auch keine Nachrichten mehr dazu, ja",
		"Japanese": "お世話になっております。先日注文した商品の件ですが、まだ届いておりません。また、今後このような通知のメールはもう送らないでください。よろしくお願いいたします。",
		"keyword":  "STOP",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				shared().Read(message)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		l := &lexicon{keywords: map[string]keyword{}, index: phrase.NewIndex()}
		if err := l.load(); err != nil {
			b.Fatal(err)
		}
	}
}
