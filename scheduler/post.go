package scheduler

import (
	"errors"
	"time"

	"hark/store"
)

// Fire is the kind of a reminder that a program has made: a message that it
// wants delivered later, whole, as Post holds it. It is held back by nothing,
// and it is gone when it has been delivered.
const Fire = "fire"

// NewFire makes a fire out of m, to be delivered at an instant. m is not written
// yet; its conversation must be set. The message will have the id of the
// reminder. Call [Scheduler.Kick] after the transaction.
func NewFire(tx *store.Tx, m *store.Message, at time.Time, zone string) (*store.Reminder, error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		where, zone = time.UTC, "UTC"
	}
	if whole := at.Truncate(time.Second); whole.Before(at) {
		at = whole.Add(time.Second)
	}
	r := &store.Reminder{
		ID: tx.NewIDAt(at), Kind: Fire, Text: m.Text, Zone: zone, Conversation: m.Conversation, Priority: m.Priority, Post: m,
		Schedule: "at " + at.In(where).Format(time.RFC3339),
	}
	m.ID, m.Attempt, m.Created, m.Updated = r.ID, 1, store.At(at), store.At(at)
	if m.Ask != nil && m.Ask.Expires != nil {
		until := store.At(m.Ask.Expires.Add(at.Sub(tx.Now())))
		m.Ask.Expires = &until
	}
	return r, Put(tx, r, zone)
}

// post delivers the message of a fire, and returns the conversation if something
// is to be done there.
func (f *firing) post() (turn string, err error) {
	m, due := f.r.Post, f.now
	if at, ok := f.r.DueAt(); ok {
		due = at
	}
	if f.late(due) {
		m.Reason = store.Late
	}
	if m.Ask != nil && m.Ask.Expires != nil { // the time to answer begins now
		until := store.At(m.Ask.Expires.Add(max(f.now.Sub(due), 0)))
		m.Ask.Expires = &until
	}
	var hidden any
	kept, err := f.tx.Hidden(f.r.ID, &hidden)
	if err != nil {
		return "", err
	}
	m.ID, m.Conversation, m.Created = f.r.ID, f.conversation(), store.Time{}
	if err := f.tx.DeleteReminder(f.r.ID); err != nil {
		return "", err
	}
	if kept {
		if err := f.tx.PutHidden(m.ID, hidden); err != nil {
			return "", err
		}
	}
	if m.Role == store.User {
		_, _, err := f.tx.DeliverTurn(m)
		return m.Conversation, err
	}
	if _, err := f.tx.Deliver(m); err != nil {
		return "", err
	}
	return "", f.tx.Renew(m)
}

// settleAsks ends the questions whose time is up, in their default where they
// have one, and says when the next one's is.
func (s *Scheduler) settleAsks() (next time.Time, found bool, err error) {
	for {
		var ids []string
		now := s.cfg.Now().Round(0)
		err = s.cfg.DB.View(func(tx *store.Tx) error {
			ids, next, found = tx.AsksDue(now, bite)
			return nil
		})
		if err != nil || len(ids) == 0 {
			return next, found, err
		}
		if err = s.expireAll(ids, now); err != nil {
			return next, found, err
		}
	}
}

// expireAll ends questions in as few transactions as hold them: a question may
// have a long text.
func (s *Scheduler) expireAll(ids []string, now time.Time) error {
	err := s.cfg.DB.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			if err := expire(tx, id, now); err != nil {
				return err
			}
		}
		return nil
	})
	if half := len(ids) / 2; errors.Is(err, store.ErrTooBig) && half > 0 {
		if err := s.expireAll(ids[:half], now); err != nil {
			return err
		}
		return s.expireAll(ids[half:], now)
	}
	return err
}

// expire ends one question.
func expire(tx *store.Tx, id string, now time.Time) error {
	m, err := tx.Message(id)
	if errors.Is(err, store.ErrNotFound) {
		tx.DropAsk(id)
		return nil
	} else if err != nil {
		return err
	}
	if m.Ask == nil || m.Ask.State != store.AskOpen || m.Ask.Expires == nil || m.Ask.Expires.After(now) {
		return nil // answered, or put off, since it was found
	}
	m.Ask.State = store.AskExpired
	if m.Ask.Default != "" {
		m.Answer = &store.Answer{Value: m.Ask.Default, At: store.At(now)}
	}
	return tx.PutMessage(m)
}
