package daemon

import (
	"net/http"
	"strings"
	"time"

	"hark/scheduler"
	"hark/store"
)

const (
	occurrencesShown = 50
	maxOccurrences   = 500
	agendaDays       = 62
	maxAgenda        = 1000
)

// act serves a POST that does one thing to a reminder.
func (d *Daemon) act(do func(tx *store.Tx, id string, who caller) (*store.Reminder, error)) endpoint {
	return func(w http.ResponseWriter, r *http.Request, who caller) error {
		v, err := d.acted(r, who, do)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, answerOf(v))
		return nil
	}
}

func (d *Daemon) acted(r *http.Request, who caller, do func(tx *store.Tx, id string, who caller) (*store.Reminder, error)) (v *store.Reminder, err error) {
	if err := d.room(); err != nil {
		return nil, err
	}
	err = d.db.Update(func(tx *store.Tx) (err error) {
		v, err = do(tx, r.PathValue("id"), who)
		return told(err)
	})
	d.due.Kick()
	return v, err
}

func (d *Daemon) doneReminder(tx *store.Tx, id string, who caller) (*store.Reminder, error) {
	return scheduler.Done(tx, id, who.name, d.zone())
}

func (d *Daemon) skipReminder(tx *store.Tx, id string, _ caller) (*store.Reminder, error) {
	return scheduler.Skip(tx, id, d.zone())
}

func (d *Daemon) pauseReminder(tx *store.Tx, id string, _ caller) (*store.Reminder, error) {
	return scheduler.Pause(tx, id)
}

func (d *Daemon) resumeReminder(tx *store.Tx, id string, _ caller) (*store.Reminder, error) {
	return scheduler.Resume(tx, id, d.zone())
}

// runReminder fires a reminder now.
func (d *Daemon) runReminder(w http.ResponseWriter, r *http.Request, who caller) error {
	turn := ""
	v, err := d.acted(r, who, func(tx *store.Tx, id string, _ caller) (v *store.Reminder, err error) {
		v, turn, err = scheduler.Run(tx, id, d.zone())
		return v, err
	})
	if err != nil {
		return err
	}
	if turn != "" {
		d.kick(turn)
	}
	writeJSON(w, http.StatusOK, answerOf(v))
	return nil
}

// snoozeReminder has the latest occurrence come again.
func (d *Daemon) snoozeReminder(w http.ResponseWriter, r *http.Request, who caller) error {
	var in struct {
		For  string `json:"for"`
		Zone string `json:"zone"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	v, err := d.reminder(r.PathValue("id"))
	if err != nil {
		return err
	}
	if in.Zone == "" {
		in.Zone = v.Zone
	}
	if err := checkZone(in.Zone); err != nil {
		return err
	}
	where, err := time.LoadLocation(in.Zone)
	if err != nil {
		return err
	}
	until, err := scheduler.When(in.For, time.Now(), where)
	if err != nil {
		return phraseProblem(err, in.Zone)
	}
	v, err = d.acted(r, who, func(tx *store.Tx, id string, who caller) (*store.Reminder, error) {
		return scheduler.Snooze(tx, id, who.name, d.zone(), until)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answerOf(v))
	return nil
}

// listOccurrences serves what became of a reminder's times, newest first.
// before is the wall of the last one that the caller has, or its due.
func (d *Daemon) listOccurrences(w http.ResponseWriter, r *http.Request, _ caller) error {
	limit, err := queryNumber(r, "limit", occurrencesShown, maxOccurrences)
	if err != nil {
		return err
	}
	list, more := []*store.Occurrence{}, false
	err = d.db.View(func(tx *store.Tx) error {
		v, err := tx.Reminder(r.PathValue("id"))
		if err != nil {
			return err
		}
		before := r.URL.Query().Get("before")
		if at, err := time.Parse(time.RFC3339, before); err == nil && strings.HasSuffix(before, "Z") {
			before = scheduler.Wall(at, v.Zone)
		}
		got, m, err := tx.Occurrences(v.ID, before, max(limit, 1))
		list, more = append(list, got...), m
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"occurrences": list, "more": more})
	return nil
}

// agenda serves when reminders come in a stretch of time to come.
func (d *Daemon) agenda(w http.ResponseWriter, r *http.Request, _ caller) error {
	from, to, err := stretch(r, time.Now())
	if err != nil {
		return err
	}
	var rs []*store.Reminder
	err = d.db.View(func(tx *store.Tx) (err error) {
		rs, err = tx.Reminders()
		return err
	})
	if err != nil {
		return err
	}
	items, more := scheduler.Agenda(rs, from, to, maxAgenda)
	writeJSON(w, http.StatusOK, map[string]any{"items": items, "more": more})
	return nil
}

// stretch reads from and to of a query: now and a week later, if they are not
// there. What has gone by is in the occurrences.
func stretch(r *http.Request, now time.Time) (from, to time.Time, err error) {
	read := func(name string, def time.Time) (time.Time, error) {
		text := r.URL.Query().Get(name)
		if text == "" {
			return def, nil
		}
		// A + in a query is a space.
		t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
		if err != nil {
			return t, fault("invalid", "%s is a time such as 2026-11-23T00:00:00Z.", name)
		}
		return t, nil
	}
	if from, err = read("from", now); err != nil {
		return from, to, err
	}
	if to, err = read("to", from.AddDate(0, 0, 7)); err != nil {
		return from, to, err
	}
	switch {
	case !to.After(from):
		return from, to, fault("invalid", "to must be after from.")
	case to.Sub(from) > agendaDays*24*time.Hour+time.Hour: // an hour more for two months with a change of clocks
		return from, to, fault("invalid", "An agenda is of %d days at most. Ask in parts.", agendaDays)
	}
	if from.Before(now) {
		from = now
	}
	return from, to, nil
}
