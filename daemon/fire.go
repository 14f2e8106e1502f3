package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"hark/store"
)

// firing is the answer to a fire. Everything that could not be done as asked is
// a warning.
type firing struct {
	Message      string       `json:"message"`
	Conversation string       `json:"conversation"`
	Created      bool         `json:"created_conversation"`
	Duplicate    bool         `json:"duplicate"`
	Cursor       store.Cursor `json:"cursor"`
	Push         pushCount    `json:"push"`
	Warnings     []string     `json:"warnings"`
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
// row into one transaction.
func (d *Daemon) deliver(in *fireInput, who caller) (firing, error) {
	var out firing
	same, err := marshal(in) // the meaning of the body, however it was written
	if err != nil {
		return out, err
	}
	err = d.db.Update(func(tx *store.Tx) error {
		out = firing{Warnings: append([]string{}, in.warnings...)}
		out.notYet(in)
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
		if err := out.put(tx, in, who); err != nil {
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
	return out, err
}

// notYet says what of a fire is understood and not done yet.
func (out *firing) notYet(in *fireInput) {
	for _, f := range []struct {
		given bool
		say   string
	}{
		{in.At != "", "at is not supported yet: delivered at once"},
		{in.Ask != nil, "ask is not supported yet and was ignored"},
		{len(in.Actions) > 0, "actions is not supported yet and was ignored"},
		{in.Run, "run is not supported yet: delivered as a message"},
	} {
		if f.given {
			out.Warnings = append(out.Warnings, f.say)
		}
	}
}

func (out *firing) put(tx *store.Tx, in *fireInput, who caller) error {
	m, err := replaced(tx, in, who)
	if err != nil {
		return err
	}
	again := m != nil
	if in, err = in.bound(tx, out, who, again); err != nil {
		return err
	}
	if !again {
		m = &store.Message{Role: store.Assistant, Conversation: in.Conversation}
		if in.Conversation != "" {
			if _, err := tx.Conversation(in.Conversation); errors.Is(err, store.ErrNotFound) {
				m.Conversation = ""
				out.Warnings = append(out.Warnings, "there is no such conversation: delivered to the inbox")
			}
		}
	}
	m.Status, m.Text, m.Title, m.Format = store.Done, in.Text, in.Title, "plain"
	if in.Markdown {
		m.Format = ""
	}
	m.Priority, m.Tags, m.Click, m.Silent = in.Priority, in.Tags, in.Click, in.Silent
	m.Source = store.Source{Kind: "fire", Name: who.name, ID: who.id}
	made, err := tx.Deliver(m)
	if err != nil {
		return err
	}
	out.Created = out.Created || made
	out.Message, out.Conversation = m.ID, m.Conversation
	switch {
	case again:
		if _, err := tx.QueuePush(m, store.PushNews); err != nil {
			return err
		}
		return errors.Join(tx.Replaceable(m.ID), unread(tx, m))
	case in.Replace != "":
		return errors.Join(tx.Replaceable(m.ID), tx.SetValue(replaceName(in.Replace, who), m.ID))
	}
	return nil
}

// replaceName is where the message that a token's replace key stands for is kept.
func replaceName(key string, who caller) string {
	sum := sha256.Sum256([]byte(key))
	return "replace/" + who.id + "/" + hex.EncodeToString(sum[:16])
}

// replaced returns the message to update in place, or nil.
func replaced(tx *store.Tx, in *fireInput, who caller) (*store.Message, error) {
	if in.Replace == "" {
		return nil, nil
	}
	var id string
	if found, err := tx.Value(replaceName(in.Replace, who), &id); err != nil || !found {
		return nil, err
	}
	m, err := tx.Message(id)
	if err == nil {
		_, err = tx.Conversation(m.Conversation)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // deleted: the next one is new
	}
	return m, err
}

// unread makes the owner look again at a message that says something new.
func unread(tx *store.Tx, m *store.Message) error {
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	if m.ID <= c.ReadUpto && c.Unread == 0 {
		c.Unread = 1
	}
	c.LastAt = store.At(tx.Now())
	return tx.PutConversation(c)
}
