package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/store"
)

// Kinds of a reminder and misfire rules.
const (
	Message = "message" // says its text
	Prompt  = "prompt"  // has the assistant answer its text

	MisfireLate = "late" // always fires, once, however late
	MisfireOnce = "once" // fires once if within its grace, else is noted as missed
	MisfireSkip = "skip" // fires on time or is noted as missed
)

const (
	minNag, maxNags, usualNags = 60, 100, 5
	maxGrace                   = 366 * 24 * 3600
	// maxText keeps a firing within one transaction of the store.
	maxText = 128 << 10
)

// ErrPast says that the schedule has no time left.
var ErrPast = errors.New("that time is past")

// Put writes a reminder that is new or whose time has changed, as [Plan] sets
// it. Call [Scheduler.Kick] after the transaction.
func Put(tx *store.Tx, r *store.Reminder, zone string) error {
	if err := Plan(tx, r, tx.Now(), zone); err != nil {
		return err
	}
	return tx.PutReminder(r)
}

// Plan checks a reminder of which Text, Schedule and Zone are set, gives fields
// that are empty their defaults, finds Next after now and makes it active (a
// paused one stays paused), or fails with an error for people. It writes
// nothing. zone is that of quiet hours where the owner has set none.
func Plan(tx *store.Tx, r *store.Reminder, now time.Time, zone string) error {
	if err := Check(r); err != nil {
		return err
	}
	q, err := quietOf(tx, zone)
	if err != nil {
		return err
	}
	p, err := planOf(r)
	if err != nil {
		return err
	}
	p.sched = p.sched.From(now, p.zone)
	p.describe(r, speechOf(q.lang))
	r.Nagging, r.Snoozed, r.Held, r.Failures = nil, nil, nil, 0
	if err := p.advance(tx, r, now); err != nil {
		return err
	}
	if r.Next == nil {
		return ErrPast
	}
	if r.State == store.Paused {
		r.Next = nil
		return nil
	}
	r.State = store.Active
	q.hold(r)
	return nil
}

// Change writes a reminder of which something else than its time has changed.
func Change(tx *store.Tx, r *store.Reminder, zone string) error {
	if err := Check(r); err != nil {
		return err
	}
	q, err := quietOf(tx, zone)
	if err != nil {
		return err
	}
	p, err := planOf(r)
	if err != nil {
		return err
	}
	p.describe(r, speechOf(q.lang))
	if r.Nag == nil && r.Nagging != nil {
		r.Nagging = nil
		if r.Next == nil && r.Snoozed == nil && r.State == store.Active {
			r.State = store.Finished
		}
	}
	q.hold(r)
	return tx.PutReminder(r)
}

// Check says, for people, what is wrong with the fields of r, and gives those
// that are empty their defaults.
func Check(r *store.Reminder) error {
	if strings.TrimSpace(r.Text) == "" {
		return errors.New("say what to remind of")
	}
	if r.Kind == "" {
		r.Kind = Message
	}
	p, err := planOf(r)
	switch {
	case err != nil:
		return err
	case r.Kind != Message && r.Kind != Prompt && (r.Kind != Fire || r.Post == nil):
		return fmt.Errorf("kind is message or prompt, not %.40q", r.Kind)
	case r.Priority < 0 || r.Priority > 5:
		return errors.New("priority is 1 to 5")
	case r.Grace < 0 || r.Grace > maxGrace:
		return errors.New("grace_s is the number of seconds, at most a year")
	}
	switch r.Misfire {
	case "":
		if r.Misfire = MisfireOnce; !p.sched.Recurring() {
			r.Misfire = MisfireLate
		}
	case MisfireLate, MisfireOnce, MisfireSkip:
	default:
		return fmt.Errorf("misfire is late, once or skip, not %.40q", r.Misfire)
	}
	if r.Nag != nil {
		if r.Kind == Prompt {
			return errors.New("a prompt does not repeat until it is done: leave nag out")
		}
		if r.Nag.Max == 0 {
			r.Nag.Max = usualNags
		}
		if r.Nag.Every < minNag || r.Nag.Every > maxGrace {
			return fmt.Errorf("nag.every_s is the number of seconds between repeats, at least %d", minNag)
		}
		if r.Nag.Max < 0 || r.Nag.Max > maxNags {
			return fmt.Errorf("nag.max is how many repeats at most, 1 to %d", maxNags)
		}
	}
	if len(r.Text) > maxText {
		return fmt.Errorf("the text is longer than %d bytes", maxText)
	}
	p.describe(r, englishSpeech())
	return nil
}

// plan is a reminder's schedule in its zone.
type plan struct {
	sched Schedule
	zone  *time.Location
}

