package daemon

import (
	"encoding/json"
	"net/http"
	"time"

	"hark/store"
)

// firing is the answer to a fire. Everything that could not be done as asked is
// a warning.
type firing struct {
	Message      string       `json:"message"`
	Conversation string       `json:"conversation"`
	Reply        string       `json:"reply,omitempty"`         // of a run: what the assistant answers
	Scheduled    *store.Time  `json:"scheduled_for,omitempty"` // of a message that comes later
	Created      bool         `json:"created_conversation"`
	Duplicate    bool         `json:"duplicate"`
	Cursor       store.Cursor `json:"cursor"`
	Push         pushCount    `json:"push"`
	Warnings     []string     `json:"warnings"`

	timed bool // the scheduler has something new to wait for
}

// pushCount is to how many devices a message is pushed.
type pushCount struct {
	Devices int `json:"devices"`
	Queued  int `json:"queued"`
}

// maxKey is the longest key that the contract names. A longer one still counts:
// the store keeps its hash.
const maxKey = 128

// fire serves POST /api/assistant/fire: a program says something. No model is
// asked. 200 means that it is on disk.
func (d *Daemon) fire(w http.ResponseWriter, r *http.Request, who caller) error {
	if err := d.admit(who); err != nil {
		return err
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	in, err := parseFire(r.Header.Get("Content-Type"), body)
	if err != nil {
		return err
	}
	if report := readReport(body); report != nil && (in.Text == "" && in.Title == "" || hasAlerts(report)) {
		*in = fireInput{Key: in.Key, Replace: in.Replace}
		in.fromReport(report, body)
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		in.Key = key
	}
	if len(in.Key) > maxKey {
		in.warn("key has more than %d characters", maxKey)
	}
	if in.Text == "" {
		return fault("empty", "There is no text. Send some: -d 'hello', or {\"text\":\"hello\"}.")
	}
	if most := d.cfg.Limits.FireText; len(in.Text) > most {
		return fault("too_large", "The text has %d bytes, the limit is %d. Send a part of it, or a link to it.", len(in.Text), most)
	}
	out, err := d.deliver(in, who)
	if err != nil {
		return err
	}
	if out.Duplicate {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// deliver puts the message, its conversation if need be, and the idempotency
// row into one transaction. It is the one way in which any dialect speaks.
func (d *Daemon) deliver(in *fireInput, who caller) (firing, error) {
	return d.deliverIf(in, who, func(*store.Tx) (bool, error) { return true, nil })
}

// deliverIf is deliver, unless first, in the same transaction, says that there is
// nothing to deliver.
func (d *Daemon) deliverIf(in *fireInput, who caller, first func(*store.Tx) (bool, error)) (firing, error) {
	var out firing
	same, err := marshal(in) // the meaning of the body, however it was written
	if err != nil {
		return out, err
	}
	due, doubt := readTime(in.At, time.Now(), d.zone())
	err = d.db.Update(func(tx *store.Tx) error {
		out = firing{Warnings: append([]string{}, in.warnings...)}
		if doubt != "" {
			out.Warnings = append(out.Warnings, doubt)
		}
		if news, err := first(tx); err != nil || !news {
			out.Duplicate = err == nil
			return err
		}
		scope := "fire/" + who.id
		if in.Key != "" {
			answer, err := tx.Once(scope, in.Key, same)
			if err != nil {
				return err
			}
			if answer != nil {
				err := json.Unmarshal(answer, &out)
				out.Duplicate = true
				return err
			}
		}
		if err := out.put(tx, in, who, due, d.zone()); err != nil {
			return err
		}
		// Before the commit: what pushes a message does not wait for its answer.
		d.traces.note(out.Message, who.request)
		d.traces.note(out.Reply, who.request)
		if out.Push.Devices, out.Push.Queued, err = tx.PushCount(out.Message); err != nil {
			return err
		}
		out.Cursor = tx.Cursor()
		if in.Key != "" {
			answer, err := marshal(out)
			if err != nil {
				return err
			}
			tx.SetOnce(scope, in.Key, same, answer)
		}
		return nil
	})
	if err == nil && !out.Duplicate {
		if out.timed {
			d.due.Kick()
		}
		if out.Reply != "" {
			d.kick(out.Conversation)
		}
	}
	return out, err
}
