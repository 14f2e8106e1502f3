package daemon

import (
	"testing"
	"time"

	"hark/store"
)

// A backup that was made while the clock ran years ahead is not taken for the
// newest when one is needed.
func TestBackupOfWrongClock(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	at := func(name string, made time.Time) BackupFile { return BackupFile{Name: name, Made: store.At(made)} }
	all := []BackupFile{at("ahead", now.AddDate(4, 0, 0)), at("old", now.AddDate(0, 0, -2)), at("new", now.Add(-time.Hour))}
	newestFirst(all, now)
	if all[0].Name != "new" || all[1].Name != "old" || all[2].Name != "ahead" {
		t.Errorf("%+v", all)
	}
}

// One that was made while the clock ran ahead does not put off the next.
func TestBackupOfWrongClockPutsOffNothing(t *testing.T) {
	r := newMemoryRig(t)
	ahead := []BackupFile{{Name: "ahead", Made: store.At(time.Now().AddDate(4, 0, 0))}}
	if due := r.d.dueBackup(ahead); due.After(time.Now()) {
		t.Error("the next one is due on", due)
	}
}
