package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// tallyKey holds where the feed ended and how many entries it had, as of the
// last transaction: written with it, and so as old as what is left after a
// loss. It tells of entries that are missing in the middle.
const tallyKey = valuePrefix + "tally"

type tally struct {
	seq  Seq
	rows uint64
}

func (t tally) encode() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(t.seq)), t.rows)
}

// readTally returns the tally, and whether there is one.
func readTally(txn *badger.Txn) (t tally, ok bool, err error) {
	b, err := valueOf(txn, tallyKey)
	if err != nil || b == nil {
		return t, false, err
	}
	if len(b) != 16 {
		return t, false, fmt.Errorf("tally: %w", ErrCorrupt)
	}
	return tally{Seq(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint64(b[8:])}, true, nil
}

// valueOf returns the value of a key, or nil.
func valueOf(txn *badger.Txn, key string) ([]byte, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return item.ValueCopy(nil)
}

// countRows counts the entries of the feed.
func countRows(txn *badger.Txn) uint64 { return uint64(countBelow(txn, feedPrefix)) }

func countBelow(txn *badger.Txn, prefix string) (n int) {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix)})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		n++
	}
	return n
}

// counted is how many entries the feed has more (or fewer) for a row that is
// written.
func counted(key string, r row) int {
	num, ok := strings.CutPrefix(key, feedPrefix)
	switch {
	case !ok || binary.BigEndian.Uint64([]byte(num)) == 0: // no entry has the number 0
		return 0
	case r.value == nil:
		return -1
	}
	return 1
}

// purgedEnd reports whether a feed of so many entries that ends at last has all
// that it should have, although its tally ends later: the last changes were of
// messages that went with their conversation. Earlier versions could leave it so.
func (t tally) purgedEnd(last Seq, rows uint64) bool { return t.seq > last && t.rows == rows }

// recount reads what is on disk after a change that the engine has refused: it
// may have kept it all the same. The head went on with it, and so it is not what
// the witness may tell. Until it is known no change is taken, or the tally would
// be wrong for ever.
func (db *DB) recount() error {
	if !db.unsure {
		return nil
	}
	t, known, err := db.tally()
	if err != nil {
		return fmt.Errorf("after a change that was refused: %w", err)
	}
	if known {
		db.last, db.rows = t.seq, t.rows
	}
	db.unsure = false
	return nil
}

// remember notes in the witness how things stand. A witness that can't be
// written is no reason to refuse changes: it is then behind, and says less.
func (db *DB) remember(files string, now bool) {
	if db.witness == nil {
		return
	}
	w := Witness{Epoch: db.epoch, Seq: db.last, Rows: db.rows, At: time.Now(), Files: files}
	if err := db.witness.note(w, now); err != nil {
		db.log.Error("witness", "err", err)
	}
}

// compare holds what was found on opening against what is remembered.
func (db *DB) compare(w *Witness, t tally, known bool) error {
	head := Seq(db.head.Load())
	if known && t.seq != head {
		rows := uint64(0)
		if err := db.kv.View(func(txn *badger.Txn) error { rows = countRows(txn); return nil }); err != nil {
			return fmt.Errorf("count the records: %w", err)
		}
		if !t.purgedEnd(head, rows) {
			return fmt.Errorf("%w: the last change is %d and should be %d", ErrDamaged, head, t.seq)
		}
		head = t.seq
		db.head.Store(uint64(head))
	}
	if !known && w != nil {
		t.rows = w.Rows // nobody counted
	}
	if lack := w.lack(Cursor{db.epoch, head}, t.rows); lack != "" {
		return fmt.Errorf("%w: %s", ErrDamaged, lack)
	}
	return nil
}

// lack says what a store that ends at c, with so many entries, lacks of what the
// witness remembers; nothing is right. Of a conversation that is being deleted
// entries go without a change that has a number, and the process may have died
// before the witness was told: there may be fewer than it remembers.
func (w *Witness) lack(c Cursor, rows uint64) string {
	switch {
	case w == nil || w.Epoch != c.Epoch:
		return ""
	case c.Seq < w.Seq:
		return fmt.Sprintf("the last change is %d and should be %d", c.Seq, w.Seq)
	case c.Seq == w.Seq && rows > w.Rows:
		return fmt.Sprintf("there are %d records and should be %d", rows, w.Rows)
	}
	return ""
}
