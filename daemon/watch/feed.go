package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

const (
	feedTime = 60 * time.Second
	feedSize = 8 << 20
	feedHops = 5
	// renewAfter is how old the mark of an entry gets that is still in its feed.
	renewAfter = 30 * 24 * time.Hour
)

// page is what a feed's server answered.
type page struct {
	body           []byte
	kind           string // its Content-Type
	etag, modified string
}

// lookAtFeed reads a feed and tells of what is new in it.
func (r *runner) lookAtFeed(ctx context.Context) error {
	var l store.Look
	err := r.w.cfg.DB.View(func(tx *store.Tx) (err error) {
		l, err = tx.Look(r.s.ID)
		return err
	})
	if err != nil {
		return err
	}
	got, err := r.fetch(ctx, l)
	if err != nil || got == nil {
		return err
	}
	entries, err := parseFeed(got.body, r.s.URL)
	if err != nil {
		return notFeed(got, r.s.URL, err)
	}
	keys := make([]string, len(entries))
	for i := range entries {
		keys[i] = entries[i].Key
	}
	seen := func(l *store.Look) { l.ETag, l.Modified = got.etag, got.modified }
	if first, err := r.begin(keys, seen); err != nil || first {
		return err
	}
	fresh, err := r.fresh(entries)
	if err != nil {
		return err
	}
	for _, e := range fresh {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if e.Text, err = r.text(e.Text); err != nil {
			return err
		}
		if err := r.tell(e, func(*store.Look) {}); err != nil {
			return err
		}
	}
	return r.finish(keys, seen)
}

// text is an entry as it is read. What feeds hold is HTML, also where they say
// that it is not.
func (r *runner) text(raw string) (string, error) {
	if !strings.ContainsAny(raw, "<&") {
		return strings.TrimSpace(raw), nil
	}
	text, err := r.w.cfg.Text(strings.NewReader(raw))
	return strings.TrimSpace(text), err
}

// fresh are the entries that were not told yet.
func (r *runner) fresh(entries []Entry) (out []Entry, err error) {
	err = r.w.cfg.DB.View(func(tx *store.Tx) error {
		out = nil
		for _, e := range entries {
			told, err := tx.Told(r.s.ID, e.Key)
			if err != nil {
				return err
			}
			if told.IsZero() {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// finish keeps what the server is asked with next time. It is not kept before all
// entries are told: else what was not told would never be read again.
func (r *runner) finish(keys []string, seen func(*store.Look)) error {
	return r.w.cfg.DB.Update(func(tx *store.Tx) error {
		for _, key := range keys {
			told, err := tx.Told(r.s.ID, key)
			if err != nil {
				return err
			}
			if tx.Now().Sub(told) > renewAfter {
				tx.SetTold(r.s.ID, key)
			}
		}
		l, err := tx.Look(r.s.ID)
		if err != nil {
			return err
		}
		seen(&l)
		return tx.PutLook(r.s.ID, l)
	})
}

// fetch reads the feed, or returns nil where it has not changed since the last
// look.
func (r *runner) fetch(ctx context.Context, l store.Look) (*page, error) {
	ctx, cancel := context.WithTimeout(ctx, feedTime)
	defer cancel()
	u, err := url.Parse(r.s.URL)
	if err != nil {
		return nil, &problem{say: "its address can't be read", cure: "Set the address anew.", err: err}
	}
	named := hostPort(u)
	// No proxy: it would do the looking up, and could not be held to the guard.
	tr := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return r.w.cfg.Dial(ctx, network, address, named)
		},
		TLSHandshakeTimeout: 20 * time.Second, MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true,
	}
	client := &http.Client{Transport: tr, CheckRedirect: func(q *http.Request, via []*http.Request) error {
		if len(via) > feedHops {
			return errors.New("it is sent on too often")
		}
		if q.URL.Scheme != "http" && q.URL.Scheme != "https" {
			return errors.New("it is sent on to an address that is not of the web")
		}
		return nil
	}}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &problem{say: "its address can't be read", cure: "Set the address anew.", err: err}
	}
	q.Header.Set("User-Agent", "hark")
	q.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.8, text/xml;q=0.8, */*;q=0.1")
	if l.Begun && l.ETag != "" {
		q.Header.Set("If-None-Match", l.ETag)
	}
	if l.Begun && l.Modified != "" {
		q.Header.Set("If-Modified-Since", l.Modified)
	}
	resp, err := client.Do(q)
	if err != nil {
		return nil, noAnswer(named, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified {
		return nil, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, feedSize+1))
	if err != nil {
		return nil, noAnswer(named, err)
	}
	if len(body) > feedSize {
		return nil, &problem{say: fmt.Sprintf("it has more than %d MB", feedSize>>20), cure: "Ask its publisher for a shorter one."}
	}
	return &page{bytes.TrimSpace(body), resp.Header.Get("Content-Type"), resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// retryAfter reads how long a server asks to be left alone (RFC 9110 §10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(text); err == nil && s > 0 {
		return min(time.Duration(min(s, 1<<20))*time.Second, 24*time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}
