package agent

import (
	"sync"
	"time"
)

// watchdog ends a request that nobody answers any more. http.Client.Timeout
// can't do this: it counts the whole answer, and a good answer may take long.
type watchdog struct {
	mu    sync.Mutex
	timer *time.Timer
	why   error
}

// newWatchdog calls bite with why after d, unless it is fed or stopped.
func newWatchdog(d time.Duration, why error, bite func(error)) *watchdog {
	w := &watchdog{why: why}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(d, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		bite(w.why)
	})
	return w
}

// feed puts the end off to d from now, and changes its reason.
func (w *watchdog) feed(d time.Duration, why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.why = why
	w.timer.Reset(d)
}

func (w *watchdog) stop() { w.timer.Stop() }
