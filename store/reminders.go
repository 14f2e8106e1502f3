package store

import (
	"encoding/binary"
	"time"
)

// Reminder states.
const (
	Active   = "active"
	Paused   = "paused"
	Finished = "done"
)

func dueKey(at time.Time, id string) string {
	ms := uint64(max(at.UnixMilli(), 0))
	return duePrefix + string(binary.BigEndian.AppendUint64(nil, ms)) + "/" + id
}

// Reminder returns the reminder with that id, or ErrNotFound.
func (tx *Tx) Reminder(id string) (*Reminder, error) {
	r := new(Reminder)
	return r, tx.load(kindReminder, id, r)
}

// Reminders returns all reminders, in the order they were made.
func (tx *Tx) Reminders() ([]*Reminder, error) { return all[Reminder](tx, kindReminder) }

// PutReminder writes r and keeps the due index: an active reminder with a Next
// comes due at that instant (to the millisecond). It sets Updated, and Created
// if zero.
func (tx *Tx) PutReminder(r *Reminder) error {
	if err := tx.undue(r.ID); err != nil {
		return err
	}
	r.Updated = At(tx.now)
	if r.Created.IsZero() {
		r.Created = r.Updated
	}
	if r.State == Active && r.Next != nil {
		tx.set(dueKey(r.Next.Time, r.ID), nil, 0)
	}
	return tx.put(entry{kind: kindReminder, id: r.ID, conv: r.Conversation}, r, textMark{})
}

// undue drops the due entry of a reminder's last version, if it had one.
func (tx *Tx) undue(id string) error {
	seq, err := tx.seqOf(kindReminder, id)
	if err != nil || seq == 0 {
		return err
	}
	old, err := tx.Reminder(id)
	if err != nil {
		return err
	}
	if old.State == Active && old.Next != nil {
		tx.del(dueKey(old.Next.Time, id))
	}
	return nil
}

// DeleteReminder removes a reminder and leaves a tombstone.
func (tx *Tx) DeleteReminder(id string) error {
	r, err := tx.Reminder(id)
	if err != nil {
		return err
	}
	if err := tx.undue(id); err != nil {
		return err
	}
	return tx.bury(kindReminder, id, r.Conversation)
}

// Due returns up to limit reminders that are due at now, earliest first.
func (tx *Tx) Due(now time.Time, limit int) (rs []*Reminder, err error) {
	end := dueKey(now.Add(time.Millisecond), "")
	tx.keys(duePrefix, "", false, func(key string) bool {
		if key >= end || len(rs) == limit {
			return false
		}
		var r *Reminder
		if r, err = tx.Reminder(key[len(duePrefix)+9:]); err == nil {
			rs = append(rs, r)
		}
		return err == nil
	})
	return rs, err
}

// NextDue is when the next reminder comes due; ok is false if there is none.
func (tx *Tx) NextDue() (at time.Time, ok bool) {
	tx.keys(duePrefix, "", false, func(key string) bool {
		at, ok = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(key[len(duePrefix):])))), true
		return false
	})
	return at, ok
}
