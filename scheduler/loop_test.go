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

// A one-shot fires at its second, not before, and once.
func TestFiresOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, begin := newHouse(t, openStore(t)), time.Now()
		h.remind(t, "bread", "at "+begin.Add(2*time.Minute).Format(time.RFC3339))
		h.remind(t, "tea", "at "+begin.Add(time.Minute).Format(time.RFC3339))
		time.Sleep(time.Minute - time.Millisecond)
		expect(t, said(t, h.db, begin))
		time.Sleep(10 * time.Minute)
		expect(t, said(t, h.db, begin), "tea  1m0s", "bread  2m0s")
		h.stop()
		h.db.Close()
	})
}

// What came due while nobody ran fires once when somebody does, marked late,
// and a recurring reminder does not make up for each time it missed.
func TestFiresLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, begin := newHouse(t, openStore(t)), time.Now()
		h.remind(t, "once", "at "+begin.Add(time.Hour).Format(time.RFC3339))
		h.remind(t, "hourly", "0 * * * *")
		h.stop()
		time.Sleep(5*time.Hour + 30*time.Minute)
		h = newHouse(t, h.db)
		time.Sleep(time.Second)
		expect(t, said(t, h.db, begin), "once late 5h30m0s", "hourly late 5h30m0s")
		time.Sleep(time.Hour)
		if got := said(t, h.db, begin); len(got) != 3 {
			t.Errorf("an hour later: %q", got)
		}
		h.stop()
		h.db.Close()
	})
}

// A reminder that is deleted, or whose conversation is, neither fires nor
// keeps others from firing.
func TestDeletedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, begin := newHouse(t, openStore(t)), time.Now()
		h.remind(t, "gone", "at "+begin.Add(time.Minute).Format(time.RFC3339))
		var conv string
		err := h.db.Update(func(tx *store.Tx) error {
			rs, err := tx.Reminders()
			if err != nil {
				return err
			}
			conv = tx.NewID()
			if err := tx.PutConversation(&store.Conversation{ID: conv}); err != nil {
				return err
			}
			at := begin.Add(time.Minute).Format(time.RFC3339)
			err = Put(tx, &store.Reminder{ID: tx.NewID(), Text: "kept", Conversation: conv, Schedule: "at " + at, Zone: "UTC"}, "UTC")
			if err != nil {
				return err
			}
			return tx.DeleteReminder(rs[0].ID)
		})
		if err == nil {
			err = h.db.DeleteConversation(conv)
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		expect(t, said(t, h.db, begin), "kept  1m0s")
		h.stop()
		h.db.Close()
	})
}

// Put refuses what can never come due and says why.
func TestPutRefuses(t *testing.T) {
	db := openStore(t)
	defer db.Close()
	for _, r := range []store.Reminder{
		{Schedule: "at 2001-01-01T00:00:00", Zone: "UTC"},
		{Schedule: "0 9 * * *", Zone: "Moon/Crater"},
		{Schedule: "whenever", Zone: "UTC"},
	} {
		err := db.Update(func(tx *store.Tx) error { return Put(tx, &r, "UTC") })
		if err == nil || err.Error() == "" {
			t.Errorf("%q in %q was taken", r.Schedule, r.Zone)
		}
	}
}
