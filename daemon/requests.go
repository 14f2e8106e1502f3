package daemon

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// answerTimes are the upper bounds, in seconds, by which answers are counted.
func answerTimes() []float64 { return []float64{.001, .005, .025, .1, .5, 2.5, 10} }

// requests counts what was asked over HTTP, and how long answers took. It costs
// a request one look-up and no lock.
type requests struct {
	counts sync.Map // asked → *atomic.Uint64
	times  sync.Map // route → *spread
	bounds []float64
}

// asked is what requests are told apart by. There are as many as there are
// routes, methods and codes of ours: nothing of it is chosen by a caller.
type asked struct {
	route, method string
	code          int
}

// spread is a histogram of durations.
type spread struct {
	below []atomic.Uint64 // by bound, each without those of the one before
	above atomic.Uint64
	nanos atomic.Int64
}

func newRequests() *requests { return &requests{bounds: answerTimes()} }

// count notes one request that was answered. Those that wait for news by design
// say nothing about how quick Hark is.
func (q *requests) count(r *http.Request, code int, took time.Duration, waits bool) {
	key := asked{r.Pattern[strings.LastIndexByte(r.Pattern, ' ')+1:], r.Method, code}
	if key.route == "" {
		key.route = "none" // refused at the door
	}
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, key.method) {
		key.method = "other"
	}
	n, ok := q.counts.Load(key)
	if !ok {
		n, _ = q.counts.LoadOrStore(key, new(atomic.Uint64))
	}
	if n, ok := n.(*atomic.Uint64); ok {
		n.Add(1)
	}
	if waits {
		return
	}
	t, ok := q.times.Load(key.route)
	if !ok {
		t, _ = q.times.LoadOrStore(key.route, &spread{below: make([]atomic.Uint64, len(q.bounds))})
	}
	if t, ok := t.(*spread); ok {
		t.add(took, q.bounds)
	}
}

func (s *spread) add(took time.Duration, bounds []float64) {
	s.nanos.Add(int64(took))
	if i, _ := slices.BinarySearch(bounds, took.Seconds()); i < len(bounds) {
		s.below[i].Add(1)
	} else {
		s.above.Add(1)
	}
}

// write tells all counts, in an order that does not change.
func (q *requests) write(e *exposition) {
	var keys []asked
	q.counts.Range(func(k, _ any) bool {
		if key, ok := k.(asked); ok {
			keys = append(keys, key)
		}
		return true
	})
	slices.SortFunc(keys, compareAsked)
	e.family("hark_http_requests_total", "counter", "Requests that were answered, by route, method and status.")
	for _, k := range keys {
		if n, ok := q.counts.Load(k); ok {
			if n, ok := n.(*atomic.Uint64); ok {
				e.sample("hark_http_requests_total", float64(n.Load()), "code", itoa(k.code), "method", k.method, "route", k.route)
			}
		}
	}
	e.family("hark_http_request_duration_seconds", "histogram", "Time to the end of an answer, without streams and what waits for news.")
	var routes []string
	q.times.Range(func(k, _ any) bool {
		if route, ok := k.(string); ok {
			routes = append(routes, route)
		}
		return true
	})
	slices.Sort(routes)
	for _, route := range routes {
		if t, ok := q.times.Load(route); ok {
			if t, ok := t.(*spread); ok {
				t.write(e, route, q.bounds)
			}
		}
	}
}

func (s *spread) write(e *exposition, route string, bounds []float64) {
	const name = "hark_http_request_duration_seconds"
	var sum uint64
	for i, bound := range bounds {
		sum += s.below[i].Load()
		e.sample(name+"_bucket", float64(sum), "le", decimal(bound), "route", route)
	}
	sum += s.above.Load()
	e.sample(name+"_bucket", float64(sum), "le", "+Inf", "route", route)
	e.sample(name+"_sum", time.Duration(s.nanos.Load()).Seconds(), "route", route)
	e.sample(name+"_count", float64(sum), "route", route)
}
