package push

import (
	"context"
	"errors"
	"net/url"
	"time"

	"hark/store"
)

const (
	allAtOnce  = 8
	hostAtOnce = 4
	// tick is how often devices are looked at that have nothing to be sent.
	tick = 10 * time.Minute
	// nap bounds how long Run sleeps when something is to come: a timer stands
	// still while the machine does.
	nap = 30 * time.Second
	// errorWait is the pause after the store could not be read or written.
	errorWait = 5 * time.Second
)

// Run sends what is in the outbox, and what comes into it, until ctx is done and
// what was under way has ended. Call it once. What was not sent is sent by the
// next one.
func (s *Sender) Run(ctx context.Context) error {
	defer s.work.Wait()
	if s.fault != nil {
		s.cfg.Log.Error("nothing can be pushed", "err", s.fault)
	}
	// What was wrong may have been put right with the restart.
	if err := s.forgive(); err != nil {
		return err
	}
	for {
		news := s.cfg.DB.Pushes() // armed before the look, so that nothing slips between
		next, err := s.look(ctx)
		if errors.Is(err, store.ErrClosed) {
			return err
		} else if err != nil {
			s.cfg.Log.Error("outbox can't be read", "err", err)
			next = errorWait
		}
		timer, watch := time.NewTimer(next), s.stopwatch()
		select {
		case <-ctx.Done():
		case <-news:
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
		if s.slept(watch) { // in another network, perhaps
			if err := s.forgive(); err != nil {
				s.cfg.Log.Error("pauses can't be ended", "err", err)
			}
		}
	}
}

// look starts to empty the outbox of each device that has something to be done
// about, and returns in how long it has to look again at the latest.
func (s *Sender) look(ctx context.Context) (wait time.Duration, err error) {
	now := s.cfg.Now()
	next := now.Add(tick)
	var todo, stranded []string
	var checks bool
	err = s.cfg.DB.View(func(tx *store.Tx) error {
		subs, err := tx.Subscriptions()
		if err != nil {
			return err
		}
		for _, sub := range subs {
			if s.isBusy(sub.Device) {
				continue
			}
			p, err := s.plan(tx, sub)
			if err != nil {
				return err
			}
			if p.any() {
				todo = append(todo, sub.Device)
			} else if !p.at.IsZero() && p.at.Before(next) {
				next = p.at
			}
		}
		if stranded, err = tx.Stranded(); err != nil {
			return err
		}
		at, err := nextCheck(tx)
		if !at.IsZero() && at.Before(next) {
			next = at
		}
		checks = !at.IsZero() && !at.After(now)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, device := range todo {
		s.start(ctx, device)
	}
	if len(stranded) > 0 {
		return 0, s.abandon(stranded)
	}
	if age := now.Sub(s.heard); age >= tick || age < 0 {
		s.heard = now
		if err := s.listen(now); err != nil {
			return 0, err
		}
	}
	if checks {
		return 0, s.checkAll()
	}
	if wait = max(next.Sub(now), 0); wait < tick {
		wait = min(wait, nap)
	}
	return wait, nil
}

// abandon ends what still waits for devices that have no subscription any more.
func (s *Sender) abandon(devices []string) error {
	for _, device := range devices {
		err := s.cfg.DB.Update(func(tx *store.Tx) error {
			if _, err := tx.Subscription(device); !errors.Is(err, store.ErrNotFound) {
				return err // it is back
			}
			return tx.Abandon(device, "The device gets no notifications any more.")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Sender) isBusy(device string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy[device]
}

// start empties a device's outbox in the background, one push after the other.
func (s *Sender) start(ctx context.Context, device string) {
	s.mu.Lock()
	s.busy[device] = true
	s.mu.Unlock()
	s.work.Go(func() {
		for ctx.Err() == nil {
			more, err := s.step(ctx, device)
			if err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("push failed", "device", device, "err", err)
				rest(ctx, errorWait)
			}
			if !more {
				break
			}
		}
		s.mu.Lock()
		delete(s.busy, device)
		s.mu.Unlock()
		s.poke()
	})
}

// poke has Run look at the outbox again.
func (s *Sender) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// step does the next thing about a device's outbox, and reports whether there
// was something to do.
func (s *Sender) step(ctx context.Context, device string) (more bool, err error) {
	if err := s.catchUp(device); err != nil {
		return false, err
	}
	var sub *store.Subscription
	var p plan
	err = s.cfg.DB.View(func(tx *store.Tx) (err error) {
		if sub, err = tx.Subscription(device); err == nil {
			p, err = s.plan(tx, sub)
		}
		return err
	})
	if err != nil {
		return false, ignoreMissing(err)
	}
	switch {
	case len(p.aside) > 0:
		return true, s.setAside(p.aside)
	case len(p.send) == 0:
		return false, nil
	}
	release, err := s.slot(ctx, sub.Endpoint)
	if err != nil {
		return false, err
	}
	defer release()
	what, err := s.deliver(ctx, sub, p.send, p.count)
	if what == accepted && err == nil {
		s.sentTo(device, p)
	}
	return err == nil, err
}

// slot waits until a request to an endpoint's host may begin.
func (s *Sender) slot(ctx context.Context, endpoint string) (release func(), err error) {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Host
	}
	s.mu.Lock()
	slots := s.hosts[host]
	if slots == nil {
		slots = make(chan struct{}, hostAtOnce)
		s.hosts[host] = slots
	}
	s.mu.Unlock()
	for _, c := range []chan struct{}{slots, s.all} {
		select {
		case c <- struct{}{}:
		case <-ctx.Done():
			if c == s.all {
				<-slots
			}
			return nil, ctx.Err()
		}
	}
	return func() { <-s.all; <-slots }, nil
}
