package rules

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"landfall/internal/notify"

	"go.yaml.in/yaml/v4"
)

// reader turns the nodes of one file into a document and notes every mistake on the way. It reads the nodes itself
// instead of letting the YAML package decode them, since only so every mistake keeps its exact place and gets a
// sentence of its own.
type reader struct {
	file     string
	lines    [][]rune // as they stand in the file
	problems Problems
}

// field is a part of a document that reads itself from its node.
type field interface {
	read(*reader, *yaml.Node)
}

// slot is a key of a mapping and the field it fills.
type slot struct {
	key   string
	field field
}

// slots lists the keys of the struct that into points to.
func slots(into any) []slot {
	v := reflect.ValueOf(into).Elem()
	var all []slot
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("yaml"); key != "" {
			all = append(all, slot{key, v.Field(i).Addr().Interface().(field)})
		}
	}
	return all
}

// at notes a problem at a node, showing what stands there.
func (r *reader) at(n *yaml.Node, format string, args ...any) {
	text := n.Value
	if n.Kind != yaml.ScalarNode {
		text = r.rest(n.Line, n.Column)
	}
	r.note(n.Line, n.Column, text, fmt.Sprintf(format, args...))
}

func (r *reader) note(line, column int, text, message string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Column: column, Text: shown(text), Message: message})
}

// rest returns the rest of a line of the file, from a column on.
func (r *reader) rest(line, column int) string {
	if line < 1 || line > len(r.lines) || column < 1 || column > len(r.lines[line-1]) {
		return ""
	}
	return string(r.lines[line-1][column-1:])
}

// mapping reads the keys of n into the struct that into points to. noun names the mapping in sentences.
func (r *reader) mapping(n *yaml.Node, noun string, into any) bool {
	if n.Kind != yaml.MappingNode {
		r.at(n, "this is %s, not %s; write keys with values", what(n), noun)
		return false
	}
	known := slots(into)
	keys := make([]string, len(known))
	for i, s := range known {
		keys[i] = s.key
	}
	r.entries(n, func(key, value *yaml.Node) {
		for _, s := range known {
			if s.key == key.Value {
				s.field.read(r, value)
				return
			}
		}
		r.at(key, "this key is not known in %s%s", noun, suggest(key.Value, keys))
	})
	return true
}

// entries calls visit for each key of a mapping, passing over repeated ones and those that are no words.
func (r *reader) entries(n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.at(key, "this is %s, not a key", what(key))
			continue
		}
		if line, twice := seen[key.Value]; twice {
			r.at(key, "this key is written twice; the first is on line %d", line)
			continue
		}
		seen[key.Value] = key.Line
		visit(key, value)
	}
}

// text returns a scalar's text. noun says what is wanted in its place when it is none.
func (r *reader) text(n *yaml.Node, noun string) (string, bool) {
	switch {
	case n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || n.Value == ""):
		r.note(n.Line, n.Column, "", "this is empty; write "+noun)
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		r.at(n, "this is %s, not %s", what(n), noun)
	default:
		return n.Value, true
	}
	return "", false
}

// what names a node's type in a sentence.
func what(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "empty"
	default:
		return "a text"
	}
}

// word is a text from the vocabulary L.
type word[L lexicon] struct {
	value string // "" when what is written is no word of L
	node  *yaml.Node
}

func (w *word[L]) read(r *reader, n *yaml.Node) {
	w.node = n
	var lexicon L
	v := lexicon.vocabulary()
	switch s, ok := r.text(n, v.noun); {
	case ok && v.has(s):
		w.value = s
	case ok:
		r.at(n, "%s", v.wrong(s))
	}
}

// list is one word from the vocabulary L, or several in brackets or on lines of their own.
type list[L lexicon] struct {
	words []word[L]
	node  *yaml.Node
}

func (l *list[L]) read(r *reader, n *yaml.Node) {
	l.node = n
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	if len(nodes) == 0 {
		var lexicon L
		r.at(n, "this list is empty; name %s or leave the key out", lexicon.vocabulary().noun)
	}
	for _, item := range nodes {
		var w word[L]
		w.read(r, item)
		l.add(r, w)
	}
}

func (l *list[L]) add(r *reader, w word[L]) {
	if w.value == "" {
		return
	}
	if contains(l.values(), w.value) {
		r.at(w.node, "this is in the list already; leave it out")
		return
	}
	l.words = append(l.words, w)
}

func (l *list[L]) values() []string {
	var values []string
	for _, w := range l.words {
		values = append(values, w.value)
	}
	return values
}

// span is a length of time such as 36h.
type span struct {
	value time.Duration
	node  *yaml.Node
}

const spanNoun = "a duration such as 36h or 90m"