func planOf(r *store.Reminder) (plan, error) {
	sched, err := ParseSchedule(r.Schedule)
	if err != nil {
		return plan{}, err
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil || r.Zone == "" || r.Zone == "Local" {
		return plan{}, fmt.Errorf("zone %.60q is not an IANA zone such as Europe/Berlin", r.Zone)
	}
	return plan{sched, zone}, nil
}

// describe sets what follows from the schedule alone.
func (p plan) describe(r *store.Reminder, w *speech) {
	r.Schedule, r.Recurring = p.sched.String(), p.sched.Recurring()
	if r.Recurring {
		r.Say = p.sched.rule.say(w) + " (" + p.zone.String() + ")"
		return
	}
	r.Say = w.once
	if at, ok := p.sched.Next(time.Time{}, p.zone); ok {
		r.Say = w.time(at) + " (" + p.zone.String() + ")"
	}
}

// maxSkipped bounds how many occurrences that were skipped, or that had fired
// before the clock was set back, are passed over in one go.
const maxSkipped = 10_000

// advance sets r.Next to the first occurrence after `after` that has not been
// settled before, or to nil.
func (p plan) advance(tx *store.Tx, r *store.Reminder, after time.Time) error {
	r.Next = nil
	for range maxSkipped {
		at, ok := p.sched.Next(after, p.zone)
		if !ok {
			return nil
		}
		done, err := settled(tx, r.ID, p.sched.Occurrence(at, p.zone))
		if err != nil {
			return err
		}
		if !done {
			next := store.At(at)
			r.Next = &next
			return nil
		}
		after = at
	}
	return nil
}

// settled says whether an occurrence must not fire any more. A missed one may:
// it never fired, and the clock by which it was missed may have been wrong.
func settled(tx *store.Tx, id, wall string) (bool, error) {
	o, err := tx.Occurrence(id, wall)
	return o != nil && o.State != store.Missed, err
}

// planBite is how many reminders one look of replan reads.
const planBite = 256

// replan looks at the next time of every reminder once more, as [Scheduler.Run]
// does at its start, after the clock was set back and when the settings have
// changed: the rules of a zone may be others now, and a wall time stays a wall
// time; quiet hours may be. What is overdue is left to be fired.
func (s *Scheduler) replan(ctx context.Context) error {
	for from := ""; ctx.Err() == nil; {
		var rs []*store.Reminder
		var changed []string
		err := s.cfg.DB.View(func(tx *store.Tx) (err error) {
			if rs, err = tx.RemindersFrom(from, planBite); err != nil {
				return err
			}
			q, err := quietOf(tx, s.cfg.Zone())
			for _, r := range rs {
				if err == nil && s.again(tx, r, q) {
					changed = append(changed, r.ID)
				}
			}
			return err
		})
		if err != nil || len(rs) == 0 {
			return err
		}
		from = rs[len(rs)-1].ID + "\x00"
		if err := s.rewrite(changed); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) rewrite(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.cfg.DB.Update(func(tx *store.Tx) error {
		q, err := quietOf(tx, s.cfg.Zone())
		if err != nil {
			return err
		}
		for _, id := range ids {
			r, err := tx.Reminder(id)
			if err != nil || !s.again(tx, r, q) {
				continue // changed or deleted meanwhile
			}
			if err := tx.PutReminder(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// again plans r anew from now and says whether that changed anything.
func (s *Scheduler) again(tx *store.Tx, r *store.Reminder, q quiet) bool {
	now, was := s.cfg.Now().Round(0), *r
	if r.State != store.Active {
		return false
	}
	changed := false
	if n := r.Nagging; n != nil && r.Nag != nil && n.At.After(q.until(now.Add(nagEvery(r)), r)) {
		n.At, changed = store.At(now.Add(nagEvery(r))), true // the clock was set back
	}
	if r.Next != nil && r.Held != nil && !r.Next.After(now) { // being held, perhaps by other hours now
		held := store.At(q.until(now, r))
		if r.Held.After(now) && !same(r.Held, &held) {
			r.Held, changed = &held, true
		}
	}
	if r.Next == nil || !r.Next.After(now) {
		return changed
	}
	p, err := planOf(r)
	if err != nil {
		return changed // it says so when it comes due
	}
	p.describe(r, speechOf(q.lang)) // the owner may have chosen another language
	changed = changed || was.Say != r.Say
	if err := p.advance(tx, r, now); err != nil || r.Next == nil {
		r.Next = was.Next
		return changed
	}
	q.hold(r)
	return changed || !same(was.Next, r.Next) || !same(was.Held, r.Held)
}

func same(a, b *store.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(b.Time)
}
