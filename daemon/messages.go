package daemon

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

func (d *Daemon) message(id string) (m *store.Message, err error) {
	err = d.db.View(func(tx *store.Tx) error {
		m, err = tx.Message(id)
		return err
	})
	return m, err
}

func (d *Daemon) getMessage(w http.ResponseWriter, r *http.Request, _ caller) error {
	m, err := d.message(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, m)
	return nil
}

// deleteMessage ends the reply first if it is being written. A fire that is
// still to come is taken back.
func (d *Daemon) deleteMessage(w http.ResponseWriter, r *http.Request, _ caller) error {
	m, err := d.message(r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		return d.unschedule(w, r.PathValue("id"))
	}
	if err != nil {
		return err
	}
	if m.Status.Open() {
		if err := d.stopTurn(r.Context(), m.ID); err != nil {
			return err
		}
	}
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteMessage(m.ID) }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unschedule takes back a fire that is still to come.
func (d *Daemon) unschedule(w http.ResponseWriter, id string) error {
	err := d.db.Update(func(tx *store.Tx) error {
		r, err := tx.Reminder(id)
		if err == nil && r.Post == nil {
			err = store.ErrNotFound // a reminder is no message
		}
		if err != nil {
			return err
		}
		return tx.DeleteReminder(id)
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stopMessage answers with the message as it is then; stopping what has ended
// changes nothing.
func (d *Daemon) stopMessage(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PathValue("id")
	if _, err := d.message(id); err != nil {
		return err
	}
	if err := d.stopTurn(r.Context(), id); err != nil {
		return err
	}
	m, err := d.message(id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, m)
	return nil
}

// searchTime is how long one question may look: what is older comes with the
// next one.
const searchTime = 300 * time.Millisecond

func (d *Daemon) search(w http.ResponseWriter, r *http.Request, _ caller) error {
	limit, err := queryNumber(r, "limit", defaultPage, maxPage)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	if strings.TrimSpace(query.Get("q")) == "" {
		return fault("invalid", "Say what to look for: ?q=words.")
	}
	var before uint64
	if text := query.Get("before"); text != "" {
		if before, err = strconv.ParseUint(text, 10, 64); err != nil {
			return fault("bad_request", "before must be the next of an earlier answer.")
		}
	}
	found, next, more, err := d.db.Search(query.Get("q"), store.Seq(before), max(limit, 1), searchTime)
	if err != nil {
		return err
	}
	out := map[string]any{"messages": append([]*store.Message{}, found...), "more": more}
	if more {
		out["next"] = strconv.FormatUint(uint64(next), 10)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
