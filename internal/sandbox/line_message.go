package sandbox

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// LINE's limits. Texts are counted in UTF-16 units, containers in bytes of JSON.
const (
	longestText       = 5000
	longestAltText    = 400
	mostQuickReplies  = 13
	longestQuickLabel = 20
	mostBubbles       = 12
	largestBubble     = 30 << 10
	largestCarousel   = 50 << 10
	longestPostback   = 300
	longestURI        = 1000
	deepestFlex       = 20 // no layout a person can read is deeper; keeps hostile JSON from recursing on
)

// lineMessage is one message of a push.
type lineMessage struct {
	Type       string          `json:"type"`
	Text       string          `json:"text"`
	AltText    string          `json:"altText"`
	Contents   json.RawMessage `json:"contents"`
	QuickReply *struct {
		Items []struct {
			Type   string      `json:"type"`
			Action *lineAction `json:"action"`
		} `json:"items"`
	} `json:"quickReply"`

	flex flexNode
}

// plainTypes are the kinds of message that are taken without a closer look.
var plainTypes = []string{"sticker", "image", "video", "audio", "location", "imagemap", "template"}

func readLineMessage(raw json.RawMessage, at string, f *findings) lineMessage {
	var m lineMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		f.add(at, "May not be parsed as a message")
		return m
	}
	switch {
	case m.Type == "text" || m.Type == "textV2":
		checkLength(f, at+".text", m.Text, longestText)
	case m.Type == "flex":
		checkLength(f, at+".altText", m.AltText, longestAltText)
		m.flex = readFlex(m.Contents, at+".contents", f)
	case !slices.Contains(plainTypes, m.Type):
		f.add(at+".type", "Must be one of the message types, not %q", m.Type)
	}
	m.checkQuickReply(at+".quickReply.items", f)
	return m
}

// checkLength wants a text of 1 to most UTF-16 units.
func checkLength(f *findings, at, text string, most int) {
	switch n := len(utf16.Encode([]rune(text))); {
	case strings.TrimSpace(text) == "":
		f.add(at, "May not be empty")
	case n > most:
		f.add(at, "Length must be between 0 and %d", most)
	}
}

func (m lineMessage) checkQuickReply(at string, f *findings) {
	if m.QuickReply == nil {
		return
	}
	items := m.QuickReply.Items
	if len(items) < 1 || len(items) > mostQuickReplies {
		f.add(at, "Size must be between 1 and %d", mostQuickReplies)
	}
	for _, item := range items {
		if item.Type != "action" || item.Action == nil {
			f.add(at, "Each item must be an action")
			continue
		}
		item.Action.check(at, true, f)
		if utf8.RuneCountInString(item.Action.Label) > longestQuickLabel {
			f.add(at+".label", "Length must be between 0 and %d", longestQuickLabel)
		}
	}
}

// readable is the message as lines of text.
func (m lineMessage) readable() string {
	switch {
	case m.Type == "flex":
		return m.flex.readable()
	case m.Text != "":
		return m.Text
	default:
		return "[" + m.Type + "]"
	}
}

// lineAction is what a tap does.
type lineAction struct {
	Type  string `json:"type"`
	Label string `json:"label"`
	URI   string `json:"uri"`
	Data  string `json:"data"`
	Text  string `json:"text"`
}

var (
	actionTypes = []string{
		"postback", "message", "uri", "datetimepicker", "camera", "cameraRoll", "location", "richmenuswitch", "clipboard",
	}
	uriSchemes = []string{"http", "https", "line", "tel", "mailto"}
)

func (a lineAction) check(at string, labelled bool, f *findings) {
	if labelled && strings.TrimSpace(a.Label) == "" {
		f.add(at+".label", "May not be empty")
	}
	switch {
	case !slices.Contains(actionTypes, a.Type):
		f.add(at+".type", "Must be one of the action types, not %q", a.Type)
	case a.Type == "uri":
		a.checkURI(at+".uri", f)
	case a.Type == "message":
		checkLength(f, at+".text", a.Text, longestPostback)
	case a.Type == "postback":
		checkLength(f, at+".data", a.Data, longestPostback)
	}
}

func (a lineAction) checkURI(at string, f *findings) {
	u, err := url.Parse(a.URI)
	if err != nil || !slices.Contains(uriSchemes, u.Scheme) || len(a.URI) > longestURI {
		f.add(at, "Must be a URI of at most %d characters with the scheme http, https, line, tel or mailto", longestURI)
	}
}

// flexNode is any part of a flex message: a container, a block or a component.
type flexNode struct {
	Type     string            `json:"type"`
	Layout   string            `json:"layout"`
	Text     *string           `json:"text"`
	URL      string            `json:"url"`
	Action   *lineAction       `json:"action"`
	Contents []json.RawMessage `json:"contents"`

	Header json.RawMessage `json:"header"`
	Hero   json.RawMessage `json:"hero"`
	Body   json.RawMessage `json:"body"`
	Footer json.RawMessage `json:"footer"`

	children []flexNode
}

// What may stand where.
var (
	containers   = []string{"bubble", "carousel"}
	heroKinds    = []string{"box", "image", "video"}
	boxKinds     = []string{"box", "button", "image", "text", "separator", "filler", "spacer"}
	baseKinds    = []string{"icon", "text", "filler", "spacer"}
	layouts      = []string{"horizontal", "vertical", "baseline"}
	pictureKinds = []string{"image", "icon", "video"}
)

