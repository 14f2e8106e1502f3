package daemon

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"sync"
)

// requestHeader names a request, in it and in its answer.
const requestHeader = "X-Request-Id"

// requestName matches the names that callers may give: nothing that could be
// taken for more than a word where logs are read.
var requestName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestKey is where a context has the id of the request that it serves.
type requestKey struct{}

// requestOf is the id of the request that ctx serves, or "".
func requestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func withRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// named gives a request that came from peer its id, and the answer with the
// headers h too. A name that the caller has given is kept if it comes from this
// machine or from a proxy that was named: a stranger could give the name of
// somebody else's request.
func (d *Daemon) named(h http.Header, r *http.Request, peer netip.Addr) *http.Request {
	id := requestOf(r.Context()) // of a request that one of ours is part of
	if id == "" {
		given := r.Header.Values(requestHeader)
		near := d.proxies.trust(peer) || peer.IsLoopback() && !wasForwarded(r)
		if near && len(given) == 1 && requestName.MatchString(given[0]) {
			id = given[0]
		} else {
			id = rand.Text()[:12]
		}
		r = r.WithContext(withRequest(r.Context(), id))
	}
	h.Set(requestHeader, id)
	return r
}

// requestLog adds to each line the request on whose behalf it is written, as
// far as its context tells.
type requestLog struct{ slog.Handler }

func (l requestLog) Handle(ctx context.Context, line slog.Record) error {
	if id := requestOf(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request", id))
	}
	return l.Handler.Handle(ctx, line)
}

func (l requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(attrs)}
}

func (l requestLog) WithGroup(name string) slog.Handler {
	return requestLog{l.Handler.WithGroup(name)}
}

// maxTraces is of how many messages it is known which request wanted them: far
// more than are written or pushed at a time.
const maxTraces = 4096

// traces remember which request wanted a message, for the log of what comes
// after its answer. They end with the process.
type traces struct {
	mu       sync.Mutex
	requests map[string]string // by message
	order    []string          // of the messages, the oldest first
}

func newTraces() *traces { return &traces{requests: map[string]string{}} }

// note remembers that a request wants a message; an empty one is nobody's.
func (t *traces) note(message, request string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.requests[message]; !ok {
		if message == "" || request == "" {
			return
		}
		if len(t.order) == maxTraces {
			delete(t.requests, t.order[0])
			t.order = t.order[1:]
		}
		t.order = append(t.order, message)
	}
	t.requests[message] = request
}

func (t *traces) of(message string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.requests[message]
}

// logOf is the log for what becomes of a message: its lines name the request
// that wanted it.
func (d *Daemon) logOf(message string) *slog.Logger {
	if id := d.traces.of(message); id != "" {
		return d.log.With("request", id)
	}
	return d.log
}
