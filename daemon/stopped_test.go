package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// treeOf are the contents of all files of a folder, by path, and their rights.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil || e.IsDir() {
			all[path] = "folder"
			return err
		}
		b, err := os.ReadFile(path)
		sum := sha256.Sum256(b)
		all[path] = info.Mode().String() + " " + hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// stoppedRig is a data folder with something in it, in which no Hark runs.
func stoppedRig(t *testing.T) Config {
	t.Helper()
	cfg := configFor(filepath.Join(t.TempDir(), "data"))
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := d.deliver(&fireInput{Text: "told"}, caller{kind: "token", id: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// find is the line of that name, which must be there.
func find(t *testing.T, checks []healthCheck, name string) healthCheck {
	t.Helper()
	for _, c := range checks {
		if c.OK == (c.Cure != "") {
			t.Errorf("%+v is neither well nor has a cure", c)
		}
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no line %q in %+v", name, checks)
	return healthCheck{}
}

// damage takes a table of a store away.
func damage(t *testing.T, cfg Config) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(cfg.storeDir(), "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatal("no tables", err)
	}
	if err := os.Remove(tables[0]); err != nil {
		t.Fatal(err)
	}
}

// The doctor of a Hark that does not run finds what there is, damage included,
// and changes nothing.
func TestDoctorOfStoppedChangesNothing(t *testing.T) {
	cfg := stoppedRig(t)
	before := treeOf(t, cfg.Data)
	checks := ExamineStopped(cfg)
	for _, name := range []string{"folder", "store", "disk", "clock"} {
		if c := find(t, checks, name); !c.OK {
			t.Errorf("%+v", c)
		}
	}
	if c := find(t, checks, "store"); !strings.Contains(c.Say, "it is whole: ") {
		t.Errorf("%+v", c)
	}
	if c := find(t, checks, "backups"); c.OK || !strings.Contains(c.Cure, "hark backup") {
		t.Errorf("%+v", c)
	}
	if after := treeOf(t, cfg.Data); !maps.Equal(before, after) {
		t.Errorf("it changed something:\n%v\n%v", before, after)
	}
	if _, err := BackUp(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	damage(t, cfg)
	before = treeOf(t, cfg.Data)
	checks = ExamineStopped(cfg)
	if c := find(t, checks, "store"); c.OK || !strings.Contains(c.Cure, "the newest backup, of ") {
		t.Errorf("%+v", c)
	}
	if c := find(t, checks, "backups"); !c.OK || !strings.Contains(c.Say, "0 minutes old") {
		t.Errorf("%+v", c)
	}
	if after := treeOf(t, cfg.Data); !maps.Equal(before, after) {
		t.Errorf("it changed something of what is damaged:\n%v\n%v", before, after)
	}
}

// Where there is nothing yet, nothing is wrong, and nothing is made.
func TestDoctorOfNothing(t *testing.T) {
	cfg := configFor(filepath.Join(t.TempDir(), "data"))
	if c := find(t, ExamineStopped(cfg), "folder"); !c.OK {
		t.Errorf("%+v", c)
	}
	if _, err := BackUp(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "--data DIR") {
		t.Error(err)
	}
	if _, err := os.Stat(cfg.Data); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a data folder was made", err)
	}
	if err := os.Mkdir(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	checks := ExamineStopped(cfg)
	if s, b := find(t, checks, "store"), find(t, checks, "backups"); !s.OK || !b.OK {
		t.Errorf("%+v %+v", s, b)
	}
}

// A backup of a Hark that does not run can be restored. Of one that runs, or of
// a damaged store, none is made, and what to do is said.
func TestBackUpStopped(t *testing.T) {
	cfg := stoppedRig(t)
	made, err := BackUp(t.Context(), cfg)
	if err != nil || made.Records == 0 || made.Bytes == 0 {
		t.Fatal(made, err)
	}
	fresh := configFor(filepath.Join(t.TempDir(), "data"))
	if b, _, err := RestoreBackup(fresh, made.Path); err != nil || b.Rows != made.Records {
		t.Errorf("%+v, want %+v: %v", b, made, err)
	}
	running, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := BackUp(t.Context(), cfg); !errors.Is(err, store.ErrInUse) {
		t.Error("beside a Hark that runs:", err)
	}
	if c := find(t, ExamineStopped(cfg), "store"); c.OK || !strings.Contains(c.Say, "does not answer") {
		t.Errorf("%+v", c)
	}
	if err := running.db.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, cfg)
	before := treeOf(t, cfg.Data)
	if _, err := BackUp(t.Context(), cfg); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "Start Hark") {
		t.Error(err)
	}
	if after := treeOf(t, cfg.Data); !maps.Equal(before, after) {
		t.Errorf("it changed something of what is damaged:\n%v\n%v", before, after)
	}
}

// A backup is old after two nights without one.
func TestDoctorOfAge(t *testing.T) {
	now := time.Now()
	made := func(age time.Duration) []BackupFile { return []BackupFile{{Made: store.At(now.Add(-age))}} }
	if c := newestCheck(made(26*time.Hour), "", now); !c.OK || !strings.Contains(c.Say, "26 hours old") {
		t.Errorf("%+v", c)
	}
	if c := newestCheck(made(80*time.Hour), "", now); c.OK || !strings.Contains(c.Say, "3 days old") {
		t.Errorf("%+v", c)
	}
}