// readFlex reads and judges the contents of a flex message.
func readFlex(raw json.RawMessage, at string, f *findings) flexNode {
	n := readNode(raw, at, containers, f)
	switch n.Type {
	case "bubble":
		n.readBubble(raw, at, f)
	case "carousel":
		n.readCarousel(raw, at, f)
	}
	return n
}

// readNode reads one part and its type, which must be one of allowed.
func readNode(raw json.RawMessage, at string, allowed []string, f *findings) flexNode {
	var n flexNode
	if err := json.Unmarshal(raw, &n); err != nil {
		f.add(at, "May not be parsed as a flex component")
		return flexNode{}
	}
	if !slices.Contains(allowed, n.Type) {
		f.add(at+".type", "Must be one of %s, not %q", strings.Join(allowed, ", "), n.Type)
		n.Type = ""
	}
	return n
}

func (n *flexNode) readCarousel(raw json.RawMessage, at string, f *findings) {
	checkSize(f, at, raw, largestCarousel)
	if len(n.Contents) < 1 || len(n.Contents) > mostBubbles {
		f.add(at+".contents", "Size must be between 1 and %d", mostBubbles)
	}
	for i, r := range n.Contents {
		place := index(at+".contents", i)
		bubble := readNode(r, place, containers[:1], f)
		bubble.readBubble(r, place, f)
		n.children = append(n.children, bubble)
	}
}

func checkSize(f *findings, at string, raw json.RawMessage, most int) {
	var tight bytes.Buffer
	if json.Compact(&tight, raw) == nil && tight.Len() > most {
		f.add(at, "The JSON must be at most %d bytes", most)
	}
}

func (n *flexNode) readBubble(raw json.RawMessage, at string, f *findings) {
	checkSize(f, at, raw, largestBubble)
	for _, block := range []struct {
		name  string
		raw   json.RawMessage
		kinds []string
	}{
		{"header", n.Header, heroKinds[:1]},
		{"hero", n.Hero, heroKinds},
		{"body", n.Body, heroKinds[:1]},
		{"footer", n.Footer, heroKinds[:1]},
	} {
		if len(block.raw) > 0 && string(block.raw) != "null" {
			n.children = append(n.children, readComponent(block.raw, at+"."+block.name, block.kinds, 0, f))
		}
	}
	if len(n.children) == 0 {
		f.add(at, "At least one block must be specified")
	}
	n.checkAction(at, f)
}

func readComponent(raw json.RawMessage, at string, allowed []string, depth int, f *findings) flexNode {
	n := readNode(raw, at, allowed, f)
	if depth > deepestFlex {
		f.add(at, "Is nested too deeply")
		return n
	}
	n.checkAction(at, f)
	switch {
	case n.Type == "box":
		n.readBox(at, depth, f)
	case n.Type == "text":
		n.readText(at, depth, f)
	case n.Type == "span" && n.Text == nil:
		f.add(at+".text", "Must be specified")
	case slices.Contains(pictureKinds, n.Type) && !strings.HasPrefix(n.URL, "https://"):
		f.add(at+".url", "Must be an HTTPS URL")
	}
	return n
}

func (n *flexNode) checkAction(at string, f *findings) {
	switch {
	case n.Action != nil:
		n.Action.check(at+".action", n.Type == "button", f)
	case n.Type == "button":
		f.add(at+".action", "Must be specified")
	}
}

func (n *flexNode) readBox(at string, depth int, f *findings) {
	if !slices.Contains(layouts, n.Layout) {
		f.add(at+".layout", "Must be one of %s", strings.Join(layouts, ", "))
	}
	if n.Contents == nil {
		f.add(at+".contents", "Must be specified")
	}
	kinds := boxKinds
	if n.Layout == "baseline" {
		kinds = baseKinds
	}
	n.readContents(at, kinds, depth, f)
}

// readText wants either a text or spans.
func (n *flexNode) readText(at string, depth int, f *findings) {
	if len(n.Contents) > 0 {
		n.readContents(at, []string{"span"}, depth, f)
		return
	}
	if n.Text == nil || *n.Text == "" {
		f.add(at+".text", "Must be non-empty text")
	}
}

func (n *flexNode) readContents(at string, kinds []string, depth int, f *findings) {
	for i, raw := range n.Contents {
		n.children = append(n.children, readComponent(raw, index(at+".contents", i), kinds, depth+1, f))
	}
}

// readable is the part as lines of text: what stands side by side shares a line, a button is shown in brackets
// before the link it opens.
func (n flexNode) readable() string {
	switch {
	case n.Type == "text" && len(n.children) > 0:
		return n.join("")
	case n.Type == "text" || n.Type == "span":
		return *n.Text
	case n.Type == "button":
		return strings.TrimSpace("[" + n.Action.Label + "] " + n.Action.URI)
	case n.Layout == "horizontal" || n.Layout == "baseline":
		return n.join("  ")
	case n.Type == "carousel":
		return n.join("\n\n")
	default:
		return n.join("\n")
	}
}

func (n flexNode) join(between string) string {
	var lines []string
	for _, child := range n.children {
		if text := child.readable(); text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, between)
}

// index is the place of the i-th element of a list.
func index(at string, i int) string { return at + "[" + strconv.Itoa(i) + "]" }
