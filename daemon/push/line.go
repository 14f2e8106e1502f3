package push

import (
	"sync"
	"time"

	"hark/store"
)

const (
	// shortBreak is how long the line has to have been away for its return to be
	// news. Pauses of a shorter break are short themselves; and where one service
	// is down for good, each answer of another must not have it tried again.
	shortBreak = 30 * time.Second
	// leastSleep is by how much more the clock has gone on than the machine ran
	// for it to have slept.
	leastSleep = 15 * time.Second
)

// line knows whether push services can be reached at all.
type line struct {
	mu   sync.Mutex
	away time.Time // of the first failure since a service has answered; zero: none
}

// back notes how a request went, and reports whether it is the first that was
// answered after the line had been away for a while.
func (l *line) back(a answer, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case a.err != nil && judge(a) == retry:
		if l.away.IsZero() {
			l.away = now
		}
		return false
	case a.err != nil || l.away.IsZero():
		return false
	}
	long := now.Sub(l.away) >= shortBreak
	l.away = time.Time{}
	return long
}

// forgive ends the pauses of subscriptions, those that their service has asked
// for apart, and has Run look at the outbox again.
func (s *Sender) forgive() error {
	err := s.cfg.DB.Update(func(tx *store.Tx) error {
		subs, err := tx.Subscriptions()
		if err != nil {
			return err
		}
		for _, sub := range subs {
			if sub.NotBefore == nil || judge(answer{status: sub.Status}) == retry && sub.Status != 0 {
				continue
			}
			sub.NotBefore, sub.Tries = nil, 0
			if err := tx.KeepSubscription(sub); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.poke()
	}
	return err
}

// stopwatch tells how long the machine has slept.
type stopwatch struct{ wall, ran time.Time }

func (s *Sender) stopwatch() stopwatch {
	return stopwatch{wall: s.cfg.Now().Round(0), ran: time.Now()}
}

// slept reports whether the machine has slept since w, or its clock was put
// forward, which looks the same.
func (s *Sender) slept(w stopwatch) bool {
	return s.cfg.Now().Round(0).Sub(w.wall)-time.Since(w.ran) >= leastSleep
}
