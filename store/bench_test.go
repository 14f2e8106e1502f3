package store

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Durable fires by 1, 16 and 64 callers: group commit at work.
func BenchmarkDeliver(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			db := open(b, b.TempDir())
			text := strings.Repeat("x", 200)
			b.SetParallelism((callers + 1) / 2)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := db.Update(func(tx *Tx) error {
						_, err := tx.Deliver(&Message{Role: Assistant, Status: Done, Text: text})
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "fires/s")
		})
	}
}

// fill puts n messages of 200 bytes into one conversation.
func fill(b testing.TB, db *DB, n int) {
	b.Helper()
	conv := talk(b, db)
	text := strings.Repeat("lorem ipsum ", 17)
	for i := 0; i < n; i += 500 {
		ok(b, db.Update(func(tx *Tx) error {
			for range 500 {
				if err := tx.PutMessage(&Message{ID: tx.NewID(), Conversation: conv, Role: Assistant, Status: Done, Text: text}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// Replay of 100,000 messages from disk, and of the last 20 of them.
func BenchmarkReplay(b *testing.B) {
	const n = 100_000
	dir := b.TempDir()
	db := must(Open(dir, nil))(b)
	fill(b, db, n)
	ok(b, db.Close())
	db = open(b, dir)
	head := db.Head().Seq
	b.Run("all", func(b *testing.B) {
		var first time.Duration
		for range b.N {
			start, f, got := time.Now(), db.Follow(0, ""), 0
			for !f.Caught() {
				got += len(must(f.Read())(b))
				if first == 0 {
					first = time.Since(start)
				}
			}
			if got < n {
				b.Fatal(got)
			}
		}
		b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(first.Seconds()*1000, "first-ms")
	})
	b.Run("20", func(b *testing.B) {
		for range b.N {
			if evs := must(db.Follow(head-20, "").Read())(b); len(evs) == 0 {
				b.Fatal("nothing")
			}
		}
	})
	b.Run("page", func(b *testing.B) {
		for range b.N {
			ok(b, db.View(func(tx *Tx) error {
				cs := must(tx.Conversations())(b)
				_, _, err := tx.Messages(cs[0].ID, "", 50)
				return err
			}))
		}
	})
	b.Run("search", func(b *testing.B) {
		for range b.N {
			if ms, _, _, err := db.Search("no such words", 0, 50, time.Minute); err != nil || len(ms) != 0 {
				b.Fatal(len(ms), err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			ok(b, db.Close())
			b.StartTimer()
			db = must(Open(dir, nil))(b)
		}
	})
}

// From a word written to a follower that has it, with one follower.
func BenchmarkDelta(b *testing.B) {
	db := open(b, "")
	w := must(db.Stream(say(b, db, talk(b, db), "", Pending).ID))(b)
	f := db.Follow(db.Head().Seq, "")
	b.ResetTimer()
	for i := range b.N {
		if i%100_000 == 0 { // below the longest reply
			b.StopTimer()
			w.Abandon()
			w = must(db.Stream(say(b, db, talk(b, db), "", Pending).ID))(b)
			f = db.Follow(db.Head().Seq, "")
			b.StartTimer()
		}
		must(w.WriteString("tok "))(b)
		if len(must(f.Read())(b)) == 0 {
			b.Fatal("nothing")
		}
	}
}
