package daemon

import (
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"hark/store"
)

// ticketFor is the life of a ticket: a program asks for one when a page is
// about to open, not for later.
const ticketFor = 30 * time.Second

// ticket lets the browser that brings it in, once.
type ticket struct {
	device  string // which the browser becomes again, or empty for a new one
	name    string
	expires time.Time
}

// tickets are those that may still be used. They live in memory: a restart
// makes them void.
type tickets struct {
	mu   sync.Mutex
	open map[string]ticket
}

func newTickets() *tickets { return &tickets{open: map[string]ticket{}} }

// make returns the word of a new ticket, of 130 random bits.
func (s *tickets) make(t ticket) (word string, expires time.Time) {
	word, now := rand.Text(), time.Now()
	t.expires = now.Add(ticketFor)
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.open, func(_ string, t ticket) bool { return t.expires.Before(now) })
	s.open[word] = t
	return word, t.expires
}

// take voids the ticket, and reports whether it was good.
func (s *tickets) take(word string) (ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.open[word]
	delete(s.open, word)
	return t, ok && time.Now().Before(t.expires)
}

// makeTicket serves POST /api/ticket: a program of the owner's is about to open
// a page, and nobody shall type a code for it.
func (d *Daemon) makeTicket(w http.ResponseWriter, r *http.Request, who caller) error {
	var in struct{ Device, Name string }
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if who.kind == "device" && in.Device != "" && in.Device != who.id {
		// Else a lost phone could live on as another device when it is removed.
		return fault("forbidden", "A device lets in itself or a new one, not another. Leave device out.")
	}
	t := ticket{name: deviceName(in.Name, r.UserAgent())}
	err := d.db.Update(func(tx *store.Tx) error {
		t.device = tx.NewID()
		if in.Device == "" {
			return nil
		}
		_, err := tx.Device(in.Device)
		if err == nil {
			t.device = in.Device
		} else if errors.Is(err, store.ErrNotFound) { // removed since: the page becomes a new one
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	word, expires := d.tickets.make(t)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string]any{
		"ticket": word, "path": "/login?ticket=" + word, "device": t.device, "expires": store.At(expires),
	})
	return nil
}

// login serves GET /login?ticket=: the browser becomes a device and goes on to
// the app. One that is known already stays the device that it is.
func (d *Daemon) login(w http.ResponseWriter, r *http.Request, _ caller) error {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil // somebody looks whether there is a page, and must not use the ticket up
	}
	t, good := d.tickets.take(r.URL.Query().Get("ticket"))
	if d.knows(w, r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if !good {
		return d.oldTicket(w, r)
	}
	secret := store.NewSecret("")
	err := d.db.Update(func(tx *store.Tx) error {
		v, err := tx.Device(t.device)
		if errors.Is(err, store.ErrNotFound) {
			v = &store.Device{ID: t.device, Name: t.name}
		} else if err != nil {
			return err
		}
		v.Agent, v.LastSeen = cut(r.UserAgent(), 300), store.At(tx.Now())
		return tx.PutDevice(v, secret)
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, d.cookie(r, secret))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// knows reports whether the request has the cookie of a device.
func (d *Daemon) knows(w http.ResponseWriter, r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(cookieName) {
		if cookie.Value != "" {
			_, err := d.deviceOf(w, r, cookie.Value)
			return err == nil
		}
	}
	return false
}

// oldTicket tells a person, for it is a browser that comes here, that the link
// is worth nothing.
func (d *Daemon) oldTicket(w http.ResponseWriter, r *http.Request) error {
	if wait := d.wrong.take(addressOf(r)); wait > 0 {
		return &problem{code: "too_many", detail: "Too many wrong links came from this address. Wait a little.", wait: wait}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	_, err := io.WriteString(w, oldTicketPage)
	return err
}

const oldTicketPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Hark</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}</style>
<h1>This link was used, or is too old</h1>
<p>It opens Hark once, within half a minute. For a new one, run <code>hark open</code> again.</p></html>
`
