package templates_test

import (
	"testing"

	"landfall/internal/notify"
)

func BenchmarkRender(b *testing.B) {
	s := set()
	for _, c := range notify.Channels() {
		b.Run(string(c), func(b *testing.B) {
			in := held()
			in.Channel, in.Locale = c, "de"
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Render(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
