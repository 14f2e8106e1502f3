//go:build bench

package scheduler

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"hark/store"
)

// fill puts n reminders, the i-th of them due at(i).
func fill(b *testing.B, db *store.DB, n int, at func(i int) time.Time) {
	b.Helper()
	for i := 0; i < n; {
		err := db.Update(func(tx *store.Tx) error {
			for range min(500, n-i) {
				next := store.At(at(i))
				r := &store.Reminder{
					ID: tx.NewID(), Text: fmt.Sprint("reminder ", i), Zone: "Europe/Berlin", State: store.Active, Next: &next,
					Kind: Message, Misfire: MisfireLate, Schedule: "at " + next.Format(time.RFC3339), Say: "Once",
				}
				if err := tx.PutReminder(r); err != nil {
					return err
				}
				i++
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func openBench(b *testing.B) *store.DB {
	b.Helper()
	db, err := store.Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

func heapMB() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// One look when nothing is due, with 100,000 reminders set (goal: 50 µs), and
// again after 10,000 of them have fired, which leaves deleted keys behind.
func BenchmarkIdleWake(b *testing.B) {
	db := openBench(b)
	before := heapMB()
	ahead := time.Now().Add(time.Hour)
	fill(b, db, 100_000, func(i int) time.Time { return ahead.Add(time.Duration(i) * time.Second) })
	look := func(b *testing.B, s *Scheduler) {
		b.Helper()
		for b.Loop() {
			if _, err := s.look(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(heapMB()-before, "MB")
	}
	b.Run("100000", func(b *testing.B) { look(b, New(Config{DB: db})) })
	later := New(Config{DB: db, Now: func() time.Time { return ahead.Add(10_000*time.Second - time.Millisecond) }})
	b.Run("fired", func(b *testing.B) {
		if _, err := later.look(b.Context()); err != nil {
			b.Fatal(err)
		}
		look(b, later)
	})
}

// 10,000 reminders are overdue at the start.
func BenchmarkCatchUp(b *testing.B) {
	const n = 10_000
	for range b.N {
		b.StopTimer()
		db := openBench(b)
		past := time.Now().Add(-time.Hour)
		fill(b, db, n, func(i int) time.Time { return past.Add(time.Duration(i) * time.Millisecond) })
		b.StartTimer()
		if _, err := New(Config{DB: db}).look(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "reminders/s")
}

// How late 1,000 reminders are that come due within ten seconds, which is six
// times the load of a thousand in a minute (goal there: p99 below 100 ms), and
// all at one instant.
func BenchmarkLateness(b *testing.B) {
	for name, over := range map[string]time.Duration{"in 10 s": 10 * time.Second, "at once": 0} {
		b.Run(name, func(b *testing.B) {
			var late []time.Duration
			for range b.N {
				late = append(late, lateness(b, over)...)
			}
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "p50-ms")
		})
	}
}

func lateness(b *testing.B, over time.Duration) (late []time.Duration) {
	b.Helper()
	const n = 1000
	db := openBench(b)
	begin := time.Now().Add(2 * time.Second)
	fill(b, db, n, func(i int) time.Time { return begin.Add(time.Duration(i) * over / n) })
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- New(Config{DB: db}).Run(ctx) }()
	for len(late) < n { // looking more often would be a load of its own
		<-time.After(time.Until(begin) + over + time.Second)
		late = late[:0]
		err := db.View(func(tx *store.Tx) error {
			rs, err := tx.Reminders()
			for _, r := range rs {
				if r.Last != nil {
					late = append(late, r.Last.At.Sub(r.Last.Due.Time))
				}
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	return late
}
