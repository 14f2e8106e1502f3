//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// InUse reports whether a process has the store in dir open. It changes
// nothing.
func InUse(dir string) (bool, error) {
	f, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("look who has the store open: %w", err)
	}
	defer func() { _ = f.Close() }() // which gives the lock back
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	} else if err != nil {
		return false, fmt.Errorf("look who has the store open: %w", err)
	}
	return false, nil
}

// refusals are how the system says that it does not let a file be opened or
// grow, whatever is in it.
func refusals() []syscall.Errno {
	return []syscall.Errno{
		syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE,
	}
}
