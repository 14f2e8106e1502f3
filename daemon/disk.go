package daemon

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"time"
)

const (
	// leastFree is kept for the store's own compactions and for the rest of
	// the machine: Badger needs room to free room.
	leastFree = 200 << 20
	// freeEvery is how old the knowledge of the free space may be.
	freeEvery = 5 * time.Second
)

// watchDisk refuses changes while the disk is nearly full. It looks once before
// it returns, then until ctx is done.
func (d *Daemon) watchDisk(ctx context.Context) {
	ticker := time.NewTicker(freeEvery)
	defer ticker.Stop()
	for {
		d.checkDisk()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *Daemon) checkDisk() {
	free, err := d.freeSpace(d.cfg.Data)
	if err != nil {
		return // a file system that can't tell is not full for that
	}
	full := free < leastFree
	if d.full.Swap(full) != full {
		d.log.Warn("free disk space", slog.Bool("nearly_full", full), slog.Uint64("free_bytes", free))
	}
}

// isDiskFull reports whether err says that the disk, or the share of it that
// this user may take, is full.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || isQuota(err)
}
