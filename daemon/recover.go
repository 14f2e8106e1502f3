package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hark/store"
)

// mishap is what the owner is told of a damaged store that a backup has
// replaced.
type mishap struct {
	cause  error
	aside  string // the folder that the damaged store is kept in; empty: nothing was left of it
	backup store.Backup
	lost   *store.Witness // what is known of the damaged one; nil: nothing
}

// openStore opens the store of the data folder. One whose process died, or
// whose files have changed since, is read as a whole before that. A damaged one
// is kept aside and the newest backup that can be restored takes its place;
// without one this fails, and nothing is changed.
func openStore(cfg Config) (*store.DB, *mishap, error) {
	dir := cfg.storeDir()
	state, err := store.Examine(dir)
	if err != nil {
		return nil, nil, err
	}
	switch state {
	case store.Gone:
		err = fmt.Errorf("%w: the folder %s is gone or empty", store.ErrDamaged, dir)
	case store.Suspect:
		err = inspect(cfg, dir)
	case store.Fresh, store.Clean:
	}
	if err == nil {
		db, err := store.Open(dir, cfg.Log)
		if !errors.Is(err, store.ErrDamaged) {
			return db, nil, err
		}
		return replaceDamaged(cfg, dir, err)
	}
	if !errors.Is(err, store.ErrDamaged) {
		return nil, nil, err
	}
	return replaceDamaged(cfg, dir, err)
}

// inspect has the store read as a whole. What that may change is kept until it
// is known to be in order.
func inspect(cfg Config, dir string) error {
	kept := dir + ".kept"
	if err := os.RemoveAll(kept); err != nil {
		return fmt.Errorf("make room beside the store: %w", err)
	}
	if err := store.KeepEvidence(dir, kept); err != nil {
		return err
	}
	cfg.Log.Info("the store was not closed, or its files have changed since: reading all of it")
	err := cfg.checkStore(dir)
	if errors.Is(err, store.ErrDamaged) {
		free, unknown := freeSpace(cfg.Data)
		if err = verdict(err, cfg.Data, free, unknown); errors.Is(err, errDiskFull) {
			err = errors.Join(err, store.PutBack(kept, dir))
		}
		return err
	}
	return errors.Join(err, os.RemoveAll(kept))
}

// roomToRead is about how much the engine writes when it opens a store that was
// not closed: what is in its logs, as tables.
const roomToRead = 64 << 20

// verdict is what it means that a store was found damaged by a reader that
// writes in a folder. One that finds no room there dies as it does of damage: then
// nothing is known, and no backup takes the store's place.
func verdict(damage error, folder string, free uint64, unknown error) error {
	if unknown != nil || free >= roomToRead {
		return damage
	}
	return fmt.Errorf("%w: to read a store that was not closed takes up to %d MB on the disk of %s: make room there first (%s)",
		errDiskFull, roomToRead>>20, folder, strings.TrimPrefix(damage.Error(), store.ErrDamaged.Error()+": "))
}

// checkStore reads all of a store; see Config.CheckStore.
func (c *Config) checkStore(dir string) error {
	if c.CheckStore != nil {
		return c.CheckStore(dir)
	}
	return CheckStore(dir)
}

// CheckStore reads all of the store in dir, in this process, which may die of
// it. The error is store.ErrDamaged if something is missing.
func CheckStore(dir string) error {
	r, err := store.Check(dir)
	if err == nil && len(r.Faults) > 0 {
		err = fmt.Errorf("%w: %s", store.ErrDamaged, r.Faults[0])
	}
	return err
}

func replaceDamaged(cfg Config, dir string, cause error) (*store.DB, *mishap, error) {
	cfg.Log.Error("store", "err", cause)
	m := &mishap{cause: cause, aside: filepath.Join(cfg.Data, "store-damaged-"+time.Now().UTC().Format(store.BackupTime))}
	var err error
	if m.lost, err = store.ReadWitness(dir); err != nil {
		cfg.Log.Warn("witness", "err", err)
	}
	fresh := dir + ".restored"
	for _, b := range listBackups(cfg.backupDir(), cfg.Log) {
		if err := clearStore(fresh); err != nil {
			return nil, nil, err
		}
		path := filepath.Join(cfg.backupDir(), b.Name)
		if m.backup, err = store.Restore(path, fresh, cfg.Log); err != nil {
			cfg.Log.Error("this backup can't be restored", "file", path, "err", err)
			continue
		}
		if err := store.Replace(dir, fresh, m.aside); err != nil {
			return nil, nil, err
		}
		if err := os.Rename(dir+".kept", filepath.Join(m.aside, "before-opening")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			cfg.Log.Warn("store", "err", err)
		}
		if _, err := os.Stat(m.aside); err != nil {
			m.aside = ""
		}
		db, err := store.Open(dir, cfg.Log)
		return db, m, err
	}
	if err := store.PutBack(dir+".kept", dir); err != nil {
		cfg.Log.Warn("store", "err", err)
	}
	return nil, nil, fmt.Errorf("%w. There is no backup in %s that can be restored, so nothing was changed. "+
		"Restore one from elsewhere with `hark restore FILE`, or move %s and %s away to begin anew",
		cause, cfg.backupDir(), dir, store.WitnessPath(dir))
}

