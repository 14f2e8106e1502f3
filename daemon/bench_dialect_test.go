package daemon

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Durable fires in each dialect, by sixteen callers at once.
func BenchmarkDialects(b *testing.B) {
	alerts := `{"status":"firing","alerts":[` + strings.Repeat(`{"status":"firing","labels":{"alertname":"CPU","instance":"web1"},"annotations":{"summary":"above 90 %"}},`, 4) +
		`{"status":"resolved","labels":{"alertname":"CPU"}}]}`
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string]string
	}{
		{"native", "POST", "/api/assistant/fire", strings.Repeat("x", 200), nil},
		{"ntfy", "POST", "/bench", strings.Repeat("x", 200), map[string]string{"X-Title": "Hello", "X-Priority": "high", "X-Tags": "a,b"}},
		{"ntfy-json", "POST", "/", `{"topic":"bench","message":"` + strings.Repeat("x", 200) + `","tags":["a"],"actions":[{"action":"view","label":"Open","url":"https://x.example"}]}`, map[string]string{"Content-Type": "application/json"}},
		{"ntfy-get", "GET", "/bench/publish?message=hello&title=t", "", nil},
		{"gotify", "POST", "/message", `{"message":"` + strings.Repeat("x", 200) + `","title":"t","priority":5}`, map[string]string{"Content-Type": "application/json"}},
		{"alertmanager", "POST", "/bench", alerts, map[string]string{"Content-Type": "application/json"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, addr := quietServer(b)
			secret := (&rig{t: b, d: d}).token("fire")
			hammer(b, 16, func() (*http.Request, error) {
				q, err := http.NewRequest(c.method, "http://"+addr+c.path, strings.NewReader(c.body))
				if err == nil {
					q.Header.Set("Authorization", "Bearer "+secret)
					for name, value := range c.header {
						q.Header.Set(name, value)
					}
				}
				return q, err
			})
		})
	}
}

// hammer sends b.N requests from so many callers at once, all of which must be
// answered 200.
func hammer(b *testing.B, callers int, request func() (*http.Request, error)) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				begun := time.Now()
				q, err := request()
				if err != nil {
					b.Error(err)
					return
				}
				resp, err := client.Do(q)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = new(bytes.Buffer).ReadFrom(resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Error(err, resp.StatusCode)
				}
				took[i] = time.Since(begun)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "fires/s")
	b.ReportMetric(float64(took[b.N/2])/1e6, "p50_ms")
	b.ReportMetric(float64(took[b.N*99/100])/1e6, "p99_ms")
}

// From a publication to its arrival at each of a thousand subscribers of ntfy's
// /sse.
func BenchmarkNtfySubscribers(b *testing.B) {
	const readers = 1000
	d, addr := quietServer(b)
	r := &rig{t: b, d: d, url: "http://" + addr}
	r.send("POST", "/bench", "first")
	var took []time.Duration
	var mu sync.Mutex
	start := func() func(text string, begun time.Time) {
		c := followPath(b, d, addr, "/bench/sse")
		waitFor(b, c, "event: open")
		return func(text string, begun time.Time) {
			waitFor(b, c, text)
			at := time.Since(begun)
			mu.Lock()
			took = append(took, at)
			mu.Unlock()
		}
	}
	var hear []func(string, time.Time)
	for range readers {
		hear = append(hear, start())
	}
	b.ResetTimer()
	for i := range b.N {
		text := fmt.Sprintf("message-%d.", i)
		begun := time.Now()
		var wg sync.WaitGroup
		for _, h := range hear {
			wg.Go(func() { h(text, begun) })
		}
		r.send("POST", "/bench", text)
		wg.Wait()
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50_ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99_ms")
	b.ReportMetric(float64(readers)*float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}
