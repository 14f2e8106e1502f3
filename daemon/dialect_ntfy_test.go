package daemon

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"hark/store"
)

type heard struct {
	ID, Event, Topic, Title, Message string
	Time                             int64
	Priority                         int
	Tags                             []string
}

// subscribed reads lines of JSON.
type subscribed struct {
	t    testing.TB
	resp *http.Response
	in   *bufio.Scanner
}

func (r *rig) subscribe(path string) *subscribed {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(r.request("GET", path, ""))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %d", path, resp.StatusCode)
	}
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 1<<20)
	return &subscribed{r.t, resp, in}
}

// next is the next event; ok is false at the end.
func (s *subscribed) next() (h heard, ok bool) {
	s.t.Helper()
	if !s.in.Scan() {
		return h, false
	}
	if err := json.Unmarshal(s.in.Bytes(), &h); err != nil {
		s.t.Fatalf("%v: %s", err, s.in.Bytes())
	}
	return h, true
}

// texts reads n messages, and fails on anything else.
func (s *subscribed) texts(n int) (texts []string) {
	s.t.Helper()
	for range n {
		h, ok := s.next()
		if !ok || h.Event != "message" {
			s.t.Fatalf("after %q: %+v", texts, h)
		}
		texts = append(texts, h.Topic+" "+h.Message)
	}
	return texts
}

func (s *subscribed) opened() *subscribed {
	s.t.Helper()
	if h, ok := s.next(); !ok || h.Event != "open" {
		s.t.Fatalf("%+v", h)
	}
	return s
}

func (r *rig) publish(topic, text string) heard {
	r.t.Helper()
	var h heard
	r.call(200, &h, "POST", "/"+topic, text)
	return h
}

// A subscriber hears what is said from then on in its topics, also in those that
// are made later, in order and once.
func TestNtfyLive(t *testing.T) {
	r := newMemoryRig(t)
	r.publish("a", "before")
	s := r.subscribe("/a,b,inbox/json").opened()
	r.publish("a", "1")
	r.publish("other", "not for us")
	r.publish("b", "2")
	r.publish("inbox", "3")
	r.publish("a", "4")
	if got := fmt.Sprint(s.texts(4)); got != "[a 1 b 2 inbox 3 a 4]" {
		t.Error(got)
	}
	if kind := s.resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/x-ndjson") || s.resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error(s.resp.Header)
	}
}

// A topic whose conversation was deleted is a new one when it is used again, and
// its subscribers hear it.
func TestNtfyTopicAnew(t *testing.T) {
	r := newMemoryRig(t)
	r.publish("a", "1")
	s := r.subscribe("/a/json").opened()
	var list struct{ Conversations []store.Conversation }
	r.call(200, &list, "GET", "/api/conversations", "")
	r.call(204, nil, "DELETE", "/api/conversations/"+list.Conversations[0].ID, "")
	r.publish("a", "2")
	if got := fmt.Sprint(s.texts(1)); got != "[a 2]" {
		t.Error(got)
	}
}

// since begins where it says, and poll ends with what there is.
func TestNtfySince(t *testing.T) {
	r := newMemoryRig(t)
	var ids []string
	for i := range 250 { // more than one page
		ids = append(ids, r.publish([]string{"a", "b"}[i%2], fmt.Sprint(i)).ID)
	}
	for _, c := range []struct {
		query string
		want  int
		first string
	}{
		{"?poll=1", 250, "a 0"},
		{"?poll=1&since=all", 250, "a 0"},
		{"?poll=1&since=none", 0, ""},
		{"?poll=1&since=latest", 2, "a 248"},
		{"?poll=1&since=" + ids[9], 240, "a 10"},
		{"?poll=1&since=10m", 250, "a 0"},
		{"?poll=1&since=1700000000", 250, "a 0"},
		{"?poll=1&since=32503680000", 0, ""},
		{"?poll=1&since=2020-01-01T00:00:00Z", 250, "a 0"},
		{"?poll=1&message=17", 1, "b 17"},
		{"?poll=1&priority=4,max", 0, ""},
		{"?poll=1&tags=x", 0, ""},
	} {
		s := r.subscribe("/a,b/json" + c.query)
		n, first, last := 0, "", -1
		for h, ok := s.next(); ok; h, ok = s.next() {
			if n++; first == "" {
				first = h.Topic + " " + h.Message
			}
			var now int
			if _, err := fmt.Sscan(h.Message, &now); err != nil || now <= last {
				t.Fatalf("%s: %s after %d", c.query, h.Message, last)
			}
			last = now
		}
		if n != c.want || first != c.first {
			t.Errorf("%s: %d from %q, want %d from %q", c.query, n, first, c.want, c.first)
		}
	}
	if a := r.send("GET", "/a/json?since=yesterdayish", ""); a.StatusCode != http.StatusBadRequest {
		t.Errorf("%d %s", a.StatusCode, a.Body)
	}
}