// clearStore removes what an attempt that died has left.
func clearStore(dir string) error {
	if err := errors.Join(os.RemoveAll(dir), os.RemoveAll(store.WitnessPath(dir))); err != nil {
		return fmt.Errorf("make room for the restored store: %w", err)
	}
	return nil
}

// tellMishap says in the inbox what happened and what is missing.
func (d *Daemon) tellMishap(m *mishap) {
	if err := d.db.Update(func(tx *store.Tx) error {
		_, err := tx.Deliver(&store.Message{
			Role: store.Assistant, Status: store.Done, Format: "plain", Title: "Hark's data was damaged",
			Text: m.say(d.wall()), Priority: 4, Source: store.Source{Kind: "fire", Name: "Hark"},
		})
		return err
	}); err != nil {
		d.log.Error("the restored backup could not be told", "err", err)
	}
}

func (m *mishap) say(zone *time.Location) string {
	const clock = "2 January 2006, 15:04 MST"
	made := m.backup.Made.In(zone).Format(clock)
	text := fmt.Sprintf("The files of Hark's store were damaged: %s. The newest backup, of %s, has taken their place.\n\n",
		strings.TrimSuffix(strings.TrimPrefix(m.cause.Error(), store.ErrDamaged.Error()+": "), "."), made)
	switch {
	case m.lost == nil || m.lost.Epoch != m.backup.Cursor.Epoch:
		text += fmt.Sprintf("What was said or changed after %s is missing.", made)
	case m.lost.Seq <= m.backup.Cursor.Seq:
		text += "Nothing is missing: there was no change after it."
	default:
		text += fmt.Sprintf("What was said or changed between %s and %s is missing: up to %d changes.",
			made, m.lost.At.In(zone).Format(clock), m.lost.Seq-m.backup.Cursor.Seq)
	}
	text += "\n\nReminders that came due since the backup may come again."
	if m.aside != "" {
		text += " The damaged files are kept in " + m.aside + "."
	}
	return text
}

// RestoreBackup puts the backup in a file in the place of the store of a data
// folder, in which no Hark may run; what was there is kept in the folder that is
// returned, which is empty if nothing was. What root restores belongs to the
// user whose data folder it is.
func RestoreBackup(cfg Config, file string) (b store.Backup, aside string, err error) {
	dir := cfg.storeDir()
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return b, "", fmt.Errorf("make the data folder: %w", err)
	}
	state, err := store.Examine(dir)
	if err != nil {
		return b, "", err
	}
	if err := notInUse(cfg, dir); err != nil {
		return b, "", err
	}
	if state != store.Fresh && state != store.Gone {
		aside = filepath.Join(cfg.Data, "store-replaced-"+time.Now().UTC().Format(store.BackupTime))
	}
	fresh := dir + ".restored"
	if err := clearStore(fresh); err != nil {
		return b, "", err
	}
	if b, err = store.Restore(file, fresh, cfg.Log); err != nil {
		return b, "", err
	}
	if err := errors.Join(giveTo(cfg.Data, fresh), giveTo(cfg.Data, store.WitnessPath(fresh))); err != nil {
		return b, "", fmt.Errorf("give what was restored to the user of %s: %w", cfg.Data, err)
	}
	to := aside
	if to == "" {
		to = dir + ".none"
	}
	if err := notInUse(cfg, dir); err != nil { // that took its time
		return b, "", errors.Join(err, clearStore(fresh))
	}
	if err := store.Replace(dir, fresh, to); err != nil {
		return b, "", err
	}
	return b, aside, os.RemoveAll(store.WitnessPath(dir + ".none"))
}

func notInUse(cfg Config, dir string) error {
	used, err := store.InUse(dir)
	if used {
		err = fmt.Errorf("%w: hark is running with the data folder %s: stop it first (hark service stop)", store.ErrInUse, cfg.Data)
	}
	return err
}

func (c *Config) storeDir() string { return filepath.Join(c.Data, "store") }
