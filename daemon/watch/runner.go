package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"hark/store"
)

const (
	// everyMin is how often a feed is looked at where the owner says nothing.
	everyMin = 15
	firstGap = time.Minute   // after the first failure; it doubles
	lastGap  = 6 * time.Hour // between looks at what goes on failing
)

// runner watches one source.
type runner struct {
	w     *Watcher
	s     *store.Watched
	how   string // the source as it was set up, to tell a change by
	stop  context.CancelFunc
	asked chan chan struct{} // each is closed when a look has ended
	ended chan struct{}

	pending chan struct{} // of who waits for the look that is being done, or nil
}

// problem is a failure as the owner is told of it.
type problem struct {
	say, cure string
	wait      time.Duration // what the server asks for, or 0
	err       error         // for the log
}

func (p *problem) Error() string { return p.say }

func (p *problem) Unwrap() error { return p.err }

// run looks when it is time, or when it is asked to, until ctx is done.
func (r *runner) run(ctx context.Context) {
	defer r.answer()
	look := r.lookAtFeed
	if r.s.Kind == store.WatchMail {
		look = r.mailbox // stays there until the connection breaks
	}
	for {
		next, err := r.due()
		if err != nil {
			r.w.cfg.Log.Error("watch", "source", r.s.Name, "err", err)
			next = time.Now().Add(firstGap)
		}
		done, ok := r.wait(ctx, time.Until(next))
		if !ok {
			return
		}
		r.pending = done
		err = r.guarded(func() error { return look(ctx) })
		if ctx.Err() == nil {
			r.note(err)
		}
		r.answer()
	}
}

// answer tells who asked for a look that it has ended.
func (r *runner) answer() {
	if r.pending != nil {
		close(r.pending)
		r.pending = nil
	}
}

// due is when the next look is.
func (r *runner) due() (at time.Time, err error) {
	err = r.w.cfg.DB.View(func(tx *store.Tx) error {
		l, err := tx.Look(r.s.ID)
		if err == nil && l.Next != nil && (r.s.Kind == store.WatchFeed || l.Failures > 0) {
			at = l.Next.Time
		} // a mailbox is listened to at once
		return err
	})
	// A clock that was set back must not have a source rest for a year.
	if longest := time.Now().Add(max(r.every(), lastGap) * 2); at.After(longest) {
		at = time.Time{}
	}
	return at, err
}

func (r *runner) every() time.Duration {
	if r.s.Every > 0 {
		return time.Duration(r.s.Every) * time.Minute
	}
	return everyMin * time.Minute
}

// wait lasts for d, or until a look is asked for; done is then to be closed after
// it. ok is false when ctx is done.
func (r *runner) wait(ctx context.Context, d time.Duration) (done chan struct{}, ok bool) {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil, false
	case done = <-r.asked:
	case <-timer.C:
	}
	return done, ctx.Err() == nil
}

// guarded has what others have written, and a library reads, end nothing but
// this look.
func (r *runner) guarded(look func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.w.cfg.Log.Error("watch: a panic", "source", r.s.Name, "panic", p, "stack", string(debug.Stack()))
			err = &problem{say: "what it sent could not be read", cure: "This is a fault of Hark's. The log has more."}
		}
	}()
	return look()
}

// note keeps how a look went, and when the next one is.
func (r *runner) note(failed error) {
	if failed != nil {
		r.w.cfg.Log.Warn("watch", "source", r.s.Name, "err", failed, "cause", errors.Unwrap(failed))
	}
	err := r.w.cfg.DB.Update(func(tx *store.Tx) error {
		l, err := tx.Look(r.s.ID)
		if err != nil {
			return err
		}
		at := store.At(tx.Now())
		l.At, l.Error, l.Cure = &at, "", ""
		gap := r.every() + rand.N(r.every()/20+1)
		if failed == nil {
			l.Good, l.Failures = &at, 0
		} else {
			l.Failures++
			gap = blame(&l, failed)
		}
		next := store.At(tx.Now().Add(gap))
		l.Next = &next
		return tx.PutLook(r.s.ID, l)
	})
	if err != nil {
		r.w.cfg.Log.Error("watch: how a look went was not kept", "source", r.s.Name, "err", err)
	}
}

// blame says in l what went wrong, and returns how long to leave it alone.
func blame(l *store.Look, failed error) time.Duration {
	l.Error, l.Cure = "it can't be looked at", "Hark tries again by itself. The log has more."
	gap := lastGap
	if l.Failures < 10 {
		gap = min(firstGap<<max(l.Failures-1, 0), lastGap)
	}
	var p *problem
	if errors.As(failed, &p) {
		l.Error, l.Cure = p.say, p.cure
		gap = max(gap, min(p.wait, 24*time.Hour))
	}
	return gap
}

// begin remembers what is there at the first look, and returns whether this was
// that look. note may add where the next look goes on.
func (r *runner) begin(keys []string, note func(*store.Look)) (first bool, err error) {
	err = r.w.cfg.DB.Update(func(tx *store.Tx) error {
		l, err := tx.Look(r.s.ID)
		if first = !l.Begun; err != nil || !first {
			return err
		}
		for _, key := range keys {
			tx.SetTold(r.s.ID, key)
		}
		at := store.At(tx.Now())
		l.Begun, l.Since = true, &at
		note(&l)
		return tx.PutLook(r.s.ID, l)
	})
	return first, err
}

// tell delivers an entry, if it was not before. note may add where the next look
// goes on.
func (r *runner) tell(e Entry, note func(*store.Look)) error {
	err := r.w.cfg.Deliver(r.s, e, func(tx *store.Tx) (bool, error) {
		l, err := tx.Look(r.s.ID)
		if err != nil {
			return false, err
		}
		note(&l)
		told, err := tx.Told(r.s.ID, e.Key)
		if err != nil {
			return false, err
		}
		if !told.IsZero() {
			return false, tx.PutLook(r.s.ID, l)
		}
		tx.SetTold(r.s.ID, e.Key)
		at := store.At(tx.Now())
		l.Told, l.Last = l.Told+1, &at
		return true, tx.PutLook(r.s.ID, l)
	})
	if err != nil {
		return fmt.Errorf("deliver an entry: %w", err)
	}
	return nil
}
