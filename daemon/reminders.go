package daemon

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hark/scheduler"
	"hark/store"
)

// upcomingShown is how many coming times an answer about one reminder lists.
const upcomingShown = 5

// reminderAnswer is a reminder with its next times.
type reminderAnswer struct {
	*store.Reminder
	Upcoming []store.Time `json:"upcoming"`
}

func answerOf(v *store.Reminder) reminderAnswer {
	return reminderAnswer{v, scheduler.Upcoming(v, upcomingShown)}
}

// listReminders serves all reminders, or those of one ?kind=.
func (d *Daemon) listReminders(w http.ResponseWriter, r *http.Request, _ caller) error {
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
	if kind := r.URL.Query().Get("kind"); kind != "" {
		all = slices.DeleteFunc(all, func(v *store.Reminder) bool { return v.Kind != kind })
	}
	writeJSON(w, http.StatusOK, map[string]any{"reminders": all, "cursor": cursor})
	return nil
}

func (d *Daemon) getReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	v, err := d.reminder(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answerOf(v))
	return nil
}

func (d *Daemon) reminder(id string) (v *store.Reminder, err error) {
	err = d.db.View(func(tx *store.Tx) (err error) {
		v, err = tx.Reminder(id)
		return err
	})
	return v, err
}

func (d *Daemon) deleteReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteReminder(r.PathValue("id")) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reminderInput are the fields that a caller may set. Those that are not there
// keep what they are, or get their defaults.
type reminderInput struct {
	Phrase       *string         `json:"phrase"`
	Text         *string         `json:"text"`
	Schedule     *string         `json:"schedule"`
	Zone         *string         `json:"zone"`
	Kind         *string         `json:"kind"`
	Priority     *int            `json:"priority"`
	Nag          json.RawMessage `json:"nag"` // null takes it away
	Misfire      *string         `json:"misfire"`
	Grace        *int64          `json:"grace_s"`
	Conversation *string         `json:"conversation"`
}

