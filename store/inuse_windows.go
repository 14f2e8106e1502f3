package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// InUse reports whether a process has the store in dir open. It changes
// nothing.
func InUse(dir string) (bool, error) {
	// The engine holds a file that nobody else may open, and that goes with it.
	f, err := os.Open(filepath.Join(dir, "LOCK"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return true, nil
	}
	return false, f.Close()
}

// refusals are how the system says that it does not let a file be opened or
// grow, whatever is in it: a scanner may have it open just now.
func refusals() []syscall.Errno {
	const (
		tooManyOpenFiles = 4
		notEnoughMemory  = 8
		outOfMemory      = 14
		sharingViolation = 32
		lockViolation    = 33
		handleDiskFull   = 39
		diskFull         = 112
		commitmentLimit  = 1455
	)
	return []syscall.Errno{
		syscall.ERROR_ACCESS_DENIED, tooManyOpenFiles, notEnoughMemory, outOfMemory, sharingViolation, lockViolation,
		handleDiskFull, diskFull, commitmentLimit,
	}
}
