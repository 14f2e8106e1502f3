package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// loud has a rig log everything into said.
func loud(said *lockedBuffer, more ...func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		for _, change := range more {
			change(c)
		}
	}
}

// says waits until a line of the log has all these words.
func (l *lockedBuffer) says(t *testing.T, words ...string) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for late := time.After(20 * time.Second); ; {
		for line := range strings.Lines(l.String()) {
			found := true
			for _, word := range words {
				found = found && strings.Contains(line, word)
			}
			if found {
				return
			}
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("no line with %q in\n%s", words, l.String())
		}
	}
}

// Every answer names its request, and a problem names it in its body too.
func TestEveryAnswerNamesItsRequest(t *testing.T) {
	r := newRig(t, nil)
	seen := map[string]bool{}
	for _, c := range []struct{ method, path, host string }{
		{"GET", "/", ""},
		{"GET", "/api/status", ""},
		{"GET", "/api/nothing", ""},
		{"PUT", "/api/status", ""},
		{"HEAD", "/api/status", ""},
		{"GET", "/healthz", ""},
		{"GET", "/readyz", ""},
		{"GET", "/metrics", ""},
		{"GET", "/api/status", "evil.example"},
		{"POST", "/api/assistant/fire", ""},
		{"POST", "/mcp", ""},
		{"POST", "/message", ""},
		{"GET", "/some-topic/json?poll=1", ""},
	} {
		got := r.send(c.method, c.path, "", func(q *http.Request) {
			if c.host != "" {
				q.Host = c.host
			}
		})
		id := got.Header.Get(requestHeader)
		if !requestName.MatchString(id) || seen[id] {
			t.Errorf("%s %s: %s is %q", c.method, c.path, requestHeader, id)
		}
		seen[id] = true
		if got.Header.Get("Content-Type") != "application/problem+json" || c.method == http.MethodHead {
			continue
		}
		var p struct {
			ID string `json:"request_id"`
		}
		if err := json.Unmarshal(got.Body, &p); err != nil || p.ID != id {
			t.Errorf("%s %s: the problem names %q, the answer %q: %v", c.method, c.path, p.ID, id, err)
		}
	}
}

// A caller's own name for its request is kept if it is one word and the caller
// is this machine or a proxy that was named. Others may not choose what the log
// says.
func TestWhoMayNameRequests(t *testing.T) {
	r := newRig(t, func(c *Config) { c.TrustedProxies = []string{"192.0.2.1"} })
	long := strings.Repeat("x", 64)
	for _, c := range []struct {
		from    string
		headers []string
		keeps   bool
	}{
		{"127.0.0.1:9", []string{"X-Request-Id: a.B-c_9"}, true},
		{"[::1]:9", []string{"X-Request-Id: " + long}, true},
		{"192.0.2.1:9", []string{"X-Request-Id: a", "X-Forwarded-For: 203.0.113.9"}, true},
		{"192.0.2.1:9", []string{"X-Request-Id: a"}, true},
		{"192.0.2.2:9", []string{"X-Request-Id: a"}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: a", "X-Forwarded-For: 203.0.113.9"}, false}, // a proxy nobody named
		{"127.0.0.1:9", []string{"X-Request-Id: a", "Via: 1.1 proxy"}, false},
		{"203.0.113.9:9", []string{"X-Request-Id: a", "X-Forwarded-For: 127.0.0.1"}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: " + long + "x"}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: a request=b"}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: a\nb"}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: "}, false},
		{"127.0.0.1:9", []string{"X-Request-Id: a", "X-Request-Id: b"}, false},
	} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/healthz", nil)
		req.RemoteAddr = c.from
		for _, h := range c.headers {
			name, value, _ := strings.Cut(h, ": ")
			req.Header.Add(name, value)
		}
		given := req.Header.Get(requestHeader)
		got := httptest.NewRecorder()
		r.d.Handler().ServeHTTP(got, req)
		id := got.Header().Get(requestHeader)
		if kept := id == given; kept != c.keeps || !requestName.MatchString(id) {
			t.Errorf("%s %q: %q", c.from, c.headers, id)
		}
	}
}

