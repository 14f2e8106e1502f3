package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// Verify loads the backup in a file into a store beside it, reads all of that,
// and removes it again.
func Verify(path string) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".verify-*")
	if err != nil {
		return fmt.Errorf("verify backup: %w", err)
	}
	_, err = load(path, filepath.Join(dir, "store"))
	return errors.Join(err, os.RemoveAll(dir))
}

// Restore makes a store in dir, which must not exist yet, from the backup in a
// file. It has a new epoch, so that clients notice. Replies that were being
// written when the backup was made end as interrupted: what they did since is
// not known, and is not done twice. If it fails, dir is gone.
func Restore(path, dir string, log *slog.Logger) (Backup, error) {
	b, err := load(path, dir)
	if err != nil {
		return b, err
	}
	if err := settle(dir, log); err != nil {
		return b, errors.Join(err, os.RemoveAll(dir), os.Remove(WitnessPath(dir)))
	}
	return b, nil
}

// load makes a store of a backup and reads all of it.
func load(path, dir string) (b Backup, err error) {
	f, err := os.Open(path)
	if err != nil {
		return b, fmt.Errorf("read backup: %w", err)
	}
	defer func() { _ = f.Close() }()
	r, err := newBackupReader(f)
	if err != nil {
		return b, fmt.Errorf("%s: %w", path, err)
	}
	defer r.close()
	if _, err := os.Stat(dir); err == nil {
		return b, fmt.Errorf("restore: %s exists already", dir)
	}
	if err := loadInto(r, dir); err != nil {
		return r.about, errors.Join(fmt.Errorf("load %s: %w", path, err), os.RemoveAll(dir))
	}
	return r.about, nil
}

func loadInto(r *backupReader, dir string) error {
	// Nothing is lost by not syncing: what a crash leaves behind is thrown away.
	kv, err := badger.Open(options(dir, slog.New(slog.DiscardHandler)).WithSyncWrites(false))
	if err != nil {
		return err
	}
	err = loadRows(r, kv)
	if err == nil {
		err = whole(r.about, kv)
	}
	if err == nil {
		err = kv.Sync()
	}
	return errors.Join(err, kv.Close())
}

func loadRows(r *backupReader, kv *badger.DB) error {
	wb := kv.NewWriteBatch()
	defer wb.Cancel()
	for {
		key, value, expires, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		e := badger.NewEntry(key, value)
		e.ExpiresAt = expires
		if string(key) == epochKey {
			e.Value = []byte(newEpoch())
		}
		if err := wb.SetEntry(e); err != nil {
			return err
		}
	}
	return wb.Flush()
}

// whole reads all of a store that was loaded from a backup.
func whole(b Backup, kv *badger.DB) error {
	found, err := check(kv)
	switch {
	case err != nil:
		return err
	case len(found.Faults) > 0:
		return fmt.Errorf("%w: %s", ErrNotBackup, found.Faults[0])
	case found.Cursor.Seq != b.Cursor.Seq || found.Rows != b.Rows:
		return fmt.Errorf("%w: it has %d records up to change %d and should have %d up to %d",
			ErrNotBackup, found.Rows, found.Cursor.Seq, b.Rows, b.Cursor.Seq)
	}
	return nil
}

// settle ends the replies that were running.
func settle(dir string, log *slog.Logger) error {
	db, err := Open(dir, log)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *Tx) error {
		open, err := tx.OpenTurns("")
		if err != nil {
			return err
		}
		for _, m := range open {
			m.Status, m.Reason = Failed, Interrupted
			m.Error = &Failure{
				Code: Interrupted, Retryable: true,
				Detail: "The data was restored from a backup that was made while this was being written. What became of it after that is not known.",
			}
			if err := tx.PutMessage(m); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, db.Close())
}

// Replace puts the store in from in the place of that in dir, which goes to
// aside; each with its witness. Nobody may have either open. Whoever dies in the
// middle leaves no store in dir and one in aside, and a witness that one is
// missing; or the new store, with the witness of another or none.
func Replace(dir, from, aside string) error {
	for _, move := range replacement(dir, from, aside) {
		if err := os.Rename(move[0], move[1]); err != nil && (move[0] == from || !errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("put the restored store in place: %w", err)
		}
	}
	return nil
}

func replacement(dir, from, aside string) [][2]string {
	return [][2]string{
		{dir, aside}, {from, dir}, // at no time is there neither a store nor a witness: that is a new Hark
		{WitnessPath(dir), WitnessPath(aside)}, {WitnessPath(from), WitnessPath(dir)},
	}
}

func lastSeq(txn *badger.Txn) Seq {
	it := txn.NewIterator(badger.IteratorOptions{Reverse: true})
	defer it.Close()
	if it.Seek([]byte("l0")); !it.ValidForPrefix([]byte(feedPrefix)) { // '0' follows '/'
		return 0
	}
	return Seq(binary.BigEndian.Uint64(it.Item().Key()[len(feedPrefix):]))
}
