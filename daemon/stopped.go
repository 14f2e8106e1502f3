package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"hark/store"
)

// machineData is where the service of the whole machine keeps its data, by
// [StoppedFolder].
const machineData = "/var/lib/hark"

// StoppedFolder is where the Hark of this machine keeps its data while nothing
// tells: in usual, or where there is nothing in that one, in the folder of the
// service of the whole machine.
func StoppedFolder(usual string) string {
	if _, err := os.Stat(usual); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Lstat(machineData); err == nil {
			return machineData
		}
	}
	return usual
}

// BackUp makes a backup of a data folder in which no Hark runs, as a running
// one does each night: it is written, loaded and read, and those that are not to
// be kept are removed. The error says what to do. It is store.ErrInUse if a
// process has the store open, and store.ErrDamaged, and nothing has been made or
// changed, if the store is not whole.
func BackUp(ctx context.Context, cfg Config) (BackupFile, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dir := cfg.storeDir()
	if err := mayWriteStore(&cfg); err != nil {
		return BackupFile{}, err
	}
	db, err := openStopped(cfg, dir)
	switch {
	case errors.Is(err, store.ErrDamaged):
		return BackupFile{}, fmt.Errorf("%w: no backup was made of it, and nothing was changed. %s", err, damageCure(&cfg))
	case err != nil:
		return BackupFile{}, err
	}
	made := BackupFile{}
	if free, unknown := freeSpace(cfg.Data); unknown == nil && free < leastFree {
		err = errDiskFull
	} else if made, err = makeBackup(ctx, &cfg, db, cfg.Log); err == nil {
		rotateBackups(&cfg, zoneOf(db), cfg.Log)
	}
	if isDiskFull(err) || errors.Is(err, errDiskFull) {
		err = fmt.Errorf("the disk of %s is full: make room, or name another folder with HARK_BACKUP_DIR: %w", cfg.backupDir(), err)
	}
	return made, errors.Join(err, db.Close())
}

// zoneOf is the owner's zone by the settings of a store.
func zoneOf(db *store.DB) *time.Location {
	name := ""
	if err := db.View(func(tx *store.Tx) error {
		set, err := tx.Settings()
		name = set.Zone
		return err
	}); err != nil || name == "" {
		name = localZone()
	}
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

// mayWriteStore refuses what would leave files of root's in a folder that is
// another user's: the service could not read them.
func mayWriteStore(cfg *Config) error {
	owner, err := ownerOf(cfg.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no data of Hark in %s (another folder: --data DIR)", cfg.Data)
	case err != nil:
		return fmt.Errorf("look at the data folder: %w (is it another user's? sudo may help)", err)
	case os.Geteuid() == 0 && owner > 0:
		return fmt.Errorf("%s belongs to another user, who could not read what root writes there: start Hark (hark service start), and make the backup then", cfg.Data)
	}
	return nil
}

// openStopped opens the store as New does, but puts nothing in its place.
func openStopped(cfg Config, dir string) (*store.DB, error) {
	if used, err := store.InUse(dir); err != nil {
		return nil, err
	} else if used {
		return nil, fmt.Errorf("%w: a Hark that is starting, or hangs: try again in a minute, then hark service restart", store.ErrInUse)
	}
	state, err := store.Examine(dir)
	if err != nil {
		return nil, err
	}
	switch state {
	case store.Fresh:
		return nil, fmt.Errorf("there is no data of Hark in %s (another folder: --data DIR)", cfg.Data)
	case store.Gone:
		return nil, fmt.Errorf("%w: the folder %s is gone or empty", store.ErrDamaged, dir)
	case store.Suspect, store.Clean:
	}
	// Not the store itself: opening a damaged one may change it.
	if err := readMirror(cfg, dir); err != nil {
		return nil, err
	}
	return store.Open(dir, cfg.Log)
}

// damageCure says what to do about a damaged store.
func damageCure(cfg *Config) string {
	all := listBackups(cfg.backupDir(), cfg.Log)
	if len(all) == 0 {
		return fmt.Sprintf("There is no backup in %s to take its place: restore one from elsewhere with `hark restore FILE`.", cfg.backupDir())
	}
	return fmt.Sprintf("Start Hark: it keeps the damaged files aside, and the newest backup, of %s, takes their place.",
		all[0].Made.Format("2 January 2006 15:04 MST"))
}
