package store

import (
	"encoding/binary"
	"sync"
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

// DueAt is when something is to be done about r: the earliest of its next
// occurrence (or the end of the quiet hours that hold it), its snooze and its
// next repeat. ok is false where nothing is: it is paused or done.
func (r *Reminder) DueAt() (at time.Time, ok bool) {
	if r.State != Active {
		return at, false
	}
	earliest := func(t *Time) {
		if t != nil && (!ok || t.Before(at)) {
			at, ok = t.Time, true
		}
	}
	if earliest(r.Snoozed); r.Nagging != nil {
		earliest(&r.Nagging.At)
	}
	if r.Next != nil && r.Held != nil {
		earliest(r.Held)
	} else {
		earliest(r.Next)
	}
	return at, ok
}

// Reminder returns the reminder with that id, or ErrNotFound.
func (tx *Tx) Reminder(id string) (*Reminder, error) {
	r := new(Reminder)
	return r, tx.load(kindReminder, id, r)
}

// Reminders returns all reminders, in the order they were made.
func (tx *Tx) Reminders() ([]*Reminder, error) { return all[Reminder](tx, kindReminder) }

// PutReminder writes r and keeps the due index: r comes due at its DueAt (to
// the millisecond). It sets Updated, and Created if zero.
func (tx *Tx) PutReminder(r *Reminder) error {
	if err := tx.undue(r.ID); err != nil {
		return err
	}
	r.Updated = At(tx.now)
	if r.Created.IsZero() {
		r.Created = r.Updated
	}
	if err := tx.put(entry{kind: kindReminder, id: r.ID, conv: r.Conversation}, r, textMark{}); err != nil {
		return err
	}
	if at, ok := r.DueAt(); ok {
		key := dueKey(at, r.ID)
		tx.set(key, nil, 0)
		tx.db.due.added(key, tx.seq)
	}
	return nil
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
	if at, ok := old.DueAt(); ok {
		tx.del(dueKey(at, id))
	}
	return nil
}

// DeleteReminder removes a reminder with its history and leaves a tombstone.
func (tx *Tx) DeleteReminder(id string) error {
	r, err := tx.Reminder(id)
	if err != nil {
		return err
	}
	if err := tx.undue(id); err != nil {
		return err
	}
	tx.dropOccurrences(id)
	if r.Post != nil {
		tx.DropHidden(id)
	}
	return tx.bury(kindReminder, id, r.Conversation)
}

// RemindersFrom returns up to limit reminders whose id is from or comes after
// it, in the order they were made.
func (tx *Tx) RemindersFrom(from string, limit int) (rs []*Reminder, err error) {
	tx.keys(recordKey(kindReminder, ""), from, false, func(key string) bool {
		r := new(Reminder)
		if err = tx.load(kindReminder, key[2:], r); err == nil {
			rs = append(rs, r)
		}
		return err == nil && len(rs) < limit
	})
	return rs, err
}

// Due returns the ids of up to limit reminders that are due at now, earliest
// first, but those to pass over. If there are fewer, next is when the first of
// the others comes due, and ok is false if there is none.
func (tx *Tx) Due(now time.Time, limit int, pass func(id string) bool) (ids []string, next time.Time, ok bool) {
	end, first := dueKey(now.Add(time.Millisecond), ""), ""
	tx.keys(duePrefix, tx.db.due.from(), false, func(key string) bool {
		if first == "" {
			first = key
		}
		if len(ids) == limit {
			return false
		}
		id := key[len(duePrefix)+9:]
		if pass != nil && pass(id) {
			return true
		}
		if key >= end {
			next, ok = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(key[len(duePrefix):])))), true
			return false
		}
		ids = append(ids, id)
		return true
	})
	if !tx.writable {
		tx.db.due.seen(first, tx.seq)
	}
	return ids, next, ok
}

// dueMark is a key before which the due index is known to hold nothing. What
// was taken from the head of the index leaves deleted keys behind until the
// engine compacts them: after 100,000 of them, each look would take 30 ms to
// get past.
type dueMark struct {
	mu   sync.Mutex
	low  string
	last Seq // of the latest change that added a key
}

// added is called inside the transaction, before others can see the key.
func (d *dueMark) added(key string, at Seq) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.low, d.last = min(d.low, key), at
}

// seen notes that key was the first one (or, if empty, that there was none) in
// a snapshot that holds all changes up to at.
func (d *dueMark) seen(key string, at Seq) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last > at {
		return // a key may be on its way that the snapshot did not show
	}
	if d.low = key; key == "" {
		d.low = duePrefix + "\xff"
	}
}

// from is where to begin, below duePrefix.
func (d *dueMark) from() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.low == "" {
		return ""
	}
	return d.low[len(duePrefix):]
}
