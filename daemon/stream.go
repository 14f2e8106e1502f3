package daemon

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

const (
	// beatEvery is below the 30 s after which some mobile networks drop a quiet
	// line, and pages take two missed beats for a dead one.
	beatEvery = 25 * time.Second
	// writeTime is how long one write may wait for a client that does not read.
	writeTime = 30 * time.Second
	// writeSize is from when on frames go out while more are collected.
	writeSize = 64 << 10
)

// stream serves GET /api/assistant/stream.
func (d *Daemon) stream(w http.ResponseWriter, r *http.Request, who caller) error {
	from, err := d.position(r)
	if err != nil {
		return err
	}
	l, err := d.streams.open(who.key())
	if err != nil {
		return err
	}
	defer d.streams.shut(l)
	waits(w)
	// Whoever was revoked after the question who is calling, and before the
	// stream could be found to be ended, is found here.
	if _, err := d.authorise(w, r, mayRead); err != nil {
		return err
	}
	h := w.Header()
	for _, name := range []string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy", "X-DNS-Prefetch-Control"} {
		h.Del(name) // they are about pages, and headers are kept in memory as long as the stream is open
	}
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return nil
	}
	s := &sse{w: w, line: http.NewResponseController(w), pool: d}
	if d.greet(s, from) != nil {
		return nil // gone before it began
	}
	if err := d.tell(r.Context(), s, d.db.Follow(from.after, r.URL.Query().Get("conversation")), l); err != nil {
		d.log.ErrorContext(r.Context(), "stream ended", "err", err)
	}
	return nil
}

func (d *Daemon) greet(s *sse, from position) error {
	head := d.db.Head()
	s.put("retry: 2000\n")
	s.event("hello", hello{head.Epoch, head, d.cfg.Version, store.At(time.Now()), int(beatEvery / time.Second)})
	if from.reset != "" {
		s.event("reset", reset{from.reset, store.Cursor{Epoch: head.Epoch, Seq: from.after}})
	}
	return s.flush()
}

type hello struct {
	Epoch   string       `json:"epoch"`
	Head    store.Cursor `json:"head"`
	Version string       `json:"version"`
	Time    store.Time   `json:"time"`
	BeatS   int          `json:"beat_s"`
}

type reset struct {
	Reason string       `json:"reason"`
	Head   store.Cursor `json:"head"`
}

type beat struct {
	Head store.Cursor `json:"head"`
	Time *store.Time  `json:"time,omitempty"`
}

// tell writes what f reads until the client goes, the line is asked to end, or
// the store fails. Only this goroutine writes.
func (d *Daemon) tell(ctx context.Context, s *sse, f *store.Follower, l *line) error {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	ready := false
	for {
		evs, err := f.Read()
		if err != nil {
			return err
		}
		for i := range evs {
			s.frame(evs[i].Frame)
		}
		if !ready && f.Caught() {
			s.event("ready", beat{Head: f.Cursor()})
			ready = true
		}
		if s.flush() != nil {
			return nil // the client reconnects with its cursor and loses nothing
		}
		more := len(evs) > 0 || f.Cursor().Seq < d.db.Head().Seq
		if !d.pause(ctx, s, f.News(), l, ticker.C, more) {
			return nil
		}
	}
}

// pause waits for news, and beats meanwhile. It reports false when the stream
// is over. If more is there to be read already, it only looks for the end.
func (d *Daemon) pause(ctx context.Context, s *sse, news <-chan struct{}, l *line, tick <-chan time.Time, more bool) bool {
	if more {
		select {
		case <-l.end:
		default:
			return ctx.Err() == nil
		}
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case <-l.end:
			s.event("bye", map[string]string{"reason": l.reason})
			_ = s.flush() // it ends either way
			return false
		case <-tick:
			at := store.At(time.Now())
			s.event("beat", beat{d.db.Head(), &at})
			if s.flush() != nil {
				return false
			}
			l.beat.Store(at.UnixMilli())
		case <-news:
			return true
		}
	}
}

// position is where a stream begins.
type position struct {
	after store.Seq
	reset string // why the client must load its pages again first
}

// position reads the cursor. Last-Event-ID wins over ?since=, because a browser
// that reconnects sends its first address again.
func (d *Daemon) position(r *http.Request) (position, error) {
	head, query := d.db.Head(), r.URL.Query()
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = query.Get("since")
	}
	if text == "" {
		return position{after: head.Seq}, nil
	}
	at := position{}
	if c, err := store.ParseCursor(text); err == nil {
		switch {
		case c.Epoch != head.Epoch:
			return position{head.Seq, "epoch"}, nil
		case c.Seq > head.Seq:
			return position{head.Seq, "ahead"}, nil
		}
		at.after = c.Seq
	} else {
		// A plus that was not escaped arrives as a space.
		t, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1))
		if err != nil {
			return at, fault("bad_cursor", "since is neither a cursor, such as %s, nor a time, such as 2026-11-22T08:30:00Z.", head)
		}
		if at.after, err = d.db.SeqAt(t); err != nil {
			return at, err
		}
	}
	if limit := query.Get("max"); limit != "" {
		n, err := strconv.ParseUint(limit, 10, 64)
		if err != nil {
			return at, fault("bad_request", "max must be a whole number of changes.")
		}
		if uint64(head.Seq-at.after) > n {
			return position{head.Seq, "far"}, nil
		}
	}
	return at, nil
}

// sse collects frames of text/event-stream and writes them, several at once.
type sse struct {
	w    http.ResponseWriter
	line *http.ResponseController
	pool *Daemon
	buf  *buffer // held only while something is unwritten
	err  error
}

type buffer struct{ bytes.Buffer }

func (s *sse) put(text string) {
	if s.buf == nil {
		s.buf, _ = s.pool.buffers.Get().(*buffer)
	}
	s.buf.WriteString(text)
}

func (s *sse) frame(f []byte) {
	if s.buf != nil && s.buf.Len()+len(f) > writeSize && s.flush() != nil {
		return
	}
	s.put("")
	s.buf.Write(f)
}

// event writes an event without an id, which does not move the client's cursor.
func (s *sse) event(name string, data any) {
	b, err := marshal(data)
	if err != nil {
		s.err = err
		return
	}
	s.put("event: " + name + "\ndata: ")
	s.buf.Write(b)
	s.put("\n\n")
}

// flush sends what was collected and lets go of the buffer.
func (s *sse) flush() error {
	if s.buf == nil || s.err != nil {
		return s.err
	}
	_ = s.line.SetWriteDeadline(time.Now().Add(writeTime)) // a test's writer has none
	if _, s.err = s.w.Write(s.buf.Bytes()); s.err == nil {
		s.err = s.line.Flush()
	}
	_ = s.line.SetWriteDeadline(time.Time{}) // HTTP/2 would end the stream at a deadline that passes idle
	if s.buf.Cap() <= 2*writeSize {
		s.buf.Reset()
		s.pool.buffers.Put(s.buf)
	}
	s.buf = nil
	return s.err
}