// A client that comes again with the last id it has misses nothing and hears
// nothing twice, while others publish.
func TestNtfyReconnect(t *testing.T) {
	r := newMemoryRig(t)
	const writers, each = 4, 50
	first := r.publish("a", "begin").ID
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				r.publish("a", fmt.Sprintf("%d-%d", w, i))
			}
		})
	}
	seen := map[string]int{}
	for last := first; len(seen) < writers*each; {
		s := r.subscribe("/a/json?since=" + last).opened()
		for range 1 + len(seen)%7 {
			h, ok := s.next()
			if !ok || h.Event != "message" {
				t.Fatalf("%+v", h)
			}
			if h.ID <= last {
				t.Fatalf("%s after %s", h.ID, last)
			}
			last = h.ID
			if seen[h.Message]++; seen[h.Message] > 1 {
				t.Fatalf("%q twice", h.Message)
			}
			if len(seen) == writers*each {
				break
			}
		}
		_ = s.resp.Body.Close()
	}
	wg.Wait()
}

// A message that is replaced is told again; one that the owner answers is not.
func TestNtfyChanges(t *testing.T) {
	r := newMemoryRig(t)
	s := r.subscribe("/jobs/json").opened()
	a := r.publish("jobs/nightly", "50 %")
	b := r.publish("jobs/nightly", "100 %")
	if a.ID != b.ID {
		t.Fatal("two messages")
	}
	err := r.d.db.Update(func(tx *store.Tx) error {
		m, err := tx.Message(a.ID)
		if err != nil {
			return err
		}
		m.Answer = &store.Answer{Value: "done", At: store.At(tx.Now())}
		return tx.PutMessage(m)
	})
	if err != nil {
		t.Fatal(err)
	}
	r.publish("jobs", "next")
	if got := fmt.Sprint(s.texts(3)); got != "[jobs 50 % jobs 100 % jobs next]" {
		t.Error(got)
	}
}

// The three other forms say the same.
func TestNtfyForms(t *testing.T) {
	r := newMemoryRig(t)
	m := r.publish("a", "two\nlines")
	sse := string(r.send("GET", "/a/sse?poll=1", "").Body)
	if !strings.HasPrefix(sse, `data: {"id":"`+m.ID) || !strings.HasSuffix(sse, "\n\n") || strings.Count(sse, "\n") != 2 {
		t.Errorf("%q", sse)
	}
	if raw := string(r.send("GET", "/a/raw?poll=1", "").Body); raw != "two lines\n" {
		t.Errorf("%q", raw)
	}
	live := r.subscribe("/a/sse?since=all")
	var lines []string
	for len(lines) < 5 && live.in.Scan() {
		lines = append(lines, live.in.Text())
	}
	if len(lines) < 5 || lines[0] != "event: open" || lines[2] != "" || !strings.Contains(lines[3], m.ID) {
		t.Errorf("%q", lines)
	}
}

