package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// DB is an open store. It is safe for concurrent use.
type DB struct {
	kv    *badger.DB
	epoch string
	log   *slog.Logger

	head atomic.Uint64 // last Seq that is on disk and may be told
	ring ring
	bell bell

	ops     chan *op
	writer  sync.WaitGroup
	closing sync.RWMutex // held for reading by who reads or hands over an Update
	closed  bool

	pushBell   bell        // rings when there may be a push to send
	subscribed atomic.Bool // false: certainly no device has a push subscription

	ids     idSource // the writer's goroutine only
	rows    uint64   // entries of the feed; the writer's goroutine only
	last    Seq      // the latest of them: head, but for changes that the engine refused
	unsure  bool     // rows and last may not be what is on disk; the writer's goroutine only
	witness *witnessFile
	dir     string
	due     dueMark
	unread  unread

	tailMu sync.RWMutex
	tails  map[string]*Writer // replies being written now, by message id
}

// Open opens the store in dir and makes it if it is not there; with an empty
// dir it lives in memory and is gone with Close. Only one process can have a
// directory open. A nil log is silence.
//
// Deletions that a dead process left half done are finished before Open
// returns. Open turns are left as they are: see [Tx.OpenTurns]. A store of an
// older [Schema] is brought up to date, after a backup of it was made in the
// folder "backups" beside dir; one of a newer is refused with [ErrNewer].
//
// What is found is compared with what the last transaction and the [Witness]
// remember; [ErrDamaged] says that something is missing. This sees that the end
// is missing, and not all of what may be amiss: see [Examine] and [Check].
func Open(dir string, log *slog.Logger) (*DB, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	w, err := ReadWitness(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST")); err != nil && w != nil && w.Seq > 0 {
		return nil, fmt.Errorf("%w: its table of contents is missing", ErrDamaged) // the engine would begin anew
	}
	kv, err := openEngine(options(dir, log), log)
	if err != nil {
		return nil, openFault(dir, err)
	}
	db := &DB{kv: kv, dir: dir, log: log, ops: make(chan *op, maxGroup), tails: map[string]*Writer{}}
	db.bell.ch, db.pushBell.ch = make(chan struct{}), make(chan struct{})
	if err := db.prepare(w); err != nil {
		return nil, errors.Join(err, kv.Close())
	}
	db.subscribed.Store(true) // until a message finds that there is none
	db.writer.Go(db.write)
	if err := errors.Join(db.finishPurges(), db.endReplaceKeys()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openEngine opens the engine, also when the last process died between making a
// log file and giving it its size, or taking its size and removing it. Nothing
// was in it. Badger refuses to open, but has set the file up by then: it opens
// the next time, or says the same of another file.
func openEngine(o badger.Options, log *slog.Logger) (kv *badger.DB, err error) {
	const most = 8 // each makes one or two at a time
	for range most {
		if kv, err = badger.Open(o); err == nil || !strings.Contains(err.Error(), "Create a new file") {
			break
		}
		log.Warn("a log file that a dead process had just made was empty; it has been set up", "err", err)
	}
	return kv, err
}

// openFault says why the engine did not open dir.
func openFault(dir string, err error) error {
	if strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return fmt.Errorf("open store: %w: %s (is Hark already running?)", ErrInUse, dir)
	}
	return fmt.Errorf("open store in %s: %w", dir, err)
}

// options fits Badger to a small machine: one writer needs no conflict
// detection, 16 MB tables keep records of up to 1 MiB out of the value log
// (which loses values silently when damaged), and two compactors, the least
// that Badger runs, mean the fewest idle wake-ups.
func options(dir string, log *slog.Logger) badger.Options {
	o := badger.DefaultOptions(dir).
		WithMemTableSize(16 << 20).WithNumMemtables(2).
		WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(4).WithNumCompactors(2).
		WithValueLogFileSize(16 << 20).WithBlockCacheSize(8 << 20).WithIndexCacheSize(8 << 20).
		WithMetricsEnabled(false).WithDetectConflicts(false).WithCompactL0OnClose(false).
		WithLogger(engineLog{log})
	if dir == "" {
		return o.WithInMemory(true).WithNumCompactors(0)
	}
	return o.WithSyncWrites(true)
}

// prepare finds out what there is, and makes of it what this program needs.
func (db *DB) prepare(w *Witness) error {
	if err := db.load(); err != nil {
		return err
	}
	t, known, err := db.tally()
	if err == nil {
		err = db.compare(w, t, known)
		db.ring.low = Seq(db.head.Load()) + 1
	}
	if err == nil {
		err = db.migrate(db.dir)
	}
	if err == nil {
		t, _, err = db.tally()
		db.last, db.rows = t.seq, t.rows
	}
	if err == nil && db.dir != "" {
		db.witness, err = openWitness(db.dir)
		db.remember("", true)
	}
	return err
}

func (db *DB) tally() (t tally, known bool, err error) {
	err = db.kv.View(func(txn *badger.Txn) error {
		t, known, err = readTally(txn)
		return err
	})
	return t, known, err
}

// load finds where the feed ends, and the epoch.
func (db *DB) load() error {
	return db.kv.Update(func(t *badger.Txn) error {
		it := t.NewIterator(badger.IteratorOptions{Reverse: true, PrefetchValues: false})
		defer it.Close()
		if it.Seek([]byte("l0")); it.ValidForPrefix([]byte(feedPrefix)) { // '0' follows '/'
			seq := binary.BigEndian.Uint64(it.Item().Key()[len(feedPrefix):])
			db.head.Store(seq)
			err := it.Item().Value(func(v []byte) error {
				e, err := decodeEntry(v)
				db.ids.ms = uint64(e.at.UnixMilli()) // ids never go back, even if the clock did
				return err
			})
			if err != nil {
				return fmt.Errorf("read end of feed: %w", err)
			}
		}
		item, err := t.Get([]byte(epochKey))
		if errors.Is(err, badger.ErrKeyNotFound) {
			if db.head.Load() > 0 {
				return fmt.Errorf("%w: it does not say which one it is", ErrDamaged)
			}
			db.epoch = newEpoch()
			return t.Set([]byte(epochKey), []byte(db.epoch))
		}
		if err != nil {
			return fmt.Errorf("read epoch: %w", err)
		}
		return item.Value(func(v []byte) error { db.epoch = string(v); return nil })
	})
}

func newEpoch() string { return strings.ToLower(rand.Text()[:8]) }

// Close waits for transactions that were accepted, then closes the store.
// Writers that are still open stop checkpointing; call it after they ended.
func (db *DB) Close() error {
	db.closing.Lock()
	if db.closed {
		db.closing.Unlock()
		return nil
	}
	db.closed = true
	close(db.ops)
	db.closing.Unlock()
	db.writer.Wait()
	if err := db.kv.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	if db.witness == nil {
		return nil
	}
	files, err := filesOf(db.dir)
	if err != nil {
		db.log.Warn("witness", "err", err) // the next start reads all of the store
	}
	db.remember(files, true)
	return db.witness.f.Close()
}

// Head is the cursor of the latest change that is on disk.
func (db *DB) Head() Cursor { return Cursor{db.epoch, Seq(db.head.Load())} }

// Size is how many bytes the store takes on disk, as last measured by the
// engine (about once a minute).
func (db *DB) Size() int64 {
	lsm, vlog := db.kv.Size()
	return lsm + vlog
}

// SeqAt is the position just before the first change made at or after t, so
// that following from it tells everything since t. It relies on the clock
// having gone forward; a clock that was set back makes it tell more, not less.
func (db *DB) SeqAt(t time.Time) (Seq, error) {
	head := Seq(db.head.Load())
	lo, hi := Seq(0), head // invariant: changes at or before lo are older than t
	err := db.snapshot(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(feedPrefix), PrefetchValues: false})
		defer it.Close()
		for lo < hi {
			mid := lo + (hi-lo)/2 + 1
			it.Seek(feedKey(mid))
			if !it.Valid() {
				hi = mid - 1
				continue
			}
			var at time.Time
			if err := it.Item().Value(func(v []byte) error {
				e, err := decodeEntry(v)
				at = e.at
				return err
			}); err != nil {
				return fmt.Errorf("read feed: %w", err)
			}
			if at.Before(t.Truncate(time.Millisecond)) {
				lo = mid
			} else {
				hi = mid - 1
			}
		}
		return nil
	})
	return lo, err
}

// engineLog passes Badger's warnings and errors on; its chatter is dropped.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Errorf(f string, a ...any)   { l.log.Error("badger", "message", oneLine(f, a)) }
func (l engineLog) Warningf(f string, a ...any) { l.log.Warn("badger", "message", oneLine(f, a)) }
func (l engineLog) Infof(string, ...any)        {}
func (l engineLog) Debugf(string, ...any)       {}

func oneLine(f string, a []any) string { return strings.TrimSpace(fmt.Sprintf(f, a...)) }
