package daemon

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

const (
	// keepaliveEvery is what ntfy's clients expect; they give up after about two.
	keepaliveEvery = 45 * time.Second
	// maxSubscribed is how many topics one subscription may name.
	maxSubscribed = 100
)

// ntfySubscribe serves GET /{topics}/json, sse, raw and ws: what is said in the
// conversations of these topics, from ?since= on, or with ?poll=1 what there is.
func (d *Daemon) ntfySubscribe(w http.ResponseWriter, r *http.Request, who guest) error {
	names, form, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	sub, err := newSubscription(d.db, names, ntfyParams{r: r, query: r.URL.Query()})
	if err != nil {
		return err
	}
	l, err := d.streams.open(who.key())
	if err != nil {
		return err
	}
	defer d.streams.shut(l)
	waits(w)
	// Whoever was revoked meanwhile, and before the stream could be found to be
	// ended, is found here.
	if _, err := d.welcome(r, dialect{may: mayRead, keys: ntfyKeys}); err != nil {
		return err
	}
	if form == "ws" {
		return d.ntfySocket(w, r, sub, l)
	}
	out := &ntfyLines{sse: sse{w: w, line: http.NewResponseController(w), pool: d}, form: form}
	out.head(w.Header())
	if r.Method == http.MethodHead {
		return nil
	}
	if err := d.relay(r.Context(), out, sub, l); err != nil {
		d.log.ErrorContext(r.Context(), "stream ended", "err", err)
	}
	return nil
}

// outlet is where a subscription's events go.
type outlet interface {
	put(m *ntfyMessage) error
	flush() error // what was put
}

// relay tells what there was and then what comes, until the client goes, the line
// is asked to end, or the store fails. Only this goroutine writes.
func (d *Daemon) relay(ctx context.Context, out outlet, sub *subscription, l *line) error {
	// A message can be read a moment before the head has come to it. Behind the
	// writer it has, so that what a client was told before is not news to it.
	if err := d.db.Update(func(*store.Tx) error { return nil }); err != nil {
		return err
	}
	f := d.db.Follow(d.db.Head().Seq, "") // before the past is read, so that nothing comes between
	if !sub.poll && out.put(sub.event("open")) != nil {
		return nil
	}
	if ok, err := sub.past(out, l); !ok || sub.poll {
		return err
	}
	ticker := time.NewTicker(keepaliveEvery)
	defer ticker.Stop()
	for {
		evs, err := f.Read()
		if err != nil {
			return err
		}
		for i := range evs {
			m, err := sub.news(&evs[i])
			if err != nil {
				return err
			}
			if m != nil && out.put(m) != nil {
				return nil
			}
		}
		if out.flush() != nil {
			return nil // the client comes again with the last id it has
		}
		if len(evs) > 0 {
			select {
			case <-l.end:
				return nil
			case <-ctx.Done():
				return nil
			default:
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.end:
			return nil
		case <-ticker.C:
			if out.put(sub.event("keepalive")) != nil || out.flush() != nil {
				return nil
			}
		case <-f.News():
		}
	}
}

// since is where a subscription begins.
type since struct {
	after  string // told are the messages with a later id
	latest bool   // only the last one of each topic
	none   bool
}

// readSince reads ntfy's since: all, none, latest, a message's id, a time in
// seconds since 1970, or how long ago.
func readSince(text string, poll bool, now time.Time) (since, error) {
	switch {
	case text == "" && !poll, text == "none":
		return since{none: true}, nil
	case text == "", text == "all":
		return since{}, nil
	case text == "latest":
		return since{latest: true}, nil
	case store.ValidID(text):
		return since{after: text}, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n < 1e12 {
		return since{after: store.FirstID(time.Unix(n, 0))}, nil
	}
	if t, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)); err == nil {
		return since{after: store.FirstID(t)}, nil
	}
	if d, ok := readDuration(ntfyDelay(text)); ok {
		return since{after: store.FirstID(now.Add(-d))}, nil
	}
	return since{}, fault("bad_request", "since is all, none, latest, the id of a message, a time in seconds since 1970, or how long ago, such as 10m. This was %.60q.", text)
}
