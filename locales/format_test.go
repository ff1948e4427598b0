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
		{"de", 1.2345, "KWD", "1,235\u00a0KWD"},
		{"de-CH", 1234.5, "CHF", "CHF\u00a01'234.50"},
		{"fr", 1234.5, "EUR", "1\u202f234,50\u00a0€"},
		{"pt-BR", 1234.5, "BRL", "R$\u00a01.234,50"},
		{"pt-BR", 1500, "JPY", "JP¥\u00a01.500"},
		{"ja", 1500, "JPY", "￥1,500"},
		{"ja", 12, "USD", "$12.00"},
		{"th", 1234.5, "THB", "฿1,234.50"},
		{"id", 1234500, "IDR", "Rp\u00a01.234.500"},
		{"zh-CN", 1234.5, "CNY", "¥1,234.50"},
		{"es", 1500, "EUR", "1500,00\u00a0€"},
		{"pl", 1500, "PLN", "1500,00\u00a0zł"},
		{"ar", 1500, "JPY", "\u200f1,500\u00a0JP¥"},
		{"en", 1500, "XQQ", "1500.00 XQQ"},
		{"nl", 1234.5, "EUR", "€\u00a01.234,50"},
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
		{"en", "Tue 24 Nov", "Tuesday, 24 November 2026", "14:05", "Tue 24 Nov at 14:05", "14:05–18:00", "24\u2009–\u200926 Nov", "24 Nov\u2009–\u20091 Dec"},
		{"en-GB", "Tue 24 Nov", "Tuesday, 24 November 2026", "14:05", "Tue 24 Nov at 14:05", "14:05–18:00", "24\u2009–\u200926 Nov", "24 Nov\u2009–\u20091 Dec"},
		{"en-US", "Tue, Nov 24", "Tuesday, November 24, 2026", "2:05\u202fPM", "Tue, Nov 24 at 2:05\u202fPM", "2:05\u2009–\u20096:00\u202fPM", "Nov 24\u2009–\u200926", "Nov 24\u2009–\u2009Dec 1"},
		{"en-AU", "Tue, 24 Nov", "Tuesday, 24 November 2026", "2:05\u202fpm", "Tue, 24 Nov at 2:05\u202fpm", "2:05\u2009–\u20096:00\u202fpm", "24–26 Nov", "24 Nov\u2009–\u20091 Dec"},
		{"en-IN", "Tue, 24 Nov", "Tuesday, 24 November 2026", "2:05\u202fpm", "Tue, 24 Nov at 2:05\u202fpm", "2:05\u2009–\u20096:00\u202fpm", "24–26 Nov", "24 Nov\u2009–\u20091 Dec"},
		{"de", "Di., 24. Nov.", "Dienstag, 24. November 2026", "14:05 Uhr", "Di., 24. Nov. um 14:05 Uhr", "14:05–18:00 Uhr", "24.–26. Nov.", "24. Nov.\u2009–\u20091. Dez."},
		{"fr", "mar. 24 nov.", "mardi 24 novembre 2026", "14:05", "mar. 24 nov. à 14:05", "14:05\u2009–\u200918:00", "24–26 nov.", "24 nov.\u2009–\u20091er déc."},
		{"fr-CA", "mar. 24 nov.", "mardi 24 novembre 2026", "14 h 05", "mar. 24 nov. à 14 h 05", "14 h 05\u2009–\u200918 h 00", "24\u2009–\u200926 nov.", "24 nov.\u2009–\u20091er déc."},
		{"it", "mar 24 nov", "martedì 24 novembre 2026", "14:05", "mar 24 nov alle ore 14:05", "14:05–18:00", "24–26 nov", "24 nov\u2009–\u200901 dic"},
		{"es", "mar, 24 nov", "martes, 24 de noviembre de 2026", "14:05", "mar, 24 nov a las 14:05", "14:05–18:00", "24–26 nov", "24 nov\u2009–\u20091 dic"},
		{"es-MX", "mar 24 de nov", "martes, 24 de noviembre de 2026", "2:05\u202fp.m.", "mar 24 de nov a las 2:05\u202fp.m.", "2:05–6:00\u202fp.m.", "24–26 de nov", "24 de nov\u2009–\u20091 de dic"},
		{"pt-BR", "ter., 24 de nov.", "terça-feira, 24 de novembro de 2026", "14:05", "ter., 24 de nov. às 14:05", "14:05\u2009–\u200918:00", "24\u2009–\u200926 de nov.", "24 de nov.\u2009–\u20091º de dez."},
		{"pt-PT", "terça, 24/11", "terça-feira, 24 de novembro de 2026", "14:05", "terça, 24/11 às 14:05", "14:05\u2009–\u200918:00", "24–26 de nov.", "24 de nov.\u2009–\u20091º de dez."},
		{"nl", "di 24 nov", "dinsdag 24 november 2026", "14:05", "di 24 nov om 14:05", "14:05–18:00", "24–26 nov", "24 nov\u2009–\u20091 dec"},
		{"pl", "wt., 24 lis", "wtorek, 24 listopada 2026", "14:05", "wt., 24 lis 14:05", "14:05–18:00", "24–26 lis", "24 lis–1 gru"},
		{"cs", "út 24. 11.", "úterý 24. listopadu 2026", "14:05", "út 24. 11. v 14:05", "14:05–18:00", "24.–26. 11.", "24. 11.\u2009–\u20091. 12."},
		{"ro", "mar., 24 nov.", "marți, 24 noiembrie 2026", "14:05", "mar., 24 nov. la 14:05", "14:05–18:00", "24–26 nov.", "24 nov.\u2009–\u20091 dec."},
		{"el", "Τρί 24 Νοε", "Τρίτη 24 Νοεμβρίου 2026", "2:05\u202fμ.μ.", "Τρί 24 Νοε στις 2:05\u202fμ.μ.", "2:05–6:00\u202fμ.μ.", "24–26 Νοε", "24 Νοε – 1 Δεκ"},
		{"sv", "tis 24 nov.", "tisdag 24 november 2026", "14:05", "tis 24 nov. kl. 14:05", "14:05–18:00", "24–26 nov.", "24 nov.–1 dec."},
		{"da", "tirs. 24. nov.", "tirsdag den 24. november 2026", "14.05", "tirs. 24. nov. kl. 14.05", "14.05–18.00", "24.–26. nov.", "24. nov.–1. dec."},
		{"nb", "tir. 24. nov.", "tirsdag 24. november 2026", "14:05", "tir. 24. nov. kl. 14:05", "14:05–18:00", "24.–26. nov.", "24. nov.–1. des."},
		{"fi", "ti 24.11.", "tiistaina 24. marraskuuta 2026", "14.05", "ti 24.11. klo 14.05", "14.05–18.00", "24.–26. marraskuuta", "24. marraskuuta\u2009–\u20091. joulukuuta"},
		{"ru", "вт, 24 нояб.", "вторник, 24 ноября 2026\u202fг.", "14:05", "вт, 24 нояб. в 14:05", "14:05–18:00", "24–26 нояб.", "24 нояб. – 1 дек."},
		{"uk", "вт, 24 лист.", "вівторок, 24 листопада 2026\u202fр.", "14:05", "вт, 24 лист. о 14:05", "14:05–18:00", "24–26 лист.", "24 лист. – 1 груд."},
		{"tr", "24 Kas Sal", "24 Kasım 2026 Salı", "14:05", "24 Kas Sal 14:05", "14:05–18:00", "24\u2009–\u200926 Kas", "24 Kas\u2009–\u20091 Ara"},
		{"ar", "الثلاثاء، 24 نوفمبر", "الثلاثاء، 24 نوفمبر 2026", "2:05 م", "الثلاثاء، 24 نوفمبر في 2:05 م", "2:05–6:00 م", "24–26 نوفمبر", "24 نوفمبر – 1 ديسمبر"},
		{"ar-SA", "الثلاثاء، ٢٤ نوفمبر", "الثلاثاء، ٢٤ نوفمبر ٢٠٢٦", "٢:٠٥ م", "الثلاثاء، ٢٤ نوفمبر في ٢:٠٥ م", "٢:٠٥–٦:٠٠ م", "٢٤–٢٦ نوفمبر", "٢٤ نوفمبر – ١ ديسمبر"},
		{"he", "יום ג׳, 24 בנוב׳", "יום שלישי, 24 בנובמבר 2026", "14:05", "יום ג׳, 24 בנוב׳ בשעה 14:05", "14:05–18:00", "24–26 בנוב׳", "24 בנוב׳–1 בדצמ׳"},
		{"hi", "मंगल, 24 नव॰", "मंगलवार, 24 नवंबर 2026", "2:05 pm", "मंगल, 24 नव॰ को 2:05 pm बजे", "2:05–6:00 pm", "24\u2009–\u200926 नव॰", "24 नव॰ – 1 दिस॰"},
		{"ja", "11月24日(火)", "2026年11月24日火曜日", "14:05", "11月24日(火) 14:05", "14時05分～18時", "11月24日～26日", "11月24日～12月1日"},
		{"ko", "11월 24일 (화)", "2026년 11월 24일 화요일", "오후 2:05", "11월 24일 (화) 오후 2:05", "오후 2:05~6:00", "11월 24일~26일", "11월 24일~12월 1일"},
		{"th", "อังคาร 24 พ.ย.", "วันอังคารที่ 24 พฤศจิกายน 2569", "14:05 น.", "อังคาร 24 พ.ย. เวลา 14:05 น.", "14:05 น. – 18:00 น.", "24–26 พ.ย.", "24 พ.ย. – 1 ธ.ค."},
		{"vi", "Thứ 3, 24 thg 11", "Thứ Ba, 24 tháng 11, 2026", "14:05", "lúc 14:05 Thứ 3, 24 thg 11", "14:05–18:00", "24\u2009–\u200926 thg 11", "24 thg 11\u2009–\u20091 thg 12"},
		{"id", "Sel, 24 Nov", "Selasa, 24 November 2026", "14.05", "Sel, 24 Nov pukul 14.05", "14.05–18.00", "24–26 Nov", "24 Nov\u2009–\u20091 Des"},
		{"ms", "Sel, 24 Nov", "Selasa, 24 November 2026", "2:05\u202fPTG", "Sel, 24 Nov pada 2:05\u202fPTG", "2:05–6:00\u202fPTG", "24–26 Nov", "24 Nov\u2009–\u20091 Dis"},
		{"fil", "Mar, Nob 24", "Martes, Nobyembre 24, 2026", "2:05\u202fPM", "Mar, Nob 24 nang 2:05\u202fPM", "2:05–6:00\u202fPM", "Nob 24–26", "Nob 24\u2009–\u2009Dis 1"},
		{"zh-CN", "11月24日周二", "2026年11月24日星期二", "14:05", "11月24日周二 14:05", "14:05–18:00", "11月24日至26日", "11月24日至12月1日"},
		{"zh-TW", "11月24日週二", "2026年11月24日 星期二", "下午2:05", "11月24日週二 下午2:05", "下午2:05至6:00", "11月24日至26日", "11月24日至12月1日"},
		{"zh-HK", "11月24日週二", "2026年11月24日星期二", "下午2:05", "11月24日週二 下午2:05", "下午2:05至6:00", "11月24日至26日", "11月24日至12月1日"},
		{"sr-Latn", "uto 24. nov", "utorak, 24. novembar 2026.", "14:05", "uto 24. nov 14:05", "14:05–18:00", "24.–26. nov", "24. nov\u2009–\u200901. dec"},
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
	if got, want := catalog(t).Format("en-US").TimeRange(from, from.Add(4*time.Hour)), "10:00\u202fAM\u2009–\u20092:00\u202fPM"; got != want {
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
		{"th", day(25), "พรุ่งนี้ (พุธ 25 พ.ย.)"},
		{"id", day(25), "besok, Rab, 25 Nov"},
		{"zh-Hans", day(25), "明天（11月25日周三）"},
		{"th", time.Date(2027, 7, 1, 9, 0, 0, 0, berlin), "พฤหัส 1 ก.ค. 2570"},
		{"en", time.Date(2027, 7, 1, 9, 0, 0, 0, berlin), "Thu, 1 Jul 2027"},
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
	withWords := catalog(t, fstest.MapFS{"eo.yaml": {Data: []byte("label: {track: Sekvi}\n")}})
	if got, want := withWords.Format("eo").RelativeDay(at, at), "2026-11-24"; got != want {
		t.Errorf("Esperanto words: %q, want %q", got, want)
	}
	if got, want := catalog(t).Format("eo").RelativeDay(at, at), "today, Tue 24 Nov"; got != want {
		t.Errorf("English words: %q, want %q", got, want)
	}
}

