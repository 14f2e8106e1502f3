package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// readAll counts from the disk what the owner has not read.
func readAll(db *DB) (n int, err error) {
	err = db.View(func(tx *Tx) error {
		all, err := tx.Conversations()
		for _, c := range all {
			n += counting(c)
		}
		return err
	})
	return n, err
}

// The count that every push carries is that of the disk, whatever changed it and
// whenever it was first asked for: news, reading, muting, archiving, deletion,
// changes that are refused.
func TestUnreadIsWhatTheDiskSays(t *testing.T) {
	db := open(t, t.TempDir())
	var ids []string
	for range 5 {
		ids = append(ids, talk(t, db))
	}
	asked := rand.IntN(20)
	for round := range 60 {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { changeUnread(db, ids[rand.IntN(len(ids))]) })
		}
		if round == asked {
			must(db.Unread())(t) // while they are at it
		}
		all.Wait()
		if rand.IntN(10) == 0 {
			ok(t, db.DeleteConversation(ids[0]))
			ids = append(ids[1:], talk(t, db))
		}
		if rand.IntN(10) == 0 {
			if err := db.Update(func(tx *Tx) error {
				tx.set(strings.Repeat("k", 1<<16), nil, 0) // no engine takes such a key
				return tx.PutConversation(&Conversation{ID: ids[1], Unread: 1000})
			}); err == nil {
				t.Fatal("the engine took it")
			}
		}
		if round < asked {
			continue
		}
		if got, want := must(db.Unread())(t), must(readAll(db))(t); got != want {
			t.Fatalf("round %d: %d, and the disk says %d", round, got, want)
		}
	}
}

func changeUnread(db *DB, conv string) {
	_ = db.Update(func(tx *Tx) error {
		c, err := tx.Conversation(conv)
		if err != nil {
			return err
		}
		switch n := rand.IntN(10); n {
		case 0:
			c.Muted = !c.Muted
			return tx.PutConversation(c)
		case 1:
			c.Archived = !c.Archived
			return tx.PutConversation(c)
		case 2:
			return tx.MarkRead(conv, c.LastMessage)
		case 3:
			if c.LastMessage != "" {
				return tx.DeleteMessage(c.LastMessage)
			}
		case 4:
			return tx.PutMessage(&Message{ID: tx.NewID(), Conversation: conv, Role: User, Status: Done})
		}
		_, err = tx.Deliver(&Message{Conversation: conv, Role: Assistant, Status: Done, Text: "news"})
		return err
	})
}

// The count that every push carries, with 10,000 conversations: read from them,
// and as it is kept.
func BenchmarkUnread(b *testing.B) {
	db := open(b, b.TempDir())
	for i := range 20 {
		ok(b, db.Update(func(tx *Tx) error {
			for j := range 500 {
				c := &Conversation{ID: tx.NewID(), Title: fmt.Sprint("conversation ", i, j), Unread: j % 3, Preview: strings.Repeat("word ", 20)}
				if err := tx.PutConversation(c); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for name, count := range map[string]func() (int, error){
		"read":  func() (int, error) { return readAll(db) },
		"first": func() (int, error) { db.unread.forget(); return db.Unread() },
		"kept":  db.Unread,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n := must(count())(b); n != 20*499 {
					b.Fatal(n)
				}
			}
		})
	}
}
