package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	// occurrencePrefix is e/<reminder>/<wall> → Occurrence, with a TTL.
	occurrencePrefix = "e/"
	// turnPrefix is q/<reply> → the reminder and wall time whose turn it is.
	turnPrefix = "q/"
	// dropAtOnce bounds what deleting a reminder adds to its transaction; what
	// is left expires.
	dropAtOnce = 2000
)

// States of an occurrence, beside [Late].
const (
	Fired    = "fired"   // on time
	Missed   = "missed"  // not said, because it was too late
	Snoozed  = "snoozed" // comes again
	Answered = "done"
	Skipped  = "skipped"
	Broken   = "failed" // the turn of a prompt ended in error
)

// Occurrence returns the occurrence of a reminder at that wall time, or nil.
func (tx *Tx) Occurrence(reminder, wall string) (*Occurrence, error) {
	b, err := tx.get(occurrencePrefix + reminder + "/" + wall)
	if err != nil || b == nil {
		return nil, err
	}
	o := new(Occurrence)
	if err := json.Unmarshal(b, o); err != nil {
		return nil, fmt.Errorf("occurrence %s of %s: %w: %w", wall, reminder, ErrCorrupt, err)
	}
	return o, nil
}

// PutOccurrence writes o, which is forgotten after keep.
func (tx *Tx) PutOccurrence(reminder string, o *Occurrence, keep time.Duration) error {
	b, err := marshal(o)
	if err != nil {
		return fmt.Errorf("encode occurrence: %w", err)
	}
	tx.set(occurrencePrefix+reminder+"/"+o.Wall, b, keep)
	return nil
}

// Occurrences returns up to limit occurrences of a reminder, newest first by
// their wall time: those before the wall time before, or the newest if that is
// empty. more reports whether there are older ones.
func (tx *Tx) Occurrences(reminder, before string, limit int) (list []*Occurrence, more bool, err error) {
	prefix := occurrencePrefix + reminder + "/"
	tx.keys(prefix, before, true, func(key string) bool {
		wall := key[len(prefix):]
		if before != "" && wall >= before {
			return true
		}
		if len(list) == limit {
			more = true
			return false
		}
		var o *Occurrence
		if o, err = tx.Occurrence(reminder, wall); err == nil && o != nil {
			list = append(list, o)
		}
		return err == nil
	})
	return list, more, err
}

// dropOccurrences forgets what became of a reminder.
func (tx *Tx) dropOccurrences(reminder string) {
	var keys []string
	tx.keys(occurrencePrefix+reminder+"/", "", false, func(key string) bool {
		keys = append(keys, key)
		return len(keys) < dropAtOnce
	})
	for _, key := range keys {
		tx.del(key)
	}
}

// PromptTurn is a reply that a prompt reminder has asked for.
type PromptTurn struct{ Reply, Reminder, Wall string }

// PutPromptTurn remembers that a reply belongs to an occurrence, until
// [Tx.DropPromptTurn].
func (tx *Tx) PutPromptTurn(t PromptTurn) {
	tx.set(turnPrefix+t.Reply, []byte(t.Reminder+"/"+t.Wall), 0)
}

// DropPromptTurn forgets it.
func (tx *Tx) DropPromptTurn(reply string) { tx.del(turnPrefix + reply) }

// PromptTurns returns the turns of prompt reminders whose end nobody has seen
// to yet, oldest first.
func (tx *Tx) PromptTurns() (turns []PromptTurn, err error) {
	tx.keys(turnPrefix, "", false, func(key string) bool {
		var b []byte
		if b, err = tx.get(key); err != nil {
			return false
		}
		id, wall, _ := strings.Cut(string(b), "/")
		turns = append(turns, PromptTurn{Reply: key[len(turnPrefix):], Reminder: id, Wall: wall})
		return true
	})
	return turns, err
}
