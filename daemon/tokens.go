package daemon

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"hark/store"
)

func (d *Daemon) listTokens(w http.ResponseWriter, _ *http.Request, _ caller) error {
	all := []*store.Token{}
	err := d.db.View(func(tx *store.Tx) error {
		ts, err := tx.Tokens()
		all = append(all, ts...)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"tokens": all})
	return nil
}

// tokenFields are what can be said about a token. What is not said stays.
type tokenFields struct {
	Name         *string         `json:"name"`
	Scopes       []string        `json:"scopes"`
	Icon         *string         `json:"icon"`
	Conversation *string         `json:"conversation"`
	MaxPriority  *int            `json:"max_priority"`
	Rate         *int            `json:"rate"`
	Callbacks    *[]string       `json:"callbacks"`
	MutedUntil   json.RawMessage `json:"muted_until"` // a time, or null
	Mute         string          `json:"mute"`        // for how long from now
}

const (
	maxIcon      = 32 // bytes: an emoji with all that joins it
	maxRate      = 100_000
	maxCallbacks = 50
)

// set changes t. Errors are about what was asked.
func (in *tokenFields) set(tx *store.Tx, t *store.Token) error {
	if in.Name != nil {
		t.Name = strings.Join(strings.Fields(*in.Name), " ")
	}
	if t.Name == "" || len(t.Name) > maxName {
		return fault("invalid", "Give the token a name of 1 to %d bytes that tells what will use it.", maxName)
	}
	if in.Icon != nil {
		t.Icon = strings.TrimSpace(*in.Icon)
		if len(t.Icon) > maxIcon || strings.ContainsFunc(t.Icon, unicode.IsControl) {
			return fault("invalid", "The icon is one emoji.")
		}
	}
	if in.MaxPriority != nil {
		if t.MaxPriority = *in.MaxPriority; t.MaxPriority < 0 || t.MaxPriority > 5 {
			return fault("invalid", "max_priority is 1 to 5, or 0 for no limit.")
		}
	}
	if in.Rate != nil {
		if t.Rate = *in.Rate; t.Rate < 0 || t.Rate > maxRate {
			return fault("invalid", "rate is how many messages a minute, 1 to %d, or 0 for no limit of its own.", maxRate)
		}
	}
	if in.Conversation != nil {
		t.Conversation = *in.Conversation
		if _, err := tx.Conversation(t.Conversation); t.Conversation != "" && err != nil {
			return fault("invalid", "There is no conversation with the id %.40q. Leave it empty for the inbox.", t.Conversation)
		}
	}
	return errors.Join(in.setCallbacks(t), in.setMute(t, tx.Now()))
}

func (in *tokenFields) setCallbacks(t *store.Token) error {
	if in.Callbacks == nil {
		return nil
	}
	if len(*in.Callbacks) > maxCallbacks {
		return fault("invalid", "A token has at most %d callbacks.", maxCallbacks)
	}
	t.Callbacks = nil
	for _, s := range *in.Callbacks {
		host, err := checkCallback(s)
		if err != nil {
			return err
		}
		if !slices.Contains(t.Callbacks, host) {
			t.Callbacks = append(t.Callbacks, host)
		}
	}
	return nil
}

func (in *tokenFields) setMute(t *store.Token, now time.Time) error {
	if in.MutedUntil != nil {
		var until *store.Time
		if err := json.Unmarshal(in.MutedUntil, &until); err != nil {
			return fault("invalid", "muted_until is a time, such as 2026-11-22T08:30:00Z, or null.")
		}
		t.MutedUntil = until
	}
	if in.Mute != "" {
		d, ok := readDuration(in.Mute)
		if !ok {
			return fault("invalid", "mute is how long, such as 1h or 2d; 0 ends it. This was %.40q.", in.Mute)
		}
		until := store.At(now.Add(d))
		if t.MutedUntil = &until; d == 0 {
			t.MutedUntil = nil
		}
	}
	return nil
}

// readScopes checks and sorts scopes.
func readScopes(scopes []string) ([]string, error) {
	if len(scopes) == 0 {
		return nil, fault("invalid", "Say what the token may do: scopes out of fire, read, chat, admin.")
	}
	for _, s := range scopes {
		if !slices.Contains([]string{"fire", "read", "chat", "admin"}, s) {
			return nil, fault("invalid", "There is no scope %.40q; choose out of fire, read, chat, admin.", s)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// shown is a token with its secret, which no other answer holds.
type shown struct {
	*store.Token
	Secret string `json:"token"`
}

func (d *Daemon) createToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in tokenFields
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	scopes, err := readScopes(in.Scopes)
	if err != nil {
		return err
	}
	made := shown{&store.Token{Scopes: scopes}, store.NewSecret(tokenPrefix)}
	err = d.db.Update(func(tx *store.Tx) error {
		made.ID = tx.NewID()
		if err := in.set(tx, made.Token); err != nil {
			return err
		}
		return tx.PutToken(made.Token, made.Secret)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, made)
	return nil
}

// patchToken changes what a token may, but not its scopes: who has it was given it
// for those.
func (d *Daemon) patchToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in tokenFields
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Scopes != nil {
		return fault("invalid", "The scopes of a token stay as they are. Make another one, and revoke this.")
	}
	var t *store.Token
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if t, err = tx.Token(r.PathValue("id")); err != nil {
			return err
		}
		if err := in.set(tx, t); err != nil {
			return err
		}
		return tx.PutToken(t, "")
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, t)
	return nil
}

// rotateToken gives a token a new secret. The old one lets nobody in any more.
func (d *Daemon) rotateToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	fresh := shown{Secret: store.NewSecret(tokenPrefix)}
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if fresh.Token, err = tx.Token(r.PathValue("id")); err != nil {
			return err
		}
		fresh.Rotated++
		return tx.PutToken(fresh.Token, fresh.Secret)
	})
	if err != nil {
		return err
	}
	d.streams.end(caller{kind: "token", id: fresh.ID}.key())
	writeJSON(w, http.StatusOK, fresh)
	return nil
}

// deleteToken revokes a token. Its streams end before the answer is given.
func (d *Daemon) deleteToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PathValue("id")
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteToken(id) }); err != nil {
		return err
	}
	d.streams.end(caller{kind: "token", id: id}.key())
	w.WriteHeader(http.StatusNoContent)
	return nil
}
