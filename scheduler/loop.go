package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"hark/store"
)

const (
	// reread is how often the wall clock is looked at, at least: a timer stops
	// while a laptop sleeps and knows nothing of a clock that was set.
	reread = 15 * time.Second
	// watchTurns is how soon the end of a prompt's turn is noticed.
	watchTurns = time.Second
	// jumped is by how much wall and monotonic clock may drift apart in one wait
	// before the clock counts as set, or the machine as having slept.
	jumped = 2 * time.Second
	// bite is how many firings share one transaction, so that a thousand
	// overdue reminders cost sixteen syncs of the disk.
	bite = 64
	// setAside is how long a reminder rests that can't be fired, so that it
	// holds up no other one.
	setAside = time.Minute
)

// Config is what a [Scheduler] works with.
type Config struct {
	DB   *store.DB
	Log  *slog.Logger      // nil is silence
	Zone func() string     // IANA zone of quiet hours where the owner has set none; nil is UTC
	Turn func(conv string) // called after a commit that made a turn in a conversation
	Now  func() time.Time  // the wall clock; nil is time.Now
}

// Scheduler fires reminders when they come due. Use New.
type Scheduler struct {
	cfg   Config
	kick  chan struct{}
	stale atomic.Bool // next times are to be found anew

	// Of Run's goroutine:
	aside map[string]time.Time // reminders that could not be fired, until when
	seen  time.Time            // the wall clock at the last look, with its monotonic part
	wall  time.Time
}

// New returns a scheduler. It does nothing before Run.
func New(c Config) *Scheduler {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Zone == nil {
		c.Zone = func() string { return "UTC" }
	}
	if c.Turn == nil {
		c.Turn = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Scheduler{cfg: c, kick: make(chan struct{}, 1), aside: map[string]time.Time{}}
}

// Kick makes Run look again at once. Call it after a reminder was put or
// changed; without it Run would notice within 15 seconds.
func (s *Scheduler) Kick() {
	select {
	case s.kick <- struct{}{}:
	default: // one is waiting already
	}
}

// Replan makes Run look at the next time of every reminder once more. Call it
// after the settings were changed.
func (s *Scheduler) Replan() {
	s.stale.Store(true)
	s.Kick()
}

// Run fires what is due, in the order in which it came due, and then waits for
// what comes next, until ctx is done.
//
// A firing is one transaction: the message (or the turn of a prompt), the
// occurrence and the reminder's next time are written together, so that a
// process killed at any moment neither loses an occurrence nor fires it twice.
// What came due while nobody ran, or while the machine slept, is treated by the
// reminder's misfire rule when Run sees it. A clock that is set forward is the
// same thing; one that is set back fires nothing again.
func (s *Scheduler) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	s.seen, s.wall = time.Now(), s.cfg.Now().Round(0)
	s.stale.Store(true)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-s.kick:
		}
		if s.jump() {
			s.stale.Store(true)
		}
		wait, err := s.look(ctx)
		if err == nil && s.stale.Swap(false) {
			wait, err = 0, s.replan(ctx)
		}
		if err != nil && !errors.Is(err, store.ErrClosed) {
			s.cfg.Log.Error("reminders cannot fire; trying again", "err", err)
		}
		timer.Reset(wait)
	}
}

// jump notices that the wall clock went another way than time did, and says
// whether it went back.
func (s *Scheduler) jump() (back bool) {
	now, wall := time.Now(), s.cfg.Now().Round(0)
	by := wall.Sub(s.wall) - now.Sub(s.seen)
	s.seen, s.wall = now, wall
	if by > -jumped && by < jumped {
		return false
	}
	s.cfg.Log.Warn("the clock was set, or the machine slept; looking at all reminders again", "by", by.Round(time.Second))
	return by < 0
}

// look fires what is due and sees to the turns that have ended. It returns how
// long to wait for more.
func (s *Scheduler) look(ctx context.Context) (time.Duration, error) {
	watching, err := s.settleTurns()
	if err != nil { // what is due does not wait for it
		s.cfg.Log.Error("the ends of prompts' turns can't be noted", "err", err)
	}
	asks, asking, err := s.settleAsks()
	if err != nil {
		s.cfg.Log.Error("questions whose time is up can't be ended", "err", err)
	}
	for ctx.Err() == nil {
		ids, next, found, err := s.due()
		if err != nil {
			return time.Second, err
		}
		if len(ids) == 0 {
			wait := reread
			if watching {
				wait = watchTurns
			}
			if found {
				wait = min(wait, max(next.Sub(s.cfg.Now().Round(0)), 0))
			}
			if asking {
				wait = min(wait, max(asks.Sub(s.cfg.Now().Round(0)), 0))
			}
			return wait, nil
		}
		turns, err := s.fireAll(ids)
		watching = watching || len(turns) > 0
		for _, conversation := range turns {
			s.cfg.Turn(conversation)
		}
		if err != nil {
			return time.Second, err
		}
	}
	return reread, nil
}

func (s *Scheduler) due() (ids []string, next time.Time, found bool, err error) {
	now := s.cfg.Now().Round(0)
	err = s.cfg.DB.View(func(tx *store.Tx) error {
		ids, next, found = tx.Due(now, bite, func(id string) bool { return s.aside[id].After(now) })
		return nil
	})
	return ids, next, found, err
}

// unfireable is a reminder that can't be fired for a reason of its own.
type unfireable struct {
	id  string
	err error
}

func (u *unfireable) Error() string { return "reminder " + u.id + ": " + u.err.Error() }
func (u *unfireable) Unwrap() error { return u.err }

// fireAll fires reminders in one transaction and returns the conversations in
// which it made turns. A reminder that is at fault is set aside, and the others
// are fired without it; an error means that the store takes nothing.
func (s *Scheduler) fireAll(ids []string) (turns []string, err error) {
	err = s.cfg.DB.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			conversation, err := s.fire(tx, id)
			if err != nil {
				return &unfireable{id, err}
			}
			if conversation != "" {
				turns = append(turns, conversation)
			}
		}
		return nil
	})
	var bad *unfireable
	switch {
	case err == nil:
		return turns, nil
	case errors.As(err, &bad):
		s.cfg.Log.Error("a reminder can't be fired; trying again in a while", "reminder", bad.id, "err", bad.err)
		s.aside[bad.id] = s.cfg.Now().Round(0).Add(setAside)
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == bad.id })
		if len(ids) == 0 {
			return nil, nil
		}
		return s.fireAll(ids)
	case errors.Is(err, store.ErrTooBig) && len(ids) > 1:
		half := len(ids) / 2
		first, err := s.fireAll(ids[:half])
		if err != nil {
			return first, err
		}
		second, err := s.fireAll(ids[half:])
		return append(first, second...), err
	case errors.Is(err, store.ErrTooBig):
		s.aside[ids[0]] = s.cfg.Now().Round(0).Add(setAside)
	}
	return nil, err
}
