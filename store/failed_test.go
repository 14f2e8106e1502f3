package store

import (
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// A change that the engine refused is not missed at the next start: the store
// opens as it was, and is whole, whether the engine kept the change after all or
// not.
func TestRefusedChange(t *testing.T) {
	for _, kept := range []bool{false, true} {
		dir := t.TempDir() + "/store"
		db := open(t, dir)
		conv := talk(t, db)
		say(t, db, conv, "before", Done)
		if kept {
			ok(t, db.kv.Update(func(txn *badger.Txn) error {
				seq := Seq(db.head.Load()) + 1
				e := entry{kind: kindMessage, gone: true, id: "x", conv: conv, data: []byte("{}")}
				if err := txn.Set(feedKey(seq), e.encode()); err != nil {
					return err
				}
				return txn.Set([]byte(tallyKey), tally{seq, db.rows + 1}.encode())
			}))
		}
		if !kept {
			ok(t, db.Update(func(tx *Tx) error { return tx.bury(kindConversation, conv, conv) }))
		}
		err := db.Update(func(tx *Tx) error {
			tx.set(strings.Repeat("k", 1<<16), nil, 0) // no engine takes such a key
			return tx.PutConversation(&Conversation{ID: tx.NewID(), Title: "refused"})
		})
		if err == nil {
			t.Fatal("the engine took it")
		}
		if kept {
			say(t, db, conv, "after", Done)
		} else {
			ok(t, db.purge(conv)) // takes no number of its own
		}
		ok(t, db.Close())
		db = open(t, dir)
		ok(t, db.Close())
		r, err := Check(dir)
		if err != nil || len(r.Faults) > 0 {
			t.Errorf("kept %v: %q %v", kept, r.Faults, err)
		}
	}
}
