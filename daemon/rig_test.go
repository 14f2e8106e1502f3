package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// rig is a daemon with a store on disk, served over a real loopback socket.
type rig struct {
	t      testing.TB
	d      *Daemon
	url    string
	settle func()
}

// configFor is a configuration that asks nothing of the machine.
func configFor(dir string) Config {
	c := DefaultConfig(func(string) string { return "" })
	c.Data, c.Version, c.Model.Kind = dir, "test", "builtin"
	c.Log = slog.New(slog.DiscardHandler)
	return c
}

// newRig opens a daemon whose background work does not run until begin.
func newRig(t *testing.T, change func(*Config)) *rig {
	t.Helper()
	return reopen(t, t.TempDir(), change)
}

func reopen(t *testing.T, dir string, change func(*Config)) *rig {
	t.Helper()
	cfg := configFor(dir)
	if change != nil {
		change(&cfg)
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, d)
}

// newMemoryRig is a rig whose store is quick and gone with the test.
func newMemoryRig(t *testing.T) *rig {
	t.Helper()
	db, err := store.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDaemon(configFor(t.TempDir()), db)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, d)
}

func serve(t *testing.T, d *Daemon) *rig {
	t.Helper()
	srv := httptest.NewServer(d.Handler())
	r := &rig{t: t, d: d, url: srv.URL, settle: func() {}}
	t.Cleanup(func() {
		r.settle()
		d.streams.endAll()
		srv.Close()
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// begin starts the agent, the scheduler and the rest.
func (r *rig) begin() *rig {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	settle, err := r.d.start(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	r.settle = func() { cancel(); settle() }
	r.d.running.Store(true)
	return r
}

// token makes a token with these scopes and returns its secret.
func (r *rig) token(scopes ...string) string {
	r.t.Helper()
	secret := store.NewSecret(tokenPrefix)
	err := r.d.db.Update(func(tx *store.Tx) error {
		return tx.PutToken(&store.Token{ID: tx.NewID(), Name: "script", Scopes: scopes}, secret)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return secret
}

// device pairs a browser and returns its cookie.
func (r *rig) device() *http.Cookie {
	r.t.Helper()
	code, _ := r.d.codes.make(codeFor)
	resp := r.send("POST", "/api/pair", `{"code":"`+code+`","name":"phone"}`, func(q *http.Request) { q.Header.Del("Authorization") })
	for _, c := range resp.cookies() {
		return c
	}
	r.t.Fatal("no cookie for a paired device")
	return nil
}

// answer is a response that was read to its end.
type answer struct {
	StatusCode int
	Header     http.Header
	Body       []byte
}

func (a *answer) cookies() []*http.Cookie { return (&http.Response{Header: a.Header}).Cookies() }

// request makes a request as the command line would, unless change says
// otherwise.
func (r *rig) request(method, path, body string, change ...func(*http.Request)) *http.Request {
	r.t.Helper()
	q, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.d.admin)
	if strings.HasPrefix(body, "{") {
		q.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(q)
	}
	return q
}

// send makes a request and reads the whole answer.
func (r *rig) send(method, path, body string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(r.request(method, path, body, change...))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return &answer{resp.StatusCode, resp.Header, b}
}

// call is send that wants this status, and reads the answer into v.
func (r *rig) call(want int, v any, method, path, body string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	resp := r.send(method, path, body, change...)
	if resp.StatusCode != want {
		r.t.Fatalf("%s %s: %d, want %d: %s", method, path, resp.StatusCode, want, resp.Body)
	}
	if v != nil {
		if err := json.Unmarshal(resp.Body, v); err != nil {
			r.t.Fatalf("%s %s: %v: %s", method, path, err, resp.Body)
		}
	}
	return resp
}

// fails is call for an answer that must be a problem with this code.
func (r *rig) fails(want int, code, method, path, body string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	var p struct {
		Status              int
		Code, Title, Detail string
	}
	resp := r.call(want, &p, method, path, body, change...)
	if p.Code != code || p.Status != want || p.Title == "" || p.Detail == "" || resp.Header.Get("Content-Type") != "application/problem+json" {
		r.t.Errorf("%s %s: %+v (%s), want code %s", method, path, p, resp.Header.Get("Content-Type"), code)
	}
	return resp
}

func header(name, value string) func(*http.Request) {
	return func(q *http.Request) { q.Header.Set(name, value) }
}

func bearer(secret string) func(*http.Request) { return header("Authorization", "Bearer "+secret) }

func as(c *http.Cookie) func(*http.Request) {
	return func(q *http.Request) { q.Header.Del("Authorization"); q.AddCookie(c) }
}

// event is one event of a stream.
type event struct {
	id, name, data string
}

func (e event) cursor(t testing.TB) store.Cursor {
	t.Helper()
	c, err := store.ParseCursor(e.id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listener reads a stream.
type listener struct {
	t      testing.TB
	body   io.Closer
	header http.Header
	lines  *bufio.Scanner
}

func newListener(t testing.TB, header http.Header, body io.ReadCloser) *listener {
	t.Helper()
	s := bufio.NewScanner(body)
	s.Buffer(nil, 2<<20)
	return &listener{t, body, header, s}
}

// listen opens a stream. It ends with the test at the latest.
func (r *rig) listen(query string, change ...func(*http.Request)) *listener {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(r.request("GET", "/api/assistant/stream"+query, "", change...))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(resp.Body)
		r.t.Fatalf("stream: %d %s", resp.StatusCode, b)
	}
	return newListener(r.t, resp.Header, resp.Body)
}

func (l *listener) close() { _ = l.body.Close() }

// next returns the next event; ok is false when the stream has ended.
func (l *listener) next() (e event, ok bool) {
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e, true
			}
		}
	}
	return e, false
}

// until returns the events up to and with the first one of that name.
func (l *listener) until(name string) (es []event) {
	l.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.t.Fatalf("stream ended before %q, after %v", name, es)
		}
		if es = append(es, e); e.name == name {
			return es
		}
	}
}

// settled waits until a reply has ended, and returns it.
func (r *rig) settled(id string) *store.Message {
	r.t.Helper()
	return r.until(id, func(m *store.Message) bool { return !m.Status.Open() })
}

// until waits until a message is as wanted, and returns it.
func (r *rig) until(id string, wanted func(*store.Message) bool) *store.Message {
	r.t.Helper()
	f := r.d.db.Follow(0, "")
	over := time.After(20 * time.Second)
	for {
		if _, err := f.Read(); err != nil {
			r.t.Fatal(err)
		}
		m, err := r.d.message(id)
		if err != nil {
			r.t.Fatal(err)
		}
		if wanted(m) {
			return m
		}
		select {
		case <-f.News():
		case <-over:
			r.t.Fatalf("message %s stays %s %s", id, m.Status, m.Reason)
		}
	}
}

// shut ends a rig before its test does, so that its folder can be opened again.
func (r *rig) shut() {
	r.t.Helper()
	r.settle()
	r.d.streams.endAll()
	if err := r.d.db.Close(); err != nil {
		r.t.Error(err)
	}
}

func decode(t testing.TB, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Errorf("%v: %s", err, b)
	}
}
