package daemon

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"hark/store"
)

const (
	maxWait       = 55 * time.Second // proxies commonly give up after 60
	defaultEvents = 500
	maxEvents     = 1000
	// textPause is how often a client that polls is told text alone: without
	// it a running reply would make it ask as fast as it can.
	textPause = time.Second
)

type polled struct {
	ID    string          `json:"id,omitempty"`
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data"`
}

type poll struct {
	Events []polled     `json:"events"`
	Cursor store.Cursor `json:"cursor"`
	Reset  *reset       `json:"reset,omitempty"`
}

// events serves GET /api/assistant/events: the stream for lines that hold a
// stream back. It answers as soon as there is something, or empty after ?wait=
// seconds.
func (d *Daemon) events(w http.ResponseWriter, r *http.Request, who caller) error {
	from, err := d.position(r)
	if err != nil {
		return err
	}
	wait, err := queryNumber(r, "wait", 0, int(maxWait/time.Second))
	if err != nil {
		return err
	}
	limit, err := queryNumber(r, "limit", defaultEvents, maxEvents)
	if err != nil {
		return err
	}
	l, err := d.streams.open(who.key())
	if err != nil {
		return err
	}
	defer d.streams.shut(l)
	waits(w)
	f := d.db.Follow(from.after, r.URL.Query().Get("conversation"))
	out := poll{Events: []polled{}}
	if from.reset != "" {
		out.Reset, wait = &reset{from.reset, store.Cursor{Epoch: f.Cursor().Epoch, Seq: from.after}}, 0
	}
	if err := d.await(r, f, l, &out, time.Duration(wait)*time.Second, limit); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// await reads until there is a record, or text and the pause for text is over,
// or the time is up.
func (d *Daemon) await(r *http.Request, f *store.Follower, l *line, out *poll, wait time.Duration, limit int) error {
	over := time.NewTimer(wait)
	defer over.Stop()
	var text <-chan time.Time
	for {
		evs, err := f.Read()
		if err != nil {
			return err
		}
		out.Cursor = f.Cursor()
		if out.add(evs, limit) {
			return nil
		}
		if f.Cursor().Seq < d.db.Head().Seq {
			continue
		}
		if len(evs) > 0 && text == nil {
			text = time.After(min(textPause, wait))
		}
		select {
		case <-f.News():
		case <-text:
			return nil
		case <-over.C:
			return nil
		case <-l.end:
			return nil
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

// add takes up to limit events and reports whether the answer should go out: a
// record is in it.
func (p *poll) add(evs []store.Event, limit int) (record bool) {
	for _, e := range evs {
		if e.Seq == 0 {
			p.Events = append(p.Events, polled{Event: e.Kind, Data: e.Data()})
			continue
		}
		c := store.Cursor{Epoch: p.Cursor.Epoch, Seq: e.Seq}
		p.Events = append(p.Events, polled{c.String(), e.Kind, e.Data()})
		if record = true; len(p.Events) >= limit {
			p.Cursor = c // what is left of evs comes with the next question
			return true
		}
	}
	return record
}

// queryNumber reads a number from the query: def if it is not there, and at most
// most.
func queryNumber(r *http.Request, name string, def, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault("bad_request", "%s must be a whole number.", name)
	}
	return min(n, most), nil
}
