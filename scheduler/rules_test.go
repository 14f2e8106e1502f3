package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// A clock set forward is like having been away; set back, it fires nothing a
// second time, however often, and does not leave anything silent until it has
// caught up.
func TestClockSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 * * * *", Zone: "UTC"})
		time.Sleep(2*time.Hour + 10*time.Minute) // 02:10
		expect(t, h.history(t), "2000-01-01T01:00:00 fired", "2000-01-01T02:00:00 fired")

		h.set(-time.Hour) // 01:10, and 02:00 comes again
		time.Sleep(time.Hour)
		expect(t, h.history(t), "2000-01-01T01:00:00 fired", "2000-01-01T02:00:00 fired")
		time.Sleep(50*time.Minute + time.Second) // 03:00
		expect(t, h.history(t), "2000-01-01T01:00:00 fired", "2000-01-01T02:00:00 fired", "2000-01-01T03:00:00 fired")

		h.set(365 * 24 * time.Hour) // a wrong year
		time.Sleep(time.Minute)
		h.set(-365 * 24 * time.Hour)
		time.Sleep(time.Minute)
		if r := h.only(t); Wall(r.Next.Time, "UTC") != "2000-01-01T04:00:00" {
			t.Errorf("after a year that was none, the next is %s", r.Next)
		}
		h.set(10 * time.Minute) // 03:12
		time.Sleep(time.Hour)
		got := h.history(t)
		if got[len(got)-1] < "2000-12" { // the wrong year's one is there too
			t.Error(got)
		}
		if !strings.Contains(fmt.Sprint(got), "2000-01-01T04:00:00 fired") {
			t.Errorf("04:00 did not fire: %q", got)
		}
		h.close(t)
	})
}

// A day missed only by a clock that was wrong is not lost when it really comes.
func TestMissedByAWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 7 * * *", Zone: "UTC"})
		h.set(20 * time.Hour)
		time.Sleep(time.Minute)
		expect(t, h.history(t), "2000-01-01T07:00:00 missed")
		h.set(-20 * time.Hour)
		time.Sleep(8 * time.Hour)
		expect(t, h.history(t), "2000-01-01T07:00:00 fired")
		h.close(t)
	})
}

// At the two nights of the year when the clocks change, with the program
// running or not, a daily time comes once.
func TestClocksChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.set(time.Until(time.Date(2000, 3, 25, 23, 0, 0, 0, time.UTC)))
		h.put(t, &store.Reminder{Text: "x", Schedule: "30 2 * * *", Zone: "Europe/Berlin"})
		time.Sleep(4 * time.Hour)
		expect(t, h.history(t), "2000-03-26T03:30:00 fired")
		h.down(time.Date(2000, 10, 28, 12, 0, 0, 0, time.UTC).Sub(h.now()))
		before := len(h.history(t))
		h.set(12*time.Hour + 29*time.Minute)
		time.Sleep(2 * time.Minute) // the first 02:30
		h.down(time.Hour)           // and the second one
		h.set(time.Hour)
		time.Sleep(time.Minute)
		expect(t, h.history(t)[before:], "2000-10-29T02:30:00 fired")
		h.close(t)
	})
}

// A reminder repeats until it is done, and no more often than it may.
func TestNag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		h.put(t, &store.Reminder{Text: "pills", Schedule: "at 2000-01-01T01:00:00", Zone: "UTC", Nag: &store.Nag{Every: 600, Max: 3}})
		time.Sleep(time.Hour + 25*time.Minute)
		if r := h.only(t); r.State != store.Active || r.Nagging == nil || r.Nagging.Left != 1 || !r.Nagging.At.Equal(begin.Add(90*time.Minute)) {
			t.Errorf("%+v", r.Nagging)
		}
		expect(t, said(t, h.db, begin), "pills  1h0m0s", "again: pills  1h10m0s", "again: pills  1h20m0s")
		h.change(t, func(tx *store.Tx, id string) error { _, err := Done(tx, id, "phone", "UTC"); return err })
		time.Sleep(time.Hour)
		if got := said(t, h.db, begin); len(got) != 3 || h.only(t).State != store.Finished {
			t.Errorf("after done: %q, %s", got, h.only(t).State)
		}
		expect(t, h.history(t), "2000-01-01T01:00:00 done")
		h.eachAnswer(t, 3, "done phone")
		h.close(t)
	})
}

// Nobody answers: the repeats end by themselves, and with them a one-shot.
func TestNagEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "pills", Schedule: "at 2000-01-01T01:00:00", Zone: "UTC", Nag: &store.Nag{Every: 60}})
		time.Sleep(3 * time.Hour)
		if got := h.lines(t); len(got) != 1+usualNags || h.only(t).State != store.Finished {
			t.Errorf("%q, %s", got, h.only(t).State)
		}
		h.close(t)
	})
}

// Repeats that came due while nobody ran are one repeat.
func TestNagNoBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "pills", Schedule: "at 2000-01-01T01:00:00", Zone: "UTC", Nag: &store.Nag{Every: 60, Max: 9}})
		time.Sleep(time.Hour + time.Second)
		h.down(5 * time.Hour)
		if got := h.lines(t); len(got) != 2 {
			t.Errorf("%q", got)
		}
		h.close(t)
	})
}