// What goes wrong inside is logged under the name that the caller was told, a
// panic with where it was, and all else only when asked for.
func TestLogNamesRequests(t *testing.T) {
	var said lockedBuffer
	r := newRig(t, loud(&said))
	r.call(200, nil, "GET", "/api/status", "", header(requestHeader, "quiet-1"))
	said.says(t, "level=DEBUG", "msg=request ", "path=/api/status", "request=quiet-1")
	r.d.site = nil // the next page panics
	r.fails(500, "internal", "GET", "/", "", header(requestHeader, "loud-1"))
	said.says(t, "level=ERROR", "msg=panic", "request=loud-1", "nil pointer", "stack=", "web.go")
	r.d.freeSpace = func(string) (uint64, error) { return 1 << 20, nil }
	r.d.checkDisk()
	r.fails(507, "storage_full", "POST", "/api/assistant/fire", "x", header(requestHeader, "full-1"))
	said.says(t, "level=WARN", "status=507", "request=full-1")
	if n := strings.Count(said.String(), "request=loud-1"); n != 2 { // the panic, and the debugging line
		t.Errorf("%d lines about one panic", n)
	}
}

// The reply that a request asked for and the push that it caused are logged
// under its name, also when they come after its answer; so is what a model asks
// of Hark over MCP.
func TestLogFollowsRequests(t *testing.T) {
	var said lockedBuffer
	f := newFakeModel(t)
	r := newRig(t, loud(&said, func(c *Config) { c.Model = Model{URL: f.URL, Name: "m"} })).begin()
	var chat chatAccepted
	r.call(202, &chat, "POST", "/api/assistant/chat", `{"text":"hello"}`, header(requestHeader, "chat-1"))
	r.settled(chat.Assistant)
	said.says(t, `msg="model answered"`, "message="+chat.Assistant, "request=chat-1")
	r.call(202, nil, "POST", "/api/messages/"+chat.Assistant+"/retry", "", header(requestHeader, "retry-1"))
	r.settled(chat.Assistant)
	said.says(t, `msg="model answered"`, "message="+chat.Assistant, "request=retry-1")
	var run firing
	r.call(200, &run, "POST", "/api/assistant/fire", `{"text":"look","run":true}`, bearer(r.token("fire")), header(requestHeader, "run-1"))
	if run.Reply == "" {
		t.Fatalf("%+v", run)
	}
	r.settled(run.Reply)
	said.says(t, `msg="model answered"`, "message="+run.Reply, "request=run-1")
	const fire = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fire","arguments":{"text":"said"}}}`
	r.call(200, nil, "POST", "/mcp", fire, bearer(r.token("fire")), header(requestHeader, "mcp-1"),
		header("Accept", "application/json, text/event-stream"))
	said.says(t, "path=/api/assistant/fire", "status=200", "request=mcp-1")
}

// A push that its service refuses is logged under the name of the fire.
func TestLogFollowsPush(t *testing.T) {
	var said lockedBuffer
	p := newPhone(t, loud(&said))
	p.status.Store(http.StatusForbidden)
	p.call(200, nil, "POST", "/api/assistant/fire", "x", bearer(p.token("fire")), header(requestHeader, "fire-1"))
	said.says(t, `msg="push not accepted"`, "status=403", "request=fire-1")
}

// Of long ago it is not known any more which request wanted a message.
func TestTracesAreBounded(t *testing.T) {
	tr := newTraces()
	for i := range maxTraces + 10 {
		tr.note(fmt.Sprint(i), "r"+fmt.Sprint(i))
		tr.note(fmt.Sprint(i), "again")
	}
	if len(tr.requests) != maxTraces || len(tr.order) != maxTraces || tr.of("9") != "" || tr.of("10") != "again" {
		t.Error(len(tr.requests), len(tr.order), tr.of("9"), tr.of("10"))
	}
	tr.note("10", "")
	tr.note("new", "")
	if tr.of("10") != "" || tr.of("new") != "" {
		t.Error("an empty request is somebody's")
	}
	if requestOf(context.Background()) != "" {
		t.Error("a request where there is none")
	}
}
