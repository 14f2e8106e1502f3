//go:build bench

package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// text is 200 bytes, as a script's message may have.
var text = strings.Repeat("The washing is done. ", 10)[:200]

// volley fires from n callers at once, each on its own connection, until more
// says no, and returns how long each fire took.
func (s *served) volley(n int, keys bool, more func() bool) (took []time.Duration) {
	s.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		l := s.dial()
		all.Go(func() {
			defer l.Close()
			var mine []time.Duration
			for j := 0; more(); j++ {
				key := ""
				if keys {
					key = fmt.Sprintf("%d-%d", i, j)
				}
				began := time.Now()
				if _, err := l.fire(text, key); err != nil {
					s.Error(err)
					return
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	all.Wait()
	slices.Sort(took)
	return took
}

// fires measures how many fires are acknowledged, each of them on disk.
func (b *bench) fires() {
	s := b.serve(b.TempDir())
	defer s.stop()
	b.machine()
	for _, v := range []struct {
		who  string
		n    int
		keys bool
	}{{"1 caller", 1, false}, {"16 callers", 16, false}, {"64 callers", 64, false}, {"64 callers with keys", 64, true}} {
		cpu, began := s.cpu(), time.Now()
		took := s.volley(v.n, v.keys, func() bool { return time.Since(began) < load })
		b.note("fires/s, "+v.who, "/s", float64(len(took))/time.Since(began).Seconds())
		b.quantiles("fire, "+v.who, took)
		b.note("fire, "+v.who+", CPU of Hark", "µs", (s.cpu()-cpu).Seconds()*1e6/float64(len(took)))
	}
	before := b.last(fsyncs)
	b.machine()
	many := b.last("fires/s, 64 callers")
	// A single caller pays one fsync for each fire.
	b.note("64 callers to 1", "×", many/b.last("fires/s, 1 caller")).atLeast(10)
	b.note("64 callers to the bare disk's fsyncs", "×", many/((before+b.last(fsyncs))/2))
}

// quantiles notes p50 and p99 of sorted durations.
func (b *bench) quantiles(name string, took []time.Duration) {
	ms := func(q int) float64 { return took[len(took)*q/100].Seconds() * 1e3 }
	b.note(name+", p50", "ms", ms(50))
	b.note(name+", p99", "ms", ms(99))
}

// followers measures the time from the moment a script fires to the moment
// every one of n open streams has the message.
func (b *bench) followers() {
	for _, n := range []int{1, 100, 1000} {
		s := b.serve(b.TempDir())
		var heard, ready sync.WaitGroup
		var mu sync.Mutex
		var took []time.Duration
		const shots = 20
		epoch := time.Now()
		for range n {
			ready.Add(1)
			heard.Go(func() {
				l := s.dial()
				defer l.Close()
				lines, err := l.follow("")
				if err == nil {
					err = until(lines, "event: ready")
				}
				ready.Done()
				var mine []time.Duration
				for err == nil && len(mine) < shots && lines.Scan() {
					if _, after, ok := strings.Cut(lines.Text(), `"text":"shot `); ok {
						sent, _, _ := strings.Cut(after, `"`)
						ns, err := strconv.ParseInt(sent, 10, 64)
						b.check(err)
						mine = append(mine, time.Since(epoch)-time.Duration(ns))
					}
				}
				if len(mine) < shots {
					b.Errorf("a follower heard %d of %d: %v", len(mine), shots, err)
				}
				mu.Lock()
				took = append(took, mine...)
				mu.Unlock()
			})
		}
		ready.Wait()
		cpu := s.cpu()
		l := s.dial()
		for range shots {
			_, err := l.fire(fmt.Sprintf("shot %d", time.Since(epoch)), "")
			b.check(err)
			<-time.After(50 * time.Millisecond)
		}
		heard.Wait()
		b.check(l.Close())
		slices.Sort(took)
		b.quantiles(fmt.Sprintf("fire to %d followers", n), took)
		b.note(fmt.Sprintf("fire to %d followers, CPU of Hark each", n), "µs", (s.cpu()-cpu).Seconds()*1e6/float64(len(took)))
		s.stop()
	}
}

// idleStreams measures what a stream costs that only listens.
func (b *bench) idleStreams() {
	s := b.serve(b.TempDir())
	defer s.stop()
	rest()
	before := s.rss()
	for range idle {
		l := s.dial()
		defer l.Close()
		lines, err := l.follow("")
		b.check(err)
		b.check(until(lines, "event: ready"))
	}
	rest()
	b.note("memory of an idle stream", "KB", (s.rss()-before)/idle/1024).atMost(30)
}

// starts measures the time to readiness and the memory at rest after it, of an
// empty store and of the large one in turn.
func (b *bench) starts(large string) {
	empty := b.TempDir()
	b.serve(empty).stop() // makes the store; what follows is a start as on every day
	var few, many []time.Duration
	for range 5 {
		for data, took := range map[string]*[]time.Duration{empty: &few, large: &many} {
			s := b.serve(data)
			*took = append(*took, s.ready)
			s.stop()
		}
	}
	slices.Sort(few)
	slices.Sort(many)
	b.note("start, empty", "ms", few[2].Seconds()*1e3)
	b.note("start, 100,000 messages", "ms", many[2].Seconds()*1e3)
	b.note("start, 100,000 messages to empty", "×", many[0].Seconds()/few[0].Seconds()).atMost(2)
	small, big := b.serve(empty), b.serve(large)
	defer small.stop()
	defer big.stop()
	rest()
	b.note("memory at rest, empty", "MB", small.rss()/1e6).atMost(30)
	b.note("memory at rest, 100,000 messages", "MB", big.rss()/1e6).atMost(30)
}

// fill makes the data folder with many messages.
func (b *bench) fill() (data string) {
	data = b.TempDir()
	s := b.serve(data)
	defer s.stop()
	var fired atomic.Int64
	began := time.Now()
	s.volley(64, false, func() bool { return fired.Add(1) <= stored })
	b.note("fires/s, 64 callers, 100,000 in a row", "/s", stored/time.Since(began).Seconds())
	b.note("memory after 100,000 in a row", "MB", s.rss()/1e6)
	rest()
	b.note("memory at rest after that", "MB", s.rss()/1e6)
	return data
}

// small makes a data folder with a few messages.
func (b *bench) small() (data string) {
	data = b.TempDir()
	s := b.serve(data)
	defer s.stop()
	left := 100
	s.volley(1, false, func() bool { left--; return left >= 0 })
	return data
}

// replays measures clients that come back, to a store with few messages and to
// the large one.
func (b *bench) replays(large string) {
	b.replay("20 of few", b.small(), 20)
	b.replay("20 of 100,000", large, 20)
	b.note("replay of 20, of 100,000 to of few", "×",
		b.last("replay 20 of 100,000, all of it")/b.last("replay 20 of few, all of it"))
	b.replayAll(large)
}

// replay measures how a client comes back that has missed n messages.
func (b *bench) replay(name, data string, n int) {
	s := b.serve(data)
	defer s.stop()
	l := s.dial()
	defer l.Close()
	cursor, err := l.fire(text, "")
	b.check(err)
	for range n {
		_, err := l.fire(text, "")
		b.check(err)
	}
	var first, whole []time.Duration
	for range 30 {
		f, w, events := s.catchUp(cursor)
		if events < n {
			b.Errorf("replay of %d told %d events", n, events)
		}
		first, whole = append(first, f), append(whole, w)
	}
	slices.Sort(first)
	slices.Sort(whole)
	b.note("replay "+name+", first event", "ms", first[15].Seconds()*1e3)
	b.note("replay "+name+", all of it", "ms", whole[15].Seconds()*1e3)
}

// replayAll measures a client that begins from nothing.
func (b *bench) replayAll(data string) {
	s := b.serve(data)
	defer s.stop()
	l := s.dial()
	defer l.Close()
	cursor, err := l.fire(text, "")
	b.check(err)
	epoch, _, _ := strings.Cut(cursor, "-")
	first, whole, events := s.catchUp(epoch + "-0")
	if events < stored {
		b.Errorf("replay of %d told %d events", stored, events)
	}
	b.note("replay of 100,000, first event", "ms", first.Seconds()*1e3).atMost(3)
	b.note("replay of 100,000, events/s", "/s", float64(events)/whole.Seconds()).atLeast(100_000)
}

// catchUp follows from cursor until the stream is live.
func (s *served) catchUp(cursor string) (first, whole time.Duration, events int) {
	s.Helper()
	l := s.dial()
	defer l.Close()
	began := time.Now()
	lines, err := l.follow(cursor)
	s.check(err)
	for lines.Scan() {
		switch line := lines.Bytes(); {
		case len(line) > 3 && string(line[:3]) == "id:":
			if events++; events == 1 {
				first = time.Since(began)
			}
		case string(line) == "event: ready":
			return first, time.Since(began), events
		}
	}
	s.Fatal("the stream ended before it was live")
	return
}

// firstLoad is the size, gzipped, of all JavaScript that the page needs before
// it can run: its script and whatever that imports statically.
func firstLoad(dist string) (size int64, err error) {
	page, err := os.ReadFile(filepath.Join(dist, "index.html"))
	if err != nil {
		return 0, err
	}
	var todo []string
	for _, m := range regexp.MustCompile(`(?:src|href)="/?([^"]+\.js)"`).FindAllSubmatch(page, -1) {
		todo = append(todo, string(m[1]))
	}
	imports := regexp.MustCompile(`(?:from|import)\s*"(\.{1,2}/[^"]+\.js)"`)
	done := map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if done[name] {
			continue
		}
		done[name] = true
		code, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			return 0, err
		}
		for _, m := range imports.FindAllSubmatch(code, -1) {
			todo = append(todo, path.Join(path.Dir(name), string(m[1])))
		}
		var n counter
		z, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
		if err != nil {
			return 0, err
		}
		_, err = z.Write(code)
		if err = errors.Join(err, z.Close()); err != nil {
			return 0, err
		}
		size += int64(n)
	}
	return size, nil
}

type counter int64

func (n *counter) Write(p []byte) (int, error) { *n += counter(len(p)); return len(p), nil }
