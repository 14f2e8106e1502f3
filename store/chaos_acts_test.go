package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// chaosWorld is what the acts of TestChaos work on.
type chaosWorld struct {
	db   *DB
	safe string // a conversation that nobody deletes
}

var errChanged = errors.New("changed my mind")

func (w *chaosWorld) begin() error {
	return w.db.Update(func(tx *Tx) error {
		if found, err := tx.Value("safe", &w.safe); err != nil || found {
			return err
		}
		w.safe = tx.NewID()
		return errors.Join(tx.SetValue("safe", w.safe), tx.PutConversation(&Conversation{ID: w.safe, Title: "safe"}))
	})
}

// act does one thing.
func (w *chaosWorld) act(n int) error {
	switch {
	case n < 20:
		return w.keep()
	case n < 40:
		return w.stream()
	case n < 52:
		return w.drop()
	case n < 60:
		return w.crowd()
	case n < 72:
		return w.db.Update(w.edit)
	case n < 80:
		return w.db.Update(w.replace)
	case n < 87:
		return w.db.Update(w.remind)
	case n < 93:
		return w.db.Update(w.push)
	case n < 96:
		return w.db.Update(w.bring)
	case n < 98:
		return w.db.Update(func(tx *Tx) error { return errors.Join(w.edit(tx), errChanged) })
	case n < 99:
		return w.db.Update(func(tx *Tx) error { return errors.Join(w.edit(tx), tx.SetValue("big", strings.Repeat("x", maxTx))) })
	}
	return w.db.Update(func(tx *Tx) error {
		tx.set(strings.Repeat("k", 1<<16), nil, 0) // the engine refuses such a key, and the whole group
		return w.edit(tx)
	})
}

func (w *chaosWorld) keep() error {
	m := &Message{Conversation: w.safe, Role: Assistant, Status: Done, Text: "kept"}
	err := w.db.Update(func(tx *Tx) error { _, err := tx.Deliver(m); return err })
	if err == nil {
		fmt.Println("kept " + m.ID)
	}
	return err
}

// any returns a conversation, mostly a latter one.
func (w *chaosWorld) any(tx *Tx) (c *Conversation, err error) {
	all, err := tx.Conversations()
	if err != nil || len(all) < 2 || rand.IntN(10) == 0 {
		c, _, err2 := tx.Inbox()
		return c, errors.Join(err, err2)
	}
	return all[len(all)-1-rand.IntN(min(len(all), 4))], nil
}

func (w *chaosWorld) anyMessage(tx *Tx) (*Message, error) {
	c, err := w.any(tx)
	if err != nil {
		return nil, err
	}
	ms, _, err := tx.Messages(c.ID, "", 5)
	if err != nil || len(ms) == 0 {
		return nil, errors.Join(err, errChanged)
	}
	return ms[rand.IntN(len(ms))], nil
}

// stream writes a reply, with its checkpoints, and ends it in one of its ways.
func (w *chaosWorld) stream() error {
	var id string
	if err := w.db.Update(func(tx *Tx) error {
		c, err := w.any(tx)
		if err != nil {
			return err
		}
		_, _, err = tx.DeliverTurn(&Message{Conversation: c.ID, Text: "go on"})
		open, err2 := tx.OpenTurns(c.ID)
		if err = errors.Join(err, err2); err == nil {
			id = open[rand.IntN(len(open))].ID // maybe one of an earlier life
		}
		return err
	}); err != nil {
		return err
	}
	wr, err := w.db.Stream(id)
	if err != nil {
		return err
	}
	defer wr.Abandon()
	for i := range 1 + rand.IntN(4) {
		if _, err := wr.WriteString(strings.Repeat("tok ", 1+rand.IntN(2000))); err != nil {
			return err
		}
		if rand.IntN(2) == 0 {
			wr.save()
		} else if err := wr.Update(func(tx *Tx, m *Message) error {
			m.Steps = append(m.Steps, Step{N: i})
			return tx.PutJournal(id, i, "line")
		}); err != nil {
			return err
		}
	}
	end := []Status{Done, Failed, Pending, ""}[rand.IntN(4)]
	if end == "" {
		return nil // abandoned
	}
	return wr.Close(func(_ *Tx, m *Message) error { m.Status = end; return nil })
}

// drop deletes a conversation, so that there are never many.
func (w *chaosWorld) drop() error {
	id := ""
	if err := w.db.Update(func(tx *Tx) error {
		c, err := w.any(tx)
		if err == nil && c.ID != w.safe {
			id = c.ID
		}
		return err
	}); err != nil || id == "" {
		return err
	}
	err := w.db.DeleteConversation(id)
	if err == nil {
		fmt.Println("gone " + id)
	}
	return err
}

