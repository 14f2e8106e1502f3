package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// endOf is when a replace key ends, in days from now; 0 is never.
func endOf(t *testing.T, db *DB, key string) (days int) {
	t.Helper()
	ok(t, db.kv.View(func(txn *badger.Txn) error {
		item, err := txn.Get([]byte(replaceKey("script", key)))
		if err == nil && item.ExpiresAt() > 0 {
			days = int((time.Until(time.Unix(int64(item.ExpiresAt()), 0)) + time.Hour) / (24 * time.Hour))
		}
		return err
	}))
	return days
}

// A replace key stands for its message until it was not used for 100 days; the
// days of what is to come later count from when it comes.
func TestReplaceKeysEnd(t *testing.T) {
	db := open(t, "")
	for i, due := range []time.Time{{}, time.Now().Add(-time.Hour), time.Now().Add(60 * 24 * time.Hour)} {
		ok(t, db.Update(func(tx *Tx) error { return tx.SetReplaces("script", fmt.Sprint(i), fmt.Sprint("message ", i), due) }))
		if got, want := endOf(t, db, fmt.Sprint(i)), []int{100, 100, 160}[i]; got != want {
			t.Errorf("due %v: ends in %d days, want %d", due, got, want)
		}
	}
	ok(t, db.Update(func(tx *Tx) error { tx.set(replaceKey("script", "left"), []byte(`"m"`), time.Nanosecond); return nil }))
	for key, want := range map[string]string{"2": "message 2", "left": "", "none": ""} {
		ok(t, db.View(func(tx *Tx) error {
			got, err := tx.Replaces("script", key)
			if got != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
			return err
		}))
	}
}

// Replace keys that an earlier version has kept for ever still work, and end; the
// check tells how many there are.
func TestOldReplaceKeysEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	const n = 2*purgeBite + 7
	ok(t, db.Update(func(tx *Tx) error {
		for i := range n {
			tx.set(replaceKey("script", fmt.Sprint(i)), []byte(`"old"`), 0)
		}
		return nil
	}))
	if endOf(t, db, "3") != 0 {
		t.Error("it had an end")
	}
	ok(t, db.Close())
	db = open(t, dir)
	for i := range n {
		if days := endOf(t, db, fmt.Sprint(i)); days != 100 {
			t.Fatalf("%d ends in %d days", i, days)
		}
	}
	ok(t, db.Close())
	if r := must(Check(dir))(t); r.ReplaceKeys != n || len(r.Faults) > 0 {
		t.Errorf("%+v", r)
	}
}
