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
func countRows(txn *badger.Txn) (n uint64) {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(feedPrefix)})
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

// recount reads what is on disk after a change that the engine has refused: it
// may have kept it all the same. The head went on with it, and so it is not what
// the witness may tell.
func (db *DB) recount() {
	switch t, known, err := db.tally(); {
	case err != nil:
		db.log.Error("tally", "err", err)
	case known:
		db.last, db.rows = t.seq, t.rows
	}
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
	switch {
	case known && t.seq != head:
		return fmt.Errorf("%w: the last change is %d and should be %d", ErrDamaged, head, t.seq)
	case w == nil || w.Epoch != db.epoch:
		return nil
	case head < w.Seq:
		return fmt.Errorf("%w: the last change is %d and should be %d", ErrDamaged, head, w.Seq)
	case known && head == w.Seq && t.rows != w.Rows:
		return fmt.Errorf("%w: it had %d records and has %d", ErrDamaged, w.Rows, t.rows)
	}
	return nil
}
