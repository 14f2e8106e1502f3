package store

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// digests are the contents of a folder's files, by name.
func digests(t *testing.T, dir string) map[string]string {
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
		sum := sha256.Sum256(b)
		all[e.Name()] = hex.EncodeToString(sum[:])
	}
	return all
}

// A mirror is read in the place of the store, whole or damaged, and no byte of
// the store changes.
func TestMirrorReadsAsTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		deliver(t, db, "told")
	}
	if used, err := InUse(dir); err != nil || !used {
		t.Error("an open store is in use:", used, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if used, err := InUse(dir); err != nil || used {
		t.Error("a closed store is in use:", used, err)
	}
	if used, err := InUse(dir + ".none"); err != nil || used {
		t.Error("no store is in use:", used, err)
	}
	before := digests(t, dir)
	to := filepath.Join(t.TempDir(), "mirror")
	if err := Mirror(dir, to); err != nil {
		t.Fatal(err)
	}
	r, err := Check(to)
	if err != nil || len(r.Faults) > 0 || r.Messages != 200 {
		t.Error(r, err)
	}
	if after := digests(t, dir); !reflect.DeepEqual(before, after) {
		t.Errorf("the store has changed:\n%v\n%v", before, after)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatal("no tables", err)
	}
	if err := os.Remove(tables[0]); err != nil {
		t.Fatal(err)
	}
	before = digests(t, dir)
	to = filepath.Join(t.TempDir(), "mirror")
	if err := Mirror(dir, to); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(to); err == nil && len(r.Faults) == 0 {
		t.Error("the mirror of a store without a table is whole")
	}
	if after := digests(t, dir); !reflect.DeepEqual(before, after) {
		t.Errorf("the damaged store has changed:\n%v\n%v", before, after)
	}
}
