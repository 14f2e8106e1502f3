//go:build bench && unix

package push

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// benchRig is a store on disk with so many devices, whose push service takes
// everything at once on a real socket and counts.
type benchRig struct {
	b   *testing.B
	db  *store.DB
	s   *Sender
	got atomic.Int64
	hit chan time.Time // when a request came, for who waits for one
}

func newBenchRig(b *testing.B, devices int) *benchRig {
	b.Helper()
	r := &benchRig{b: b, hit: make(chan time.Time, 1<<16)}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r.hit <- time.Now()
		w.WriteHeader(http.StatusCreated)
		r.got.Add(1)
	}))
	b.Cleanup(front.Close)
	var err error
	r.db, err = store.Open(b.TempDir(), nil)
	ok(b, err)
	b.Cleanup(func() { ok(b, r.db.Close()) })
	r.s, err = New(Config{DB: r.db, Allow: []string{strings.TrimPrefix(front.URL, "http://")}})
	ok(b, err)
	for i := range devices {
		browser, err := pushsvc.New().Subscribe("")
		ok(b, err)
		ok(b, r.db.Update(func(tx *store.Tx) error {
			name := fmt.Sprint("device-", i)
			if err := tx.PutDevice(&store.Device{ID: name}, ""); err != nil {
				return err
			}
			return tx.PutSubscription(subscriptionOf(name, front.URL+"/"+name, browser))
		}))
	}
	return r
}

func (r *benchRig) run() (stop func()) {
	ctx, cancel := context.WithCancel(r.b.Context())
	done := make(chan error, 1)
	go func() { done <- r.s.Run(ctx) }()
	return func() { cancel(); ok(r.b, <-done) }
}

// say is of the highest priority, which no storm counts together.
func (r *benchRig) say(text string) {
	ok(r.b, r.db.Update(func(tx *store.Tx) error {
		_, err := tx.Deliver(&store.Message{Role: store.Assistant, Status: store.Done, Text: text, Format: "plain", Priority: 5})
		return err
	}))
}

// cpu is the processor time of this process, push service included.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// From the call that says something, its fsync included, to the request at the
// push service.
func BenchmarkSayToWire(b *testing.B) {
	r := newBenchRig(b, 1)
	stop := r.run()
	defer stop()
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		r.say("hello")
		took = append(took, (<-r.hit).Sub(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50_ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99_ms")
}

// A thousand messages for five devices, from the outbox to their last ledger row.
func BenchmarkDrain(b *testing.B) {
	const messages, devices = 1000, 5
	var wall, busy time.Duration
	for b.Loop() {
		b.StopTimer()
		r := newBenchRig(b, devices)
		for i := range messages {
			r.say(fmt.Sprint("message ", i))
		}
		b.StartTimer()
		begun, before := time.Now(), cpu(b)
		stop := r.run()
		for range messages * devices {
			<-r.hit
		}
		stop()
		wall, busy = wall+time.Since(begun), busy+cpu(b)-before
	}
	n := float64(b.N * messages * devices)
	b.ReportMetric(n/wall.Seconds(), "pushes/s")
	b.ReportMetric(float64(busy.Microseconds())/n, "cpu_us/push")
}

// What it costs to say something, by how many devices have a subscription.
func BenchmarkSay(b *testing.B) {
	for _, devices := range []int{0, 1, 5} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			r := newBenchRig(b, devices)
			b.SetParallelism(32) // callers a core, who share the fsync
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r.say("hello")
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
