package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"hark/store"
)

// Entry is something new, in words that somebody else has written.
type Entry struct {
	Key   string // what its publisher knows it by
	Title string
	Text  string
	Link  string    // an address that it can be read at, or empty
	At    time.Time // when it was published; zero if that is not said
}

// Config is what a [Watcher] needs of its surroundings. All but Log must be set.
type Config struct {
	DB  *store.DB
	Log *slog.Logger // nil is silence
	// Dial connects to address. named is the HOST:PORT that the owner has written:
	// what a redirect leads to need not be as trusted.
	Dial func(ctx context.Context, network, address, named string) (net.Conn, error)
	// Deliver tells of an entry, in one transaction that first calls first. If
	// that says false, nothing happens, and it is no error.
	Deliver func(w *store.Watched, e Entry, first func(*store.Tx) (bool, error)) error
	// Text is what a reader would see of a page of HTML.
	Text func(io.Reader) (string, error)
}

// Watcher looks at all that is watched. Make one with [New].
type Watcher struct {
	cfg     Config
	changed chan struct{}

	mu      sync.Mutex
	life    context.Context // that of Run; nil before it, and from its end on
	work    sync.WaitGroup
	runners map[string]*runner
}

// New makes a watcher. Nothing is looked at before [Watcher.Run].
func New(cfg Config) *Watcher {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Watcher{cfg: cfg, changed: make(chan struct{}, 1), runners: map[string]*runner{}}
}

// Changed has the watcher read again what is to be watched.
func (w *Watcher) Changed() {
	select {
	case w.changed <- struct{}{}:
	default: // it will read what is there then
	}
}

// Run looks at what is watched until ctx is done. It can be called once.
func (w *Watcher) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	w.mu.Lock()
	w.life = ctx
	w.mu.Unlock()
	defer func() {
		cancel()
		w.mu.Lock()
		w.life = nil // nothing begins while the last of it is waited for
		w.mu.Unlock()
		w.work.Wait()
	}()
	for {
		if err := w.arrange(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.changed:
		}
	}
}

// arrange has one runner for each source as it is set up now.
func (w *Watcher) arrange() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life == nil {
		return nil
	}
	var list []*store.Watched
	err := w.cfg.DB.View(func(tx *store.Tx) (err error) {
		list, err = tx.Watched()
		return err
	})
	if err != nil {
		return fmt.Errorf("read what is watched: %w", err)
	}
	wanted := map[string]bool{}
	for _, s := range list {
		how, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("read what is watched: %w", err)
		}
		if s.Paused {
			continue
		}
		wanted[s.ID] = true
		if r := w.runners[s.ID]; r == nil || r.how != string(how) {
			w.runners[s.ID] = w.begin(s, string(how), r)
		}
	}
	for id, r := range w.runners {
		if !wanted[id] {
			r.stop()
			delete(w.runners, id)
		}
	}
	return nil
}

// begin starts the runner of a source in the place of before, if there is one.
func (w *Watcher) begin(s *store.Watched, how string, before *runner) *runner {
	r := &runner{w: w, s: s, how: how, asked: make(chan chan struct{}), ended: make(chan struct{})}
	life, stop := context.WithCancel(w.life)
	r.stop = stop
	if before != nil {
		before.stop()
	}
	w.work.Go(func() {
		defer close(r.ended)
		if before != nil {
			<-before.ended // two would tell of the same entry at the same time
		}
		r.run(life)
	})
	return r
}

// Look looks at a source now and returns when that is done, or ctx is. A source
// that is not there, or paused, is not looked at.
func (w *Watcher) Look(ctx context.Context, id string) error {
	if err := w.arrange(); err != nil { // it may be new
		return err
	}
	w.mu.Lock()
	r := w.runners[id]
	w.mu.Unlock()
	if r == nil {
		return nil
	}
	done := make(chan struct{})
	select {
	case r.asked <- done:
	case <-r.ended:
		return nil
	case <-ctx.Done():
		return nil
	}
	select {
	case <-done:
	case <-r.ended:
	case <-ctx.Done():
	}
	return nil
}
