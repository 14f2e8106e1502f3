package daemon

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"hark/store"
)

// ntfyLines writes events as lines of JSON, as server-sent events, or as bare
// texts.
type ntfyLines struct {
	sse
	form string
}

func (o *ntfyLines) head(h http.Header) {
	kind := map[string]string{"json": "application/x-ndjson; charset=utf-8", "sse": "text/event-stream", "raw": "text/plain; charset=utf-8"}[o.form]
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no")
}

func (o *ntfyLines) put(m *ntfyMessage) error {
	b, err := marshal(m)
	if err != nil {
		return err
	}
	switch {
	case o.form == "raw" && m.Event == "message":
		b = []byte(strings.ReplaceAll(m.Message, "\n", " "))
	case o.form == "raw":
		b = nil
	case o.form == "sse" && m.Event != "message":
		b = append([]byte("event: "+m.Event+"\ndata: "), append(b, '\n')...)
	case o.form == "sse":
		b = append([]byte("data: "), append(b, '\n')...)
	}
	o.frame(append(b, '\n'))
	return o.err
}

// ntfySocket serves GET /{topics}/ws (RFC 6455). A page of another site does not
// get one: its Origin is not ours.
func (d *Daemon) ntfySocket(w http.ResponseWriter, r *http.Request, sub *subscription, l *line) error {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil // Accept has answered
	}
	defer func() { _ = c.CloseNow() }()
	ctx := c.CloseRead(context.WithoutCancel(r.Context())) // over when the client closes or says anything
	if err := d.relay(ctx, &ntfyFrames{ctx: ctx, conn: c}, sub, l); err != nil {
		d.log.ErrorContext(r.Context(), "stream ended", "err", err)
	}
	_ = c.Close(websocket.StatusNormalClosure, "")
	return nil
}

// ntfyFrames writes events to a websocket.
type ntfyFrames struct {
	ctx  context.Context
	conn *websocket.Conn
}

func (o *ntfyFrames) put(m *ntfyMessage) error {
	b, err := marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(o.ctx, writeTime)
	defer cancel()
	return o.conn.Write(ctx, websocket.MessageText, b)
}

func (o *ntfyFrames) flush() error { return o.ctx.Err() }

// filter narrows a subscription: all that is given must hold.
type filter struct {
	id, title, message string
	priorities         []int
	tags               []string
}

func readFilter(p ntfyParams) (f filter, err error) {
	f = filter{id: p.get("id"), title: p.get("title", "t"), message: p.get("message", "m")}
	for name := range strings.SplitSeq(p.get("priority", "prio", "p"), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
			continue
		}
		n := slices.Index(priorities, strings.Replace(name, "urgent", "max", 1))
		if n < 1 {
			if n, err = strconv.Atoi(name); err != nil || n < 1 || n > 5 {
				return f, fault("bad_request", "priority is 1 to 5, or several with commas. This was %.40q.", name)
			}
		}
		f.priorities = append(f.priorities, n)
	}
	for tag := range strings.SplitSeq(p.get("tags", "tag", "ta"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			f.tags = append(f.tags, tag)
		}
	}
	return f, nil
}

func (f filter) match(m *store.Message) bool {
	prio := m.Priority
	if prio == 0 {
		prio = defaultPriority
	}
	return (f.id == "" || f.id == m.ID) && (f.title == "" || f.title == m.Title) && (f.message == "" || f.message == m.Text) &&
		(len(f.priorities) == 0 || slices.Contains(f.priorities, prio)) &&
		!slices.ContainsFunc(f.tags, func(tag string) bool { return !slices.Contains(m.Tags, tag) })
}

// newEventID names an event that nobody asks for again.
func newEventID() string { return store.FirstID(time.Now()) }
