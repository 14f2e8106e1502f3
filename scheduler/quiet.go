package scheduler

import (
	"fmt"
	"time"

	"hark/store"
)

// urgent is the priority from which on quiet hours hold nothing back, and usual
// the priority of what has none.
const (
	urgent = 4
	usual  = 3
)

// quiet are the owner's quiet hours, and the language that the owner has chosen; the zero quiet holds nothing back.
type quiet struct {
	lang     string
	on       bool
	from, to int // minutes after midnight; to before from is on the next day
	zone     *time.Location
}

// CheckQuiet says, for people, what is wrong with q, if anything.
func CheckQuiet(q store.Quiet) error {
	from, err := clockMinutes(q.From)
	if err != nil {
		return err
	}
	to, err := clockMinutes(q.To)
	if err != nil {
		return err
	}
	if q.On && from == to {
		return fmt.Errorf("quiet hours from %s to %s have no end: choose two different times", q.From, q.To)
	}
	return nil
}

func clockMinutes(s string) (int, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("%.20q is not a time of day: write it as 22:00", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// quietOf reads the quiet hours. Settings that can't be read hold nothing back:
// better a sound at night than silence for ever.
func quietOf(tx *store.Tx, fallback string) (quiet, error) {
	set, err := tx.Settings()
	if err != nil || !set.Quiet.On || CheckQuiet(set.Quiet) != nil {
		return quiet{lang: set.Language}, err
	}
	q := quiet{lang: set.Language, on: true}
	q.from, _ = clockMinutes(set.Quiet.From)
	q.to, _ = clockMinutes(set.Quiet.To)
	for _, name := range []string{set.Zone, fallback, "UTC"} {
		if q.zone, err = time.LoadLocation(name); err == nil && name != "" {
			break
		}
	}
	return q, nil
}

// until returns the instant at which r may speak if it wants to at t: t itself,
// or the end of the quiet hours that t falls into.
func (q quiet) until(t time.Time, r *store.Reminder) time.Time {
	priority := r.Priority
	if priority == 0 {
		priority = usual
	}
	if !q.on || priority >= urgent || r.Kind == Fire {
		return t
	}
	wall := wallOf(t, q.zone)
	minute := wall.Hour()*60 + wall.Minute()
	inside, ends := minute >= q.from && minute < q.to, 0
	if q.to < q.from {
		inside = minute >= q.from || minute < q.to
		if minute >= q.from {
			ends = 1
		}
	}
	if !inside {
		return t
	}
	y, m, d := wall.Date()
	return later(t, resolve(time.Date(y, m, d+ends, q.to/60, q.to%60, 0, 0, time.UTC), q.zone))
}

// hold sets r.Held for its next occurrence.
func (q quiet) hold(r *store.Reminder) {
	r.Held = nil
	if r.Next == nil || r.State != store.Active {
		return
	}
	if until := q.until(r.Next.Time, r); until.After(r.Next.Time) {
		at := store.At(until)
		r.Held = &at
	}
}
