package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	journalPrefix = "s/" // s/<msg>/<n:4>       → a line of a turn's journal
	factPrefix    = "n/" // n/<id>              → Fact
	usagePrefix   = "u/" // u/<day>/<source>    → Usage
)

func journalKey(message string, n int) string {
	return journalPrefix + message + "/" + string(binary.BigEndian.AppendUint32(nil, uint32(n)))
}

// PutJournal writes line n of a turn's journal, as JSON. What the lines mean is
// the agent's business; the store keeps them until the message is deleted.
func (tx *Tx) PutJournal(message string, n int, v any) error {
	b, err := marshal(v)
	if err != nil {
		return fmt.Errorf("encode journal: %w", err)
	}
	if len(b) > maxEntry {
		return fmt.Errorf("journal line of %d bytes: %w", len(b), ErrTooBig)
	}
	tx.set(journalKey(message, n), b, 0)
	return nil
}

// Journal calls fn with each line of a turn's journal, in the order of their
// numbers.
func (tx *Tx) Journal(message string, fn func(n int, line []byte) error) (err error) {
	prefix := journalPrefix + message + "/"
	tx.keys(prefix, "", false, func(key string) bool {
		var b []byte
		if b, err = tx.get(key); err == nil {
			err = fn(int(binary.BigEndian.Uint32([]byte(key[len(prefix):]))), b)
		}
		return err == nil
	})
	return err
}

// DropJournal forgets the lines of a turn's journal from number from on.
func (tx *Tx) DropJournal(message string, from int) {
	prefix := journalPrefix + message + "/"
	var keys []string
	tx.keys(prefix, "", false, func(key string) bool {
		if int(binary.BigEndian.Uint32([]byte(key[len(prefix):]))) >= from {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		tx.del(key)
	}
}

// DropJournalLine forgets line n of a turn's journal.
func (tx *Tx) DropJournalLine(message string, n int) { tx.del(journalKey(message, n)) }

// Fact is something that the assistant is to remember. It is not part of the
// feed.
type Fact struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	By      string `json:"by,omitempty"` // the reply in which it was learnt; empty: the owner wrote it
	Created Time   `json:"created"`
	Updated Time   `json:"updated"`
}

// PutFact writes f and sets Updated, and Created if zero.
func (tx *Tx) PutFact(f *Fact) error {
	f.Updated = At(tx.now)
	if f.Created.IsZero() {
		f.Created = f.Updated
	}
	b, err := marshal(f)
	if err != nil {
		return fmt.Errorf("encode fact: %w", err)
	}
	tx.set(factPrefix+f.ID, b, 0)
	return nil
}

// Fact returns the fact with that id, or ErrNotFound.
func (tx *Tx) Fact(id string) (*Fact, error) {
	b, err := tx.get(factPrefix + id)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("fact %.40q: %w", id, ErrNotFound)
	}
	f := new(Fact)
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fmt.Errorf("fact %s: %w: %w", id, ErrCorrupt, err)
	}
	return f, nil
}

// Facts returns all facts, in the order they were learnt.
func (tx *Tx) Facts() (fs []*Fact, err error) {
	tx.keys(factPrefix, "", false, func(key string) bool {
		var f *Fact
		if f, err = tx.Fact(key[len(factPrefix):]); err == nil {
			fs = append(fs, f)
		}
		return err == nil
	})
	return fs, err
}

// DeleteFact forgets a fact, or returns ErrNotFound.
func (tx *Tx) DeleteFact(id string) error {
	if _, err := tx.Fact(id); err != nil {
		return err
	}
	tx.del(factPrefix + id)
	return nil
}

// Usage is what asking models has cost: tokens, and milliseconds of waiting
// for answers and tools.
type Usage struct {
	Turns  int   `json:"turns,omitempty"` // ended
	Calls  int   `json:"calls"`           // answers of a model
	Input  int   `json:"input"`           // tokens read, those from a cache included
	Cached int   `json:"cached,omitempty"`
	Output int   `json:"output"` // tokens written
	Ms     int64 `json:"ms"`
}

// Add adds v to u.
func (u *Usage) Add(v Usage) {
	u.Turns, u.Calls, u.Ms = u.Turns+v.Turns, u.Calls+v.Calls, u.Ms+v.Ms
	u.Input, u.Cached, u.Output = u.Input+v.Input, u.Cached+v.Cached, u.Output+v.Output
}

// DayUsage is the usage of one day (2006-01-02, on the owner's clock) by what
// one kind of source has asked for.
type DayUsage struct {
	Day    string `json:"day"`
	Source string `json:"source"` // chat, fire or reminder
	Usage
}

// usageKept is how long the usage of a day can be asked for.
const usageKept = 400 * 24 * time.Hour

// AddUsage adds to the usage of a day and source.
func (tx *Tx) AddUsage(day, source string, u Usage) error {
	key := usagePrefix + day + "/" + source
	b, err := tx.get(key)
	if err != nil {
		return err
	}
	var sum Usage
	if b != nil {
		if err := json.Unmarshal(b, &sum); err != nil {
			return fmt.Errorf("usage of %s: %w: %w", day, ErrCorrupt, err)
		}
	}
	sum.Add(u)
	if b, err = marshal(sum); err != nil {
		return fmt.Errorf("encode usage: %w", err)
	}
	tx.set(key, b, usageKept)
	return nil
}

// UsageSince returns the usage from a day on, oldest first.
func (tx *Tx) UsageSince(day string) (list []DayUsage, err error) {
	tx.keys(usagePrefix, day, false, func(key string) bool {
		var b []byte
		if b, err = tx.get(key); err != nil {
			return false
		}
		u := DayUsage{}
		u.Day, u.Source, _ = strings.Cut(key[len(usagePrefix):], "/")
		if err = json.Unmarshal(b, &u.Usage); err == nil {
			list = append(list, u)
		}
		return err == nil
	})
	return list, err
}
