package store

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// subscribed makes devices that take pushes.
func subscribed(t *testing.T, db *DB, devices ...string) {
	t.Helper()
	for _, id := range devices {
		ok(t, db.Update(func(tx *Tx) error {
			if err := tx.PutDevice(&Device{ID: id, Name: id}, ""); err != nil {
				return err
			}
			return tx.PutSubscription(&Subscription{Device: id, Endpoint: "https://push.example/" + id})
		}))
	}
}

func queued(t *testing.T, db *DB, device string) (n int) {
	t.Helper()
	ok(t, db.View(func(tx *Tx) error {
		list, err := tx.Outbox(device, 1000)
		n = len(list)
		return err
	}))
	return n
}

func news(t *testing.T, db *DB, m Message) *Message {
	t.Helper()
	m.Role, m.Status = Assistant, Done
	ok(t, db.Update(func(tx *Tx) error { _, err := tx.Deliver(&m); return err }))
	return &m
}

// A message and its pushes are written together or not at all, and the bell of
// the sender rings for them.
func TestOutboxInTheTransaction(t *testing.T) {
	db := open(t, t.TempDir())
	subscribed(t, db, "a", "b")
	bell := db.Pushes()
	failed := errors.New("no")
	err := db.Update(func(tx *Tx) error {
		if _, err := tx.Deliver(&Message{Role: Assistant, Status: Done, Text: "x"}); err != nil {
			return err
		}
		if list, err := tx.Outbox("a", 10); err != nil || len(list) != 1 {
			t.Errorf("inside the transaction: %d, %v", len(list), err)
		}
		return failed
	})
	if !errors.Is(err, failed) || queued(t, db, "a") != 0 {
		t.Errorf("%v left %d", err, queued(t, db, "a"))
	}
	select {
	case <-bell:
		t.Error("the bell rang for nothing")
	default:
	}
	m := news(t, db, Message{Text: "x"})
	if queued(t, db, "a") != 1 || queued(t, db, "b") != 1 {
		t.Error("not one push for each device")
	}
	select {
	case <-bell:
	case <-time.After(10 * time.Second):
		t.Error("the bell did not ring")
	}
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteMessage(m.ID) }))
	if queued(t, db, "a") != 0 {
		t.Error("a deleted message is still to be pushed")
	}
}

// One browser is one device: when it is paired again, the older one gets nothing
// more. What ends a subscription says so in the device and in the ledger.
func TestSubscriptionEnds(t *testing.T) {
	db := open(t, t.TempDir())
	subscribed(t, db, "old", "other")
	m := news(t, db, Message{Text: "x"})
	ok(t, db.Update(func(tx *Tx) error {
		if err := tx.PutDevice(&Device{ID: "new", Name: "new"}, ""); err != nil {
			return err
		}
		return tx.PutSubscription(&Subscription{Device: "new", Endpoint: "https://push.example/old"})
	}))
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteDevice("other") }))
	ok(t, db.View(func(tx *Tx) error {
		for _, device := range []string{"old", "other"} {
			if _, err := tx.Subscription(device); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s is still subscribed: %v", device, err)
			}
			d, err := tx.Delivery(m.ID, device)
			if err != nil || d.State != Undelivered || d.Detail == "" || queued(t, db, device) != 0 {
				t.Errorf("%s: %+v %v", device, d, err)
			}
		}
		old, err := tx.Device("old")
		if err != nil || old.Push == nil || old.Push.State != PushOff || old.Push.Detail == "" {
			t.Errorf("old: %+v %v", old, err)
		}
		return nil
	}))
}

// A page that confirms its subscription does not undo what the sender knows.
func TestSubscriptionConfirmed(t *testing.T) {
	db := open(t, t.TempDir())
	subscribed(t, db, "a")
	ok(t, db.Update(func(tx *Tx) error {
		s, err := tx.Subscription("a")
		if err != nil {
			return err
		}
		at := At(tx.Now().Add(time.Hour))
		s.NotBefore, s.Tries, s.Answer = &at, 3, "429"
		if err := tx.KeepSubscription(s); err != nil {
			return err
		}
		if err := tx.SetPushState("a", PushMisconfigured, "why"); err != nil {
			return err
		}
		return tx.PutSubscription(&Subscription{Device: "a", Endpoint: s.Endpoint})
	}))
	ok(t, db.View(func(tx *Tx) error {
		s, err := tx.Subscription("a")
		if err != nil || s.NotBefore == nil || s.Tries != 3 {
			t.Errorf("%+v %v", s, err)
		}
		d, err := tx.Device("a")
		if err != nil || d.Push.State != PushMisconfigured {
			t.Errorf("%+v %v", d.Push, err)
		}
		return nil
	}))
}

