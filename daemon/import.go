package daemon

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"hark/store"
)

// importAnswer counts what became of the records of one request.
type importAnswer struct {
	Conversations int `json:"conversations"`
	Messages      int `json:"messages"`
	Reminders     int `json:"reminders"`
	Facts         int `json:"facts"`
	Known         int `json:"known"`    // were here before, and are as they were
	Left          int `json:"left_out"` // could not be taken over
}

type importRecord struct {
	Type   string          `json:"type"`
	Record json.RawMessage `json:"record"`
	raw    json.RawMessage
}

// importRecords serves POST /api/import {records}: lines of an export, or records
// of the same types with their fields beside "type". All are written, or none. What
// is known by its id is left as it is; nothing is notified.
func (d *Daemon) importRecords(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.room(); err != nil {
		return err
	}
	var in struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var records []importRecord
	for i, raw := range in.Records {
		rec := importRecord{raw: raw}
		if err := json.Unmarshal(raw, &rec); err != nil {
			return fault("invalid", "Record %d can't be read: %s.", i+1, trimmed(err))
		}
		if rec.Record != nil {
			rec.raw = rec.Record
		}
		records = append(records, rec)
	}
	var got importAnswer
	err := d.db.Update(func(tx *store.Tx) error {
		got = importAnswer{}
		for i, rec := range records {
			if err := got.take(tx, rec); errors.Is(err, errNotRecord) {
				return fault("invalid", "Record %d is not a %s that can be imported.", i+1, rec.Type)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, got)
	return nil
}

var errNotRecord = errors.New("not a record")

func (a *importAnswer) take(tx *store.Tx, rec importRecord) error {
	switch rec.Type {
	case "hark", "end":
		return nil
	case "conversation":
		return a.conversation(tx, rec.raw)
	case "message":
		return a.message(tx, rec.raw)
	case "reminder":
		return a.reminder(tx, rec.raw)
	case "fact":
		return a.fact(tx, rec.raw)
	}
	a.Left++
	return nil
}

// known reads the id of a record and reports whether it is here.
func (a *importAnswer) known(tx *store.Tx, raw json.RawMessage, v any) (bool, error) {
	var key struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &key) != nil || !store.ValidID(key.ID) || json.Unmarshal(raw, v) != nil {
		return false, errNotRecord
	}
	found, err := tx.Known(key.ID)
	if found {
		a.Known++
	}
	return found, err
}

func (a *importAnswer) conversation(tx *store.Tx, raw json.RawMessage) error {
	var c store.Conversation
	if found, err := a.known(tx, raw, &c); err != nil || found {
		return err
	}
	a.Conversations++
	if c.Title = strings.TrimSpace(c.Title); c.Title == "" {
		c.Title = "Imported"
	}
	// Another Hark's inbox comes as an ordinary conversation; there is one here.
	return tx.PutConversation(&store.Conversation{
		ID: c.ID, Title: c.Title, Archived: c.Archived, Muted: c.Muted, Created: c.Created, LastAt: c.LastAt,
	})
}

func (a *importAnswer) message(tx *store.Tx, raw json.RawMessage) error {
	var m store.Message
	if found, err := a.known(tx, raw, &m); err != nil || found {
		return err
	}
	if (m.Role != store.User && m.Role != store.Assistant) || m.Created.IsZero() {
		return errNotRecord
	}
	if _, err := tx.Conversation(m.Conversation); errors.Is(err, store.ErrNotFound) {
		a.Left++ // it was deleted here
		return nil
	} else if err != nil {
		return err
	}
	if m.Status.Open() || m.Status == "" {
		m.Status, m.Reason = store.Done, ""
	}
	m.Actions, m.Ask, m.Click, m.Steps = nil, nil, "", closedSteps(m.Steps) // nothing that could act
	n, err := tx.Import([]*store.Message{&m})
	a.Messages += n
	return err
}

// closedSteps are the steps that ended; nobody is asked about one again.
func closedSteps(steps []store.Step) (ended []store.Step) {
	for _, s := range steps {
		if s.Status == store.StepDone || s.Status == store.StepError {
			s.Approval = nil
			ended = append(ended, s)
		}
	}
	return ended
}

// reminder takes one over paused if it is not over: another Hark may still say it.
func (a *importAnswer) reminder(tx *store.Tx, raw json.RawMessage) error {
	var r store.Reminder
	if found, err := a.known(tx, raw, &r); err != nil || found {
		return err
	}
	if r.Kind != "message" && r.Kind != "prompt" || r.Schedule == "" {
		a.Left++
		return nil
	}
	if r.State != "done" {
		r.State = "paused"
	}
	r.Next, r.Snoozed, r.Nagging, r.Last, r.Held, r.Post = nil, nil, nil, nil, nil, nil
	if found, err := tx.Known(r.Conversation); err != nil {
		return err
	} else if !found {
		r.Conversation = ""
	}
	a.Reminders++
	return tx.PutReminder(&r)
}

func (a *importAnswer) fact(tx *store.Tx, raw json.RawMessage) error {
	var f store.Fact
	if json.Unmarshal(raw, &f) != nil || !store.ValidID(f.ID) || f.Text == "" {
		return errNotRecord
	}
	_, err := tx.Fact(f.ID)
	switch {
	case err == nil:
		a.Known++
		return nil
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	a.Facts++
	return tx.PutFact(&f)
}
