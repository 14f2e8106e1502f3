package push

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// rig is a sender with a store, and a push service that it reaches without a
// network, so that a test can have its own time.
type rig struct {
	t    testing.TB
	db   *store.DB
	svc  *pushsvc.Service
	s    *Sender
	conv string
	stop func()
}

// inTime runs a test in a bubble of its own time, with a sender that runs.
func inTime(t *testing.T, change func(*Config), test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, change)
		r.run()
		test(r)
		r.stop()
		synctest.Wait()
	})
}

func newRig(t testing.TB, change func(*Config)) *rig {
	t.Helper()
	db, err := store.Open("", nil)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	cfg := Config{
		DB: db, Allow: []string{"push.test=127.0.0.1:1"}, Subject: "owner@example.org",
		Origin: func() string { return "https://hark.example.org" },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	ok(t, err)
	r := &rig{t: t, db: db, svc: pushsvc.New(), s: s, stop: func() {}}
	s.client.Transport = direct{r.svc.Handler()}
	r.update(func(tx *store.Tx) error {
		c, _, err := tx.Inbox()
		r.conv = c.ID
		return err
	})
	return r
}

// direct is a network without wires.
type direct struct{ to http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	d.to.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (r *rig) run() {
	ctx, cancel := context.WithCancel(r.t.Context())
	var done sync.WaitGroup
	done.Go(func() { ok(r.t, r.s.Run(ctx)) })
	r.stop = func() { cancel(); done.Wait() }
}

// device pairs a browser and subscribes it.
func (r *rig) device(name string) *pushsvc.Browser {
	r.t.Helper()
	b, err := r.svc.Subscribe(r.s.Key())
	ok(r.t, err)
	r.update(func(tx *store.Tx) error {
		now := store.At(tx.Now())
		if err := tx.PutDevice(&store.Device{ID: name, Name: name, LastSeen: now}, ""); err != nil {
			return err
		}
		return tx.PutSubscription(subscriptionOf(name, "http://push.test/wpush/v2/"+b.Token, b))
	})
	return b
}

func subscriptionOf(device, endpoint string, b *pushsvc.Browser) *store.Subscription {
	return &store.Subscription{
		Device: device, Endpoint: endpoint, P256dh: b.P256dh, Auth: b.Auth, Origin: "https://hark.example.org",
	}
}

func (r *rig) update(fn func(tx *store.Tx) error) {
	r.t.Helper()
	ok(r.t, r.db.Update(fn))
}

// say has a script say something.
func (r *rig) say(text string, change func(*store.Message)) *store.Message {
	r.t.Helper()
	m := &store.Message{
		Role: store.Assistant, Status: store.Done, Text: text, Format: "plain",
		Source: store.Source{Kind: "fire", Name: "backup"},
	}
	if change != nil {
		change(m)
	}
	r.update(func(tx *store.Tx) error {
		_, err := tx.Deliver(m)
		return err
	})
	return m
}

// delivery is what the ledger says.
func (r *rig) delivery(m *store.Message, device string) store.Delivery {
	r.t.Helper()
	var d store.Delivery
	ok(r.t, r.db.View(func(tx *store.Tx) error {
		got, err := tx.Delivery(m.ID, device)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		d = *got
		return nil
	}))
	return d
}

func (r *rig) state(device string) store.PushState {
	r.t.Helper()
	var p store.PushState
	ok(r.t, r.db.View(func(tx *store.Tx) error {
		d, err := tx.Device(device)
		if err == nil && d.Push != nil {
			p = *d.Push
		}
		return err
	}))
	return p
}

// bodies are the texts of the notifications that a browser was shown.
func (r *rig) bodies(b *pushsvc.Browser) (list []string) {
	r.t.Helper()
	for _, n := range r.notes(b) {
		list = append(list, n.Notification.Body)
	}
	return list
}

func (r *rig) notes(b *pushsvc.Browser) (list []note) {
	r.t.Helper()
	texts, err := b.Inbox()
	ok(r.t, err)
	for _, text := range texts {
		var n note
		ok(r.t, json.Unmarshal(text, &n))
		if len(text) > maxPayload {
			r.t.Errorf("a payload of %d bytes", len(text))
		}
		list = append(list, n)
	}
	return list
}

// count is how many events of a kind there were.
func (r *rig) count(kind pushsvc.Kind) (n int) {
	for _, e := range r.svc.Events() {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// pass lets time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
