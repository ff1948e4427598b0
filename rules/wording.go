package rules

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
)

// explain turns an error of the expression language into a fault with a sentence for people.
func explain(err error, source string) fault {
	e, ok := errors.AsType[*file.Error](err)
	if !ok {
		return fault{0, utf8.RuneCountInString(source), "this condition cannot be compiled; write it in a simpler way"}
	}
	f := fault{e.From, e.To, reword(e.Message)}
	switch {
	case strings.HasSuffix(e.Message, "unexpected token EOF"):
		f.from, f.to = ending(source)
	case strings.HasPrefix(e.Message, "literal not terminated"):
		f.from, f.to = opened(source)
	case strings.Contains(e.Message, "has no field"):
		f.to += bracket(source, e.From)
	}
	return f
}

// ending is the range of the last word of s.
func ending(s string) (from, to int) {
	s = strings.TrimRight(s, " \n")
	last := s[strings.LastIndexAny(s, " \n")+1:]
	to = utf8.RuneCountInString(s)
	return to - utf8.RuneCountInString(last), to
}

// opened is the range from the last quote in s to its end.
func opened(s string) (from, to int) {
	before := s[:max(0, strings.LastIndexAny(s, "\"'`"))]
	return utf8.RuneCountInString(before), utf8.RuneCountInString(s)
}

// bracket is the length of what follows an opening bracket at a place in s, up to the closing one.
func bracket(s string, from int) int {
	from, _ = clip(from, from, s)
	rest := []rune(s)[from:]
	if len(rest) == 0 || rest[0] != '[' {
		return 0
	}
	return max(0, slices.Index(rest, ']'))
}

// rewording is a message of the expression language and the sentence that stands for it.
type rewording struct {
	message *regexp.Regexp
	say     func(m []string) string
}

// rewordings is tried in order; a message that none fits is shown as it is.
var rewordings = [...]rewording{
	{regexp.MustCompile(`^type (\S+) has no field (\S+)$`), noField},
	{regexp.MustCompile(`^unknown name (\S+)$`), noName},
	{regexp.MustCompile(`unexpected token EOF$`), fixed(endsEarly)},
	{regexp.MustCompile(`^unexpected token Operator\("="\)$`), fixed("a single = compares nothing; write ==")},
	{regexp.MustCompile(`^unexpected token`), fixed("this does not belong here")},
	{regexp.MustCompile(`^literal not terminated`), fixed("this text has no closing quote")},
	{regexp.MustCompile(`^time\.Time is not callable`), fixed("now is a value; write it without parentheses")},
	{regexp.MustCompile(`exceeds maximum allowed nodes`), fixed("this condition is too long; make several rules of it")},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`), mismatch},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`), func(m []string) string {
		return m[1] + " needs true or false, and this is " + goType(m[2])
	}},
	{regexp.MustCompile(`^error parsing regexp: `), fixed("what follows is not a regular expression")},
	{regexp.MustCompile(`^cannot use (\S+) as type (\S+) in array`), func(m []string) string {
		return "this looks for " + goType(m[1]) + " in a list whose entries are each " + goType(m[2])
	}},
	{regexp.MustCompile(`^cannot use (\S+) as argument \(type (\S+)\) to call (\S+)`), func(m []string) string {
		return m[3] + " takes " + goType(m[2]) + ", and this is " + goType(m[1])
	}},
	{regexp.MustCompile(`^invalid argument for (\S+) \(type (\S+)\)$`), func(m []string) string {
		return m[1] + " does not take " + goType(m[2])
	}},
	{regexp.MustCompile(`^array elements can only be selected using an integer`), fixed("a list has no fields; ask any(...) of its entries")},
}

// endsEarly is said of a condition of which a part is missing at the end.
const endsEarly = "the condition ends too early; something is missing after this"

func fixed(sentence string) func([]string) string {
	return func([]string) string { return sentence }
}

func reword(message string) string {
	for _, r := range rewordings {
		if m := r.message.FindStringSubmatch(message); m != nil {
			return r.say(m)
		}
	}
	return typeName.ReplaceAllStringFunc(message, goType)
}

func noField(m []string) string {
	return goType(m[1]) + " has no such field" + suggest(m[2], fieldsOf(reflect.TypeFor[Env](), m[1]))
}

func noName(m []string) string {
	return "conditions know no such name" + suggest(m[1], append(tags(reflect.TypeFor[Env]()), builtins[:]...))
}

func mismatch(m []string) string {
	return m[1] + " cannot be used between " + goType(m[2]) + " and " + goType(m[3])
}

// typeWords names Go's types in the words of a market file.
var typeWords = map[string]string{
	"rules.OrderFacts": "an order", "rules.MoneyFacts": "a value", "rules.ItemFacts": "an item", "rules.ParcelFacts": "a parcel",
	"rules.EventFacts": "an event", "rules.PlaceFacts": "a place", "rules.PersonFacts": "a person", "rules.Env": "everything",
	"time.Duration": "a duration", "time.Time": "a time", "float64": "a number", "int": "a number", "string": "a text",
	"bool": "true or false", "nil": "nothing", "interface {}": "a value of no certain type", "unknown": "a value of no certain type",
}

var typeName = regexp.MustCompile(`(\[\])*\b(rules\.\w+|time\.\w+|float64|int|string|bool)\b`)

func goType(name string) string {
	if strings.HasPrefix(name, "[]") {
		return "a list"
	}
	return orElse(typeWords[name], name)
}

func plainType(t reflect.Type) string { return goType(t.String()) }

// fieldsOf returns the fields of the type called name among the parts of t.
func fieldsOf(t reflect.Type, name string) []string {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.String() == name {
		return tags(t)
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return nil
	}
	for i := range t.NumField() {
		if found := fieldsOf(t.Field(i).Type, name); found != nil {
			return found
		}
	}
	return nil
}

// tags returns the names of a struct's fields in conditions.
func tags(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("expr"); name != "" {
			all = append(all, name)
		}
	}
	return all
}