// crowd makes a conversation that takes more than one bite to purge.
func (w *chaosWorld) crowd() error {
	id := ""
	for range 1 + rand.IntN(4) {
		if err := w.db.Update(func(tx *Tx) error {
			if id == "" {
				id = tx.NewID()
				if err := tx.PutConversation(&Conversation{ID: id, Title: "crowd"}); err != nil {
					return err
				}
			}
			for range 200 {
				m := &Message{ID: tx.NewID(), Conversation: id, Role: User, Status: Done, Text: strings.Repeat("word ", rand.IntN(40))}
				if err := tx.PutMessage(m); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *chaosWorld) edit(tx *Tx) error {
	m, err := w.anyMessage(tx)
	if err != nil {
		return err
	}
	switch rand.IntN(4) {
	case 0:
		return tx.MarkRead(m.Conversation, m.ID)
	case 1:
		if m.Conversation != w.safe {
			return tx.DeleteMessage(m.ID)
		}
	case 2:
		at := At(tx.Now().Add(time.Hour))
		m.Ask = &Ask{State: AskOpen, Expires: &at}
		return errors.Join(tx.PutHidden(m.ID, "secret"), tx.PutMessage(m))
	}
	m.Text, m.Status = fmt.Sprint("edited ", rand.Int()), Done
	return tx.PutMessage(m)
}

// replace says a message anew in its place, as a fire with a replace key does.
func (w *chaosWorld) replace(tx *Tx) error {
	key := fmt.Sprint(rand.IntN(5))
	id, err := tx.Replaces("script", key)
	if err != nil {
		return err
	}
	m, err := tx.Message(id)
	again := err == nil
	if errors.Is(err, ErrNotFound) {
		m, err = &Message{Role: Assistant, Status: Done}, nil
		if c, err := w.any(tx); err == nil {
			m.Conversation = c.ID
		}
	}
	if err != nil {
		return err
	}
	m.Text = fmt.Sprint("state ", rand.IntN(100))
	if _, err := tx.Deliver(m); err != nil || !again {
		return errors.Join(err, tx.SetReplaces("script", key, m.ID, time.Time{}))
	}
	_, err = tx.QueuePush(m, PushNews)
	return errors.Join(err, tx.Replaceable(m.ID), tx.Renew(m))
}

func (w *chaosWorld) remind(tx *Tx) error {
	rs, err := tx.RemindersFrom("", 6)
	if err != nil {
		return err
	}
	at := At(tx.Now().Add(time.Duration(rand.IntN(5000)-1000) * time.Millisecond))
	if len(rs) < 5 {
		id := tx.NewID()
		return tx.PutReminder(&Reminder{ID: id, State: Active, Kind: "message", Next: &at, Post: &Message{ID: id, Text: "later"}})
	}
	r := rs[rand.IntN(len(rs))]
	if rand.IntN(3) == 0 {
		return tx.DeleteReminder(r.ID)
	}
	r.Post.Role, r.Post.Status = Assistant, Done // it comes due
	r.Post.Text = fmt.Sprint("at ", at)
	r.Next = &at
	if found, err := tx.Known(r.Post.ID); err != nil || !found {
		if _, err := tx.Deliver(r.Post); err != nil {
			return err
		}
	}
	o := &Occurrence{Due: at, At: at, State: Fired, Wall: at.String()}
	return errors.Join(tx.PutReminder(r), tx.PutOccurrence(r.ID, o, time.Hour))
}

func (w *chaosWorld) push(tx *Tx) error {
	ds, err := tx.Devices()
	if err != nil {
		return err
	}
	if len(ds) < 3 {
		id := tx.NewID()
		return errors.Join(tx.PutDevice(&Device{ID: id}, id), tx.PutSubscription(&Subscription{Device: id, Endpoint: "https://push.example/" + id}))
	}
	d := ds[rand.IntN(len(ds))]
	if rand.IntN(8) == 0 {
		return tx.DeleteDevice(d.ID)
	}
	list, err := tx.Outbox(d.ID, 20)
	for _, o := range list {
		if err == nil {
			_, err = tx.Advance(o.Message, d.ID, []string{Accepted, Shown, Seen, Acted}[rand.IntN(4)], "")
		}
	}
	return err
}

// bring imports messages from a time long ago, some of which are here.
func (w *chaosWorld) bring(tx *Tx) error {
	c, err := w.any(tx)
	if err != nil {
		return err
	}
	var ms []*Message
	at := time.UnixMilli(1_600_000_000_000)
	for range 5 {
		ms = append(ms, &Message{ID: tx.NewIDAt(at), Conversation: c.ID, Role: User, Status: Done, Text: "old", Created: At(at)})
	}
	_, err = tx.Import(append(ms, ms[0]))
	return err
}
