package parcel_test

import (
	"testing"

	"pgregory.net/rapid"

	"landfall/internal/parcel"
)

func TestCompact(t *testing.T) {
	t.Parallel()
	for id, size := range map[parcel.ID]int{
		"p_abcdefghijklmnop": 11,
		"p_1":                3, // of no ledger
		"p_ABCDEFGHIJKLMNOP": 18,
		"":                   0,
		"other":              5,
	} {
		short := id.Compact()
		if len(short) != size || parcel.Expand(short) != id {
			t.Errorf("%q becomes %d bytes and then %q, want %d", id, len(short), parcel.Expand(short), size)
		}
	}
}

func TestCompact_ComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := parcel.ID(rapid.StringMatching(`(p_)?[a-z2-7A-Z-]{0,20}`).Draw(t, "id"))
		if back := parcel.Expand(id.Compact()); back != id {
			t.Fatalf("%q comes back as %q", id, back)
		}
	})
}
