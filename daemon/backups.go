package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hark/store"
)

// Backups says how Hark takes care of copies of its store.
type Backups struct {
	Dir    string `toml:"dir"`    // empty: "backups" in the data folder
	At     string `toml:"at"`     // wall time in the owner's zone, such as 03:00
	Daily  int    `toml:"daily"`  // of how many days the last one is kept
	Weekly int    `toml:"weekly"` // of how many weeks; both 0: none is made by itself
}

func (b *Backups) settings() []setting {
	return []setting{
		{flag: "backup-dir", env: "HARK_BACKUP_DIR", key: "backup.dir", arg: "DIR", usage: "keep backups here; in the data folder if not given", set: text(&b.Dir)},
		{flag: "backup-at", env: "HARK_BACKUP_AT", key: "backup.at", arg: "HH:MM", usage: "make one at this time each day", set: text(&b.At)},
		{flag: "backup-daily", env: "HARK_BACKUP_DAILY", key: "backup.daily", arg: "N", usage: "keep the last one of so many days", set: number(&b.Daily)},
		{flag: "backup-weekly", env: "HARK_BACKUP_WEEKLY", key: "backup.weekly", arg: "N", usage: "and of so many weeks; 0 and 0 make none", set: number(&b.Weekly)},
	}
}

func (b *Backups) check() error {
	if _, err := time.Parse("15:04", b.At); err != nil {
		return fmt.Errorf("backup time %q is not a time of day such as 03:00", b.At)
	}
	if b.Daily < 0 || b.Weekly < 0 {
		return errors.New("backups to keep: write a number from 0")
	}
	return nil
}

func (c *Config) backupDir() string { return cmp.Or(c.Backup.Dir, filepath.Join(c.Data, "backups")) }

// BackupFile is one backup that there is. Times are in UTC.
type BackupFile struct {
	Name  string     `json:"name"`
	Path  string     `json:"-"` // where it lies
	Made  store.Time `json:"made"`
	Bytes int64      `json:"bytes"`
	// Cursor is the last change that it holds, and Records how many.
	Cursor  store.Cursor `json:"cursor"`
	Records uint64       `json:"records"`
	// Before says that it was made because the store's form was about to change.
	Before bool `json:"before,omitempty"`
}

type backupsView struct {
	Backups []BackupFile `json:"backups"` // newest first
	Folder  string       `json:"folder"`
	Next    *store.Time  `json:"next,omitempty"` // none is made by itself without it
	Daily   int          `json:"daily"`
	Weekly  int          `json:"weekly"`
	Running bool         `json:"running"`
	Problem string       `json:"problem,omitempty"` // why the last attempt failed
}

// keeper makes the backups.
type keeper struct {
	one sync.Mutex // is being made
	mu  sync.Mutex // guards what follows
	backupState
}

type backupState struct {
	running bool
	problem string
	soonest time.Time // none is made by itself before
}

func (k *keeper) change(fn func(*backupState)) backupState {
	k.mu.Lock()
	defer k.mu.Unlock()
	fn(&k.backupState)
	return k.backupState
}

// backupName matches what Hark itself calls its backups; other files in the
// folder are none of its business.
var backupName = regexp.MustCompile(`^(hark|before-schema-\d+)-\d{8}T\d{6}Z\.hark$`)

// listBackups returns the backups in a folder that can be read, newest first.
func listBackups(folder string, log *slog.Logger) []BackupFile {
	all := []BackupFile{}
	files, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("backups", "err", err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !info.Mode().IsRegular() || !backupName.MatchString(f.Name()) {
			continue
		}
		b, err := store.ReadBackup(filepath.Join(folder, f.Name()))
		if err != nil {
			log.Warn("backups", "file", f.Name(), "err", err)
			continue
		}
		all = append(all, BackupFile{
			Name: f.Name(), Path: filepath.Join(folder, f.Name()), Made: b.Made, Bytes: info.Size(), Cursor: b.Cursor, Records: b.Rows, Before: strings.HasPrefix(f.Name(), "before-"),
		})
	}
	newestFirst(all, time.Now())
	return all
}

// ahead reports whether a backup was made while the clock was wrong: its time is
// still to come.
func (b *BackupFile) ahead(now time.Time) bool { return b.Made.After(now.Add(24 * time.Hour)) }

// newestFirst sorts backups. One of a time that is still to come was made while
// the clock was wrong: it comes last, for it may be older than all the others.
func newestFirst(all []BackupFile, now time.Time) {
	made := func(b BackupFile) time.Time {
		if b.ahead(now) {
			return time.Time{}
		}
		return b.Made.Time
	}
	slices.SortFunc(all, func(a, b BackupFile) int {
		return cmp.Or(made(b).Compare(made(a)), b.Made.Compare(a.Made.Time), strings.Compare(b.Name, a.Name))
	})
}

// backUp makes a backup, verifies it, and drops those that are not to be kept.
// Two at a time are made one after the other.
func (d *Daemon) backUp(ctx context.Context) (BackupFile, error) {
	d.keeper.one.Lock()
	defer d.keeper.one.Unlock()
	d.keeper.change(func(s *backupState) { s.running = true })
	v, err := d.makeBackup(ctx)
	d.keeper.change(func(s *backupState) {
		if s.running, s.problem = false, ""; err != nil {
			s.problem = "The backup failed: " + err.Error() + "."
		}
	})
	if err == nil {
		rotateBackups(&d.cfg, d.wall(), d.log)
		d.tellBackedUp(v)
	}
	return v, err
}

