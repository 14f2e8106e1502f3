//go:build bench

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"
)

const (
	pieces     = 400                  // of an answer whose pieces are timed
	pieceEvery = 5 * time.Millisecond // and the pause between them
	manyTurns  = 1_000                // at once
	manyPieces = 20                   // of each of their answers
	manyEvery  = 50 * time.Millisecond
	// resumePause is how long Hark waits with a turn under which it was killed.
	resumePause = 2 * time.Second
)

// benchModel is a model's server: each request is held until the benchmark
// answers it. What asks for a tool's use is answered at once.
type benchModel struct {
	*httptest.Server
	asked chan *benchAnswer
}

// benchAnswer is an answer that is being given.
type benchAnswer struct {
	w    http.ResponseWriter
	over chan struct{}
}

func (b *bench) model(tool bool) *benchModel {
	m := &benchModel{asked: make(chan *benchAnswer, manyTurns)}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Messages []struct{ Role string } }
		if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&req) != nil {
			http.NotFound(w, r)
			return
		}
		a := &benchAnswer{w, make(chan struct{})}
		if n := len(req.Messages); tool && n > 0 && req.Messages[n-1].Role != "tool" {
			a.send(`{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"current_time","arguments":"{}"}}]}}`)
			a.send(`{"delta":{},"finish_reason":"tool_calls"}`)
			return
		}
		_ = http.NewResponseController(w).Flush()
		m.asked <- a
		select {
		case <-a.over:
		case <-r.Context().Done():
		}
	}))
	return m
}

func (a *benchAnswer) send(choice string) {
	fmt.Fprintf(a.w, "data: {\"choices\":[%s]}\n\n", choice)
	_ = http.NewResponseController(a.w).Flush()
}

func (a *benchAnswer) say(text string) { a.send(`{"delta":{"content":"` + text + `"}}`) }

func (a *benchAnswer) end() {
	a.send(`{"delta":{},"finish_reason":"stop"}`)
	close(a.over)
}

// timed says pieces one at a time, each when the one before has been heard, and
// returns how long each took to come out of lines, sorted.
func (b *bench) timed(a *benchAnswer, lines *bufio.Scanner) (took []time.Duration) {
	for i := range pieces {
		mark := fmt.Sprintf("piece %d.", i)
		<-time.After(pieceEvery)
		began := time.Now()
		a.say(mark)
		for lines.Scan() && !strings.Contains(lines.Text(), mark) {
		}
		took = append(took, time.Since(began))
	}
	b.check(lines.Err())
	slices.Sort(took)
	return took
}

// chunks measures the time from the moment a model's server writes a piece of an
// answer to the moment a page's stream has it, and the same without Hark.
func (b *bench) chunks() {
	m := b.model(false)
	defer m.Close()
	resp, err := http.Post(m.URL, "application/json", strings.NewReader("{}"))
	b.check(err)
	plain := <-m.asked
	bare := b.timed(plain, bufio.NewScanner(resp.Body))
	plain.end()
	b.check(resp.Body.Close())

	s := b.serve(b.TempDir(), m.URL)
	defer s.stop()
	page, l := s.dial(), s.dial()
	defer page.Close()
	defer l.Close()
	lines, err := page.follow("")
	b.check(err)
	b.check(until(lines, "event: ready"))
	cpu := s.cpu()
	_, err = l.post("/api/assistant/chat", "go", "")
	b.check(err)
	a := <-m.asked
	through := b.timed(a, lines)
	a.end()
	b.check(until(lines, `data: {"id"`))
	us := func(d time.Duration) float64 { return d.Seconds() * 1e6 }
	b.note("machine: piece of an answer without Hark, p50", "µs", us(bare[pieces/2]))
	b.note("machine: piece of an answer without Hark, p99", "µs", us(bare[pieces*99/100]))
	b.note("piece of an answer to the page, p50", "µs", us(through[pieces/2]))
	b.note("piece of an answer to the page, p99", "µs", us(through[pieces*99/100]))
	b.note("added by Hark, p50", "µs", us(through[pieces/2]-bare[pieces/2]))
	b.note("piece of an answer, CPU of Hark", "µs", (s.cpu()-cpu).Seconds()*1e6/pieces)
}

