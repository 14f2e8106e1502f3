package scheduler

import (
	"errors"
	"strings"
	"time"

	"hark/store"
)

// Errors of what an owner does with a reminder, for [errors.Is]. Each text says
// what to do.
var (
	ErrNotFired = errors.New("this reminder has not come due yet: change its time instead")
	ErrNoNext   = errors.New("this reminder has no further time to skip")
	ErrFinished = errors.New("this reminder is done: give it a new time instead")
	ErrPaused   = errors.New("this reminder is paused: resume it first")
	ErrFire     = errors.New("this is a message that a program sends later: it can only be taken back")
)

// acting prepares what an owner does with a reminder, in the owner's own
// transaction.
func acting(tx *store.Tx, id, zone string) (*firing, error) {
	r, err := tx.Reminder(id)
	if err != nil {
		return nil, err
	}
	if r.Kind == Fire {
		return nil, ErrFire
	}
	f := &firing{tx: tx, r: r, now: tx.Now().Round(0)}
	if f.plan, err = planOf(r); err != nil {
		return nil, err
	}
	f.q, err = quietOf(tx, zone)
	return f, err
}

// awaited is the occurrence that waits for the owner, or nil: it has been said
// (or missed) and not been answered.
func (f *firing) awaited() *store.Occurrence {
	o := f.r.Last
	if o == nil || o.State == store.Answered || o.State == store.Skipped {
		return nil
	}
	return o
}

// Done marks the latest occurrence as done by somebody: it repeats no more. A
// one-shot is finished by it, also before its time. Doing it again changes
// nothing.
func Done(tx *store.Tx, id, by, zone string) (*store.Reminder, error) {
	f, err := acting(tx, id, zone)
	if err != nil {
		return nil, err
	}
	r, o := f.r, f.awaited()
	if !r.Recurring && o == nil && r.Next != nil {
		o = &store.Occurrence{Due: *r.Next, Wall: f.plan.sched.Occurrence(r.Next.Time, f.plan.zone)}
	}
	if o == nil {
		return r, nil
	}
	r.Nagging, r.Snoozed, r.Failures = nil, nil, 0
	if !r.Recurring {
		r.Next, r.Held, r.State = nil, nil, store.Finished
	}
	if err := f.answer(o, store.Answer{Value: store.Answered, By: by}); err != nil {
		return nil, err
	}
	return r, errors.Join(f.note(o, store.Answered), tx.PutReminder(r))
}

// Snooze has the latest occurrence come again at an instant. The rhythm of a
// recurring reminder does not move; a one-shot that has not fired yet is put
// off. Quiet hours hold the snooze too, as Snoozed then says.
func Snooze(tx *store.Tx, id, by, zone string, until time.Time) (*store.Reminder, error) {
	f, err := acting(tx, id, zone)
	if err != nil {
		return nil, err
	}
	r, o := f.r, f.awaited()
	switch {
	case r.State == store.Paused:
		return nil, ErrPaused
	case r.Last != nil && (o != nil || !r.Recurring && r.Next == nil):
		o = r.Last
	case !r.Recurring && r.Next != nil:
		o = &store.Occurrence{Due: *r.Next, Wall: f.plan.sched.Occurrence(r.Next.Time, f.plan.zone)}
	default:
		return nil, ErrNotFired
	}
	at := store.At(f.q.until(until, r))
	r.Nagging, r.Snoozed = nil, &at
	if !r.Recurring {
		r.Next, r.Held = nil, nil
	}
	r.State = store.Active
	if err := f.answer(o, store.Answer{Value: store.Snoozed, By: by, Until: &at}); err != nil {
		return nil, err
	}
	return r, errors.Join(f.note(o, store.Snoozed), tx.PutReminder(r))
}

// answer writes into the messages of an occurrence what became of it.
func (f *firing) answer(o *store.Occurrence, a store.Answer) error {
	a.At = store.At(f.now)
	for _, id := range append([]string{o.Message}, o.Repeats...) {
		m, err := f.tx.Message(id)
		if errors.Is(err, store.ErrNotFound) {
			continue // there was none, or it was deleted
		} else if err != nil {
			return err
		}
		m.Answer = &a
		if err := f.tx.PutMessage(m); err != nil {
			return err
		}
	}
	return nil
}

// Skip passes over the next occurrence. A one-shot is finished by it.
func Skip(tx *store.Tx, id, zone string) (*store.Reminder, error) {
	f, err := acting(tx, id, zone)
	if err != nil {
		return nil, err
	}
	r := f.r
	if r.Next == nil || r.State != store.Active {
		return nil, ErrNoNext
	}
	due := r.Next.Time
	o := &store.Occurrence{Due: *r.Next, At: store.At(f.now), State: store.Skipped, Wall: f.plan.sched.Occurrence(due, f.plan.zone)}
	if err := tx.PutOccurrence(r.ID, o, f.keep()); err != nil {
		return nil, err
	}
	if f.awaited() == nil { // else what waits for its answer stays the latest
		r.Last = o
	}
	if err := f.plan.advance(tx, r, later(due, f.now)); err != nil {
		return nil, err
	}
	f.q.hold(r)
	if r.Next == nil && r.Snoozed == nil && r.Nagging == nil {
		r.State = store.Finished
	}
	return r, tx.PutReminder(r)
}

