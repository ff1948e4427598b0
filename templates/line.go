package templates

import (
	"encoding/json"
	"fmt"

	"landfall/internal/notify"
)

const (
	altLimit   = 400 // LINE's altText, in UTF-16 units
	labelLimit = 20  // of a button, the shortest LINE asks for anywhere
)

// writeLINE writes one flex bubble, and the same as plain text for who reads it elsewhere.
func writeLINE(d *draft) (notify.Words, error) {
	flex, err := json.Marshal(d.bubble())
	if err != nil {
		return notify.Words{}, fmt.Errorf("encode flex: %w", err)
	}
	text := paragraphs(d.card(), d.link)
	return notify.Words{Title: cutUnits(d.headline(), altLimit), Text: text, Flex: flex}, nil
}

// The parts of a flex message we use. The SDK's own structs always write "flex":0 and "wrap":false, which changes
// how a bubble looks.
type (
	bubble struct {
		Type      string `json:"type"`
		Direction string `json:"direction,omitempty"`
		Header    *box   `json:"header,omitempty"`
		Body      *box   `json:"body"`
		Footer    *box   `json:"footer,omitempty"`
	}
	box struct {
		Type       string `json:"type"`
		Layout     string `json:"layout"`
		Contents   []any  `json:"contents"`
		Spacing    string `json:"spacing,omitempty"`
		Padding    string `json:"paddingAll,omitempty"`
		Background string `json:"backgroundColor,omitempty"`
	}
	span struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Size   string `json:"size,omitempty"`
		Weight string `json:"weight,omitempty"`
		Color  string `json:"color,omitempty"`
		Wrap   bool   `json:"wrap,omitempty"`
		Flex   int    `json:"flex,omitempty"`
	}
	rule struct {
		Type string `json:"type"`
	}
	button struct {
		Type   string `json:"type"`
		Style  string `json:"style"`
		Color  string `json:"color,omitempty"`
		Action action `json:"action"`
	}
	action struct {
		Type  string `json:"type"`
		Label string `json:"label"`
		URI   string `json:"uri"`
	}
)

const (
	ink   = "#1F2933"
	faint = "#5F6B7A"
	// callout lies behind what has to be done.
	callout = "#FFF4D6"
)

func (d *draft) bubble() bubble {
	accent := accentOf(d.in.Brand.Color)
	b := bubble{Type: "bubble", Body: d.flexBody()}
	if d.rtl {
		b.Direction = "rtl"
	}
	if d.in.Brand.Name != "" {
		name := span{Type: "text", Text: d.in.Brand.Name, Size: "sm", Weight: "bold", Color: accent.on}
		b.Header = &box{Type: "box", Layout: "vertical", Contents: []any{name}, Padding: "16px", Background: accent.color}
	}
	if d.link != "" {
		act := action{Type: "uri", Label: cut(d.plain("label.track"), labelLimit), URI: d.link}
		b.Footer = &box{Type: "box", Layout: "vertical", Contents: []any{
			button{Type: "button", Style: "primary", Color: accent.button, Action: act}}}
	}
	return b
}

func (d *draft) flexBody() *box {
	contents := []any{
		span{Type: "text", Text: d.title(), Size: "lg", Weight: "bold", Color: ink, Wrap: true},
		span{Type: "text", Text: d.lead(), Size: "sm", Color: ink, Wrap: true},
	}
	if next := d.next(); next != "" {
		contents = append(contents, span{Type: "text", Text: next, Size: "sm", Color: faint, Wrap: true})
	}
	contents = append(contents, d.flexAct(), rule{Type: "separator"})
	for _, r := range d.rows() {
		contents = append(contents, box{Type: "box", Layout: "baseline", Spacing: "md", Contents: []any{
			span{Type: "text", Text: r.Label, Size: "xs", Color: faint, Wrap: true, Flex: 3},
			span{Type: "text", Text: r.Value, Size: "sm", Color: ink, Wrap: true, Flex: 5}}})
	}
	return &box{Type: "box", Layout: "vertical", Spacing: "md", Contents: contents}
}

// flexAct sets off what the reader needs to do, and says quietly that it is nothing.
func (d *draft) flexAct() any {
	text, needed := d.act()
	if !needed {
		return span{Type: "text", Text: text, Size: "sm", Color: faint, Wrap: true}
	}
	return box{Type: "box", Layout: "vertical", Padding: "12px", Background: callout, Contents: []any{
		span{Type: "text", Text: d.plain("label.act"), Size: "xs", Weight: "bold", Color: ink},
		span{Type: "text", Text: text, Size: "sm", Color: ink, Wrap: true}}}
}
