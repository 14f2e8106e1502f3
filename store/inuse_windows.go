package store

import (
	"errors"
	"os"
	"path/filepath"
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
