package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// must returns v or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens a store that the test closes; dir "" is memory.
func open(t testing.TB, dir string) *DB {
	t.Helper()
	db := must(Open(dir, nil))(t)
	t.Cleanup(func() { db.Close() })
	return db
}

// talk makes a conversation and returns its id.
func talk(t testing.TB, db *DB) (id string) {
	t.Helper()
	ok(t, db.Update(func(tx *Tx) error {
		id = tx.NewID()
		return tx.PutConversation(&Conversation{ID: id, Title: "test"})
	}))
	return id
}

// say adds a message to a conversation and returns it.
func say(t testing.TB, db *DB, conv, text string, s Status) *Message {
	t.Helper()
	m := &Message{Conversation: conv, Role: Assistant, Status: s, Text: text}
	ok(t, db.Update(func(tx *Tx) error {
		m.ID = tx.NewID()
		return tx.PutMessage(m)
	}))
	return m
}

func read(t testing.TB, f *Follower) []Event {
	t.Helper()
	var all []Event
	for {
		evs := must(f.Read())(t)
		all = append(all, evs...)
		if len(evs) == 0 && f.Caught() {
			return all
		}
	}
}

// kinds counts the events of one kind.
func kinds(evs []Event, kind string) (n int) {
	for _, e := range evs {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// A client that reconnects after the store was closed and opened, before
// anything new is written, gets what it missed; numbers go on after that.
func TestReplayAfterRestart(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	conv := talk(t, db)
	cursor := db.Head()
	for i := range 5 {
		say(t, db, conv, fmt.Sprint(i), Done)
	}
	ok(t, db.Close())
	db = open(t, dir)
	if db.Head().Epoch != cursor.Epoch {
		t.Errorf("epoch changed from %s to %s", cursor.Epoch, db.Head().Epoch)
	}
	if evs := read(t, db.Follow(cursor.Seq, "")); kinds(evs, "message") != 5 {
		t.Errorf("replayed %d messages, want 5", kinds(evs, "message"))
	}
	head := db.Head().Seq
	say(t, db, conv, "new", Done)
	if db.Head().Seq != head+2 { // the message and its conversation
		t.Errorf("head %d after %d", db.Head().Seq, head)
	}
}

// A thousand rewrites of a record leave one entry in the feed, in memory and
// on disk.
func TestFeedIsCompacted(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	conv := talk(t, db)
	for i := range 1000 {
		ok(t, db.Update(func(tx *Tx) error {
			return tx.PutConversation(&Conversation{ID: conv, Title: fmt.Sprint(i)})
		}))
	}
	if evs := read(t, db.Follow(0, "")); len(evs) != 1 || evs[0].Seq != 1001 {
		t.Errorf("live: %d entries", len(evs))
	}
	ok(t, db.Close())
	db = open(t, dir)
	if evs := read(t, db.Follow(0, "")); len(evs) != 1 || evs[0].Seq != 1001 {
		t.Errorf("after restart: %d entries", len(evs))
	}
}

// However many fires come together, there is one inbox.
func TestOneInbox(t *testing.T) {
	db := open(t, t.TempDir())
	var wg sync.WaitGroup
	made := make(chan string, 64)
	for range 64 {
		wg.Go(func() {
			m := &Message{Role: Assistant, Status: Done, Text: "hello"}
			var created bool
			if err := db.Update(func(tx *Tx) (err error) {
				created, err = tx.Deliver(m)
				return err
			}); err != nil {
				t.Error(err)
			}
			if created {
				made <- m.Conversation
			}
		})
	}
	wg.Wait()
	if len(made) != 1 {
		t.Errorf("%d fires say they made the inbox", len(made))
	}
	ok(t, db.View(func(tx *Tx) error {
		cs := must(tx.Conversations())(t)
		if len(cs) != 1 || !cs[0].Inbox || cs[0].Unread != 64 {
			t.Errorf("conversations: %+v", cs)
		}
		ms, more, err := tx.Messages(cs[0].ID, "", 100)
		if len(ms) != 64 || more {
			t.Errorf("%d messages", len(ms))
		}
		return err
	}))
}

// A key that comes twice gives the first answer; with another body it is
// refused; the answer and its effect are one transaction.
func TestOnce(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	conv := talk(t, db)
	fire := func(body string) (answer string, err error) {
		err = db.Update(func(tx *Tx) error {
			a, err := tx.Once("fire/x", "key", []byte(body))
			if err != nil || a != nil {
				answer = string(a)
				return err
			}
			m := &Message{ID: tx.NewID(), Conversation: conv, Role: Assistant, Status: Done, Text: body}
			answer = m.ID
			tx.SetOnce("fire/x", "key", []byte(body), []byte(m.ID))
			return tx.PutMessage(m)
		})
		return answer, err
	}
	first := must(fire("a"))(t)
	var wg sync.WaitGroup
	for range 8 { // in one group, too
		wg.Go(func() {
			if again, err := fire("a"); err != nil || again != first {
				t.Errorf("again: %q %v, want %q", again, err, first)
			}
		})
	}
	wg.Wait()
	if _, err := fire("b"); !errors.Is(err, ErrKeyReused) {
		t.Errorf("other body: %v", err)
	}
	ok(t, db.Close())
	db = open(t, dir)
	if again := must(fire("a"))(t); again != first {
		t.Errorf("after restart: %q, want %q", again, first)
	}
}

// A transaction that fails or panics leaves nothing behind, spends no number
// and does not disturb the others in its group.
func TestFailedTransaction(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	head := db.Head().Seq
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			err := db.Update(func(tx *Tx) error {
				m := &Message{ID: tx.NewID(), Conversation: conv, Role: User, Status: Done}
				if err := tx.PutMessage(m); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return boom
				case 2:
					var none *Message
					none.Text = "panics"
				}
				return nil
			})
			if (err == nil) != (i%3 == 0) || (i%3 == 1 && !errors.Is(err, boom)) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := kinds(read(t, db.Follow(0, "")), "message"); n != 20 {
		t.Errorf("%d messages, want 20", n)
	}
	if db.Head().Seq != head+40 {
		t.Errorf("head %d, want %d", db.Head().Seq, head+40)
	}
}

// A reminder is due at its time, not before, whatever it was before; the
// earliest comes first.
func TestDue(t *testing.T) {
	db := open(t, "")
	now := time.Now().Truncate(time.Millisecond)
	at := func(d time.Duration) *Time { x := At(now.Add(d)); return &x }
	ok(t, db.Update(func(tx *Tx) error {
		for i, d := range []time.Duration{3 * time.Hour, time.Hour, 2 * time.Hour} {
			r := &Reminder{ID: fmt.Sprint("r", i), Text: "x", State: Active, Next: at(d)}
			if err := tx.PutReminder(r); err != nil {
				return err
			}
		}
		return nil
	}))
	due := func(d time.Duration) (ids string) {
		ok(t, db.View(func(tx *Tx) error {
			list, _, _ := tx.Due(now.Add(d), 10, nil)
			for _, id := range list {
				ids += id + " "
			}
			return nil
		}))
		return ids
	}
	if got := due(2 * time.Hour); got != "r1 r2 " {
		t.Errorf("due after 2 h: %q", got)
	}
	if got := due(time.Hour - time.Millisecond); got != "" {
		t.Errorf("due too early: %q", got)
	}
	ok(t, db.Update(func(tx *Tx) error {
		if err := tx.PutReminder(&Reminder{ID: "r1", State: Paused, Next: at(time.Hour)}); err != nil {
			return err
		}
		return tx.DeleteReminder("r2")
	}))
	if got := due(4 * time.Hour); got != "r0 " {
		t.Errorf("due after pause and delete: %q", got)
	}
	ok(t, db.View(func(tx *Tx) error {
		if _, next, found := tx.Due(now, 10, nil); !found || !next.Equal(now.Add(3*time.Hour)) {
			t.Errorf("next due %v", next)
		}
		return nil
	}))
}

// A second process cannot open the store, and is told why.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := Open(dir, nil); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("second open: %v", err)
	}
}

// After Close nothing is written, and saying so does not hang.
func TestClosed(t *testing.T) {
	db := open(t, "")
	ok(t, db.Close())
	if err := db.Update(func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("update after close: %v", err)
	}
	if err := db.View(func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("view after close: %v", err)
	}
	if _, err := db.Follow(0, "").Read(); err != nil {
		t.Errorf("a follower that lacks nothing: %v", err)
	}
}
