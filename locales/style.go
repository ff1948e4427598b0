package locales

import (
	"maps"
	"slices"
)

// style is how a language, in one region, writes dates, times, money and lists. The patterns' words:
// {wd} short weekday, {weekday} long, {d} day, {e} last day of a range, {mon} short month, {month} long,
// {m} number of the month, {y} year, {day} and {time} a written date and time.
type style struct {
	weekdays, longDays  []string // from Sunday
	months, longMonths  []string // from January
	first               string   // the first of a month, where it is not written as 1
	date, dated, long   string   // without a year, with one, in full
	short, span         string   // day and month; two days of one month
	between             string   // between two dates
	and, within         string   // a day and a time of it; a day and a range of times
	clock, clockUnit    string   // Go layout; what follows a time or a range of them
	until               string   // between two times
	rangeClock, onTheHr string   // Go layout in a range where it differs; the part dropped on full hours
	yearOffset          int      // 543 for the Buddhist era
	today, tomorrow     string
	yesterday, relative string // relative joins the word and {day}
	comma, last, pair   string // of lists: between, before the last of several, between two
	symbols             map[string]string
	symbolAfter         bool // the symbol stands after the amount
	symbolSpace         bool // with a no-break space between
}

// styles are all there is. Locales without one of their own take their chain's.
var styles = map[string]style{
	"en": english,
	"en-GB": with(english, func(s *style) {
		s.last = " and "
		s.symbols = symbols(english.symbols, "USD", "US$")
	}),
	"en-US":   american,
	"en-CA":   with(american, func(s *style) { s.symbols = symbols(english.symbols, "CAD", "$", "USD", "US$") }),
	"en-AU":   with(english, twelveHours, func(s *style) { s.symbols = symbols(english.symbols, "AUD", "$", "USD", "US$") }),
	"en-IN":   with(english, twelveHours),
	"en-MY":   with(english, twelveHours),
	"en-PH":   with(english, twelveHours),
	"en-SG":   with(english, twelveHours, func(s *style) { s.symbols = symbols(english.symbols, "SGD", "$", "USD", "US$") }),
	"de":      german,
	"de-AT":   with(german, austrian),
	"de-CH":   with(german, func(s *style) { s.symbolAfter, s.symbols = false, symbols(german.symbols, "CHF", "CHF") }),
	"fr":      french,
	"pt-BR":   brazilian,
	"ja":      japanese,
	"th":      thai,
	"id":      indonesian,
	"zh-Hans": chinese,
}

func with(s style, changes ...func(*style)) style {
	for _, change := range changes {
		change(&s)
	}
	return s
}

func twelveHours(s *style) { s.clock, s.until = "3:04 PM", " – " }

func austrian(s *style) {
	s.months, s.longMonths = slices.Clone(s.months), slices.Clone(s.longMonths)
	s.months[0], s.longMonths[0] = "Jän.", "Jänner"
}

// symbols returns base with pairs of currency and symbol added.
func symbols(base map[string]string, pairs ...string) map[string]string {
	all := maps.Clone(base)
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// plain is for a language that somebody has added words for and we know no dates of: figures, no words.
var plain = style{
	date: "{y}-{mm}-{dd}", dated: "{y}-{mm}-{dd}", long: "{y}-{mm}-{dd}", short: "{y}-{mm}-{dd}", span: "{y}-{mm}-{dd} – {ee}",
	between: " – ", and: "{day}, {time}", within: "{day}, {time}", clock: "15:04", until: "–", relative: "{day}", comma: ", ", last: ", ", pair: ", ",
	symbolSpace: true,
}

// english is that of no country: day before month and 24 hours, understood by everybody it stands in for.
var english = style{
	weekdays:   []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	longDays:   []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months:     []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	longMonths: []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	date:       "{wd} {d} {mon}", dated: "{wd} {d} {mon} {y}", long: "{weekday} {d} {month} {y}", short: "{d} {mon}", span: "{d}–{e} {mon}",
	between: " – ", and: "{day}, {time}", within: "{day}, {time}", clock: "15:04", until: "–",
	today: "today", tomorrow: "tomorrow", yesterday: "yesterday", relative: "{word}, {day}",
	comma: ", ", last: ", and ", pair: " and ",
	symbols: map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "BRL": "R$", "INR": "₹", "KRW": "₩", "CAD": "CA$", "AUD": "A$"},
}

var american = with(english, twelveHours, func(s *style) {
	s.date, s.dated, s.long = "{wd}, {mon} {d}", "{wd}, {mon} {d}, {y}", "{weekday}, {month} {d}, {y}"
	s.short, s.span = "{mon} {d}", "{mon} {d}–{e}"
})

var german = style{
	weekdays:   []string{"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
	longDays:   []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	months:     []string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
	longMonths: []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	date:       "{wd}, {d}. {mon}", dated: "{wd}, {d}. {mon} {y}", long: "{weekday}, {d}. {month} {y}", short: "{d}. {mon}", span: "{d}.–{e}. {mon}",
	between: " – ", and: "{day}, {time}", within: "{day}, {time}", clock: "15:04", clockUnit: " Uhr", until: "–",
	today: "heute", tomorrow: "morgen", yesterday: "gestern", relative: "{word}, {day}",
	comma: ", ", last: " und ", pair: " und ", symbolAfter: true, symbolSpace: true,
	symbols: map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "BRL": "R$", "THB": "฿", "INR": "₹", "KRW": "₩"},
}

