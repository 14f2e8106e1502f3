package scheduler

import (
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

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
