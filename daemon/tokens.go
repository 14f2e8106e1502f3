package daemon

import (
	"net/http"
	"slices"
	"strings"

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

// createToken is the only time that a token is shown.
func (d *Daemon) createToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Name   string   `json:"name"`
		Scopes []string `json:"scopes"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	if in.Name == "" || len(in.Name) > maxName {
		return fault("invalid", "Give the token a name of 1 to %d bytes that tells what will use it.", maxName)
	}
	if len(in.Scopes) == 0 {
		return fault("invalid", "Say what the token may do: scopes out of fire, read, chat, admin.")
	}
	for _, s := range in.Scopes {
		if !slices.Contains([]string{"fire", "read", "chat", "admin"}, s) {
			return fault("invalid", "There is no scope %.40q; choose out of fire, read, chat, admin.", s)
		}
	}
	slices.Sort(in.Scopes)
	secret := store.NewSecret(tokenPrefix)
	t := &store.Token{Name: in.Name, Scopes: slices.Compact(in.Scopes)}
	err := d.db.Update(func(tx *store.Tx) error {
		t.ID = tx.NewID()
		return tx.PutToken(t, secret)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, struct {
		*store.Token
		Secret string `json:"token"`
	}{t, secret})
	return nil
}

// deleteToken revokes a token. Its streams end before the answer is given.
func (d *Daemon) deleteToken(w http.ResponseWriter, r *http.Request, _ caller) error {
	id := r.PathValue("id")
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteToken(id) }); err != nil {
		return err
	}
	d.streams.end(caller{kind: "token", id: id}.key(), "revoked")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
