package locales

// style is how a language writes dates, times and lists in one region: patterns of CLDR, in its own letters, which expand
// reads. The styles of all locales are in cldr.go; what we chose to write otherwise is in chosen.
type style struct {
	name                           string   // of the language, in itself
	weekdays, longDays             []string // from Sunday
	months, longMonths             []string // from January
	date, dated, long, short       string   // without a year, with one, in full; day and month alone
	daySpan, monthSpan, yearSpan   string   // two days of one month, of two, of two years
	clock24, clock12               string
	span24, span12, noonSpan12     string // two times of a day; noonSpan12 is for one in the morning and one after
	am, pm                         string
	twelve                         bool   // whether a clock of twelve hours is usual
	at, within                     string // a day {1} and a time of it {0}; a day and a range of times
	yesterday, today, tomorrow     string
	listStart, listMiddle, listEnd string
	listTwo                        string
	hoursAgo, daysAgo              map[string]string // plural category -> words
	digits                         string            // the numbering system, if it is not latn
}

// choice is where a careful writer differs from CLDR's short forms.
type choice struct {
	relative string // joins the word {0} and the date {1}; "{0}, {1}" where nothing is said
	first    string // the first of a month, where it is not written as 1
	today    string
	clock24  string
	// fullHour is the part of a range of times that is left out on full hours.
	fullHour   string
	yearOffset int // of the era: 543 for the Buddhist one
}

// choices are by language. "今日" is what friends say; a shop writes 本日. A German clock has "Uhr" behind a single time as it
// has behind a range. CLDR gives months their ordinal nowhere, French and Brazilian letters do.
var choices = map[string]choice{
	"ar":      {relative: "{0}، {1}"},
	"de":      {clock24: "HH:mm 'Uhr'"},
	"fr":      {first: "1er"},
	"ja":      {relative: "{0} {1}", today: "本日", fullHour: "00分"},
	"ko":      {relative: "{0} {1}"},
	"pt-BR":   {first: "1º"},
	"th":      {relative: "{0} ({1})", yearOffset: 543},
	"zh-Hans": {relative: "{0}（{1}）"},
	"zh-Hant": {relative: "{0}（{1}）"},
}

// figures is for a language that somebody has added words for and CLDR's part of ours has no dates of: no words but those.
var figures = style{
	date: "y-MM-dd", dated: "y-MM-dd", long: "y-MM-dd", short: "y-MM-dd", daySpan: "y-MM-dd – dd", monthSpan: "y-MM-dd – y-MM-dd", yearSpan: "y-MM-dd – y-MM-dd",
	clock24: "HH:mm", clock12: "HH:mm", span24: "HH:mm–HH:mm", span12: "HH:mm–HH:mm", noonSpan12: "HH:mm–HH:mm", at: "{1}, {0}", within: "{1}, {0}",
	listStart: "{0}, {1}", listMiddle: "{0}, {1}", listEnd: "{0}, {1}", listTwo: "{0}, {1}",
}
