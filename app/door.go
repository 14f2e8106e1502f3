package app

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
)

// door is the first page of the window. It leads on to the app as soon as a
// daemon answers, and says meanwhile why it does not.
type door struct {
	find   func(context.Context) (Place, error)
	start  func(context.Context) error
	device func() string
	// entered is told of each way in that is handed out, before it is.
	entered func(Place, login)
}

//go:embed door.html
var doorPage []byte

// way is what the page is told: where to go, or why it has to wait.
type way struct {
	URL      string `json:"url,omitempty"`
	Why      string `json:"why,omitempty"`
	CanStart bool   `json:"can_start,omitempty"`
}

// ServeHTTP answers requests of the window's own scheme, which no other program
// can make.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case "/", "/index.html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(doorPage) // a window that is gone needs no page
	case "/way":
		d.tell(w, d.way(r.Context()))
	case "/start":
		d.tell(w, d.begin(r.Context()))
	default:
		http.NotFound(w, r)
	}
}

func (d *door) tell(w http.ResponseWriter, to way) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(to)
}

// way finds the daemon and asks it for a ticket.
func (d *door) way(ctx context.Context) way {
	place, err := d.find(ctx)
	if err == nil {
		var in login
		if in, err = place.ticket(ctx, d.device()); err == nil {
			d.entered(place, in)
			return way{URL: in.URL}
		}
	}
	return way{Why: err.Error(), CanStart: d.start != nil}
}

// begin starts a daemon, because the person at the window asked for it.
func (d *door) begin(ctx context.Context) way {
	if d.start == nil {
		return way{Why: errNoStart.Error()}
	}
	if err := d.start(ctx); err != nil {
		return way{Why: err.Error(), CanStart: true}
	}
	return d.way(ctx)
}

var errNoStart = errors.New("there is no way to start Hark from here")
