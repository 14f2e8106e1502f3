package store

import (
	"encoding/binary"
	"time"
)

// mostTallied bounds what one tally reads: who is pushed to more often than this
// in a day is told of the latest.
const mostTallied = 10_000

// DeliveryTally counts what became of the pushes of the messages made since
// then, by state. Tests are left out. Of more than 10,000 pushes the latest count.
func (tx *Tx) DeliveryTally(since time.Time) (states map[string]int, err error) {
	states = map[string]int{}
	oldest := encodeULID(uint64(max(since.UnixMilli(), 0)), 0, 0)
	read := 0
	tx.keys(ledgerPrefix, "", true, func(key string) bool {
		message, device := key[len(ledgerPrefix):len(ledgerPrefix)+len(oldest)], key[len(ledgerPrefix)+len(oldest)+1:]
		if message < oldest || read == mostTallied {
			return false
		}
		read++
		var d *Delivery
		if d, err = tx.Delivery(message, device); err == nil && d.Kind != PushTest {
			states[d.State]++
		}
		return err == nil
	})
	return states, err
}

// OutboxLen is how many pushes are still to be sent, to all devices.
func (tx *Tx) OutboxLen() (n int) {
	tx.keys(outboxPrefix, "", false, func(string) bool { n++; return true })
	return n
}

// NextDue is when the first reminder comes due, or has come due without having
// been fired; the zero time if none will.
func (tx *Tx) NextDue() (at time.Time) {
	tx.keys(duePrefix, tx.db.due.from(), false, func(key string) bool {
		at = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(key[len(duePrefix):]))))
		return false
	})
	return at
}
