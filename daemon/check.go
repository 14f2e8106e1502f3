package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"hark/store"
)

// What a process that reads a store ends with (sysexits.h), besides 0. The
// engine's panic ends it with 2.
const (
	exitPanic   = 2
	exitDamaged = 65 // EX_DATAERR
	exitUnknown = 70 // EX_SOFTWARE
	exitInUse   = 75 // EX_TEMPFAIL
)

// CheckStoreBy makes a [Config.CheckStore] that has another process call
// [CheckStoreChild]: after some damage the engine panics on a goroutine that
// nobody can catch.
func CheckStoreBy(command func(dir string) *exec.Cmd) func(dir string) error {
	return func(dir string) error {
		var said bytes.Buffer
		cmd := command(dir)
		cmd.Stderr = &said
		err := cmd.Run()
		exit := (*exec.ExitError)(nil)
		if err == nil || !errors.As(err, &exit) {
			return err
		}
		words := firstLine(said.String())
		switch code := exit.ExitCode(); {
		case code == exitPanic && isPanic(words):
			return fmt.Errorf("%w: reading it ended with %s", store.ErrDamaged, words)
		case code == exitDamaged:
			return fmt.Errorf("%w: %s", store.ErrDamaged, words)
		case code == exitInUse:
			return fmt.Errorf("%w: %s", store.ErrInUse, dir)
		}
		return fmt.Errorf("the process that reads the store ended with %w: %s", exit, words)
	}
}

// isPanic reports whether a Go program that ended with exitPanic did so over what
// it read. It ends so too when the system gives it no memory or no thread, and
// when it is told to quit: then nothing is known of the store.
func isPanic(words string) bool {
	for _, other := range []string{"runtime: ", "SIGQUIT", "SIGABRT", "fatal error: out of memory", "fatal error: runtime: ", "fatal error: newosproc"} {
		if strings.HasPrefix(words, other) {
			return false
		}
	}
	return true
}

// CheckStoreChild reads all of the store in dir, says on stderr what is wrong
// with it, and returns the status to end this process with.
func CheckStoreChild(dir string, stderr io.Writer) (status int) {
	err := CheckStore(dir)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, store.ErrDamaged):
		fmt.Fprintln(stderr, strings.TrimPrefix(err.Error(), store.ErrDamaged.Error()+": "))
		return exitDamaged
	case errors.Is(err, store.ErrInUse):
		return exitInUse
	}
	fmt.Fprintln(stderr, err)
	return exitUnknown
}

// firstLine is the first line that says something, at most 200 bytes of it.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return strings.ToValidUTF8(s[:min(len(s), 200)], "")
}
