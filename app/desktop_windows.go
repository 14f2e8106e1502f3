//go:build desktop

package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// afterEnv names the process whose window this one takes the place of.
const afterEnv = "HARK_WINDOW_AFTER"

// ownName waits for the window that this one takes the place of: there is one
// at a time.
func ownName() error {
	id, err := strconv.Atoi(os.Getenv(afterEnv))
	if err != nil {
		return nil
	}
	if err := os.Unsetenv(afterEnv); err != nil {
		return err
	}
	before, err := os.FindProcess(id)
	if err != nil {
		return nil // it has gone
	}
	gone := make(chan struct{})
	go func() {
		_, _ = before.Wait() // either way it is not waited for any more
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
	}
	return nil
}

// relaunch starts this program once more and ends this process.
func relaunch() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), afterEnv+"="+strconv.Itoa(os.Getpid()))
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start this program anew: %w", err)
	}
	os.Exit(0)
	return nil
}

// Clicked reports whether a person started the program by its icon, or by a
// notification of its, and so wants its window. args are without the program's
// name.
func Clicked(args []string) bool {
	if len(args) == 0 {
		return ownConsole() // in a shell's console it is a question for help
	}
	return args[0] == "-Embedding" // how the system starts what a notification belongs to
}

// ownConsole reports whether no other program has this one's console, if it has any.
func ownConsole() bool {
	var ids [2]uint32
	n, _, _ := kernel("GetConsoleProcessList").Call(uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)))
	return n <= 1
}

// leaveConsole lets go of a console that was made for this process alone, as
// older Windows does for a program that was not started from one.
func leaveConsole() {
	if ownConsole() {
		_, _, _ = kernel("FreeConsole").Call() // without a console there is none to leave
	}
}

func kernel(name string) *syscall.LazyProc { return syscall.NewLazyDLL("kernel32.dll").NewProc(name) }

// handOver is left to the library, which ends this process with status 0 here.
func handOver(context.Context, string) bool { return false }

// Windows always has a tray.
func canTray() bool { return true }
func trayed() bool  { return true }

// trayIcon is the icon as Windows takes it: an .ico file may hold a PNG.
func trayIcon() []byte {
	const head = 22
	var b bytes.Buffer
	b.Write([]byte{0, 0, 1, 0, 1, 0, 64, 64, 0, 0, 1, 0, 32, 0})
	var sizes [8]byte
	binary.LittleEndian.PutUint32(sizes[:4], uint32(len(icon)))
	binary.LittleEndian.PutUint32(sizes[4:], head)
	b.Write(sizes[:])
	b.Write(icon)
	return b.Bytes()
}
