package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hark/daemon/push"
	"hark/store"
)

const startCure = "Start Hark: hark serve, or hark service start."

// ExamineStopped looks at a data folder in which no Hark answers: whose it is,
// the store, which is read as a whole, the backups, the disk and the clock. It
// changes nothing in the folder.
func ExamineStopped(cfg Config) []push.Check {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	folder, there := folderCheck(&cfg)
	if !there {
		return []healthCheck{folder}
	}
	return []healthCheck{folder, storeStopped(cfg), backupsStopped(&cfg), diskStopped(&cfg), clockStopped(&cfg)}
}

// folderCheck finds what keeps Hark from its files, or lets others have them;
// there reports whether there is anything else to look at.
func folderCheck(cfg *Config) (c healthCheck, there bool) {
	const name = "folder"
	dir := cfg.Data
	owner, err := ownerOf(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return well(name, "There is no data folder %s yet. Hark makes it when it first starts.", dir), false
	case err != nil:
		return unwell(name, "Only its owner and root may: put sudo before the command.", "The data folder can't be looked into: %s.", trimmed(err)), false
	}
	if _, err := os.ReadDir(dir); err != nil {
		return unwell(name, "Only its owner and root may: put sudo before the command.", "The data folder can't be looked into: %s.", trimmed(err)), false
	}
	if err := mayWrite(dir); err != nil {
		return unwell(name, "Give it back to the user who runs Hark (chown, chmod 700), or look how its disk is mounted.", "%s can't be written to: %s.", dir, trimmed(err)), true
	}
	for _, part := range []string{cfg.storeDir(), store.WitnessPath(cfg.storeDir()), cfg.backupDir(), filepath.Join(dir, "hark.toml")} {
		if of, err := ownerOf(part); err == nil && of != owner {
			return unwell(name, fmt.Sprintf("Give all of it to one user: chown -R --reference=%[1]s %[1]s", dir), "%s belongs to another user than the folder that it is in.", part), true
		}
	}
	if othersMay(dir)&0o022 != 0 {
		return unwell(name, "chmod 700 "+dir, "Other users of this machine may write to %s.", dir), true
	}
	for _, part := range []string{cfg.storeDir(), cfg.backupDir()} {
		if othersMay(dir) != 0 && othersMay(part) != 0 {
			return unwell(name, "chmod 700 "+dir, "Other users of this machine may read %s.", part), true
		}
	}
	return well(name, "%s is its owner's alone.", dir), true
}

// storeStopped has a mirror of the store read as a whole.
func storeStopped(cfg Config) healthCheck {
	const name = "store"
	dir := cfg.storeDir()
	if used, err := store.InUse(dir); err != nil {
		return unwell(name, "Look whose folder it is.", "The store can't be looked at: %s.", trimmed(err))
	} else if used {
		return unwell(name, "If it does not answer in five minutes, end it: hark service restart, or kill the process.",
			"A Hark that does not answer has the store open%s.", processOf(cfg.Data))
	}
	switch state, err := store.Examine(dir); {
	case err != nil:
		return unwell(name, "Look whose folder it is.", "The store can't be looked at: %s.", trimmed(err))
	case state == store.Fresh:
		return well(name, "There is no store yet. Hark makes it when it first starts.")
	case state == store.Gone:
		return unwell(name, damageCure(&cfg), "The store's folder %s is gone or empty, and there was something in it.", dir)
	}
	err := readMirror(cfg, dir)
	switch {
	case errors.Is(err, store.ErrDamaged):
		return unwell(name, damageCure(&cfg), "The store is damaged: %s.", strings.TrimPrefix(trimmed(err), store.ErrDamaged.Error()+": "))
	case err != nil:
		return unwell(name, startCure+" It reads all of the store then.", "The store could not be read: %s.", trimmed(err))
	}
	known := ""
	if w, err := store.ReadWitness(dir); err == nil && w != nil {
		known = fmt.Sprintf(": %s changes, the last on %s", thousands(uint64(w.Seq)), w.At.Local().Format("2 January 2006 15:04"))
	}
	return well(name, "All of the store was read, and it is whole%s.", known)
}

// readMirror reads what reads as the store in dir does.
func readMirror(cfg Config, dir string) (err error) {
	at, err := os.MkdirTemp("", "hark-doctor-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(at)) }()
	mirror := filepath.Join(at, "store")
	if err := store.Mirror(dir, mirror); err != nil {
		return err
	}
	if err = cfg.checkStore(mirror); errors.Is(err, store.ErrDamaged) {
		free, unknown := freeSpace(at)
		err = verdict(err, os.TempDir(), free, unknown)
	}
	return err
}

// processOf names the process that last announced itself in a data folder.
func processOf(data string) string {
	if local, err := ReadLocal(data); err == nil && local.PID > 0 {
		return fmt.Sprintf(", it may be process %d", local.PID)
	}
	return ""
}

func backupsStopped(cfg *Config) healthCheck {
	all := listBackups(cfg.backupDir(), cfg.Log)
	if state, err := store.Examine(cfg.storeDir()); err == nil && state == store.Fresh && len(all) == 0 {
		return well("backups", "There is nothing yet to make a backup of.")
	}
	return newestCheck(all, cfg.backupDir(), time.Now())
}

func newestCheck(all []BackupFile, folder string, now time.Time) healthCheck {
	const name, cure = "backups", "Make one with `hark backup`."
	if len(all) == 0 {
		return unwell(name, cure, "There is no backup in %s.", folder)
	}
	age := now.Sub(all[0].Made.Time)
	say := fmt.Sprintf("%s; the newest is of %s, %s old.", count(len(all), "backup"), all[0].Made.Local().Format("2 January 2006 15:04"), ageOf(age))
	if age > oldBackup {
		return unwell(name, cure, "%s", say)
	}
	return well(name, "%s", say)
}

// ageOf is a duration in the unit that matters.
func ageOf(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return count(int(max(d, 0).Minutes()), "minute")
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour")
	}
	return count(int(d.Hours()/24), "day")
}

func diskStopped(cfg *Config) healthCheck {
	free, err := freeSpace(cfg.Data)
	return roomCheck(free, err, sizeOf(cfg.storeDir()))
}

// sizeOf is how much the files of a folder take, as far as that is known.
func sizeOf(dir string) (bytes uint64) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, f := range list {
		if info, err := f.Info(); err == nil && filepath.Ext(f.Name()) == ".sst" { // logs are made larger than they are
			bytes += uint64(max(info.Size(), 0))
		}
	}
	return bytes
}

// clockStopped finds a clock that was set back, as clockCheck does.
func clockStopped(cfg *Config) healthCheck {
	last := time.Time{}
	if w, err := store.ReadWitness(cfg.storeDir()); err == nil && w != nil {
		last = w.At
	}
	return clockAgainst(time.Now(), last, time.Local)
}
