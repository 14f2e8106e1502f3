package daemon

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

func names(es []event) string {
	var out []string
	for _, e := range es {
		out = append(out, e.name)
	}
	return strings.Join(out, " ")
}

// A stream says hello at once, then what changed, then the text so far, then
// ready, then what happens.
func TestStreamOrder(t *testing.T) {
	r := newRig(t, nil)
	a := r.say("tell me")
	w, err := r.d.db.Stream(a.Assistant)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abandon()
	for _, s := range []string{"Once ", "upon"} {
		if _, err := w.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	l := r.listen("?since=" + store.Cursor{Epoch: r.d.db.Head().Epoch}.String())
	es := l.until("ready")
	if got := names(es); !strings.HasPrefix(got, "hello ") || !strings.HasSuffix(got, " delta ready") || strings.Count(got, "delta") != 1 {
		t.Fatalf("order: %s", got)
	}
	if want := `"at":0,"text":"Once upon"`; !strings.Contains(es[len(es)-2].data, want) || es[len(es)-2].id != "" {
		t.Errorf("delta %+v", es[len(es)-2])
	}
	if _, err := w.WriteString(" a time"); err != nil {
		t.Fatal(err)
	}
	if e, _ := l.next(); e.name != "delta" || !strings.Contains(e.data, `"at":9,"text":" a time"`) {
		t.Errorf("live delta %+v", e)
	}
	r.call(200, nil, "POST", "/api/assistant/fire", "pills")
	if got := names(l.until("conversation")); got != "message conversation" {
		t.Errorf("live: %s", got)
	}
	h := l.header
	if h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-cache, no-transform" || h.Get("X-Accel-Buffering") != "no" || h.Get("Content-Encoding") != "" {
		t.Errorf("headers %v", h)
	}
}

// A cursor says where the stream begins; one that can't be used says why.
func TestStreamPosition(t *testing.T) {
	r := newRig(t, nil)
	var first, last fired
	r.call(200, &first, "POST", "/api/assistant/fire", "1")
	for i := range 5 {
		r.call(200, &last, "POST", "/api/assistant/fire", fmt.Sprint(i))
	}
	head := r.d.db.Head()
	at := func(seq store.Seq) string { return store.Cursor{Epoch: head.Epoch, Seq: seq}.String() }
	lastID := header("Last-Event-ID", at(head.Seq))
	for _, c := range []struct {
		query string
		with  func(*http.Request)
		want  string
	}{
		{"", nil, "hello ready"},
		{"?since=" + last.Cursor, nil, "hello ready"},
		{"?since=" + first.Cursor, nil, "hello message message message message message conversation ready"},
		{"?since=" + first.Cursor, lastID, "hello ready"},
		{"?since=1970-01-01T00:00:00Z", nil, "hello message message message message message message conversation ready"},
		{"?since=2999-01-01T00:00:00+01:00", nil, "hello ready"},
		{"?since=other-7", nil, "hello reset ready"},
		{"?since=" + at(head.Seq+1), nil, "hello reset ready"},
		{"?max=3&since=" + first.Cursor, nil, "hello reset ready"},
		{"?max=100&since=" + at(head.Seq-1), nil, "hello conversation ready"},
		{"?conversation=none&since=" + at(0), nil, "hello ready"},
		{"?conversation=" + last.Conversation + "&since=" + at(head.Seq-1), nil, "hello conversation ready"},
	} {
		var with []func(*http.Request)
		if c.with != nil {
			with = append(with, c.with)
		}
		l := r.listen(c.query, with...)
		es := l.until("ready")
		if got := names(es); got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
		if e := es[len(es)-1]; e.data != `{"head":"`+head.String()+`"}` {
			t.Errorf("%s: ready %s", c.query, e.data)
		}
		l.close()
	}
	r.fails(400, "bad_cursor", "GET", "/api/assistant/stream?since=yesterday", "")
	r.fails(400, "bad_request", "GET", "/api/assistant/stream?max=some&since="+at(0), "")
}

// A reader that loses its line at random sees each change once, in order, also
// across restarts.
func TestStreamReconnect(t *testing.T) {
	const changes = 1000
	dir := t.TempDir()
	cursor, seen, told := "", map[string]bool{}, 0
	for life := range 2 {
		t.Run(fmt.Sprint("life ", life), func(t *testing.T) {
			r := reopen(t, dir, nil)
			if cursor == "" {
				cursor = r.d.db.Head().String()
			}
			var writers sync.WaitGroup
			for n := range 4 {
				writers.Go(func() {
					for i := range changes / 8 {
						r.call(200, nil, "POST", "/api/assistant/fire", fmt.Sprintf("%d/%d/%d", life, n, i))
					}
				})
			}
			for len(seen) < (life+1)*changes/2 {
				l := r.listen("?since=" + cursor)
				for left := 1 + rand.IntN(60); left > 0 && len(seen) < (life+1)*changes/2; left-- {
					e, ok := l.next()
					if !ok {
						t.Fatal("the stream ended by itself")
					}
					if e.id == "" {
						continue
					}
					before, err := store.ParseCursor(cursor)
					if at := e.cursor(t); err != nil || at.Seq <= before.Seq {
						t.Fatalf("%s after %s", e.id, cursor)
					}
					cursor = e.id
					if e.name == "message" {
						var m store.Message
						if err := json.Unmarshal([]byte(e.data), &m); err != nil || seen[m.ID] {
							t.Fatalf("message %s twice (%v)", m.Text, err)
						}
						seen[m.ID] = true
						told++
					}
				}
				l.close()
			}
			writers.Wait()
		})
	}
	if told != changes {
		t.Errorf("%d of %d changes told", told, changes)
	}
}

