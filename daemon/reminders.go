package daemon

import (
	"net/http"
	"strings"
	"time"

	"hark/scheduler"
	"hark/store"
)

func (d *Daemon) listReminders(w http.ResponseWriter, _ *http.Request, _ caller) error {
	all := []*store.Reminder{}
	var cursor store.Cursor
	err := d.db.View(func(tx *store.Tx) error {
		cursor = tx.Cursor()
		rs, err := tx.Reminders()
		all = append(all, rs...)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"reminders": all, "cursor": cursor})
	return nil
}

func (d *Daemon) getReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	var v *store.Reminder
	err := d.db.View(func(tx *store.Tx) (err error) {
		v, err = tx.Reminder(r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, v)
	return nil
}

func (d *Daemon) deleteReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteReminder(r.PathValue("id")) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type reminderInput struct {
	Phrase       string `json:"phrase"`
	Text         string `json:"text"`
	Schedule     string `json:"schedule"`
	Zone         string `json:"zone"`
	Conversation string `json:"conversation"`
	Priority     int    `json:"priority"`
}

// createReminder takes a phrase, or a text with its schedule.
func (d *Daemon) createReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.room(); err != nil {
		return err
	}
	var in reminderInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	v, err := d.planned(&in)
	if err != nil {
		return err
	}
	err = d.db.Update(func(tx *store.Tx) error {
		if in.Conversation != "" {
			if _, err := tx.Conversation(in.Conversation); err != nil {
				return err
			}
		}
		v.ID = tx.NewID()
		if err := scheduler.Put(tx, v, localZone()); err != nil {
			return fault("invalid", "The schedule does not work: %v.", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.due.Kick()
	writeJSON(w, http.StatusCreated, v)
	return nil
}

// planned is the reminder that in asks for, not yet written.
func (d *Daemon) planned(in *reminderInput) (*store.Reminder, error) {
	if in.Zone == "" {
		in.Zone = localZone()
	}
	if err := checkZone(in.Zone); err != nil {
		return nil, err
	}
	if in.Priority < 0 || in.Priority > 5 {
		return nil, fault("invalid", "priority is 1 to 5.")
	}
	v := &store.Reminder{Text: strings.TrimSpace(in.Text), Schedule: in.Schedule, Zone: in.Zone}
	if in.Phrase != "" {
		p, err := readPhrase(in.Phrase, in.Zone, time.Now())
		if err != nil {
			return nil, err
		}
		v.Text, v.Schedule = p.Text, p.Schedule.String()
		if v.Text == "" {
			v.Text = untold
		}
	}
	if v.Text == "" {
		return nil, fault("empty", "Say what to remind of.")
	}
	if len(v.Text) > d.cfg.Limits.FireText {
		return nil, fault("too_large", "The text has %d bytes, the limit is %d.", len(v.Text), d.cfg.Limits.FireText)
	}
	v.Conversation, v.Priority, v.Kind = in.Conversation, in.Priority, "message"
	return v, nil
}
