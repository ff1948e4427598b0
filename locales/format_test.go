package locales_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata" // the tests read zones wherever they run

	"landfall/locales"
)

func layers(overrides []fstest.MapFS) []fs.FS {
	var all []fs.FS
	for _, o := range overrides {
		all = append(all, o)
	}
	return all
}

func TestMoney(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	tests := []struct {
		locale   string
		amount   float64
		currency string
		want     string
	}{
		{"en-US", 1234.5, "USD", "$1,234.50"},
		{"en-US", -3, "USD", "-$3.00"},
		{"en-GB", 1234.5, "GBP", "£1,234.50"},
		{"en-GB", 1234.5, "USD", "US$1,234.50"},
		{"en", 1500, "JPY", "¥1,500"},
		{"en", 12.5, "CHF", "CHF\u00a012.50"},
		{"en-IN", 1234567.5, "INR", "₹12,34,567.50"},
		{"de", 1234.5, "EUR", "1.234,50\u00a0€"},
		{"de-DE", 1500, "JPY", "1.500\u00a0¥"},
		{"de", 1.2345, "KWD", "1,234\u00a0KWD"},
		{"de-CH", 1234.5, "CHF", "CHF\u00a01’234.50"},
		{"fr", 1234.5, "EUR", "1\u00a0234,50\u00a0€"},
		{"pt-BR", 1234.5, "BRL", "R$\u00a01.234,50"},
		{"pt-BR", 1500, "JPY", "JP¥\u00a01.500"},
		{"ja", 1500, "JPY", "￥1,500"},
		{"ja", 12, "USD", "$12.00"},
		{"th", 1234.5, "THB", "฿1,234.50"},
		{"id", 1234500, "IDR", "Rp\u00a01.234.500"},
		{"zh-CN", 1234.5, "CNY", "¥1,234.50"},
		{"nl", 1234.5, "EUR", "€1,234.50"},
	}
	for _, tt := range tests {
		if got := c.Format(tt.locale).Money(tt.amount, tt.currency); got != tt.want {
			t.Errorf("%s %v %s = %q, want %q", tt.locale, tt.amount, tt.currency, got, tt.want)
		}
	}
}

// Each row is Date, LongDate, Time and DateTime of Tuesday 24 November 2026, 14:05, and Time- and DateRanges from then.
func TestDates(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	at := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	tests := []struct{ locale, date, long, clock, both, hours, days, months string }{
		{"en", "Tue 24 Nov", "Tuesday 24 November 2026", "14:05", "Tue 24 Nov, 14:05", "14:05–18:00", "24–26 Nov", "24 Nov – 1 Dec"},
		{"en-GB", "Tue 24 Nov", "Tuesday 24 November 2026", "14:05", "Tue 24 Nov, 14:05", "14:05–18:00", "24–26 Nov", "24 Nov – 1 Dec"},
		{"en-US", "Tue, Nov 24", "Tuesday, November 24, 2026", "2:05 PM", "Tue, Nov 24, 2:05 PM", "2:05 – 6:00 PM", "Nov 24–26", "Nov 24 – Dec 1"},
		{"en-AU", "Tue 24 Nov", "Tuesday 24 November 2026", "2:05 PM", "Tue 24 Nov, 2:05 PM", "2:05 – 6:00 PM", "24–26 Nov", "24 Nov – 1 Dec"},
		{"de", "Di., 24. Nov.", "Dienstag, 24. November 2026", "14:05 Uhr", "Di., 24. Nov., 14:05 Uhr", "14:05–18:00 Uhr", "24.–26. Nov.", "24. Nov. – 1. Dez."},
		{"fr", "mar. 24 nov.", "mardi 24 novembre 2026", "14:05", "mar. 24 nov. à 14:05", "14:05 – 18:00", "24–26 nov.", "24 nov. – 1er déc."},
		{"pt-BR", "ter., 24 de nov.", "terça-feira, 24 de novembro de 2026", "14:05", "ter., 24 de nov. às 14:05", "14:05–18:00", "24–26 de nov.", "24 de nov. – 1º de dez."},
		{"ja", "11月24日(火)", "2026年11月24日火曜日", "14:05", "11月24日(火) 14:05", "14時05分～18時", "11月24日～26日", "11月24日～12月1日"},
		{"th", "อ. 24 พ.ย.", "วันอังคารที่ 24 พฤศจิกายน 2569", "14:05 น.", "อ. 24 พ.ย. เวลา 14:05 น.", "14:05–18:00 น.", "24–26 พ.ย.", "24 พ.ย. – 1 ธ.ค."},
		{"id", "Sel, 24 Nov", "Selasa, 24 November 2026", "14.05", "Sel, 24 Nov pukul 14.05", "14.05–18.00", "24–26 Nov", "24 Nov – 1 Des"},
		{"zh-CN", "11月24日周二", "2026年11月24日星期二", "14:05", "11月24日周二 14:05", "14:05–18:00", "11月24日至26日", "11月24日至12月1日"},
	}
	for _, tt := range tests {
		f := c.Format(tt.locale)
		evening := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		got := []string{f.Date(at), f.LongDate(at), f.Time(at), f.DateTime(at), f.TimeRange(at, evening),
			f.DateRange(at, at.AddDate(0, 0, 2)), f.DateRange(at, at.AddDate(0, 0, 7))}
		want := []string{tt.date, tt.long, tt.clock, tt.both, tt.hours, tt.days, tt.months}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", tt.locale, got[i], want[i])
			}
		}
	}
}

