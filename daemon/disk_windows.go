package daemon

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"
)

// freeSpace is how many bytes this user can still write to the disk of dir.
func freeSpace(dir string) (uint64, error) {
	path, err := syscall.UTF16PtrFromString(dir)
	if err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	var free uint64
	proc := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	ok, _, err := proc.Call(uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&free)), 0, 0)
	if ok == 0 {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return free, nil
}

// isQuota knows ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
func isQuota(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
