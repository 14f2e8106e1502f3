package daemon

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// With HARK_TEST_CHECK set, the test binary is the process that reads a store.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HARK_TEST_CHECK"); dir != "" {
		os.Exit(CheckStoreChild(dir, os.Stderr))
	}
	os.Exit(m.Run())
}

// inChild has stores read by a process of their own.
func inChild(c *Config) {
	c.CheckStore = CheckStoreBy(func(dir string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "HARK_TEST_CHECK="+dir)
		return cmd
	})
}

const (
	perPart  = 1500
	inBackup = 2 * perPart
	inAll    = 3*perPart + 20
)

// damagedFolders makes two data folders of the same content: one as a process
// that was killed leaves it, one as it is after a clean end. Each has two tables
// and a backup of the first two parts.
func damagedFolders(t *testing.T) (killed, closed string) {
	t.Helper()
	data, killed := t.TempDir(), t.TempDir()
	dir := filepath.Join(data, "store")
	text := strings.Repeat("what was said ", 30)
	for part := range 3 {
		db, err := store.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		n := perPart
		if part == 2 {
			n += 20
		}
		for i := 0; i < n; i += 20 {
			if err := db.Update(func(tx *store.Tx) error {
				for range 20 {
					m := &store.Message{Role: store.Assistant, Status: store.Done, Text: text}
					if _, err := tx.Deliver(m); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if part == 1 {
			if err := os.MkdirAll(filepath.Join(data, "backups"), 0o700); err != nil {
				t.Fatal(err)
			}
			if _, err := db.BackupTo(filepath.Join(data, "backups", "hark-20261122T030000Z.hark")); err != nil {
				t.Fatal(err)
			}
		}
		if part == 2 {
			copyLive(t, data, killed)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return killed, data
}

// copyLive copies the folder of a store that is open, as a killed process would
// leave it: at a moment when the engine is not tidying.
func copyLive(t *testing.T, from, to string) {
	t.Helper()
	for before := ""; ; {
		now := fmt.Sprint(fileSizes(t, filepath.Join(from, "store")))
		if now == before {
			return
		}
		before = now
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			before = "" // a file went away meanwhile
		}
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := os.CopyFS(to, os.DirFS(from))
	if err == nil {
		err = filepath.Walk(from, func(name string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			return os.Chtimes(filepath.Join(to, strings.TrimPrefix(name, from)), time.Time{}, info.ModTime())
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// damages are those that were measured to go unseen by the engine, or to bring
// it down, and some that do no harm. Each gets the store's folder.
func damages() map[string]func(t *testing.T, dir string) {
	one := func(t *testing.T, dir, pattern string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) == 0 {
			return ""
		}
		return found[0]
	}
	change := func(pattern string, fn func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			name := one(t, dir, pattern)
			if name == "" {
				return // a closed store has no log
			}
			b, err := os.ReadFile(name)
			if err == nil {
				err = os.WriteFile(name, fn(b), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(pattern string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if name := one(t, dir, pattern); name == "" {
				return
			} else if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	used := func(b []byte) int { return len(strings.TrimRight(string(b), "\x00")) }
	zero := func(b []byte, from, to int) []byte { clear(b[max(from, 0):min(to, len(b))]); return b }
	return map[string]func(*testing.T, string){
		"log, last page zero":      change("*.mem", func(b []byte) []byte { n := used(b); return zero(b, n-4096, n) }),
		"log, a page zero":         change("*.mem", func(b []byte) []byte { n := used(b) / 2; return zero(b, n, n+4096) }),
		"log, a bit flipped":       change("*.mem", func(b []byte) []byte { b[used(b)/2] ^= 1; return b }),
		"log removed":              remove("*.mem"),
		"value log, a page zero":   change("*.vlog", func(b []byte) []byte { return zero(b, 0, 4096) }),
		"value log removed":        remove("*.vlog"),
		"MANIFEST cut by 3":        change("MANIFEST", func(b []byte) []byte { return b[:len(b)-3] }),
		"MANIFEST removed":         remove("MANIFEST"),
		"MANIFEST empty":           change("MANIFEST", func([]byte) []byte { return nil }),
		"table garbage":            change("*.sst", func(b []byte) []byte { return []byte(strings.Repeat("?!", len(b)/2)) }),
		"table truncated":          change("*.sst", func(b []byte) []byte { return b[:len(b)/2] }),
		"table, a page zero":       change("*.sst", func(b []byte) []byte { return zero(b, len(b)/2, len(b)/2+4096) }),
		"table removed":            remove("*.sst"),
		"table empty":              change("*.sst", func([]byte) []byte { return nil }),
		"KEYREGISTRY empty":        change("KEYREGISTRY", func([]byte) []byte { return nil }),
		"KEYREGISTRY removed":      remove("KEYREGISTRY"),
		"DISCARD damaged":          change("DISCARD", func(b []byte) []byte { return []byte(strings.Repeat("x", len(b))) }),
		"the whole folder removed": remove("."),
		"the witness damaged":      change("../store.witness", func([]byte) []byte { return []byte("what?") }),
		"nothing":                  func(*testing.T, string) {},
	}
}

// After each damage, to a folder that a killed process left and to one that was
// closed, either all is there, or a backup is, and the inbox says what happened
// and what is missing, and the damaged files are kept: never less without a word.
func TestDamageIsNeverSilent(t *testing.T) {
	t.Parallel()
	killed, closed := damagedFolders(t)
	for name, damage := range damages() {
		for state, from := range map[string]string{"killed": killed, "closed": closed} {
			t.Run(name+"/"+state, func(t *testing.T) {
				data := filepath.Join(t.TempDir(), "data")
				copyFolder(t, from, data)
				damage(t, filepath.Join(data, "store"))
				r := reopen(t, data, inChild)
				got, last := inboxOf(t, r.d.db)
				aside, err := filepath.Glob(filepath.Join(data, "store-damaged-*Z"))
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case got == inAll && len(aside) == 0:
					t.Log("no harm done")
				case got == inBackup+1 && (len(aside) == 1 || strings.HasPrefix(name, "the whole folder")):
					t.Log(last.Text)
					if last.Title != "Hark's data was damaged" || !strings.Contains(last.Text, "is missing") || !strings.Contains(last.Text, strings.Join(aside, "")) {
						t.Errorf("told %q: %s", last.Title, last.Text)
					}
				default:
					t.Errorf("%d messages, kept aside: %v", got, aside)
				}
			})
		}
	}
}

func inboxOf(t *testing.T, db *store.DB) (n int, last *store.Message) {
	t.Helper()
	if err := db.View(func(tx *store.Tx) error {
		id, err := tx.InboxID()
		if err != nil {
			return err
		}
		ms, err := tx.MessagesAfter(id, "", 1_000_000)
		if n = len(ms); n > 0 {
			last = ms[n-1]
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n, last
}

// Damage without a backup is a stop that says what to do; the files are as they
// were, so that they can be tried again with another program.
func TestDamageWithoutBackupStops(t *testing.T) {
	killed, _ := damagedFolders(t)
	data := filepath.Join(t.TempDir(), "data")
	copyFolder(t, killed, data)
	if err := os.RemoveAll(filepath.Join(data, "backups")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(data, "store")
	damages()["MANIFEST cut by 3"](t, dir)
	before := fileSizes(t, dir)
	cfg := configFor(data)
	inChild(&cfg)
	for range 2 {
		_, err := New(cfg)
		if err == nil || !strings.Contains(err.Error(), "There is no backup") || !strings.Contains(err.Error(), "hark restore FILE") {
			t.Fatal(err)
		}
	}
	after := fileSizes(t, dir)
	for name, size := range before {
		if after[name] != size && name != "LOCK" {
			t.Errorf("%s had %d bytes and has %d", name, size, after[name])
		}
	}
}

func fileSizes(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		sizes[e.Name()] = info.Size()
	}
	return sizes
}

// A second Hark on the same folder is refused, and harms neither the first nor
// its files.
func TestSecondHarkIsRefused(t *testing.T) {
	r := newRig(t, nil)
	cfg := configFor(r.d.cfg.Data)
	inChild(&cfg)
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Error(err)
	}
	if _, _, err := RestoreBackup(cfg, "no such file"); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "store", "MANIFEST")); err != nil {
		t.Error(err)
	}
}

// What is restored takes the place of what was there, which is kept.
func TestRestoreBackup(t *testing.T) {
	_, closed := damagedFolders(t)
	cfg := configFor(closed)
	cfg.Log = slog.New(slog.DiscardHandler)
	b, aside, err := RestoreBackup(cfg, filepath.Join(closed, "backups", "hark-20261122T030000Z.hark"))
	if err != nil {
		t.Fatal(err)
	}
	r := reopen(t, closed, nil)
	if n, _ := inboxOf(t, r.d.db); n != inBackup || b.Rows != inBackup+1 {
		t.Errorf("%d messages, %+v", n, b)
	}
	old, err := store.Open(aside, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := inboxOf(t, old); n != inAll {
		t.Errorf("%d messages kept aside", n)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}
