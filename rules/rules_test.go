package rules

import (
	"flag"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// shippedPack loads the pack.
func shippedPack(t testing.TB) map[string]*Market {
	t.Helper()
	pack, err := LoadPack()
	if err != nil {
		t.Fatalf("load pack: %v", err)
	}
	return pack
}
