package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// isWhole fails the test unless the closed store in dir is found whole, with a
// tally that says what is there, and opens.
func isWhole(t testing.TB, dir string) {
	t.Helper()
	r, err := Check(dir)
	if err != nil || len(r.Faults) > 0 {
		t.Fatalf("called damaged: %q, %v", r.Faults, err)
	}
	db, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ok(t, db.kv.View(func(txn *badger.Txn) error {
		said, _, err := readTally(txn)
		if has := countRows(txn); said.rows != has || said.seq != Seq(db.head.Load()) {
			t.Fatalf("%d records up to %d; the tally says %d up to %d", has, db.head.Load(), said.rows, said.seq)
		}
		return err
	}))
}

// A reply that is being written takes no more changes once its conversation is
// deleted: nothing of it follows the tombstone that stands for it, and what is
// left when the conversation is gone is a whole store.
func TestCheckpointBesidePurge(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	conv := talk(t, db)
	other := talk(t, db)
	w := must(db.Stream(say(t, db, conv, "", Pending).ID))(t)
	waiting := say(t, db, conv, "", Pending)
	must(w.WriteString("As I was s"))(t)
	ok(t, db.markDeleted(conv))
	tombstone := db.Head().Seq
	w.save()
	if err := w.Update(func(_ *Tx, m *Message) error { m.Reason = "step"; return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("a step of it: %v", err)
	}
	if _, err := db.Stream(waiting.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another reply: %v", err)
	}
	if now := db.Head().Seq; now != tombstone {
		t.Errorf("%d changes after the tombstone", now-tombstone)
	}
	ok(t, db.purge(conv))
	if err := w.Close(func(_ *Tx, m *Message) error { m.Status = Done; return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("its end: %v", err)
	}
	ok(t, db.Close())
	isWhole(t, dir)
	db = open(t, dir)
	if evs := read(t, db.Follow(tombstone-1, "")); len(evs) != 1 || evs[0].Kind != "gone" || evs[0].ID != conv {
		t.Errorf("%d events", len(evs))
	}
	say(t, db, other, "goes on", Done)
}

// A feed whose last entry was purged after all, as earlier versions could leave
// it, is whole: as many entries are there as should be. One that has lost its
// last entry is not.
func TestPurgedEndOfFeed(t *testing.T) {
	for _, lost := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "store")
		db := open(t, dir)
		conv := talk(t, db)
		for range 3 {
			say(t, db, conv, "before", Done)
		}
		head := db.Head()
		m := &Message{Conversation: conv, Role: Assistant, Status: Pending}
		ok(t, db.Update(func(tx *Tx) error {
			m.ID = tx.NewID()
			return tx.put(entry{kind: kindMessage, id: m.ID, conv: conv}, m, textMark{}) // as the last change
		}))
		ok(t, db.Update(func(tx *Tx) error {
			tx.del(string(feedKey(head.Seq + 1)))
			tx.del(recordKey(kindMessage, m.ID))
			return nil
		}))
		if lost {
			ok(t, db.kv.Update(func(txn *badger.Txn) error {
				return txn.Set([]byte(tallyKey), tally{head.Seq + 1, db.rows + 1}.encode())
			}))
		}
		ok(t, db.Close())
		again, err := Open(dir, nil)
		if lost {
			if r, err2 := Check(dir); !errors.Is(err, ErrDamaged) || len(r.Faults) == 0 {
				t.Errorf("a lost record went unseen: %v, %+v, %v", err, r, err2)
			}
			continue
		}
		ok(t, err)
		if again.Head().Seq != head.Seq+1 {
			t.Errorf("the head went back to %d from %d", again.Head().Seq, head.Seq+1)
		}
		b := filepath.Join(t.TempDir(), "backup")
		must(again.BackupTo(b))(t)
		deliver(t, again, "after")
		ok(t, again.Close())
		isWhole(t, dir)
		restored := filepath.Join(t.TempDir(), "store")
		must(Restore(b, restored, nil))(t)
		isWhole(t, restored)
	}
}

// A process that dies in the middle of freeing a deleted conversation, after the
// disk has a bite of it and before the witness is told, leaves a whole store.
func TestKilledWhilePurging(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	conv := talk(t, db)
	for range 5 {
		say(t, db, conv, "to be forgotten", Done)
	}
	ok(t, db.markDeleted(conv))
	before := must(os.ReadFile(WitnessPath(dir)))(t)
	ok(t, db.purge(conv))
	ok(t, db.Close())
	ok(t, os.WriteFile(WitnessPath(dir), before, 0o600))
	isWhole(t, dir)
}

// A process that dies between making a file and giving it its size leaves a
// store that is read as whole, and opens, however many such files there are.
func TestEmptyFilesAreNoDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	deliver(t, db, "kept")
	ok(t, db.Close())
	for _, name := range []string{"00031.mem", "00032.mem", "000031.vlog"} {
		ok(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	isWhole(t, dir)
}

// As long as nobody can say what the engine has kept of a change that it refused,
// no other is taken: the tally would be wrong from then on.
func TestTallyUnknownAfterRefusal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	deliver(t, db, "before")
	set := func(v []byte) {
		ok(t, db.kv.Update(func(txn *badger.Txn) error { return txn.Set([]byte(tallyKey), v) }))
	}
	set([]byte("torn"))
	refused := func(tx *Tx) error {
		tx.set(strings.Repeat("k", 1<<16), nil, 0) // no engine takes such a key
		return nil
	}
	if err := db.Update(refused); err == nil {
		t.Fatal("the engine took it")
	}
	if err := db.Update(func(tx *Tx) error { return tx.SetValue("x", 1) }); !errors.Is(err, ErrCorrupt) {
		t.Errorf("taken, or refused for another reason: %v", err)
	}
	set(tally{db.last, db.rows}.encode())
	deliver(t, db, "after")
	ok(t, db.Close())
	isWhole(t, dir)
}

// A conversation that is being deleted is not made anew before the last of its
// messages is gone: what came into it would go with them.
func TestNoConversationIntoPurge(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	say(t, db, conv, "old", Done)
	ok(t, db.markDeleted(conv))
	anew := func(tx *Tx) error { return tx.PutConversation(&Conversation{ID: conv, Title: "imported"}) }
	if err := db.Update(anew); err == nil {
		t.Error("made anew")
	}
	ok(t, db.purge(conv))
	ok(t, db.Update(anew))
}

// A message stays in its conversation: as part of two it would be missing in one.
func TestMessageStaysInConversation(t *testing.T) {
	db := open(t, "")
	m, other := say(t, db, talk(t, db), "here", Done), talk(t, db)
	m.Conversation = other
	if err := db.Update(func(tx *Tx) error { return tx.PutMessage(m) }); err == nil {
		t.Error("moved")
	}
}
