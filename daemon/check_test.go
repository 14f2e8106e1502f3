package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hark/store"
)

// A process that reads the store and dies of what is not the store's fault, for
// want of memory or because it was told to quit, has not found it damaged: no
// older backup takes its place. One that dies of what it read has.
func TestDyingOverSomethingElseIsNoDamage(t *testing.T) {
	if words := os.Getenv("HARK_TEST_LAST_WORDS"); words != "" {
		fmt.Fprintln(os.Stderr, words)
		os.Exit(exitPanic)
	}
	for words, damaged := range map[string]bool{
		"runtime: out of memory: cannot allocate 4194304-byte block (3866624 in use)": false,
		"runtime: failed to create new OS thread (have 5 already; errno=11)":          false,
		"fatal error: runtime: cannot allocate memory":                                false,
		"SIGQUIT: quit": false,
		"panic: runtime error: index out of range [7] with length 3": true,
		"unexpected fault address 0x7f0000001000":                    true,
	} {
		check := CheckStoreBy(func(string) *exec.Cmd {
			cmd := exec.Command(os.Args[0], "-test.run=^TestDyingOverSomethingElseIsNoDamage$")
			cmd.Env = append(os.Environ(), "HARK_TEST_LAST_WORDS="+words)
			return cmd
		})
		if err := check("store"); err == nil || errors.Is(err, store.ErrDamaged) != damaged {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// On a full disk a reader finds no room for what it has to write, and dies as it
// does of damage. That is told as what it is, and no backup takes the place.
func TestFullDiskIsNoDamage(t *testing.T) {
	damage := fmt.Errorf("%w: unexpected fault address", store.ErrDamaged)
	if err := verdict(damage, "/data", roomToRead-1, nil); errors.Is(err, store.ErrDamaged) || !errors.Is(err, errDiskFull) || !strings.Contains(err.Error(), "on the disk of /data: make room") {
		t.Error(err)
	}
	if err := verdict(damage, "/data", roomToRead, nil); !errors.Is(err, store.ErrDamaged) {
		t.Error(err)
	}
	if err := verdict(damage, "/data", 0, errors.New("the system does not say")); !errors.Is(err, store.ErrDamaged) {
		t.Error(err)
	}
}
