package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// Reading a store leaves the tables as they are that its table of contents
// names, however many wait for a compaction, and it does not wait for one; with
// what was kept, all is as it was.
func TestCheckChangesNothingForGood(t *testing.T) {
	dir, kept := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "kept")
	for part := range 7 { // one table each; from four on, writes wait for a compaction
		kv, err := badger.Open(readingOptions(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := kv.Update(func(txn *badger.Txn) error { return txn.Set(fmt.Append(nil, "x", part), []byte("what")) }); err != nil {
			t.Fatal(err)
		}
		if err := kv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	live, err := badger.Open(readingOptions(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := live.Update(func(txn *badger.Txn) error { return txn.Set([]byte("y"), []byte("in the log only")) }); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := live.Close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, killed)
	if len(namedTables(killed)) != 7 {
		t.Fatalf("tables: %v", namedTables(killed))
	}
	if err := KeepEvidence(killed, kept); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(killed); err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if err := PutBack(kept, killed); err != nil {
		t.Fatal(err)
	}
	after := contents(t, killed)
	for name, was := range before {
		if is, there := after[name]; name != "LOCK" && name != "DISCARD" && (!there || is != was) {
			t.Errorf("%s is not as it was (there: %t)", name, there)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}