// The oldest stream of a device makes room for the next one, and says bye.
func TestStreamsOfOneDevice(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.StreamsPerDevice, c.Limits.Streams = 2, 3 })
	phone := r.device()
	first := r.listen("", as(phone))
	first.until("ready")
	second := r.listen("", as(phone))
	second.until("ready")
	third := r.listen("", as(phone))
	if e := first.until("bye"); e[len(e)-1].data != `{"reason":"superseded"}` {
		t.Errorf("bye %+v", e)
	}
	if _, ok := first.next(); ok {
		t.Error("a stream goes on after its bye")
	}
	third.until("ready")
	other := r.listen("", bearer(r.token("read")))
	other.until("ready")
	resp := r.fails(503, "unavailable", "GET", "/api/assistant/stream", "", bearer(r.token("read")))
	if resp.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

// A device that is revoked, and a Hark that stops, end their streams at once.
func TestStreamEnds(t *testing.T) {
	r := newRig(t, nil).begin()
	phone, tablet := r.device(), r.device()
	var me struct{ ID string }
	r.call(200, &me, "GET", "/api/devices/me", "", as(phone))
	a, b := r.listen("", as(phone)), r.listen("", as(tablet))
	a.until("ready")
	b.until("ready")
	r.call(204, nil, "DELETE", "/api/devices/"+me.ID, "")
	if e := a.until("bye"); e[len(e)-1].data != `{"reason":"revoked"}` {
		t.Errorf("bye %+v", e)
	}
	r.fails(401, "unauthorized", "GET", "/api/assistant/stream", "", as(phone))
	r.settle()
	if e := b.until("bye"); e[len(e)-1].data != `{"reason":"stopping"}` {
		t.Errorf("bye %+v", e)
	}
	resp := r.fails(503, "unavailable", "POST", "/api/assistant/fire", "late")
	if resp.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	r.fails(503, "unavailable", "GET", "/readyz", "")
	r.call(200, nil, "GET", "/healthz", "")
}

// A quiet line beats every 25 seconds with the head and the time.
func TestBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		cfg := configFor("")
		d, err := newDaemon(cfg, db)
		if err != nil {
			t.Fatal(err)
		}
		client, server := net.Pipe()
		srv := &http.Server{Handler: d.Handler(), WriteTimeout: answerTime}
		go func() { _ = srv.Serve(&oneConn{conn: server, done: make(chan struct{})}) }()
		go func() {
			_, _ = fmt.Fprintf(client, "GET /api/assistant/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", d.admin)
		}()
		resp, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		l := newListener(t, resp.Header, resp.Body)
		l.until("ready")
		begun := time.Now()
		for i := range 10 { // long after an ordinary answer would have been cut off
			e, ok := l.next()
			if want := time.Duration(i+1) * beatEvery; !ok || e.name != "beat" || e.id != "" || time.Since(begun) != want {
				t.Fatalf("after %v: %+v", time.Since(begun), e)
			}
			var b struct {
				Head string
				Time time.Time
			}
			if err := json.Unmarshal([]byte(e.data), &b); err != nil || !b.Time.Equal(time.Now()) || b.Head != db.Head().String() {
				t.Fatalf("beat %s: %v", e.data, err)
			}
		}
		_ = client.Close()
		_ = srv.Close()
		synctest.Wait()
		if n := d.streams.number(); n != 0 {
			t.Errorf("%d streams after the client has gone", n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn net.Conn
	done chan struct{}
	once sync.Once
}

func (o *oneConn) Accept() (net.Conn, error) {
	if c := o.conn; c != nil {
		o.conn = nil
		return c, nil
	}
	<-o.done
	return nil, net.ErrClosed
}
func (o *oneConn) Close() error   { o.once.Do(func() { close(o.done) }); return nil }
func (o *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// The long poll tells the same events, and its cursor goes on without a gap.
func TestEventsPoll(t *testing.T) {
	r := newRig(t, nil)
	type told struct {
		Events []struct {
			ID, Event string
			Data      json.RawMessage
		}
		Cursor string
		Reset  *struct{ Reason, Head string }
	}
	start := r.d.db.Head().String()
	for i := range 7 {
		r.call(200, nil, "POST", "/api/assistant/fire", fmt.Sprint(i))
	}
	var seen []string
	for cursor := start; ; {
		var a told
		r.call(200, &a, "GET", "/api/assistant/events?limit=3&since="+cursor, "")
		if len(a.Events) == 0 {
			break
		}
		for _, e := range a.Events {
			seen = append(seen, e.Event)
		}
		cursor = a.Cursor
	}
	if got := strings.Join(seen, " "); got != "message message message message message message message conversation" {
		t.Errorf("told: %s", got)
	}
	var a told
	r.call(200, &a, "GET", "/api/assistant/events?wait=20&since=other-1", "")
	if a.Reset == nil || a.Reset.Reason != "epoch" || a.Cursor != r.d.db.Head().String() {
		t.Errorf("foreign epoch: %+v", a)
	}
	heard := make(chan told)
	go func() {
		var a told
		r.call(200, &a, "GET", "/api/assistant/events?wait=20&since="+r.d.db.Head().String(), "")
		heard <- a
	}()
	r.call(200, nil, "POST", "/api/assistant/fire", "wakes")
	if a := <-heard; len(a.Events) == 0 && a.Cursor != r.d.db.Head().String() {
		t.Errorf("a waiting poll was told %+v", a)
	}
}
