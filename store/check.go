package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// ErrDamaged means that the store's files are damaged. What can be read of it may lack
// records that were acknowledged.
var ErrDamaged = errors.New("the store is damaged")

// State is what can be seen of a store from outside, without opening it.
type State int

// The states of a store in a folder.
const (
	Fresh   State = iota // there is none, and none is remembered
	Clean                // it is as it was left when it was last closed
	Suspect              // its process died, or its files are not those that it left: see [Check]
	Gone                 // one is remembered, and there is none
)

// Examine looks at the store in dir from outside. It changes nothing, and costs
// as much as there are files.
func Examine(dir string) (State, error) {
	w, err := ReadWitness(dir)
	if err != nil {
		return Suspect, err
	}
	list, err := os.ReadDir(dir)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Suspect, fmt.Errorf("read the store's folder: %w", err)
	case len(list) == 0 && (w == nil || w.Seq == 0):
		return Fresh, nil
	case len(list) == 0:
		return Gone, nil
	case w == nil || w.Files == "":
		return Suspect, nil
	}
	if isAsLeft(dir, w) {
		return Clean, nil
	}
	return Suspect, nil
}

// isAsLeft reports whether the files of a store are those that w tells of. What
// can't be listed is not; [Check] says what of it.
func isAsLeft(dir string, w *Witness) bool {
	files, err := filesOf(dir)
	return err == nil && files == w.Files
}

// Report is what a whole reading of a store found.
type Report struct {
	Cursor        Cursor    `json:"cursor"`
	Schema        int       `json:"schema"`
	Rows          uint64    `json:"rows"` // entries of the feed, tombstones included
	Messages      int       `json:"messages"`
	Conversations int       `json:"conversations"`
	Reminders     int       `json:"reminders"`
	Devices       int       `json:"devices"`
	ReplaceKeys   int       `json:"replace_keys"` // that still stand for a message
	Last          time.Time `json:"last"`         // of the last change
	// Faults says what is wrong, in sentences; with none the store is whole.
	Faults []string `json:"faults,omitempty"`
}

func (r *Report) fault(format string, a ...any) {
	const most = 20 // one is enough to know
	if len(r.Faults) < most {
		r.Faults = append(r.Faults, fmt.Sprintf(format, a...))
	}
}

// readingOptions are those of a store that is opened to be read. No compaction
// may run: it would delete tables that the table of contents names, and what
// [KeepEvidence] kept would no longer fit what is there.
func readingOptions(dir string) badger.Options {
	const never = 1 << 20 // tables of the first level: more than that, and a write waits for a compaction
	return options(dir, slog.New(slog.DiscardHandler)).
		WithNumCompactors(0).WithNumLevelZeroTables(never).WithNumLevelZeroTablesStall(never + 1)
}