// A locale may ask for another calendar, other digits or another clock than its region's.
func TestFormat_Extensions(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	at := time.Date(2027, 11, 24, 14, 5, 0, 0, time.UTC)
	for locale, want := range map[string]string{
		"th":                         "พุธ 24 พ.ย. 2570 เวลา 14:05 น.",
		"th-u-ca-gregory":            "พุธ 24 พ.ย. 2027 เวลา 14:05 น.",
		"th-TH-u-ca-gregory-nu-arab": "พุธ 24 พ.ย. 2027 เวลา 14:05 น.",
		"ar-EG":                      "الأربعاء، ٢٤ نوفمبر ٢٠٢٧ في ٢:٠٥ م",
		"ar-EG-u-nu-latn":            "الأربعاء، 24 نوفمبر 2027 في 2:05 م",
		"ar-AE":                      "الأربعاء، 24 نوفمبر 2027 في 2:05 م",
		"ar-AE-u-nu-arab":            "الأربعاء، ٢٤ نوفمبر ٢٠٢٧ في ٢:٠٥ م",
		"en-US-u-hc-h23":             "Wed, Nov 24, 2027 at 14:05",
		"de-u-hc-h12":                "Mi., 24. Nov. 2027 um 2:05\u202fPM",
	} {
		f := c.Format(locale)
		if got := f.At(f.DatedDay(at), f.Time(at)); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
	if words, fallback := c.Resolve("th-u-ca-gregory"); words != "th" || fallback {
		t.Errorf("words of th-u-ca-gregory are %s, fallback %t", words, fallback)
	}
}

// Hindi calls yesterday and tomorrow by one word: the date beside it tells them apart.
func TestRelativeDay_Hindi(t *testing.T) {
	t.Parallel()
	f := catalog(t, fstest.MapFS{"hi.yaml": {}}).Format("hi")
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	before, after := f.RelativeDay(now, now.AddDate(0, 0, -1)), f.RelativeDay(now, now.AddDate(0, 0, 1))
	if before != "कल, सोम, 23 नव॰" || after != "कल, बुध, 25 नव॰" {
		t.Errorf("yesterday %q, tomorrow %q", before, after)
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for locale, want := range map[string][3]string{
		"en":    {"1 hour ago", "5 hours ago", "3 days ago"},
		"de":    {"vor 1 Stunde", "vor 5 Stunden", "vor 3 Tagen"},
		"pl":    {"1 godzinę temu", "5 godzin temu", "3 dni temu"},
		"ru":    {"1 час назад", "5 часов назад", "3 дня назад"},
		"ja":    {"1 時間前", "5 時間前", "3 日前"},
		"ar-EG": {"قبل ساعة واحدة", "قبل ٥ ساعات", "قبل ٣ أيام"},
		"eo":    {"1 hour ago", "5 hours ago", "3 days ago"},
	} {
		f := c.Format(locale)
		if got := [3]string{f.Ago(20 * time.Minute), f.Ago(5*time.Hour + 59*time.Minute), f.Ago(73 * time.Hour)}; got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

// Every locale there are words in has formats of its own language.
func TestFormat_EveryCatalog(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	at := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	english := c.Format(locales.Root)
	for _, l := range c.Locales() {
		f := c.Format(l)
		if f.LongDate(at) == english.LongDate(at) && l != locales.Root {
			t.Errorf("%s writes dates as %q", l, f.LongDate(at))
		}
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
		{"en", nil, ""}, {"en", abc[:1], "a"}, {"en", abc[:2], "a and b"}, {"en", abc, "a, b and c"}, {"en-US", abc, "a, b, and c"},
		{"en-GB", abc, "a, b and c"}, {"de", abc, "a, b und c"}, {"fr", abc, "a, b et c"},
		{"pt-BR", abc, "a, b e c"}, {"id", abc, "a, b, dan c"},
		{"ja", abc, "a、b、c"}, {"ar", abc, "a وb وc"}, {"ko", abc, "a, b 및 c"}, {"he", abc, "a, b וc"}, {"th", abc, "a b และc"}, {"zh-Hans", abc, "a、b和c"},
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
		{"zh-TW", "JP", "日本"}, {"en", "TR", "Türkiye"}, {"en", "CZ", "Czechia"}, {"de", "MK", "Nordmazedonien"}, {"pt-PT", "VN", "Vietname"}, {"pt-BR", "VN", "Vietnã"}, {"zh-HK", "IT", "意大利"}, {"zh-TW", "IT", "義大利"}, {"en", "ZZZZ", "ZZZZ"}, {"en", "", ""},
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