var french = style{
	weekdays:   []string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	longDays:   []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	months:     []string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	longMonths: []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	first:      "1er",
	date:       "{wd} {d} {mon}", dated: "{wd} {d} {mon} {y}", long: "{weekday} {d} {month} {y}", short: "{d} {mon}", span: "{d}–{e} {mon}",
	between: " – ", and: "{day} à {time}", within: "{day}, {time}", clock: "15:04", until: " – ",
	today: "aujourd’hui", tomorrow: "demain", yesterday: "hier", relative: "{word}, {day}",
	comma: ", ", last: " et ", pair: " et ", symbolAfter: true, symbolSpace: true,
	symbols: map[string]string{"EUR": "€", "USD": "$US", "GBP": "£GB", "JPY": "JPY", "CAD": "$CA", "BRL": "R$"},
}

var brazilian = style{
	weekdays:   []string{"dom.", "seg.", "ter.", "qua.", "qui.", "sex.", "sáb."},
	longDays:   []string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
	months:     []string{"jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."},
	longMonths: []string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
	first:      "1º",
	date:       "{wd}, {d} de {mon}", dated: "{wd}, {d} de {mon} de {y}", long: "{weekday}, {d} de {month} de {y}", short: "{d} de {mon}", span: "{d}–{e} de {mon}",
	between: " – ", and: "{day} às {time}", within: "{day}, {time}", clock: "15:04", until: "–",
	today: "hoje", tomorrow: "amanhã", yesterday: "ontem", relative: "{word}, {day}",
	comma: ", ", last: " e ", pair: " e ", symbolSpace: true,
	symbols: map[string]string{"BRL": "R$", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "CNY": "CN¥"},
}

var japanese = style{
	weekdays: []string{"日", "月", "火", "水", "木", "金", "土"},
	longDays: []string{"日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"},
	date:     "{m}月{d}日({wd})", dated: "{y}年{m}月{d}日({wd})", long: "{y}年{m}月{d}日{weekday}", short: "{m}月{d}日", span: "{m}月{d}日～{e}日",
	between: "～", and: "{day} {time}", within: "{day} {time}", clock: "15:04", until: "～", rangeClock: "15時04分", onTheHr: "00分",
	today: "本日", tomorrow: "明日", yesterday: "昨日", relative: "{word} {day}",
	comma: "、", last: "、", pair: "、",
	symbols: map[string]string{"JPY": "￥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "元", "BRL": "R$"},
}

var thai = style{
	weekdays:   []string{"อา.", "จ.", "อ.", "พ.", "พฤ.", "ศ.", "ส."},
	longDays:   []string{"วันอาทิตย์", "วันจันทร์", "วันอังคาร", "วันพุธ", "วันพฤหัสบดี", "วันศุกร์", "วันเสาร์"},
	months:     []string{"ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."},
	longMonths: []string{"มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"},
	date:       "{wd} {d} {mon}", dated: "{wd} {d} {mon} {y}", long: "{weekday}ที่ {d} {month} {y}", short: "{d} {mon}", span: "{d}–{e} {mon}",
	between: " – ", and: "{day} เวลา {time}", within: "{day} {time}", clock: "15:04", clockUnit: " น.", until: "–", yearOffset: 543,
	today: "วันนี้", tomorrow: "พรุ่งนี้", yesterday: "เมื่อวาน", relative: "{word} ({day})",
	comma: " ", last: " และ", pair: "และ",
	symbols: map[string]string{"THB": "฿", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥"},
}

var indonesian = style{
	weekdays:   []string{"Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"},
	longDays:   []string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"},
	months:     []string{"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"},
	longMonths: []string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"},
	date:       "{wd}, {d} {mon}", dated: "{wd}, {d} {mon} {y}", long: "{weekday}, {d} {month} {y}", short: "{d} {mon}", span: "{d}–{e} {mon}",
	between: " – ", and: "{day} pukul {time}", within: "{day}, {time}", clock: "15.04", until: "–",
	today: "hari ini", tomorrow: "besok", yesterday: "kemarin", relative: "{word}, {day}",
	comma: ", ", last: ", dan ", pair: " dan ", symbolSpace: true,
	symbols: map[string]string{"IDR": "Rp", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥"},
}

var chinese = style{
	weekdays: []string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"},
	longDays: []string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
	date:     "{m}月{d}日{wd}", dated: "{y}年{m}月{d}日{wd}", long: "{y}年{m}月{d}日{weekday}", short: "{m}月{d}日", span: "{m}月{d}日至{e}日",
	between: "至", and: "{day} {time}", within: "{day} {time}", clock: "15:04", until: "–",
	today: "今天", tomorrow: "明天", yesterday: "昨天", relative: "{word}（{day}）",
	comma: "、", last: "和", pair: "和",
	symbols: map[string]string{"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"},
}
