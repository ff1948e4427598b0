package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestLint(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	for name, a := range archives(t, "lint") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys, golden := folderOf(a)
			markets, err := LoadMerchant(fsys, "markets", pack)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, code := range slices.Sorted(maps.Keys(markets)) {
				for _, p := range markets[code].Lint() {
					fmt.Fprintf(&b, "%s%s\n", map[bool]string{true: "remark: "}[p.Remark], p.Error())
				}
			}
			settle(t, a, golden, b.String())
		})
	}
}

func TestLint_NothingAboutThePack(t *testing.T) {
	t.Parallel()
	for code, m := range shippedPack(t) {
		if got := m.Lint(); len(got) > 0 {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func BenchmarkLint_Pack(b *testing.B) {
	m := shippedPack(b)["US"]
	for b.Loop() {
		m.Lint()
	}
}