// A websocket carries the same events, ends when its token is revoked, and is not
// given to a page of another site.
func TestNtfySocket(t *testing.T) {
	r := newMemoryRig(t)
	secret := r.token("read")
	dial := func(origin string) (c *websocket.Conn, status int, err error) {
		h := http.Header{"Authorization": {"Bearer " + secret}}
		if origin != "" {
			h.Set("Origin", origin)
		}
		c, resp, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(r.url, "http")+"/a/ws?since=all", &websocket.DialOptions{HTTPHeader: h})
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		return c, resp.StatusCode, err
	}
	if _, status, err := dial("https://evil.example"); err == nil || status != http.StatusForbidden {
		t.Errorf("another site: %d %v", status, err)
	}
	r.publish("a", "1")
	c, _, err := dial("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	for _, want := range []string{"open ", "message 1", "message 2"} {
		if want == "message 2" {
			r.publish("a", "2")
		}
		_, b, err := c.Read(t.Context())
		var h heard
		if err != nil || json.Unmarshal(b, &h) != nil || h.Event+" "+h.Message != want {
			t.Fatalf("%v %s, want %s", err, b, want)
		}
	}
	var list struct{ Tokens []store.Token }
	r.call(200, &list, "GET", "/api/tokens", "")
	r.call(204, nil, "DELETE", "/api/tokens/"+list.Tokens[0].ID, "")
	if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("revoked, and: %v", err)
	}
}

// Publishing needs scope fire, subscribing scope read; a device's cookie is
// neither, whatever else it opens.
func TestNtfyScopes(t *testing.T) {
	r := newMemoryRig(t)
	fire, read, cookie := r.token("fire"), r.token("read"), r.device()
	for _, c := range []struct {
		method, path string
		who          func(*http.Request)
		want         int
	}{
		{"POST", "/a", bearer(fire), 200},
		{"POST", "/a", bearer(read), 403},
		{"POST", "/a", as(cookie), 401},
		{"GET", "/a/trigger", as(cookie), 401},
		{"GET", "/a/publish", bearer(read), 403},
		{"GET", "/a/json?poll=1", bearer(read), 200},
		{"GET", "/a/json?poll=1", bearer(fire), 403},
		{"GET", "/a/json?poll=1", as(cookie), 401},
		{"GET", "/a/auth", bearer(read), 200},
		{"GET", "/a/auth", bearer(fire), 403},
		{"POST", "/message", bearer(fire), 200},
		{"POST", "/message", bearer(read), 403},
		{"POST", "/message", as(cookie), 401},
		{"GET", "/v1/account", bearer(fire), 200},
		{"GET", "/v1/account", as(cookie), 401},
		{"POST", "/a?token=" + fire, func(q *http.Request) { q.Header.Del("Authorization") }, 401},
		{"POST", "/message?token=" + fire, func(q *http.Request) { q.Header.Del("Authorization") }, 200},
		{"GET", "/v1/account/settings", bearer(fire), 404},
	} {
		if a := r.send(c.method, c.path, `{"message":"x"}`, c.who); a.StatusCode != c.want {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, a.StatusCode, c.want, a.Body)
		}
	}
}

// Looking at an address without opening it (HEAD) says nothing.
func TestNtfyHead(t *testing.T) {
	r := newMemoryRig(t)
	for _, path := range []string{"/a/trigger?m=x", "/a", "/", "/message", "/a/json"} {
		r.send("HEAD", path, "")
	}
	r.hasSaid(0)
}

// A quiet line is kept open by an event every 45 seconds.
func TestNtfyKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDaemon(configFor(t.TempDir()), db)
		if err != nil {
			t.Fatal(err)
		}
		sub, err := newSubscription(db, "a", ntfyParams{r: &http.Request{Header: http.Header{}}})
		if err != nil {
			t.Fatal(err)
		}
		l, err := d.streams.open("x")
		if err != nil {
			t.Fatal(err)
		}
		got := make(outletChan, 10)
		done := make(chan error, 1)
		go func() { done <- d.relay(t.Context(), got, sub, l) }()
		begun := time.Now()
		for _, want := range []string{"open", "keepalive", "keepalive"} {
			if m := <-got; m.Event != want {
				t.Errorf("%s, want %s", m.Event, want)
			}
		}
		if took := time.Since(begun); took != 2*keepaliveEvery {
			t.Errorf("two after %s", took)
		}
		d.streams.endAll()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

type outletChan chan *ntfyMessage

func (c outletChan) put(m *ntfyMessage) error { c <- m; return nil }
func (c outletChan) flush() error             { return nil }
