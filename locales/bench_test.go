package locales_test

import (
	"testing"

	"landfall/locales"
)

// BenchmarkNew is what a merchant's folder costs when it changes: the shipped catalogs are read once for all.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := locales.New(); err != nil {
			b.Fatal(err)
		}
	}
}