// The outbox of a device is in the order in which pushes come due; one that is
// held goes behind, and one that is queued anew is there once.
func TestOutboxOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, "")
		subscribed(t, db, "a")
		var ms []*Message
		for i := range 5 {
			ms = append(ms, news(t, db, Message{Text: fmt.Sprint(i)}))
			time.Sleep(time.Millisecond)
		}
		ok(t, db.Update(func(tx *Tx) error {
			d, err := tx.Delivery(ms[0].ID, "a")
			if err != nil {
				return err
			}
			if err := tx.Hold(d, tx.Now().Add(time.Hour)); err != nil {
				return err
			}
			_, err = tx.QueuePush(ms[1], PushNews)
			return err
		}))
		var got string
		ok(t, db.View(func(tx *Tx) error {
			list, err := tx.Outbox("a", 10)
			for _, d := range list {
				m, err := tx.Message(d.Message)
				if err != nil {
					return err
				}
				got += fmt.Sprint(m.Text, d.Round, " ")
			}
			return err
		}))
		if got != "21 31 41 12 01 " {
			t.Errorf("order (text and round): %s", got)
		}
	})
}

// What is deleted with its conversation is not pushed either.
func TestOutboxOfDeletedConversation(t *testing.T) {
	db := open(t, t.TempDir())
	subscribed(t, db, "a")
	m := news(t, db, Message{Text: "x"})
	ok(t, db.DeleteConversation(m.Conversation))
	if queued(t, db, "a") != 0 {
		t.Error("still to be pushed")
	}
}

// A device can be revoked however much waits for it, seen or not, and what then
// still waits can be found and ends.
func TestSubscriptionEndsWithLongOutbox(t *testing.T) {
	const many = 3000
	db := open(t, "")
	subscribed(t, db, "phone")
	var ids []string
	for len(ids) < many {
		ok(t, db.Update(func(tx *Tx) error {
			for range 100 {
				m := &Message{Role: Assistant, Status: Done, Text: "x"}
				if _, err := tx.Deliver(m); err != nil {
					return err
				}
				if ids = append(ids, m.ID); len(ids) > many/2 {
					continue
				}
				if _, err := tx.Advance(m.ID, "phone", Seen, ""); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteDevice("phone") }))
	for range many {
		var left []string
		ok(t, db.View(func(tx *Tx) (err error) { left, err = tx.Stranded(); return err }))
		if len(left) == 0 {
			break
		}
		ok(t, db.Update(func(tx *Tx) error { return tx.Abandon(left[0], "gone") }))
	}
	ok(t, db.View(func(tx *Tx) error {
		for i, want := range map[int]string{0: Seen, many - 1: Undelivered} {
			d, err := tx.Delivery(ids[i], "phone")
			if err != nil || d.State != want || d.Due != nil {
				t.Errorf("%d: %+v %v, want %s", i, d, err, want)
			}
		}
		n := 0
		tx.keys(outboxPrefix, "", false, func(string) bool { n++; return true })
		if n > 0 {
			t.Errorf("%d pushes wait for nobody", n)
		}
		return nil
	}))
}

// A conversation goes however many steps and pushes its messages have.
func TestDeleteLargeConversation(t *testing.T) {
	db := open(t, "")
	conv := ""
	for range 10 {
		ok(t, db.Update(func(tx *Tx) error {
			for range 50 {
				m := &Message{Role: Assistant, Status: Done, Text: "x"}
				if _, err := tx.Deliver(m); err != nil {
					return err
				}
				conv = m.Conversation
				for n := range 40 {
					if err := tx.PutJournal(m.ID, n, n); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
	ok(t, db.DeleteConversation(conv))
	ok(t, db.View(func(tx *Tx) error {
		tx.keys(journalPrefix, "", false, func(key string) bool {
			t.Errorf("%q is left", key)
			return false
		})
		return nil
	}))
}
