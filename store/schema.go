package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	// Schema is the form of the rows that this program writes.
	//
	//	1  the first; it has no row that says so
	//	2  the tally: see tallyKey
	Schema    = 2
	schemaKey = valuePrefix + "schema"
)

// ErrNewer means that the store was written by a newer Hark, which this one can't read.
var ErrNewer = errors.New("the store was written by a newer version of Hark")

func schemaOf(txn *badger.Txn) (int, error) {
	b, err := valueOf(txn, schemaKey)
	if err != nil || b == nil {
		return 1, err
	}
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return 0, fmt.Errorf("schema %.20q: %w", b, ErrCorrupt)
	}
	return n, nil
}

// migrate brings an older store to Schema. A backup comes first, into the
// folder "backups" beside the store; without it nothing is changed. Each step
// is one transaction of the engine and can be run again.
func (db *DB) migrate(dir string) error {
	from := 0
	if err := db.kv.View(func(txn *badger.Txn) (err error) {
		from, err = schemaOf(txn)
		return err
	}); err != nil {
		return err
	}
	if from > Schema {
		return fmt.Errorf("%w: its schema is %d, and this one knows %d. Install the newer version, or restore an older backup", ErrNewer, from, Schema)
	}
	if from < Schema && db.head.Load() > 0 && dir != "" {
		if err := db.backupBefore(dir, from); err != nil {
			return err
		}
	}
	for v := from; v < Schema; v++ {
		err := db.kv.Update(func(txn *badger.Txn) error {
			if v == 1 {
				t := tally{Seq(db.head.Load()), countRows(txn)}
				if err := txn.Set([]byte(tallyKey), t.encode()); err != nil {
					return err
				}
			}
			return txn.Set([]byte(schemaKey), []byte(strconv.Itoa(v+1)))
		})
		if err != nil {
			return fmt.Errorf("bring the store from schema %d to %d: %w", v, v+1, err)
		}
		db.log.Info("store", "schema", v+1)
	}
	return nil
}

func (db *DB) backupBefore(dir string, from int) error {
	folder := filepath.Join(filepath.Dir(dir), "backups")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("backup before the store is brought up to date: %w", err)
	}
	name := fmt.Sprintf("before-schema-%d-%s.hark", from+1, time.Now().UTC().Format(BackupTime))
	if _, err := db.BackupTo(filepath.Join(folder, name)); err != nil {
		return fmt.Errorf("backup before the store is brought up to date: %w", err)
	}
	return nil
}