// Check opens the store in dir and reads all of it: every record against its
// checksum, the records against the indices, and their number against what the
// last transaction and the witness remember. Nobody else may have it open. An
// error that is [ErrDamaged] says that it can't be opened at all, and any other
// that nothing is known. After some damage the engine
// panics on a goroutine of its own: call it in a process that may die.
func Check(dir string) (Report, error) {
	w, err := ReadWitness(dir)
	if err != nil {
		return Report{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST")); err != nil && w != nil {
		// The engine would make a new one and delete every table that it then does not know.
		return Report{}, fmt.Errorf("%w: its table of contents is missing: %w", ErrDamaged, err)
	}
	kv, err := openEngine(readingOptions(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		err = openFault(dir, err)
		if errors.Is(err, ErrInUse) || isRefusal(err) {
			return Report{}, err
		}
		return Report{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r, err := check(kv)
	if err == nil {
		if lack := w.lack(r.Cursor, r.Rows); lack != "" {
			r.fault("%s%s.", strings.ToUpper(lack[:1]), lack[1:])
		}
	}
	return r, errors.Join(err, kv.Close())
}

// isRefusal reports whether it is the system that did not let a store be opened:
// then nothing is known of what is in it. Of most causes the engine's errors keep
// the words only.
func isRefusal(err error) bool {
	for _, no := range refusals() {
		if errors.Is(err, no) || strings.Contains(err.Error(), no.Error()) {
			return true
		}
	}
	return errors.Is(err, fs.ErrPermission)
}

// census adds up what should be equal in two places: order does not matter,
// and neither memory nor look-ups grow with the store.
type census struct {
	n   int
	sum uint64
}

func (c *census) add(seed maphash.Seed, first, second string) {
	c.n++
	c.sum += maphash.String(seed, first+"\x00"+second)
}

func check(kv *badger.DB) (r Report, err error) {
	err = kv.View(func(txn *badger.Txn) error {
		c := checker{r: &r, seed: maphash.MakeSeed(), told: map[kind]*census{}, found: map[kind]*census{}}
		for _, k := range []kind{kindMessage, kindConversation, kindReminder, kindDevice} {
			c.told[k], c.found[k] = new(census), new(census)
		}
		c.feed(txn)
		for k, found := range c.found {
			c.index(txn, k, found)
			if told := c.told[k]; *told != *found {
				r.fault("There are %d records of the kind %s, and the index has %d.", told.n, k, found.n)
			}
		}
		c.threads(txn)
		r.ReplaceKeys = countBelow(txn, replacePrefix)
		if r.Cursor.Seq > 0 {
			c.marks(txn)
		}
		return nil
	})
	return r, err
}

type checker struct {
	r           *Report
	seed        maphash.Seed
	told, found map[kind]*census // by the feed; by the index
	threaded    census           // messages by their conversation
}

// feed reads every entry.
func (c *checker) feed(txn *badger.Txn) {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(feedPrefix), PrefetchValues: true, PrefetchSize: 256})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		key := string(it.Item().Key())
		seq := feedSeq([]byte(key))
		c.r.Rows++
		c.r.Cursor.Seq = seq
		var e entry
		err := it.Item().Value(func(v []byte) (err error) {
			e, err = decodeEntry(v)
			return err
		})
		if err != nil {
			c.r.fault("Record %d can't be read: %s.", seq, err)
			continue
		}
		c.r.Last = e.at
		if e.gone || c.told[e.kind] == nil {
			continue
		}
		c.told[e.kind].add(c.seed, e.id, key[len(feedPrefix):])
		if e.kind == kindMessage {
			c.threaded.add(c.seed, e.conv, e.id)
		}
	}
	c.r.Messages, c.r.Conversations = c.told[kindMessage].n, c.told[kindConversation].n
	c.r.Reminders, c.r.Devices = c.told[kindReminder].n, c.told[kindDevice].n
}

func (c *checker) index(txn *badger.Txn, k kind, found *census) {
	prefix := recordKey(k, "")
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix), PrefetchValues: true, PrefetchSize: 256})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		id := string(it.Item().Key()[len(prefix):])
		if err := it.Item().Value(func(v []byte) error {
			found.add(c.seed, id, string(v))
			return nil
		}); err != nil {
			c.r.fault("The index of %s can't be read: %s.", id, err)
		}
	}
}

func (c *checker) threads(txn *badger.Txn) {
	var found census
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(threadPrefix)})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		key := string(it.Item().Key()[len(threadPrefix):])
		if len(key) > 27 { // <conversation>/<message>, of which the message has 26
			found.add(c.seed, key[:len(key)-27], key[len(key)-26:])
		}
	}
	if found != c.threaded {
		c.r.fault("There are %d messages, and the conversations have %d.", c.threaded.n, found.n)
	}
}

// marks reads the rows that there is one of.
func (c *checker) marks(txn *badger.Txn) {
	epoch, err := valueOf(txn, epochKey)
	if err != nil || len(epoch) == 0 {
		c.r.fault("The store does not say which one it is.")
	}
	c.r.Cursor.Epoch = string(epoch)
	if c.r.Schema, err = schemaOf(txn); err != nil {
		c.r.fault("The store does not say of which form it is.")
	}
	t, ok, err := readTally(txn)
	switch {
	case err != nil || (!ok && c.r.Schema > 1):
		c.r.fault("The store does not say how many records it has.")
	case ok && t.purgedEnd(c.r.Cursor.Seq, c.r.Rows):
		c.r.Cursor.Seq = t.seq
	case ok && (t.seq != c.r.Cursor.Seq || t.rows != c.r.Rows):
		c.r.fault("There are %d records up to change %d, and should be %d up to %d.", c.r.Rows, c.r.Cursor.Seq, t.rows, t.seq)
	}
}