func TestTimeRange_AcrossNoon(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	if got, want := catalog(t).Format("en-US").TimeRange(from, from.Add(4*time.Hour)), "10:00 AM – 2:00 PM"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRelativeDay(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// 23:30 UTC is half past midnight of the 24th in Berlin.
	now := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 9, 0, 0, 0, berlin) }
	tests := []struct {
		locale string
		at     time.Time
		want   string
	}{
		{"en", day(24), "today, Tue 24 Nov"},
		{"en", day(25), "tomorrow, Wed 25 Nov"},
		{"en", day(23), "yesterday, Mon 23 Nov"},
		{"en", day(26), "Thu 26 Nov"},
		{"de", day(25), "morgen, Mi., 25. Nov."},
		{"fr", day(25), "demain, mer. 25 nov."},
		{"pt-BR", day(25), "amanhã, qua., 25 de nov."},
		{"ja", day(25), "明日 11月25日(水)"},
		{"th", day(25), "พรุ่งนี้ (พ. 25 พ.ย.)"},
		{"id", day(25), "besok, Rab, 25 Nov"},
		{"zh-Hans", day(25), "明天（11月25日周三）"},
		{"th", time.Date(2027, 7, 1, 9, 0, 0, 0, berlin), "พฤ. 1 ก.ค. 2570"},
		{"en", time.Date(2027, 7, 1, 9, 0, 0, 0, berlin), "Thu 1 Jul 2027"},
	}
	for _, tt := range tests {
		if got := c.Format(tt.locale).RelativeDay(now, tt.at); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.locale, got, tt.want)
		}
	}
}

// The day the clocks change has 25 hours; tomorrow is still tomorrow.
func TestRelativeDay_ClockChange(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 25, 0, 30, 0, 0, berlin)
	at := time.Date(2026, 10, 26, 23, 30, 0, 0, berlin)
	if got, want := catalog(t).Format("en").RelativeDay(now, at), "tomorrow, Mon 26 Oct"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFormat_LanguageWithoutAStyle(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	withWords := catalog(t, fstest.MapFS{"nl.yaml": {Data: []byte("label: {track: Volg}\n")}})
	if got, want := withWords.Format("nl-BE").RelativeDay(at, at), "2026-11-24"; got != want {
		t.Errorf("Dutch words: %q, want %q", got, want)
	}
	if got, want := catalog(t).Format("nl-BE").RelativeDay(at, at), "today, Tue 24 Nov"; got != want {
		t.Errorf("English words: %q, want %q", got, want)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	abc := []string{"a", "b", "c"}
	tests := []struct {
		locale string
		names  []string
		want   string
	}{
		{"en", nil, ""}, {"en", abc[:1], "a"}, {"en", abc[:2], "a and b"}, {"en", abc, "a, b, and c"},
		{"en-GB", abc, "a, b and c"}, {"de", abc, "a, b und c"}, {"fr", abc, "a, b et c"},
		{"pt-BR", abc, "a, b e c"}, {"id", abc, "a, b, dan c"},
		{"ja", abc, "a、b、c"}, {"th", abc, "a b และc"}, {"zh-Hans", abc, "a、b和c"},
	}
	for _, tt := range tests {
		if got := c.Format(tt.locale).List(tt.names); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.locale, got, tt.want)
		}
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	tests := []struct{ locale, code, want string }{
		{"en", "DE", "Germany"}, {"de-AT", "TH", "Thailand"}, {"ja", "BR", "ブラジル"}, {"th", "JP", "ญี่ปุ่น"},
		{"zh-TW", "JP", "Japan"}, {"en", "ZZZZ", "ZZZZ"}, {"en", "", ""},
	}
	for _, tt := range tests {
		if got := c.Format(tt.locale).Country(tt.code); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.locale, tt.code, got, tt.want)
		}
	}
}

func BenchmarkText(b *testing.B) {
	c, err := locales.New()
	if err != nil {
		b.Fatal(err)
	}
	data := map[string]any{"Item": "Wool coat"}
	for b.Loop() {
		if _, err := c.Text("de", "notice.shipped.lead", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	c, err := locales.New()
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	for b.Loop() {
		c.Format("de-AT").RelativeDay(at, at)
	}
}