// Quiet hours hold back to their end what is not urgent, say so beforehand, and
// make one of many; changed settings count at once.
func TestQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		quiet := func(on bool) {
			t.Helper()
			err := h.db.Update(func(tx *store.Tx) error {
				return tx.PutSettings(store.Settings{Zone: "UTC", Quiet: store.Quiet{On: on, From: "22:00", To: "07:00"}})
			})
			if err != nil {
				t.Fatal(err)
			}
			h.sched.Replan()
			time.Sleep(time.Millisecond)
		}
		quiet(true)
		h.put(t, &store.Reminder{Text: "low", Schedule: "at 2000-01-01T02:00:00", Zone: "UTC"})
		if r := h.only(t); r.Held == nil || !r.Held.Equal(begin.Add(7*time.Hour)) {
			t.Errorf("held %v", r.Held)
		}
		h.put(t, &store.Reminder{Text: "high", Schedule: "at 2000-01-01T03:00:00", Zone: "UTC", Priority: 4})
		h.put(t, &store.Reminder{Text: "often", Schedule: "0 * * * *", Zone: "UTC"})
		time.Sleep(6 * time.Hour)
		expect(t, said(t, h.db, begin), "high  3h0m0s")
		time.Sleep(90 * time.Minute)
		expect(t, said(t, h.db, begin), "high  3h0m0s", "low late 7h0m0s", "often  7h0m0s")

		time.Sleep(16 * time.Hour) // 23:30
		before := len(said(t, h.db, begin))
		quiet(false)
		time.Sleep(time.Second)
		if got := said(t, h.db, begin)[before:]; len(got) != 1 || !strings.HasPrefix(got[0], "often") {
			t.Errorf("when the quiet hours were switched off: %q", got)
		}
		h.close(t)
	})
}

// A prompt is a turn in its thread: the question and a pending reply in one
// transaction, and the agent is called after it. Three failures in a row pause
// it, with a message; a success in between counts anew.
func TestPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		outcome := atomic.Value{}
		outcome.Store(store.Failed)
		h.turn = func(conversation string) {
			err := h.db.Update(func(tx *store.Tx) error {
				open, err := tx.OpenTurns(conversation)
				if err != nil || len(open) != 1 {
					return errors.Join(err, fmt.Errorf("%d open turns", len(open)))
				}
				open[0].Status = outcome.Load().(store.Status)
				open[0].Error = &store.Failure{Code: "x", Detail: "The model is away."}
				return tx.PutMessage(open[0])
			})
			if err != nil {
				t.Error(err)
			}
		}
		h.put(t, &store.Reminder{Text: "the news", Schedule: "0 * * * *", Zone: "UTC", Kind: Prompt})
		time.Sleep(2*time.Hour + time.Minute)
		if r := h.only(t); r.Failures != 2 || r.Last.State != "failed" {
			t.Errorf("%d failures, last %+v", r.Failures, r.Last)
		}
		outcome.Store(store.Done)
		time.Sleep(time.Hour)
		if r := h.only(t); r.Failures != 0 || r.Last.State != "fired" {
			t.Errorf("%d failures, last %+v", r.Failures, r.Last)
		}
		outcome.Store(store.Failed)
		time.Sleep(10 * time.Hour)
		if r := h.only(t); r.Failures != 3 || r.State != store.Paused {
			t.Errorf("%d failures, %s", r.Failures, r.State)
		}
		lines := h.lines(t)
		if last := lines[len(lines)-1]; len(lines) != 2*6+1 || !strings.Contains(last, "failed 3 times") || !strings.Contains(last, "model is away") {
			t.Errorf("%d lines, the last %q", len(lines), last)
		}
		h.close(t)
	})
}

// A schedule that can't be read any more is paused and said, and holds up
// nothing.
func TestBrokenSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		err := h.db.Update(func(tx *store.Tx) error {
			at := store.At(tx.Now().Add(time.Minute))
			return tx.PutReminder(&store.Reminder{ID: tx.NewID(), Text: "x", Schedule: "whenever", Zone: "UTC", State: store.Active, Next: &at})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if got := h.lines(t); len(got) != 1 || !strings.Contains(got[0], "paused") || h.only(t).State != store.Paused {
			t.Errorf("%q", got)
		}
		h.close(t)
	})
}

// While thousands come due, changes from elsewhere neither hold them up nor are
// held up, and no time is missed by the mark in the due index.
func TestChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		const n = 300
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range n {
					at := time.Now().Add(time.Duration(1+(i*7919+w*104729)%3600) * time.Second).UTC()
					h.put(t, &store.Reminder{Text: "x", Schedule: "at " + at.Format(time.RFC3339), Zone: "UTC"})
					time.Sleep(time.Second)
				}
			})
		}
		wg.Wait()
		time.Sleep(2 * time.Hour)
		err := h.db.View(func(tx *store.Tx) error {
			rs, err := tx.Reminders()
			for _, r := range rs {
				if r.State != store.Finished || r.Last.State != store.Fired || len(r.Last.Repeats) > 0 {
					t.Errorf("%s %s %+v", r.Schedule, r.State, r.Last)
				}
			}
			if len(rs) != 4*n {
				t.Errorf("%d reminders", len(rs))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		h.close(t)
	})
}
