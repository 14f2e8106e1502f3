package scheduler

import (
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// A snooze comes at its time, leaves the rhythm alone, and can be snoozed again.
func TestSnooze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 * * * *", Zone: "UTC"})
		snooze := func(d time.Duration) {
			h.change(t, func(tx *store.Tx, id string) error {
				_, err := Snooze(tx, id, "", "UTC", tx.Now().Add(d))
				return err
			})
		}
		time.Sleep(time.Hour + time.Minute)
		snooze(10 * time.Minute)
		time.Sleep(20 * time.Minute)
		snooze(10 * time.Minute)
		if r := h.only(t); r.Snoozed == nil || Wall(r.Next.Time, "UTC") != "2000-01-01T02:00:00" || r.Last.State != store.Snoozed {
			t.Errorf("%+v", r)
		}
		time.Sleep(40 * time.Minute)
		expect(t, said(t, h.db, begin), "x  1h0m0s", "x  1h11m0s", "x  1h31m0s", "x  2h0m0s")
		expect(t, h.history(t), "2000-01-01T01:00:00 fired", "2000-01-01T02:00:00 fired")
		h.close(t)
	})
}

// A one-shot that is snoozed before its time is put off; done before its time it
// never fires.
func TestBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		h.put(t, &store.Reminder{Text: "x", Schedule: "at 2000-01-01T01:00:00", Zone: "UTC"})
		h.change(t, func(tx *store.Tx, id string) error {
			_, err := Snooze(tx, id, "", "UTC", begin.Add(2*time.Hour))
			return err
		})
		time.Sleep(3 * time.Hour)
		expect(t, said(t, h.db, begin), "x  2h0m0s")
		h.change(t, func(tx *store.Tx, id string) error {
			r, err := tx.Reminder(id)
			if err != nil {
				return err
			}
			r.Schedule = "at 2000-01-01T05:00:00"
			return Put(tx, r, "UTC")
		})
		h.change(t, func(tx *store.Tx, id string) error { _, err := Done(tx, id, "", "UTC"); return err })
		time.Sleep(5 * time.Hour)
		if got := said(t, h.db, begin); len(got) != 1 || h.only(t).State != store.Finished {
			t.Errorf("%q %s", got, h.only(t).State)
		}
		h.close(t)
	})
}

// Skip passes over one occurrence, pause over all until resume.
func TestSkipPauseResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 * * * *", Zone: "UTC"})
		h.change(t, func(tx *store.Tx, id string) error { _, err := Skip(tx, id, "UTC"); return err })
		h.down(0) // planning anew at the start does not bring it back
		time.Sleep(2*time.Hour + time.Minute)
		h.change(t, func(tx *store.Tx, id string) error { _, err := Pause(tx, id); return err })
		time.Sleep(2 * time.Hour)
		h.change(t, func(tx *store.Tx, id string) error { _, err := Resume(tx, id, "UTC"); return err })
		time.Sleep(time.Hour)
		expect(t, said(t, h.db, begin), "x  2h0m0s", "x  5h0m0s")
		expect(t, h.history(t), "2000-01-01T01:00:00 skipped", "2000-01-01T02:00:00 fired", "2000-01-01T05:00:00 fired")
		h.close(t)
	})
}

// A one-shot whose time passes while it is paused is not lost.
func TestResumeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "x", Schedule: "at 2000-01-01T01:00:00", Zone: "UTC"})
		h.change(t, func(tx *store.Tx, id string) error { _, err := Pause(tx, id); return err })
		time.Sleep(2 * time.Hour)
		h.change(t, func(tx *store.Tx, id string) error { _, err := Resume(tx, id, "UTC"); return err })
		time.Sleep(time.Second)
		expect(t, h.lines(t), "Reminder, was due Sat 1 Jan 01:00 | x | 0")
		h.close(t)
	})
}

// run fires now and moves nothing.
func TestRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		begin := time.Now()
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 * * * *", Zone: "UTC"})
		for range 2 {
			h.change(t, func(tx *store.Tx, id string) error { _, _, err := Run(tx, id, "UTC"); return err })
		}
		time.Sleep(time.Hour + time.Second)
		expect(t, said(t, h.db, begin), "x  0s", "x  0s", "x  1h0m0s")
		h.close(t)
	})
}
