package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// spread is how long something took: half of the time less than p50, in 99 of 100 less than p99.
type spread struct{ p50, p99 time.Duration }

func spreadOf(took []time.Duration) spread {
	slices.Sort(took)
	return spread{took[len(took)/2], took[len(took)*99/100]}
}

// figures are one round of a program.
type figures struct {
	start      time.Duration // until it listens
	throughput float64       // events a second, from the first request to the last call at the provider
	cpu        float64       // seconds of CPU for 10,000 events
	accept     spread        // a request's answer, under steady load
	whole      spread        // from the request to the call at the provider
	memory     float64       // MB resident, at most
	idle       float64       // share of a core while nothing happens
}

func (f figures) String() string {
	return fmt.Sprintf("%6.0f events/s  %5.2f CPU s per 10,000  accepted p50 %s p99 %s  called p50 %s p99 %s  %3.0f MB  idle %.1f %% of a core  listening after %s",
		f.throughput, f.cpu, short(f.accept.p50), short(f.accept.p99), short(f.whole.p50), short(f.whole.p99), f.memory, 100*f.idle, short(f.start))
}

func short(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// median is made of the medians of each figure by itself.
func median(rounds []figures) figures {
	return figures{
		start:      middle(rounds, func(f figures) time.Duration { return f.start }),
		throughput: middle(rounds, func(f figures) float64 { return f.throughput }),
		cpu:        middle(rounds, func(f figures) float64 { return f.cpu }),
		accept:     spread{middle(rounds, func(f figures) time.Duration { return f.accept.p50 }), middle(rounds, func(f figures) time.Duration { return f.accept.p99 })},
		whole:      spread{middle(rounds, func(f figures) time.Duration { return f.whole.p50 }), middle(rounds, func(f figures) time.Duration { return f.whole.p99 })},
		memory:     middle(rounds, func(f figures) float64 { return f.memory }),
		idle:       middle(rounds, func(f figures) float64 { return f.idle }),
	}
}

func middle[T cmp.Ordered](rounds []figures, of func(figures) T) T {
	all := make([]T, len(rounds))
	for i, f := range rounds {
		all[i] = of(f)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func printRatios(ours, theirs figures) {
	fmt.Printf("  medians:\n  %-8s  %s\n  %-8s  %s\n", "landfall", ours, "textbook", theirs)
	fmt.Printf("  landfall has %.2f times the throughput at %.2f of the CPU per event; a message is called out in %.3f of the time (p50)\n\n",
		ours.throughput/theirs.throughput, ours.cpu/theirs.cpu, ours.whole.p50.Seconds()/theirs.whole.p50.Seconds())
}