// Pause keeps a reminder from firing until Resume.
func Pause(tx *store.Tx, id string) (*store.Reminder, error) {
	r, err := tx.Reminder(id)
	switch {
	case err != nil:
		return nil, err
	case r.Kind == Fire:
		return nil, ErrFire
	case r.State == store.Finished:
		return nil, ErrFinished
	case r.State == store.Paused:
		return r, nil
	}
	pause(r)
	return r, tx.PutReminder(r)
}

func pause(r *store.Reminder) {
	r.State, r.Next, r.Held, r.Nagging = store.Paused, nil, nil, nil
}

// Resume has a paused reminder fire again. What a recurring one would have said
// in the meantime is not made up for; a one-shot whose time has passed fires at
// once.
func Resume(tx *store.Tx, id, zone string) (*store.Reminder, error) {
	f, err := acting(tx, id, zone)
	if err != nil {
		return nil, err
	}
	r := f.r
	switch r.State {
	case store.Active:
		return r, nil
	case store.Finished:
		return nil, ErrFinished
	}
	after := f.now
	if !r.Recurring {
		after = time.Time{}
	}
	if err := f.plan.advance(tx, r, after); err != nil {
		return nil, err
	}
	r.State, r.Failures = store.Active, 0
	if r.Next == nil && r.Snoozed == nil {
		r.State = store.Finished
	}
	f.q.hold(r)
	return r, tx.PutReminder(r)
}

// Run fires a reminder now, whatever its state and the quiet hours. It changes
// nothing about its rhythm. turn is the conversation in which it made a turn,
// or empty: call the agent after the commit, and [Scheduler.Kick].
func Run(tx *store.Tx, id, zone string) (r *store.Reminder, turn string, err error) {
	f, err := acting(tx, id, zone)
	if err != nil {
		return nil, "", err
	}
	at := f.now
	var name string
	for { // two in one millisecond are two occurrences
		name = f.runName(at)
		if o, err := tx.Occurrence(id, name); err != nil {
			return nil, "", err
		} else if o == nil {
			break
		}
		at = at.Add(time.Millisecond)
	}
	if err := f.occur(at, name); err != nil {
		return nil, "", err
	}
	return f.r, f.turn, tx.PutReminder(f.r)
}

// When reads until when to snooze: a length of time ("10m", "1h30m"), tonight
// (20:00), tomorrow (09:00), or any phrase that Parse reads. The error is one
// of Parse's, or for people.
func When(text string, now time.Time, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")); err == nil {
		if d < time.Minute || d > maxEvery {
			return time.Time{}, &UnclearError{Hint: "Snooze for at least a minute and at most a year: 10m, 2h, tomorrow at 9."}
		}
		return now.Add(d).Truncate(time.Second), nil
	}
	var hour, days int
	switch strings.ToLower(text) {
	case "":
		return time.Time{}, &UnclearError{Hint: "Until when? Write 10m, 1h, tonight, tomorrow, or a time such as “friday at 9”."}
	case "tonight":
		hour = 20
	case "tomorrow", "tomorrow morning":
		hour, days = 9, 1
	default:
		p, err := Parse(text, now, zone)
		if err != nil {
			return time.Time{}, err
		}
		if len(p.At) == 0 || p.Schedule.Recurring() {
			return time.Time{}, &UnclearError{Hint: "Snooze until one time, such as “tomorrow at 9”."}
		}
		return p.At[0], nil
	}
	y, m, d := wallOf(now, zone).Date()
	at := resolve(time.Date(y, m, d+days, hour, 0, 0, 0, time.UTC), zone)
	if !at.After(now) {
		return time.Time{}, &UnclearError{Hint: "It is past 20:00 already. Write 1h, or a time such as “at 23:00”."}
	}
	return at, nil
}

// Upcoming returns up to n instants at which r comes next by its schedule.
func Upcoming(r *store.Reminder, n int) []store.Time {
	out := []store.Time{}
	p, err := planOf(r)
	if err != nil || r.Next == nil {
		return out
	}
	out = append(out, *r.Next)
	for _, t := range p.sched.Upcoming(n-1, r.Next.Time, p.zone) {
		out = append(out, store.At(t))
	}
	return out
}

// Wall names an instant as [store.Occurrence] does, in that zone.
func Wall(t time.Time, zone string) string {
	where, err := time.LoadLocation(zone)
	if err != nil {
		where = time.UTC
	}
	return wallOf(t, where).Format(wallLayout)
}
