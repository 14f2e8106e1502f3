//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// A store that the system does not let be opened, here because the process may
// have no more files, is not called damaged: no older backup takes its place.
func TestWhatTheSystemRefusesIsNoDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	for part := range 7 { // a table each
		kv := must(badger.Open(readingOptions(dir)))(t)
		ok(t, kv.Update(func(txn *badger.Txn) error { return txn.Set([]byte{'x', byte(part)}, []byte("what")) }))
		ok(t, kv.Close())
	}
	var usual syscall.Rlimit
	ok(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &usual))
	check := func(dir string, files uint64) error {
		lowest := must(os.Open(os.DevNull))(t) // the next file that is opened has its number
		few := usual
		few.Cur = uint64(lowest.Fd()) + files
		ok(t, lowest.Close())
		ok(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few))
		_, err := Check(dir)
		ok(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &usual))
		return err
	}
	refused := 0
	for files := range uint64(40) {
		again := filepath.Join(t.TempDir(), fmt.Sprint(files)) // the engine does not let go of what it could not open
		ok(t, os.CopyFS(again, os.DirFS(dir)))
		err := check(again, files)
		if errors.Is(err, ErrDamaged) {
			t.Errorf("with %d more files: %v", files, err)
		}
		if err != nil {
			refused++
		}
	}
	if _, err := Check(dir); err != nil || refused < 5 {
		t.Errorf("refused %d times; without a limit: %v", refused, err)
	}
}
