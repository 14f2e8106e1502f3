package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipeNet is a network inside this process, so that time in a test can be
// synctest's: sockets of the kernel would not count as waiting.
type pipeNet struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipeNet) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipeNet) Close() error   { close(p.done); return nil }
func (p *pipeNet) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipeNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs a server of the chat wire on a pipeNet until the test ends, and
// returns a client of it.
func serve(t *testing.T, h http.HandlerFunc) Provider {
	t.Helper()
	return serveFor(t, speakers()[0], h)
}

func serveFor(t *testing.T, sp speaker, h http.HandlerFunc) Provider {
	t.Helper()
	p := &pipeNet{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only after the whole request does the server notice that a client left.
		raw, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(raw))
		h(w, r)
	})}
	go func() { _ = srv.Serve(p) }()
	tr := newTransport()
	tr.DialContext, tr.Proxy = p.dial, nil
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		_ = srv.Close()
	})
	c, _, err := sp.open(ClientConfig{URL: "http://model.test", Key: "sk-secret", Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func say(w http.ResponseWriter, s string) {
	_, _ = io.WriteString(w, s)
	_ = http.NewResponseController(w).Flush()
}

func textChunk(s string) string {
	return fmt.Sprintf("data: {\"choices\":[{\"delta\":{\"content\":%q}}]}\n\n", s)
}

const finishChunk = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"

// Each way in which a server falls silent ends, when it should, with what was
// said kept.
func TestWatchdogs(t *testing.T) {
	for _, sp := range speakers() {
		t.Run(sp.name, func(t *testing.T) { testWatchdogs(t, sp) })
	}
}

func testWatchdogs(t *testing.T, sp speaker) {
	t.Helper()
	tests := map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request)
		want  string
		after time.Duration
	}{
		"silence after the first words": {
			func(w http.ResponseWriter, r *http.Request) {
				say(w, sp.say("Hel"))
				<-r.Context().Done()
			}, "text \"Hel\"\nerror model_stalled\n", 2 * time.Minute,
		},
		"no answer at all": {
			func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
			}, "text \"\"\nerror model_slow\n", 10 * time.Minute,
		},
		"comments are no answer": {
			func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					say(w, ": PROCESSING\n\n")
					select {
					case <-r.Context().Done():
					case <-time.After(10 * time.Second):
					}
				}
			}, "text \"\"\nerror model_slow\n", 10 * time.Minute,
		},
		"comments keep an answer alive": {
			func(w http.ResponseWriter, _ *http.Request) {
				say(w, sp.say("Hel"))
				for range 60 {
					time.Sleep(10 * time.Second)
					say(w, ": PROCESSING\n\n")
				}
				say(w, sp.say("lo")+sp.finish)
			}, "text \"Hello\"\nfinish stop\n", 10 * time.Minute,
		},
		"a whole answer on a line that stays open": {
			func(w http.ResponseWriter, r *http.Request) {
				say(w, sp.say("Hello")+sp.finish)
				<-r.Context().Done()
			}, "text \"Hello\"\nfinish stop\n", 5 * time.Second,
		},
		"thinking is life": {
			func(w http.ResponseWriter, _ *http.Request) {
				for range 20 {
					say(w, sp.think("."))
					time.Sleep(time.Minute)
				}
				say(w, sp.say("Yes")+sp.finish)
			}, fmt.Sprintf("text \"Yes\"\nreasoning %q\nfinish stop\n", strings.Repeat(".", 20)), 20 * time.Minute,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := serveFor(t, sp, tt.serve)
				start := time.Now()
				text, reasoning, res, err := collect(t.Context(), p, Request{})
				if got := outcome(text, reasoning, res, err); got != tt.want {
					t.Errorf("got\n%swant\n%s", got, tt.want)
				}
				if took := time.Since(start); took != tt.after {
					t.Errorf("ended after %s, want %s", took, tt.after)
				}
			})
		})
	}
}

// A request is tried again only while nothing has been said, as often and as
// late as the server's answer allows.
func TestTries(t *testing.T) {
	for _, sp := range speakers() {
		t.Run(sp.name, func(t *testing.T) { testTries(t, sp) })
	}
}

func testTries(t *testing.T, sp speaker) {
	t.Helper()
	status := func(code int, header, value string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, `{"error":"busy"}`)
		}
	}
	loading := func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`)
	}
	good := func(w http.ResponseWriter) { say(w, sp.say("Hi")+sp.finish) }
	cut := func(w http.ResponseWriter) { say(w, sp.say("Hi")); panic(http.ErrAbortHandler) }
	drop := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	hi := "text \"Hi\"\nfinish stop\n"
	type answers []func(http.ResponseWriter)
	tests := map[string]struct {
		answers   answers
		want      string
		hits      int
		atLeast   time.Duration
		lessThan  time.Duration
		mentioned string
	}{
		"busy, told when to come back": {answers{status(429, "Retry-After", "7"), good}, hi, 2, 7 * time.Second, 8 * time.Second, ""},
		"busy, told in milliseconds":   {answers{status(429, "Retry-After-Ms", "2500"), good}, hi, 2, 2500 * time.Millisecond, 3 * time.Second, ""},
		"busy for too long":            {answers{status(429, "Retry-After", "900"), good}, "text \"\"\nerror model_rate_limited\n", 1, 0, time.Second, "15m"},
		"failing for good":             {answers{status(500, "", ""), status(502, "", ""), status(503, "", ""), good}, "text \"\"\nerror model_server_error\n", 3, time.Second, 4 * time.Second, "503"},
		"overloaded":                   {answers{status(529, "", ""), good}, hi, 2, 500 * time.Millisecond, 2 * time.Second, ""},
		"request time-out":             {answers{status(408, "", ""), good}, hi, 2, 500 * time.Millisecond, 2 * time.Second, ""},
		"refused":                      {answers{status(400, "", ""), good}, "text \"\"\nerror model_refused\n", 1, 0, time.Second, "busy"},
		"loading a large model": {
			answers{loading, loading, loading, loading, loading, loading, loading, loading, loading, good},
			hi, 10, 18 * time.Second, time.Minute, "",
		},
		"dropped before a word": {answers{drop, good}, hi, 2, 500 * time.Millisecond, 2 * time.Second, ""},
		"cut after a word":      {answers{cut, good}, "text \"Hi\"\nerror model_cut\n", 1, 0, time.Second, "broke off"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hits := 0
				p := serveFor(t, sp, func(w http.ResponseWriter, _ *http.Request) {
					hits++
					tt.answers[hits-1](w)
				})
				start := time.Now()
				text, _, res, err := collect(t.Context(), p, Request{})
				took := time.Since(start)
				if got := outcome(text, "", res, err); got != tt.want || hits != tt.hits {
					t.Errorf("after %d requests got\n%swant %d and\n%s", hits, got, tt.hits, tt.want)
				}
				if took < tt.atLeast || took >= tt.lessThan+afterFinish {
					t.Errorf("took %s, want at least %s and less than %s", took, tt.atLeast, tt.lessThan)
				}
				if err != nil && !strings.Contains(err.Error(), tt.mentioned) {
					t.Errorf("error %q does not mention %q", err, tt.mentioned)
				}
			})
		})
	}
}
