//go:build bench

package store

import (
	"fmt"
	"sync"
	"testing"
)

// A thousand fires at the same time, by how many devices have a subscription;
// with what a fire asks besides: that it may be replaced, and who it goes to.
func BenchmarkFires(b *testing.B) {
	for _, devices := range []int{0, 1, 5} {
		b.Run(fmt.Sprint("devices=", devices), func(b *testing.B) {
			db := open(b, b.TempDir())
			for i := range devices {
				ok(b, db.Update(func(tx *Tx) error {
					id := tx.NewID()
					if err := tx.PutDevice(&Device{ID: id, Name: "phone"}, id); err != nil {
						return err
					}
					return tx.PutSubscription(&Subscription{Device: id, Endpoint: fmt.Sprint("https://push.example/", i)})
				}))
			}
			for b.Loop() {
				fireAtOnce(b, db, 1000)
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "fires/s")
		})
	}
}

func fireAtOnce(b *testing.B, db *DB, n int) {
	b.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := db.Update(func(tx *Tx) error {
				m := &Message{Role: Assistant, Status: Done, Text: "the disk is almost full"}
				if _, err := tx.Deliver(m); err != nil {
					return err
				}
				if err := tx.Replaceable(m.ID); err != nil {
					return err
				}
				_, _, err := tx.PushCount(m.ID)
				return err
			}); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
}

// A conversation of 5,000 messages, each pushed to five devices, is freed.
func BenchmarkPurge(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := open(b, b.TempDir())
		for range 5 {
			ok(b, db.Update(func(tx *Tx) error {
				id := tx.NewID()
				if err := tx.PutDevice(&Device{ID: id, Name: "phone"}, id); err != nil {
					return err
				}
				return tx.PutSubscription(&Subscription{Device: id, Endpoint: "https://push.example/" + id})
			}))
		}
		for range 5 {
			fireAtOnce(b, db, 1000)
		}
		var inbox string
		ok(b, db.View(func(tx *Tx) (err error) { inbox, err = tx.InboxID(); return err }))
		b.StartTimer()
		ok(b, db.DeleteConversation(inbox))
	}
}
