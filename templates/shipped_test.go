package templates

import (
	"maps"
	"slices"
	"testing"

	"landfall/locales"
)

// A set looks at the shipped words in one language alone, since it takes them to be of the same notices and classes in all.
func TestNew_ShippedLanguagesAgree(t *testing.T) {
	t.Parallel()
	c, err := locales.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	everywhere := &Set{catalog: c}
	if err := everywhere.readClassesIn(c.Locales()); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(s.promo)), slices.Sorted(maps.Keys(everywhere.promo)); !slices.Equal(got, want) {
		t.Errorf("advertising in English %v, in any language %v", got, want)
	}
	if got, want := s.Keys(), noticesOf(c, c.Locales()); !slices.Equal(got, want) {
		t.Errorf("notices in English %v, in any language %v", got, want)
	}
}