func (d *Daemon) makeBackup(ctx context.Context) (BackupFile, error) {
	if err := d.room(); err != nil {
		return BackupFile{}, err
	}
	return makeBackup(ctx, &d.cfg, d.db, d.log)
}

// makeBackup copies an open store into a new file, and verifies it.
func makeBackup(ctx context.Context, cfg *Config, db *store.DB, log *slog.Logger) (BackupFile, error) {
	folder := cfg.backupDir()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return BackupFile{}, fmt.Errorf("make the folder for backups: %w", err)
	}
	name := "hark-" + time.Now().UTC().Format(store.BackupTime) + ".hark"
	path := filepath.Join(folder, name)
	began := time.Now()
	b, err := db.BackupTo(path)
	if err != nil {
		log.ErrorContext(ctx, "backup", "err", err)
		return BackupFile{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return BackupFile{}, err
	}
	log.InfoContext(ctx, "backup", "file", name, "records", b.Rows, "bytes", info.Size(), "took", time.Since(began).Round(time.Millisecond))
	return BackupFile{Name: name, Path: path, Made: b.Made, Bytes: info.Size(), Cursor: b.Cursor, Records: b.Rows}, nil
}

// rotateBackups removes the backups that are not to be kept, and what processes
// that died while they made one have left.
func rotateBackups(cfg *Config, zone *time.Location, log *slog.Logger) {
	folder := cfg.backupDir()
	for _, b := range outdated(listBackups(folder, log), cfg.Backup, zone) {
		if err := os.Remove(filepath.Join(folder, b.Name)); err != nil {
			log.Warn("old backup", "err", err)
		}
	}
	for _, pattern := range []string{".unfinished-*", ".verify-*"} {
		left, err := filepath.Glob(filepath.Join(folder, pattern))
		for _, name := range left {
			if info, e := os.Stat(name); e == nil && time.Since(info.ModTime()) > day {
				err = errors.Join(err, os.RemoveAll(name))
			}
		}
		if err != nil {
			log.Warn("what is left of a backup", "err", err)
		}
	}
}

// outdated picks from backups, newest first, those to remove: what is kept is
// the newest of each of the last days and weeks that have one, the newest of
// all, and the newest two that were made before a change of form.
func outdated(all []BackupFile, keep Backups, zone *time.Location) (old []BackupFile) {
	days, weeks, before := map[string]bool{}, map[string]bool{}, 0
	for i, b := range all {
		if b.Before {
			if before++; before > 2 {
				old = append(old, b)
			}
			continue
		}
		at := b.Made.In(zone)
		year, week := at.ISOWeek()
		kept := i == 0
		for _, slot := range []struct {
			seen map[string]bool
			name string
			most int
		}{{days, at.Format(time.DateOnly), max(keep.Daily, 1)}, {weeks, fmt.Sprint(year, week), keep.Weekly}} {
			if !slot.seen[slot.name] && len(slot.seen) < slot.most {
				slot.seen[slot.name], kept = true, true
			}
		}
		if !kept {
			old = append(old, b)
		}
	}
	return old
}

// wall is the owner's zone.
func (d *Daemon) wall() *time.Location {
	if zone, err := time.LoadLocation(d.zone()); err == nil {
		return zone
	}
	return time.UTC
}

// getBackups serves GET /api/backups.
func (d *Daemon) getBackups(w http.ResponseWriter, _ *http.Request, _ caller) error {
	state := d.keeper.change(func(*backupState) {})
	all := listBackups(d.cfg.backupDir(), d.log)
	v := backupsView{
		Backups: all, Folder: d.cfg.backupDir(),
		Daily: d.cfg.Backup.Daily, Weekly: d.cfg.Backup.Weekly, Running: state.running, Problem: state.problem,
	}
	if due := d.dueBackup(all); !due.IsZero() {
		next := store.At(due)
		v.Next = &next
	}
	writeJSON(w, http.StatusOK, v)
	return nil
}

// postBackup serves POST /api/backups: it answers when the backup is verified.
func (d *Daemon) postBackup(w http.ResponseWriter, r *http.Request, _ caller) error {
	patient(w)
	v, err := d.backUp(r.Context())
	if err != nil {
		if p := problemOf(err); p.code != "internal" {
			return err
		}
		return &problem{code: "internal", detail: "The backup failed: " + err.Error() + ".", cause: err}
	}
	writeJSON(w, http.StatusCreated, v)
	return nil
}

// patient lifts the limit on how long the answer may take.
func patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // a test's writer has none
}

// getBackup serves GET /api/backups/{name}: the file.
func (d *Daemon) getBackup(w http.ResponseWriter, r *http.Request, _ caller) error {
	name := r.PathValue("name")
	if !backupName.MatchString(name) {
		return fault("not_found", "There is no backup %.60q.", name)
	}
	f, err := os.Open(filepath.Join(d.cfg.backupDir(), name))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	patient(w)
	h := w.Header()
	h.Set("Content-Type", "application/zstd")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, f); err != nil {
		d.log.InfoContext(r.Context(), "a backup was not fetched to its end", "err", err)
	}
	return nil
}
