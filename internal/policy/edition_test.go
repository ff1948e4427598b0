package policy

import (
	"testing"
	"time"
)

// For some zones the time package names an end of the present offset that lies behind, once the tables of the zone have run
// out. Explain is asked about any instant.
func TestEdition_EndsInTheFarFuture(t *testing.T) {
	t.Parallel()
	a := &Atlas{}
	for _, year := range []int{1, 1900, 2037, 2038, 2055, 2100, 9998} {
		for _, name := range []string{"Europe/Berlin", "America/Anchorage", "America/Sao_Paulo", "Asia/Jakarta", "Europe/London", "America/Denver", "America/Miquelon"} {
			done := make(chan string, 1)
			go func() { done <- a.Edition([]string{name}, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)) }()
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Fatalf("%s in %d does not come to an end", name, year)
			}
		}
	}
}
