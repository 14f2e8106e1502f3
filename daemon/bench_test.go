package daemon

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/store"
)

// quietServer serves a daemon on disk as Run does, and returns its address.
func quietServer(b *testing.B) (*Daemon, string) {
	b.Helper()
	cfg := configFor(b.TempDir())
	cfg.Limits.StreamsPerDevice = 5000
	d, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := d.server()
	go func() { _ = srv.Serve(ln) }()
	b.Cleanup(func() {
		d.streams.endAll()
		_ = srv.Close()
		if err := d.db.Close(); err != nil {
			b.Error(err)
		}
	})
	return d, ln.Addr().String()
}

// follow opens a stream and returns it when it is live.
func follow(b *testing.B, d *Daemon, addr, query string) net.Conn {
	b.Helper()
	return followPath(b, d, addr, "/api/assistant/stream"+query)
}

func followPath(b *testing.B, d *Daemon, addr, path string) net.Conn {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	_, _ = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, d.admin)
	return c
}

// waitFor reads until text has come.
func waitFor(b *testing.B, c net.Conn, text string) {
	b.Helper()
	var held []byte
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			b.Error(err)
			return
		}
		held = append(held, buf[:n]...)
		if bytes.Contains(held, []byte(text)) {
			return
		}
		held = held[max(len(held)-len(text), 0):]
	}
}

// From the call of a fire to its arrival at each of so many live streams.
func BenchmarkFireToStreams(b *testing.B) {
	for _, readers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("streams=%d", readers), func(b *testing.B) {
			d, addr := quietServer(b)
			conns := make([]net.Conn, readers)
			for i := range conns {
				conns[i] = follow(b, d, addr, "")
				waitFor(b, conns[i], "event: ready")
			}
			var took []time.Duration
			var mu sync.Mutex
			r := &rig{t: b, d: d, url: "http://" + addr}
			b.ResetTimer()
			for i := range b.N {
				text := fmt.Sprintf("message-%d.", i)
				var wg sync.WaitGroup
				begun := time.Now()
				for _, c := range conns {
					wg.Go(func() {
						waitFor(b, c, text)
						at := time.Since(begun)
						mu.Lock()
						took = append(took, at)
						mu.Unlock()
					})
				}
				r.send("POST", "/api/assistant/fire", text)
				wg.Wait()
			}
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "p50_ms")
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99_ms")
		})
	}
}

// Durable fires over HTTP, by so many callers at once.
func BenchmarkFire(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			d, addr := quietServer(b)
			secret := (&rig{t: b, d: d}).token("fire")
			body := strings.Repeat("x", 200)
			hammer(b, callers, func() (*http.Request, error) {
				q, err := http.NewRequest(http.MethodPost, "http://"+addr+"/api/assistant/fire", strings.NewReader(body))
				if err == nil {
					q.Header.Set("Authorization", "Bearer "+secret)
				}
				return q, err
			})
		})
	}
}

// An idle stream costs little memory. What the callers' ends cost in this
// process is counted too.
func BenchmarkIdleStreams(b *testing.B) {
	const n = 1000
	d, addr := quietServer(b)
	inUse := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := inUse()
	for range n {
		waitFor(b, follow(b, d, addr, ""), "event: ready")
	}
	cost := float64(inUse()-before) / n / 1000
	for b.Loop() { // the cost is in the memory
	}
	b.ReportMetric(cost, "KB/stream")
}

// A client that has seen nothing reads a store of 100,000 messages; one that
// lacks the last 20 changes reads them.
func BenchmarkReplay(b *testing.B) {
	const all = 100_000
	d, addr := quietServer(b)
	for i := 0; i < all; {
		err := d.db.Update(func(tx *store.Tx) error {
			for range 500 {
				m := &store.Message{Role: store.Assistant, Status: store.Done, Text: fmt.Sprintf("message-%06d. %0180d", i, i)}
				if _, err := tx.Deliver(m); err != nil {
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
	head := d.db.Head()
	for _, last := range []int{20, all} {
		since := store.Cursor{Epoch: head.Epoch, Seq: head.Seq - min(store.Seq(2*last), head.Seq)}
		b.Run(fmt.Sprintf("changes=%d", last), func(b *testing.B) {
			var first time.Duration
			for b.Loop() {
				begun := time.Now()
				c := follow(b, d, addr, "?since="+since.String())
				waitFor(b, c, "event: message")
				first += time.Since(begun)
				waitFor(b, c, "event: ready")
				_ = c.Close()
			}
			b.ReportMetric(float64(first)/float64(b.N)/1e6, "first_ms")
			b.ReportMetric(float64(last)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