// manyTurns measures what turns cost that run at once: each calls a tool, and
// then is told an answer in pieces while a page listens to all of them.
func (b *bench) manyTurns() {
	m := b.model(true)
	defer m.Close()
	s := b.serve(b.TempDir(), m.URL)
	defer s.stop()
	page, l := s.dial(), s.dial()
	defer page.Close()
	defer l.Close()
	lines, err := page.follow("")
	b.check(err)
	b.check(until(lines, "event: ready"))
	done := make(chan error, 1)
	go func() { done <- ended(lines, manyTurns) }()
	before, cpu, began := s.rss(), s.cpu(), time.Now()
	var answers []*benchAnswer
	for range manyTurns {
		_, err := l.post("/api/assistant/chat", "go", "")
		b.check(err)
	}
	for range manyTurns {
		answers = append(answers, <-m.asked)
	}
	const name = "1,000 turns at once"
	b.note(name+", until all wait for the model", "s", time.Since(began).Seconds())
	b.note(name+", memory of each that waits", "KB", (s.rss()-before)/manyTurns/1024)
	waiting, said := s.cpu(), time.Now()
	for range manyPieces {
		for _, a := range answers {
			a.say("a piece of text, ")
		}
		<-time.After(manyEvery)
	}
	for _, a := range answers {
		a.end()
	}
	b.check(<-done)
	b.note(name+", memory at the end", "MB", s.rss()/1e6)
	b.note(name+", CPU of each up to the answer", "ms", (waiting-cpu).Seconds()*1e3/manyTurns)
	b.note(name+", CPU of each piece", "µs", (s.cpu()-waiting).Seconds()*1e6/manyTurns/manyPieces)
	b.note(name+", 20,000 pieces told", "s", time.Since(said).Seconds())
}

// ended reads a stream until so many replies are done.
func ended(lines *bufio.Scanner, n int) error {
	seen := map[string]bool{}
	for len(seen) < n && lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || !strings.Contains(text, `"status":"`) || !strings.Contains(text, `"role":"assistant"`) {
			continue
		}
		var m struct{ ID, Status string }
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return err
		}
		if m.Status == "error" {
			return fmt.Errorf("a turn failed: %s", text)
		}
		if m.Status == "done" {
			seen[m.ID] = true
		}
	}
	return lines.Err()
}

// resumes measures how long after its start Hark asks the model on behalf of a
// turn that was cut short after its tool: by a kill, and by an orderly stop.
func (b *bench) resumes() {
	m := b.model(true)
	defer m.Close()
	for _, how := range []string{"a kill", "a stop"} {
		var took []time.Duration
		for range 5 {
			data := b.TempDir()
			s := b.serve(data, m.URL)
			l := s.dial()
			_, err := l.post("/api/assistant/chat", "go", "")
			b.check(err)
			<-m.asked
			b.check(l.Close())
			if how == "a stop" {
				s.stop()
			} else {
				b.check(s.cmd.Process.Kill())
				_ = s.cmd.Wait()
			}
			began := time.Now()
			s = b.serve(data, m.URL)
			a := <-m.asked
			took = append(took, time.Since(began))
			a.say("Done.")
			a.end()
			s.stop()
		}
		slices.Sort(took)
		at := took[len(took)/2]
		if how == "a kill" {
			at -= resumePause
		}
		b.note("start to the model's request of a resumed turn, after "+how, "ms", at.Seconds()*1e3)
	}
	b.note("of which Hark's pause after a kill, not counted", "ms", resumePause.Seconds()*1e3)
}
