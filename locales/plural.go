package locales

import (
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// categories are the plural categories of CLDR. A mapping with an "other" is a message, any other a group.
var categories = []string{"zero", "one", "two", "few", "many", "other"}

// counts reaches every plural category of CLDR's cardinal rules for whole numbers.
var counts = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 20, 21, 22, 25, 100, 101, 102, 103, 111, 1_000_000}

// counter tells which plural category a language puts a whole number in. The rules are those of go-i18n, asked through a
// message whose forms are the categories' names; which language's rules apply is not left to its matcher, which would
// silently take another's.
type counter struct{ localizer *i18n.Localizer }

// newCounter is that of a catalog's name, which is a locale. One that has no rules of its own counts everything as "other".
func newCounter(locale string) counter {
	tag := language.Make(locale)
	if base, _ := tag.Base(); base.String() == "vi" {
		return counter{} // go-i18n 2.7 counts it as English; CLDR 48 has one form
	}
	bundle := i18n.NewBundle(tag)
	names := i18n.Message{ID: "category", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	if err := bundle.AddMessages(tag, &names); err != nil {
		return counter{}
	}
	return counter{i18n.NewLocalizer(bundle, locale)}
}

func (c counter) category(n int) string {
	if c.localizer == nil {
		return "other"
	}
	name, err := c.localizer.Localize(&i18n.LocalizeConfig{MessageID: "category", PluralCount: n})
	if err != nil {
		return "other"
	}
	return name
}
