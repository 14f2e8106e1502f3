package scheduler

import (
	"errors"
	"fmt"
	"time"

	"hark/store"
)

const (
	// onTime is the delay up to which a firing does not count as late.
	onTime = time.Minute
	// maxGraceDefault bounds the grace of a recurring reminder that sets none: a
	// morning's reminder is of no use in the evening.
	maxGraceDefault = 12 * time.Hour
	// Occurrences are kept for a year and a bit; those that come more often than
	// daily for two months, so that a reminder for each minute stays small.
	keepRare, keepOften = 400 * 24 * time.Hour, 60 * 24 * time.Hour
)

// firing is what is being done about one reminder, in one transaction.
type firing struct {
	tx   *store.Tx
	r    *store.Reminder
	plan plan
	q    quiet
	now  time.Time
	turn string // the conversation in which a turn was made
}

// fire does all that is due about a reminder: a snoozed occurrence, a repeat,
// the next regular occurrence. It looks at the reminder once more: it may have
// been changed, or fired, since it was found. It returns the conversation in
// which it made a turn, if it did.
func (s *Scheduler) fire(tx *store.Tx, id string) (turn string, err error) {
	r, err := tx.Reminder(id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	f := &firing{tx: tx, r: r, now: s.cfg.Now().Round(0)}
	if at, ok := r.DueAt(); !ok || at.After(f.now) {
		return "", nil
	}
	if f.q, err = quietOf(tx, s.cfg.Zone()); err != nil {
		return "", err
	}
	if f.plan, err = planOf(r); err != nil {
		return "", f.broken(err)
	}
	if r.Kind == Fire && r.Post != nil {
		return f.post()
	}
	if until := f.q.until(f.now, r); until.After(f.now) {
		f.putOff(store.At(until))
		return "", tx.PutReminder(r)
	}
	for _, step := range []func() error{f.snoozed, f.again, f.regular} {
		if err := step(); err != nil {
			return "", err
		}
	}
	if r.Next == nil && r.Snoozed == nil && r.Nagging == nil {
		r.State = store.Finished
	}
	return f.turn, tx.PutReminder(r)
}

func (f *firing) isDue(at *store.Time) bool { return at != nil && !at.After(f.now) }

// putOff moves what is due to the end of the quiet hours.
func (f *firing) putOff(until store.Time) {
	if f.isDue(f.r.Next) {
		f.r.Held = &until
	}
	if f.isDue(f.r.Snoozed) {
		f.r.Snoozed = &until
	}
	if f.r.Nagging != nil && f.isDue(&f.r.Nagging.At) {
		f.r.Nagging.At = until
	}
}

// snoozed says an occurrence that was snoozed again.
func (f *firing) snoozed() error {
	if !f.isDue(f.r.Snoozed) {
		return nil
	}
	at := f.r.Snoozed.Time
	f.r.Snoozed = nil
	o := store.Occurrence{Due: store.At(at), Wall: f.runName(at)}
	if f.r.Last != nil {
		o = *f.r.Last
	}
	m, err := f.speak("", f.title(at))
	if err != nil {
		return err
	}
	if o.Message != "" {
		o.Repeats = append(o.Repeats, m)
	} else {
		o.Message = m
	}
	return f.note(&o, f.stateAt(at))
}

// again repeats an occurrence that nobody has marked as done.
func (f *firing) again() error {
	n := f.r.Nagging
	if n == nil || !f.isDue(&n.At) {
		return nil
	}
	m, err := f.speak("again: ", "Reminder")
	if err != nil {
		return err
	}
	if n.Left--; n.Left <= 0 {
		f.r.Nagging = nil
	} else {
		n.At = store.At(f.q.until(f.now.Add(nagEvery(f.r)), f.r))
	}
	if o := f.r.Last; o != nil && o.Due.Equal(n.Due.Time) {
		o.Repeats = append(o.Repeats, m)
		return f.note(o, o.State)
	}
	return nil
}

func nagEvery(r *store.Reminder) time.Duration { return time.Duration(r.Nag.Every) * time.Second }

// regular fires what came due by the schedule: the latest occurrence, once, or
// a record that it was missed. Those before it, while nobody was there, are
// noted as missed.
func (f *firing) regular() error {
	if f.r.Next == nil || f.r.Next.After(f.now) || f.r.Held != nil && f.r.Held.After(f.now) {
		return nil
	}
	due, before, n := f.pastDue()
	eff := f.q.until(due, f.r)
	if f.r.Held != nil {
		eff = later(eff, f.r.Held.Time)
	}
	wall := f.plan.sched.Occurrence(due, f.plan.zone)
	done, err := settled(f.tx, f.r.ID, wall)
	if err != nil {
		return err
	}
	for _, at := range before {
		if err := f.missed(at); err != nil {
			return err
		}
	}
	switch {
	case done: // the clock was set back since
	case f.inTime(due, f.now.Sub(eff)):
		err = f.occur(due, wall)
	default:
		if err = f.missed(due); err == nil {
			_, err = f.tellMissed(due, n)
		}
	}
	if err != nil {
		return err
	}
	if err := f.plan.advance(f.tx, f.r, f.now); err != nil {
		return err
	}
	f.q.hold(f.r)
	return nil
}

// inTime says whether an occurrence still fires that is late by so much.
func (f *firing) inTime(due time.Time, late time.Duration) bool {
	if late < onTime || !f.r.Recurring || f.r.Misfire == MisfireLate {
		return true
	}
	return f.r.Misfire != MisfireSkip && late <= f.grace(due)
}

// grace is how late a recurring reminder may fire: as it says, or half of the
// time to its next occurrence, at most twelve hours.
func (f *firing) grace(due time.Time) time.Duration {
	if f.r.Grace > 0 {
		return time.Duration(f.r.Grace) * time.Second
	}
	next, ok := f.plan.sched.Next(due, f.plan.zone)
	if !ok {
		return maxGraceDefault
	}
	return min(next.Sub(due)/2, maxGraceDefault)
}

const (
	// maxMissed is how many missed occurrences of one absence are noted; of more
	// only the latest.
	maxMissed = 24
	// maxCounted is how many are counted.
	maxCounted = 1000
)

// pastDue returns the latest occurrence that is due, the ones before it (the
// last maxMissed of them), and how many there are in all, up to maxCounted.
func (f *firing) pastDue() (due time.Time, before []time.Time, n int) {
	due, n = f.r.Next.Time, 1
	for n < maxCounted {
		next, ok := f.plan.sched.Next(due, f.plan.zone)
		if !ok || next.After(f.now) {
			return due, before, n
		}
		if before = append(before, due); len(before) > maxMissed {
			before = before[1:]
		}
		due, n = next, n+1
	}
	// Too many to walk through: look back from now, further each time.
	for back := time.Minute; f.now.Add(-back).After(due); back *= 2 {
		next, ok := f.plan.sched.Next(f.now.Add(-back), f.plan.zone)
		if !ok || next.After(f.now) {
			continue
		}
		for ok && !next.After(f.now) {
			due = next
			next, ok = f.plan.sched.Next(due, f.plan.zone)
		}
		break
	}
	return due, before, n
}

// occur says the reminder for the occurrence due.
func (f *firing) occur(due time.Time, wall string) error {
	m, err := f.speak("", f.title(due))
	if err != nil {
		return err
	}
	o := &store.Occurrence{Due: store.At(due), Wall: wall, Message: m}
	f.nag(o)
	return f.note(o, f.stateAt(due))
}

// nag has the occurrence repeated, if its reminder wants that.
func (f *firing) nag(o *store.Occurrence) {
	f.r.Nagging = nil
	if f.r.Nag == nil || f.r.State != store.Active {
		return
	}
	at := store.At(f.q.until(f.now.Add(nagEvery(f.r)), f.r))
	f.r.Nagging = &store.Nagging{Message: o.Message, Due: o.Due, Left: f.r.Nag.Max, At: at}
}

// note writes what became of an occurrence, as the reminder's latest.
func (f *firing) note(o *store.Occurrence, state string) error {
	o.State, o.At = state, store.At(f.now)
	f.r.Last = o
	if f.turn != "" {
		f.tx.PutPromptTurn(store.PromptTurn{Reply: lastMessage(o), Reminder: f.r.ID, Wall: o.Wall})
	}
	return f.tx.PutOccurrence(f.r.ID, o, f.keep())
}

func lastMessage(o *store.Occurrence) string {
	if n := len(o.Repeats); n > 0 {
		return o.Repeats[n-1]
	}
	return o.Message
}

func (f *firing) keep() time.Duration {
	a, some := f.plan.sched.Next(f.now, f.plan.zone)
	b, more := f.plan.sched.Next(a, f.plan.zone)
	if some && more && b.Sub(a) < 23*time.Hour {
		return keepOften
	}
	return keepRare
}

// broken ends a reminder whose schedule can't be read any more, and says so in
// the thread: a reminder must not fall silent.
func (f *firing) broken(err error) error {
	f.r.Next, f.r.Snoozed, f.r.Nagging, f.r.Held, f.r.State = nil, nil, nil, nil, store.Paused
	text := fmt.Sprintf("%s: this reminder is paused, because its schedule does not work: %v", f.r.Text, err)
	if _, err := f.say("Reminder paused", text, usual, ""); err != nil {
		return err
	}
	return f.tx.PutReminder(f.r)
}
