package app

import (
	"io/fs"
	"slices"

	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/locales"
	"landfall/templates"
)

// voices are those of the markets where a merchant speaks otherwise than elsewhere.
func voices(m *config.Merchant) (map[string]dispatcher.Voice, error) {
	out := map[string]dispatcher.Voice{}
	for _, code := range OwnVoices(m) {
		var err error
		if out[code], err = NewVoice(m, code); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// OwnVoices lists the markets for which a merchant has a brand or words of their own, sorted.
func OwnVoices(m *config.Merchant) (codes []string) {
	for code := range m.Markets {
		_, brand := m.Brand.Markets[code]
		if brand || len(overrides(m.Dir, "locales/"+code))+len(overrides(m.Dir, "templates/"+code)) > 0 {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// OwnWords reports whether a merchant says anything otherwise than the shipped words do, in a market or, for "", anywhere.
func OwnWords(m *config.Merchant, market string) bool {
	own := len(overrides(m.Dir, "locales")) + len(overrides(m.Dir, "templates"))
	if market != "" {
		own += len(overrides(m.Dir, "locales/"+market)) + len(overrides(m.Dir, "templates/"+market))
	}
	return own > 0 || m.Brand.In(market).Register == config.Informal
}

// NewVoice is how a merchant speaks in a market, "" for everywhere else: the shipped words, those of its register, the
// merchant's own, and the merchant's own for the market, one upon the other.
func NewVoice(m *config.Merchant, market string) (dispatcher.Voice, error) {
	catalog, err := Catalog(m, market)
	if err != nil {
		return dispatcher.Voice{}, err
	}
	layers := overrides(m.Dir, "templates")
	if market != "" {
		layers = append(layers, overrides(m.Dir, "templates/"+market)...)
	}
	set, err := templates.New(catalog, layers...)
	if err != nil {
		return dispatcher.Voice{}, within(string(m.ID)+"/templates: ", err)
	}
	b := m.Brand.In(market)
	return dispatcher.Voice{Words: set.WithContent(m.Content), Brand: templates.Brand{
		Name: b.Name, Color: b.Color, URL: b.URL, Support: b.Support, LogoURL: b.Logo, Signature: b.Signature}}, nil
}

// Catalog is the words of a merchant's voice.
func Catalog(m *config.Merchant, market string) (*locales.Catalog, error) {
	var layers []fs.FS
	if m.Brand.In(market).Register == config.Informal {
		layers = append(layers, locales.Informal())
	}
	folders := []string{"locales"}
	if market != "" {
		folders = append(folders, "locales/"+market)
	}
	for _, folder := range folders {
		for _, own := range overrides(m.Dir, folder) {
			layers = append(layers, locales.Named(string(m.ID)+"/"+folder, own))
		}
	}
	return locales.New(layers...)
}

// overrides returns a merchant's folder when there is one.
func overrides(dir fs.FS, name string) []fs.FS {
	if dir == nil {
		return nil
	}
	if info, err := fs.Stat(dir, name); err != nil || !info.IsDir() {
		return nil
	}
	sub, err := fs.Sub(dir, name)
	if err != nil {
		return nil
	}
	return []fs.FS{sub}
}
