package scheduler

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// Questions end when their time is up, however many end together and however
// long their texts are.
func TestManyLongQuestionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		var ids []string
		for range 40 {
			until := store.At(time.Now().Add(time.Minute))
			m := &store.Message{
				Role: store.Assistant, Status: store.Done, Text: strings.Repeat("long ", 12_000),
				Ask: &store.Ask{Choices: []string{"Yes", "No"}, Default: "No", State: store.AskOpen, Expires: &until},
			}
			if err := db.Update(func(tx *store.Tx) error { _, err := tx.Deliver(m); return err }); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, m.ID)
		}
		h := newHouse(t, db)
		time.Sleep(2 * time.Minute)
		h.stop()
		err := db.View(func(tx *store.Tx) error {
			for _, id := range ids {
				m, err := tx.Message(id)
				if err != nil {
					return err
				}
				if m.Ask.State != store.AskExpired || m.Answer == nil || m.Answer.Value != "No" {
					t.Fatalf("still %s", m.Ask.State)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