func (s *span) read(r *reader, n *yaml.Node) {
	s.node = n
	text, ok := r.text(n, spanNoun)
	if !ok {
		return
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		r.at(n, "this is not %s", spanNoun)
	case d <= 0:
		r.at(n, "this duration is not longer than nothing; write one such as 36h")
	default:
		s.value = d
	}
}

// clock is a time of day such as 22:00.
type clock struct {
	value notify.Clock
	ok    bool // since midnight is zero
	node  *yaml.Node
}

const clockNoun = `a time of day such as "22:00"`

func (c *clock) read(r *reader, n *yaml.Node) {
	c.node = n
	text, ok := r.text(n, clockNoun)
	if !ok {
		return
	}
	if err := c.value.UnmarshalText([]byte(text)); err != nil {
		r.at(n, "this is not %s", clockNoun)
		return
	}
	c.ok = true
}

// toggle is true or false.
type toggle struct {
	value bool
	node  *yaml.Node
}

func (f *toggle) read(r *reader, n *yaml.Node) {
	f.node = n
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		r.at(n, "this is neither true nor false")
		return
	}
	f.value = n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
}

// count is a whole number from 1 on.
type count struct {
	value int // 0 when there is none
	node  *yaml.Node
}

const countNoun = "a whole number such as 3"

func (c *count) read(r *reader, n *yaml.Node) {
	c.node = n
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		r.at(n, "this is %s, not %s", what(n), countNoun)
		return
	}
	value, err := strconv.Atoi(n.Value)
	switch {
	case err != nil:
		r.at(n, "this is not %s", countNoun)
	case value < 1:
		r.at(n, "this is less than 1; leave the key out to have no limit")
	case value > maxCount:
		r.at(n, "this is more than %d; leave the key out to have no limit", maxCount)
	default:
		c.value = value
	}
}

// maxCount is a limit that limits nothing.
const maxCount = 1200

// urgency is the kind of news for which a notice may wake somebody.
type urgency struct {
	value notify.Urgent
	node  *yaml.Node
}

// NotEligible is the code in the sentence about a rule that must not be urgent.
const NotEligible = "URGENT_NOT_ELIGIBLE"

func (u *urgency) read(r *reader, n *yaml.Node) {
	u.node = n
	if n.Kind == yaml.ScalarNode && contains(notify.Urgents(), n.Value) {
		u.value = notify.Urgent(n.Value)
		return
	}
	r.at(n, "%s: only this news may light up a phone at night: %s", NotEligible, strings.Join(names(notify.Urgents()), ", "))
}

func (p *patience) read(r *reader, n *yaml.Node) {
	p.node = n
	r.mapping(n, "patience by channel", p)
}

func (e *escalation) read(r *reader, n *yaml.Node) {
	e.node = n
	if r.mapping(n, "an escalation", e) {
		e.check(r)
	}
}

func (c *consents) read(r *reader, n *yaml.Node) { c.by(needs, r, n) }

func (c *adConsents) read(r *reader, n *yaml.Node) { c.by(adNeeds, r, n) }

// by reads needs of which allowed lists those each channel takes.
func (c *consents) by(allowed func(notify.Channel) []Need, r *reader, n *yaml.Node) {
	c.node = n
	if n.Kind != yaml.MappingNode {
		r.at(n, "this is %s, not needs by channel; write keys with values", what(n))
		return
	}
	var channels channelWord
	r.entries(n, func(key, value *yaml.Node) {
		if v := channels.vocabulary(); !v.has(key.Value) {
			r.at(key, "%s", v.wrong(key.Value))
			return
		}
		entry := consentEntry{channel: notify.Channel(key.Value)}
		entry.need.read(r, value)
		if entry.check(r, allowed(entry.channel)) {
			c.entries = append(c.entries, entry)
		}
	})
}

func (a *advertising) read(r *reader, n *yaml.Node) {
	a.node = n
	if r.mapping(n, "advertising", a) {
		a.check(r)
	}
}

func (l *placeList) read(r *reader, n *yaml.Node) {
	l.node = n
	if n.Kind != yaml.SequenceNode {
		r.at(n, "this is %s, not a list of places; begin each with a dash", what(n))
		return
	}
	for _, item := range n.Content {
		d := placeDoc{node: item}
		if r.mapping(item, "a place", &d) && d.check(r) {
			l.entries = append(l.entries, d)
		}
	}
	l.check(r)
}

func (l *ruleList) read(r *reader, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		r.at(n, "this is %s, not a list of rules; begin each with a dash", what(n))
		return
	}
	for _, item := range n.Content {
		d := ruleDoc{node: item}
		if r.mapping(item, "a rule", &d) {
			d.check(r)
		}
		*l = append(*l, d)
	}
	l.check(r)
}
