package scheduler

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// house is a store with a running scheduler, in fake time.
type house struct {
	t     *testing.T
	db    *store.DB
	sched *Scheduler
	stop  func()
	shift atomic.Int64 // by how much its wall clock is wrong
	turn  func(conversation string)
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, turn: func(string) {}}
	h.start()
	return h
}

// start has the program run until stop.
func (h *house) start() {
	h.sched = New(Config{DB: h.db, Turn: func(c string) { h.turn(c) }, Now: h.now})
	ctx, cancel := context.WithCancel(h.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.sched.Run(ctx); err != nil {
			h.t.Error(err)
		}
	})
	h.stop = func() { cancel(); wg.Wait() }
}

func openStore(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (h *house) remind(t *testing.T, text, schedule string) {
	t.Helper()
	err := h.db.Update(func(tx *store.Tx) error {
		return Put(tx, &store.Reminder{ID: tx.NewID(), Text: text, Schedule: schedule, Zone: "Europe/Berlin"}, "UTC")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.sched.Kick()
}

// said returns what the inbox holds: text, title, and how long after begin.
func said(t *testing.T, db *store.DB, begin time.Time) (out []string) {
	t.Helper()
	err := db.View(func(tx *store.Tx) error {
		cs, err := tx.Conversations()
		if err != nil || len(cs) == 0 {
			return err
		}
		ms, _, err := tx.Messages(cs[0].ID, "", 1000)
		for _, m := range ms {
			out = append(out, fmt.Sprintf("%s %s %s", m.Text, m.Reason, m.Created.Sub(begin)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("said %q, want %q", got, want)
	}
}

// set changes the wall clock of a house, as its owner or a time server would.
func (h *house) set(by time.Duration) { h.shift.Add(int64(by)) }

// change does something to the only reminder.
func (h *house) change(t *testing.T, fn func(tx *store.Tx, id string) error) {
	t.Helper()
	id := h.only(t).ID
	if err := h.db.Update(func(tx *store.Tx) error { return fn(tx, id) }); err != nil {
		t.Fatal(err)
	}
	h.sched.Kick()
}

func (h *house) only(t *testing.T) (r *store.Reminder) {
	t.Helper()
	err := h.db.View(func(tx *store.Tx) error {
		rs, err := tx.Reminders()
		if err == nil && len(rs) != 1 {
			err = fmt.Errorf("%d reminders", len(rs))
		}
		if err == nil {
			r = rs[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// history is what became of the only reminder, oldest first.
func (h *house) history(t *testing.T) (out []string) {
	t.Helper()
	id := h.only(t).ID
	err := h.db.View(func(tx *store.Tx) error {
		list, _, err := tx.Occurrences(id, "", 1000)
		for _, o := range list {
			out = append([]string{o.Wall + " " + o.State}, out...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lines are the messages of the inbox: title, text, priority.
func (h *house) lines(t *testing.T) (out []string) {
	t.Helper()
	err := h.db.View(func(tx *store.Tx) error {
		cs, err := tx.Conversations()
		if err != nil || len(cs) == 0 {
			return err
		}
		ms, _, err := tx.Messages(cs[0].ID, "", 1000)
		for _, m := range ms {
			out = append(out, fmt.Sprintf("%s | %s | %d", m.Title, m.Text, m.Priority))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// now is the wall clock of a house.
func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.shift.Load())) }

// down has the program not run for a while. Only the wall clock goes on: the
// engine of an open store would tick through every second.
func (h *house) down(d time.Duration) {
	h.stop()
	h.set(d)
	h.start()
	synctest.Wait()
}

func (h *house) close(t *testing.T) {
	t.Helper()
	h.stop()
	if err := h.db.Close(); err != nil {
		t.Error(err)
	}
}

func (h *house) put(t *testing.T, r *store.Reminder) {
	t.Helper()
	err := h.db.Update(func(tx *store.Tx) error {
		r.ID = tx.NewID()
		if err := Plan(tx, r, h.now(), "UTC"); err != nil {
			return err
		}
		return tx.PutReminder(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.sched.Kick()
}

func (h *house) eachAnswer(t *testing.T, n int, want string) {
	t.Helper()
	err := h.db.View(func(tx *store.Tx) error {
		cs, err := tx.Conversations()
		if err != nil {
			return err
		}
		ms, _, err := tx.Messages(cs[0].ID, "", 100)
		if len(ms) != n {
			t.Errorf("%d messages, want %d", len(ms), n)
		}
		for _, m := range ms {
			if m.Answer == nil || m.Answer.Value+" "+m.Answer.By != want {
				t.Errorf("%s: answer %+v, want %s", m.Text, m.Answer, want)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