// createReminder takes a phrase, or a text with its schedule.
func (d *Daemon) createReminder(w http.ResponseWriter, r *http.Request, who caller) error {
	if err := d.room(); err != nil {
		return err
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	var in reminderInput
	if err := decodeJSON(body, &in); err != nil {
		return err
	}
	key, scope := r.Header.Get("Idempotency-Key"), "remind/"+who.id
	if len(key) > maxKey {
		return fault("bad_request", "Idempotency-Key has more than %d characters.", maxKey)
	}
	if answer, err := d.answered(scope, key, body); err != nil || answer != nil {
		if err == nil {
			w.Header().Set("Idempotent-Replayed", "true")
			writeRaw(w, http.StatusCreated, answer)
		}
		return err
	}
	v := &store.Reminder{Zone: d.zone()}
	if err := in.read(v.Zone); err != nil {
		return err
	}
	if _, err := d.apply(&in, v); err != nil {
		return err
	}
	var answer []byte
	err = d.db.Update(func(tx *store.Tx) error {
		v.ID = tx.NewID()
		if err := d.plan(tx, v); err != nil {
			return err
		}
		if answer, err = marshal(answerOf(v)); err == nil && key != "" {
			tx.SetOnce(scope, key, body, answer)
		}
		return err
	})
	if err != nil {
		return err
	}
	d.due.Kick()
	writeRaw(w, http.StatusCreated, answer)
	return nil
}

// answered is the answer that was given to an idempotency key before, or nil.
func (d *Daemon) answered(scope, key string, body []byte) (answer []byte, err error) {
	if key == "" {
		return nil, nil
	}
	err = d.db.View(func(tx *store.Tx) (err error) {
		answer, err = tx.Once(scope, key, body)
		return err
	})
	return answer, err
}

// patchReminder changes what the body names. Another schedule or zone takes
// effect from now on, and makes a reminder that was done active again.
func (d *Daemon) patchReminder(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.room(); err != nil {
		return err
	}
	var in reminderInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	v, err := d.reminder(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := in.read(v.Zone); err != nil {
		return err
	}
	err = d.db.Update(func(tx *store.Tx) (err error) {
		if v, err = tx.Reminder(r.PathValue("id")); err != nil {
			return err
		}
		if v.Kind == scheduler.Fire {
			return told(scheduler.ErrFire)
		}
		moved, err := d.apply(&in, v)
		if err != nil {
			return err
		}
		if moved {
			return d.plan(tx, v)
		}
		if err := d.checkThread(tx, v); err != nil {
			return err
		}
		return told(scheduler.Change(tx, v, d.zone()))
	})
	if err != nil {
		return err
	}
	d.due.Kick()
	writeJSON(w, http.StatusOK, answerOf(v))
	return nil
}

// plan writes a reminder that is new or has another time.
func (d *Daemon) plan(tx *store.Tx, v *store.Reminder) error {
	if err := d.checkThread(tx, v); err != nil {
		return err
	}
	return told(scheduler.Put(tx, v, d.zone()))
}

func (d *Daemon) checkThread(tx *store.Tx, v *store.Reminder) error {
	if v.Conversation == "" {
		return nil
	}
	_, err := tx.Conversation(v.Conversation)
	return err
}

// told puts what the scheduler says is wrong into a problem. What the store
// says passes as it is.
func told(err error) error {
	var p *problem
	switch {
	case err == nil, errors.As(err, &p), isStoreError(err):
		return err
	case errors.Is(err, scheduler.ErrPast):
		return fault("past", "That time is past. Which time do you mean?")
	case errors.Is(err, scheduler.ErrNotFired), errors.Is(err, scheduler.ErrNoNext),
		errors.Is(err, scheduler.ErrFinished), errors.Is(err, scheduler.ErrPaused), errors.Is(err, scheduler.ErrFire):
		return fault("conflict", "%s.", capital(err.Error()))
	}
	return fault("invalid", "%s.", capital(strings.TrimRight(err.Error(), ".")))
}

func isStoreError(err error) bool {
	for _, known := range []error{store.ErrNotFound, store.ErrTooBig, store.ErrClosed, store.ErrCorrupt, store.ErrKeyReused} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// read turns a phrase into text and schedule. zone is where it is meant, unless
// the input says another one.
func (in *reminderInput) read(zone string) error {
	if in.Zone != nil && *in.Zone != "" {
		zone = *in.Zone
	}
	if in.Phrase == nil {
		return checkZone(zone)
	}
	p, err := readPhrase(*in.Phrase, zone, time.Now())
	if err != nil {
		return err
	}
	schedule := p.Schedule.String()
	in.Schedule = &schedule
	if p.Text != "" {
		in.Text = &p.Text
	}
	return nil
}

// apply puts the fields of in, which were read, into v and says whether its
// time changes. The scheduler checks what it does not look at.
func (d *Daemon) apply(in *reminderInput, v *store.Reminder) (moved bool, err error) {
	if in.Zone != nil && *in.Zone != "" {
		moved, v.Zone = v.Zone != *in.Zone, *in.Zone
	}
	set(&v.Text, in.Text)
	set(&v.Kind, in.Kind)
	set(&v.Priority, in.Priority)
	set(&v.Misfire, in.Misfire)
	set(&v.Grace, in.Grace)
	set(&v.Conversation, in.Conversation)
	if err := setNag(v, in.Nag); err != nil {
		return false, err
	}
	if in.Schedule != nil {
		moved, v.Schedule = moved || in.Phrase != nil || *in.Schedule != v.Schedule, *in.Schedule
	}
	if in.Phrase != nil && v.Text == "" {
		v.Text = untold
	}
	v.Text = strings.TrimSpace(v.Text)
	switch {
	case v.Text == "":
		return false, fault("empty", "Say what to remind of.")
	case v.Schedule == "":
		return false, fault("empty", "Say when: as a phrase, or as a schedule such as \"at 2026-11-23T09:00\" or \"30 8 * * 1-5\".")
	case len(v.Text) > d.cfg.Limits.FireText:
		return false, fault("too_large", "The text has %d bytes, the limit is %d.", len(v.Text), d.cfg.Limits.FireText)
	}
	return moved, nil
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func setNag(v *store.Reminder, raw json.RawMessage) error {
	switch string(raw) {
	case "":
		return nil
	case "null":
		v.Nag = nil
		return nil
	}
	n := new(store.Nag)
	if err := json.Unmarshal(raw, n); err != nil {
		return fault("invalid", "nag is {\"every_s\": seconds, \"max\": times}, or null for none.")
	}
	v.Nag = n
	return nil
}
