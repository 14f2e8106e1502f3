//go:build unix

package daemon

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownerOf is the user whose folder or file it is, or -1 where that is not to be
// known.
func ownerOf(path string) (user int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return -1, err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid), nil
	}
	return -1, nil
}

// mayWrite returns why this user can't write to a folder, or nil.
func mayWrite(dir string) error {
	return unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

// othersMay are the rights that users besides the owner have, as in chmod.
func othersMay(path string) (rights os.FileMode) {
	if info, err := os.Stat(path); err == nil {
		rights = info.Mode().Perm() & 0o077
	}
	return rights
}

// giveTo gives what root has made in a data folder, path and all below it, to
// the user and group of the folder: the Hark that runs there could not open it.
func giveTo(folder, path string) error {
	info, err := os.Stat(folder)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || s.Uid == 0 {
		return nil
	}
	return filepath.WalkDir(path, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, int(s.Uid), int(s.Gid))
	})
}
