package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// nights is a daemon of which only the making of backups runs, in a time of its
// own that begins at midnight of 1 January 2000, UTC.
type nights struct {
	*Daemon
	t      *testing.T
	folder string
}

func inNights(t *testing.T, test func(n *nights)) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "backups")
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		cfg := configFor(t.TempDir())
		cfg.Backup.Dir = folder
		d, err := newDaemon(cfg, db)
		if err != nil {
			t.Fatal(err)
		}
		zone := "Europe/Berlin"
		d.owner.Store(&zone)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { d.keepBackups(ctx); close(done) }()
		test(&nights{d, t, folder})
		cancel()
		<-done
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// pass lets time go by, and returns when what it brought is done: while a backup
// is being made the time stands still.
func (n *nights) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// made are the times of the backups that there are, oldest first, as the owner's
// clock showed them.
func (n *nights) made() (all []string) {
	for _, b := range listBackups(n.folder, n.log) {
		all = append(all, b.Made.In(n.wall()).Format("01-02T15:04"))
	}
	slices.Reverse(all)
	return all
}

func (n *nights) inbox() []*store.Message {
	n.t.Helper()
	var all []*store.Message
	if err := n.db.View(func(tx *store.Tx) error {
		inbox, err := tx.InboxID()
		if err != nil {
			return err
		}
		all, _, err = tx.Messages(inbox, "", 100)
		return err
	}); err != nil && !errors.Is(err, store.ErrNotFound) {
		n.t.Fatal(err)
	}
	return all
}

// The first backup is made soon after the start, then there is one each night at
// the owner's wall time, which can be restored; those of the last 7 days and 4
// weeks stay.
func TestBackupEachNight(t *testing.T) {
	inNights(t, func(n *nights) {
		n.pass(firstBackup - time.Minute)
		if got := n.made(); len(got) != 0 {
			t.Error("too soon:", got)
		}
		n.pass(2 * time.Minute)
		n.pass(48 * time.Hour)
		// That of the first day was followed by one at the time that is wanted.
		if got := strings.Join(n.made(), " "); got != "01-01T03:00 01-02T03:00" {
			t.Error(got)
		}
		if _, err := n.deliver(&fireInput{Text: "said on the third day"}, caller{id: "x"}); err != nil {
			t.Fatal(err)
		}
		n.pass(10 * 24 * time.Hour)
		// 7 days, of which the 9th ends a week, and the Sunday of the week before.
		want := "01-02T03:00 01-06T03:00 01-07T03:00 01-08T03:00 01-09T03:00 01-10T03:00 01-11T03:00 01-12T03:00"
		if got := strings.Join(n.made(), " "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		newest := listBackups(n.folder, n.log)[0]
		fresh := configFor(filepath.Join(t.TempDir(), "data"))
		if b, _, err := RestoreBackup(fresh, newest.Path); err != nil || b.Cursor != n.db.Head() {
			t.Errorf("%+v, want all up to %s: %v", b, n.db.Head(), err)
		}
		if told := n.inbox(); len(told) != 1 {
			t.Errorf("%d messages, want that of the third day", len(told))
		}
	})
}

// Backups that fail are told once in the inbox with what to do, whatever the
// hourly tries say, and the next good one takes the alarm back.
func TestFailedBackupIsToldOnce(t *testing.T) {
	inNights(t, func(n *nights) {
		if err := os.WriteFile(n.folder, nil, 0o600); err != nil { // no folder can be made there
			t.Fatal(err)
		}
		n.pass(26 * time.Hour)
		told := n.inbox()
		if len(told) != 1 || told[0].Title != "The backup failed" || !strings.Contains(told[0].Text, "backup.dir in hark.toml") || !strings.Contains(told[0].Text, n.folder) {
			t.Fatalf("%d messages: %+v", len(told), told)
		}
		if c := n.backupCheck(); c.OK || !strings.Contains(c.Say, "The backup failed") {
			t.Errorf("%+v", c)
		}
		if err := os.Remove(n.folder); err != nil {
			t.Fatal(err)
		}
		n.freeSpace = func(string) (uint64, error) { return 1 << 20, nil }
		n.checkDisk()
		n.pass(2 * time.Hour)
		if told = n.inbox(); len(told) != 1 || len(n.made()) != 0 {
			t.Fatalf("%d messages, %v", len(told), n.made())
		}
		n.freeSpace = func(string) (uint64, error) { return 1 << 40, nil }
		n.checkDisk()
		n.pass(2 * time.Hour)
		if told = n.inbox(); len(told) != 1 || told[0].Title != "The backup works again" || len(n.made()) != 1 {
			t.Fatalf("%+v, %v", told[0], n.made())
		}
		if c := n.backupCheck(); !c.OK {
			t.Errorf("%+v", c)
		}
		// The next time it is told again, and what the owner has deleted stays so.
		n.freeSpace = func(string) (uint64, error) { return 1 << 20, nil }
		n.checkDisk()
		n.pass(26 * time.Hour)
		told = n.inbox()
		if len(told) != 2 || !strings.Contains(told[0].Text+told[1].Text, "The disk is full. Make room") {
			t.Fatalf("%d messages: %+v", len(told), told)
		}
		for _, m := range told {
			if err := n.db.Update(func(tx *store.Tx) error { return tx.DeleteMessage(m.ID) }); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(5 * time.Hour)
		n.freeSpace = func(string) (uint64, error) { return 1 << 40, nil }
		n.checkDisk()
		n.pass(2 * time.Hour)
		if told = n.inbox(); len(told) != 0 || len(n.made()) != 2 {
			t.Errorf("%d messages, %v", len(told), n.made())
		}
	})
}

// What went wrong says what to do, by its kind.
func TestBackupCures(t *testing.T) {
	r := newMemoryRig(t)
	for _, c := range []struct {
		cause error
		want  string
	}{
		{errDiskFull, "Make room"},
		{&os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}, "may not write"},
		{store.ErrNotBackup, "did not read back whole"},
		{errors.New("x"), "hark doctor"},
	} {
		if got := r.d.backupCure(c.cause); !strings.Contains(got, c.want) || !strings.Contains(got, r.d.cfg.backupDir()) {
			t.Errorf("%v: %s", c.cause, got)
		}
	}
}

// What a process left that died while it made a backup is swept away after a
// day; what is young may still be written.
func TestLeftoversOfBackups(t *testing.T) {
	r := newRig(t, nil)
	folder := r.d.cfg.backupDir()
	old, young := filepath.Join(folder, ".verify-1"), filepath.Join(folder, ".unfinished-2")
	if err := os.MkdirAll(filepath.Join(old, "store"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(young, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	r.call(201, nil, "POST", "/api/backups", "")
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("what is old is still there:", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("what is young is gone:", err)
	}
}
