package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hark/store"
)

const (
	// reread is how often the wall clock is looked at, at least: a timer stops
	// while a laptop sleeps and knows nothing of a clock that was set.
	reread = 15 * time.Second
	// lateAfter is the delay from which a message says that it is late.
	lateAfter = time.Minute
	// bite is how many due reminders are looked up at once.
	bite = 100
)

// Scheduler fires reminders when they come due. Use New.
type Scheduler struct {
	db   *store.DB
	log  *slog.Logger
	kick chan struct{}
}

// New returns a scheduler over db. It does nothing before Run.
func New(db *store.DB, log *slog.Logger) *Scheduler {
	return &Scheduler{db: db, log: log, kick: make(chan struct{}, 1)}
}

// Kick makes Run look again at once. Call it after a reminder was put or
// changed; without it Run would notice within 15 seconds.
func (s *Scheduler) Kick() {
	select {
	case s.kick <- struct{}{}:
	default: // one is waiting already
	}
}

// Run fires what is due, in the order in which it came due, and then waits for
// what comes next, until ctx is done. What came due while nobody ran fires at
// once, marked late: a one-shot always, a recurring reminder once.
//
// Firing is one transaction: the message and the reminder's next time are
// written together, so that a process killed at any moment neither loses an
// occurrence nor fires it twice.
func (s *Scheduler) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-s.kick:
		}
		wait, err := s.fireDue(ctx)
		if err != nil && !errors.Is(err, store.ErrClosed) {
			s.log.Error("reminders cannot fire; trying again", "err", err)
		}
		timer.Reset(wait)
	}
}

// fireDue fires what is due and returns how long to wait for more.
func (s *Scheduler) fireDue(ctx context.Context) (time.Duration, error) {
	for {
		var due []*store.Reminder
		var next time.Time
		var found bool
		err := s.db.View(func(tx *store.Tx) (err error) {
			due, err = tx.Due(time.Now(), bite)
			next, found = tx.NextDue()
			return err
		})
		if err != nil {
			return reread, err
		}
		if len(due) == 0 {
			if wait := time.Until(next.Round(0)); found && wait < reread {
				return max(wait, 0), nil
			}
			return reread, nil
		}
		for _, r := range due {
			if ctx.Err() != nil {
				return reread, nil
			}
			if err := s.fire(r.ID); err != nil {
				return time.Second, fmt.Errorf("reminder %s: %w", r.ID, err)
			}
		}
	}
}

// fire looks at the reminder once more inside the transaction: it may have
// been changed, or fired, since it was found.
func (s *Scheduler) fire(id string) error {
	return s.db.Update(func(tx *store.Tx) error {
		r, err := tx.Reminder(id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		now := tx.Now()
		if r.State != store.Active || r.Next == nil || r.Next.After(now) {
			return nil
		}
		if _, err := tx.Conversation(r.Conversation); errors.Is(err, store.ErrNotFound) {
			r.Conversation = "" // it was deleted: the inbox has the reminder then
		}
		if _, err := tx.Deliver(message(r, now)); err != nil {
			return err
		}
		due := r.Next.Time
		r.Next, r.State = nil, store.Finished
		if err := plan(r, now); err != nil {
			s.log.Warn("reminder has no further time", "reminder", r.ID, "due", due, "err", err)
		}
		return tx.PutReminder(r)
	})
}

func message(r *store.Reminder, now time.Time) *store.Message {
	m := &store.Message{
		Conversation: r.Conversation, Role: store.Assistant, Status: store.Done,
		Title: "Reminder", Text: r.Text, Format: "plain", Priority: r.Priority, Zone: r.Zone,
		Source: store.Source{Kind: "reminder", ID: r.ID},
	}
	if now.Sub(r.Next.Time) >= lateAfter {
		m.Reason = store.Late
		zone, err := time.LoadLocation(r.Zone)
		if err != nil {
			zone = time.UTC
		}
		m.Title = "Reminder, was due " + r.Next.In(zone).Format("Mon 2 Jan 15:04")
	}
	return m
}

// Put writes a reminder whose Schedule and Zone are set: it checks both, finds
// Next after the transaction's time and makes the reminder active, or fails
// with an error for people if that time never comes. Call [Scheduler.Kick]
// after the transaction.
func Put(tx *store.Tx, r *store.Reminder) error {
	if err := plan(r, tx.Now()); err != nil {
		return err
	}
	if r.State != store.Active {
		return errors.New("that time is past")
	}
	if r.Kind == "" {
		r.Kind = "message"
	}
	return tx.PutReminder(r)
}

// plan finds the first time after now. Without one the reminder is finished.
func plan(r *store.Reminder, now time.Time) error {
	sched, err := ParseSchedule(r.Schedule)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return fmt.Errorf("zone %.60q is not an IANA zone such as Europe/Berlin", r.Zone)
	}
	sched = sched.From(now, zone)
	r.Schedule = sched.String()
	next, ok := sched.Next(now, zone)
	if !ok {
		return nil
	}
	at := store.At(next)
	r.Next, r.State = &at, store.Active
	return nil
}
