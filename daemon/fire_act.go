package daemon

import (
	"context"
	"net/http"
	"slices"

	"hark/store"
)

// act serves POST /api/messages/{id}/act: Hark calls the address behind a
// button. The answer comes when the call has ended, with the message and the
// state that the button then shows.
func (d *Daemon) actMessage(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Action string `json:"action"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	id := r.PathValue("id")
	if _, busy := d.calling.LoadOrStore(id+"/"+in.Action, true); busy {
		return fault("busy", "This is being done. Wait for its end.")
	}
	defer d.calling.Delete(id + "/" + in.Action)
	var call fireAction
	callback := ""
	err := d.onAction(id, in.Action, func(tx *store.Tx, m *store.Message, a *store.Action) error {
		if a.Kind != actionHTTP {
			return fault("conflict", "This button opens an address; nothing is to be called.")
		}
		var kept hiddenFire
		if _, err := tx.Hidden(id, &kept); err != nil {
			return err
		}
		t, err := tx.Token(m.Source.ID)
		ok := false
		if call = kept.Calls[a.ID]; err == nil {
			callback, ok = callbackOf(t, call.URL)
		}
		if a.State, a.Detail = callRunning, ""; !ok {
			a.State, a.Detail = callFailed, "The token that made this button may not call its address any more."
		}
		return nil
	})
	if err != nil {
		return err
	}
	// The call goes on although the page may be closed: its state is to be told.
	ctx := context.WithoutCancel(r.Context())
	if callback != "" {
		failed := d.callBack(ctx, call, callback, id)
		err = d.onAction(id, in.Action, func(_ *store.Tx, _ *store.Message, a *store.Action) error {
			switch {
			case a.State != callRunning: // of a message that was replaced meanwhile
			case failed != nil:
				a.State, a.Detail = callFailed, capital(failed.Error())+"."
			default:
				a.State, a.Detail = callDone, ""
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	m, err := d.message(id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, m)
	return nil
}

// onAction changes an action of a message.
func (d *Daemon) onAction(message, action string, fn func(tx *store.Tx, m *store.Message, a *store.Action) error) error {
	return d.db.Update(func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(m.Actions, func(a store.Action) bool { return a.ID == action })
		if i < 0 {
			return fault("not_found", "This message has no such button.")
		}
		if err := fn(tx, m, &m.Actions[i]); err != nil {
			return err
		}
		return tx.PutMessage(m)
	})
}
