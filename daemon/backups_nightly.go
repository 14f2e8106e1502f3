package daemon

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"hark/store"
)

const (
	// firstBackup is how long after the start a backup is made that is overdue: a
	// machine that has just come up has other things to do.
	firstBackup = 10 * time.Minute
	// backupAgain is when one that failed is tried again.
	backupAgain = time.Hour
	// failedBackup is the name of what is kept of one that failed.
	failedBackup = "backup_failed"
)

// nextBackup is when one is due: at the time of day, or soon if the last such
// time has passed without one.
func nextBackup(now, newest time.Time, keep Backups, zone *time.Location) time.Time {
	clock, err := time.Parse("15:04", keep.At)
	if err != nil || keep.Daily+keep.Weekly == 0 {
		return time.Time{}
	}
	now = now.In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
	last, next := at, at.AddDate(0, 0, 1)
	if at.After(now) {
		last, next = at.AddDate(0, 0, -1), at
	}
	if newest.Before(last) {
		return now
	}
	return next
}

// dueBackup is when the next one is to be made by itself, or zero for never.
func (d *Daemon) dueBackup(all []BackupFile) time.Time {
	now, newest := time.Now(), time.Time{}
	if i := slices.IndexFunc(all, func(b BackupFile) bool { return !b.Before && !b.ahead(now) }); i >= 0 {
		newest = all[i].Made.Time
	}
	due := nextBackup(now, newest, d.cfg.Backup, d.wall())
	// By what has passed, and not by the clock, which may be set meanwhile.
	soonest := now.Add(time.Until(d.keeper.change(func(*backupState) {}).soonest))
	if !due.IsZero() && due.Before(soonest) {
		return soonest
	}
	return due
}

// keepBackups makes backups until ctx is done. One that fails is tried again
// after an hour.
func (d *Daemon) keepBackups(ctx context.Context) {
	wait := func(until time.Duration) {
		d.keeper.change(func(s *backupState) { s.soonest = time.Now().Add(until) })
	}
	wait(firstBackup)
	for {
		due := d.dueBackup(listBackups(d.cfg.backupDir(), d.log))
		if due.IsZero() {
			return
		}
		if left := time.Until(due); left > 0 {
			timer := time.NewTimer(min(left, time.Hour)) // the clock or the zone may be set
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			continue // the owner may have made one meanwhile
		}
		if _, err := d.backUp(ctx); errors.Is(err, store.ErrClosed) {
			return
		} else if err != nil {
			wait(backupAgain)
			d.tellBackup(err)
		}
	}
}

// toldBackup is what is remembered of a failure that the owner was told of.
type toldBackup struct {
	Message string     `json:"message"` // empty: there is none
	Since   store.Time `json:"since"`
}

// tellBackup says in the inbox that backups fail and what to do: once, until
// one has been made.
func (d *Daemon) tellBackup(cause error) {
	if err := d.db.Update(func(tx *store.Tx) error {
		var told toldBackup
		if _, err := tx.Value(failedBackup, &told); err != nil || told.Message != "" {
			return err
		}
		m := &store.Message{
			ID: tx.NewID(), Role: store.Assistant, Status: store.Done, Format: "plain", Title: "The backup failed", Priority: 4,
			Text:   "Hark could not make its backup. " + d.backupCure(cause) + "\n\nIt is tried again every hour. What went wrong: " + trimmed(cause) + ".",
			Source: store.Source{Kind: "fire", Name: "Hark"},
		}
		if _, err := tx.Deliver(m); err != nil {
			return err
		}
		return tx.SetValue(failedBackup, toldBackup{m.ID, store.At(tx.Now())})
	}); err != nil {
		d.log.Error("the failed backup could not be told", "err", err)
	}
}

// backupCure says what to do about a backup that failed.
func (d *Daemon) backupCure(cause error) string {
	folder := d.cfg.backupDir()
	const elsewhere = "or have backups kept in another one (backup.dir in hark.toml)."
	switch {
	case errors.Is(cause, errDiskFull), isDiskFull(cause):
		return "The disk is full. Make room on the disk of " + folder + ", " + elsewhere
	case errors.Is(cause, fs.ErrPermission), errors.Is(cause, syscall.EROFS):
		return "It may not write to " + folder + ". Give that folder to the user who runs Hark, " + elsewhere
	case errors.Is(cause, store.ErrNotBackup), errors.Is(cause, store.ErrCorrupt), errors.Is(cause, store.ErrDamaged):
		return "What was written did not read back whole. Have the disk of " + folder + " looked at, " + elsewhere
	}
	return "Look at the folder " + folder + ", " + elsewhere + " `hark doctor` looks for the cause."
}

// tellBackedUp takes the alarm back, if there was one: what was said of it now
// says when it was over.
func (d *Daemon) tellBackedUp(made BackupFile) {
	var told toldBackup
	known := func(tx *store.Tx) (err error) {
		_, err = tx.Value(failedBackup, &told)
		return err
	}
	err := d.db.View(known)
	if err == nil && told.Message != "" {
		err = d.db.Update(func(tx *store.Tx) error {
			if err := errors.Join(known(tx), tx.SetValue(failedBackup, toldBackup{})); err != nil {
				return err
			}
			m, err := tx.Message(told.Message)
			if errors.Is(err, store.ErrNotFound) {
				return nil // the owner has deleted it
			} else if err != nil {
				return err
			}
			const clock = "2 January 2006, 15:04"
			m.Title, m.Priority = "The backup works again", 0
			m.Text = "From " + told.Since.In(d.wall()).Format(clock) + " on Hark could not make its backup. That of " +
				made.Made.In(d.wall()).Format(clock) + " is good. There is nothing to do."
			return tx.PutMessage(m)
		})
	}
	if err != nil {
		d.log.Error("that backups work again could not be told", "err", err)
	}
}
