//go:build bench

package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the tally and the witness cost a durable group of writes, by how many
// messages are in it: the same rows as entries of the feed, which are counted and
// told to the witness, and as rows that are neither, in turn. Run it longer than
// witnessSync, so that the witness is synced too.
func BenchmarkTally(b *testing.B) {
	for _, messages := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("messages=", messages), func(b *testing.B) {
			db := open(b, filepath.Join(b.TempDir(), "store"))
			e := entry{kind: kindMessage, at: time.Now(), id: strings.Repeat("i", 26), conv: strings.Repeat("c", 26), data: []byte(strings.Repeat("x", 400))}
			value := e.encode()
			var took [2][]time.Duration
			for n := 0; b.Loop(); n++ {
				for turn := range 2 {
					began, plain := time.Now(), (n+turn)%2
					ok(b, writeGroup(db, messages, value, plain == 0))
					took[plain] = append(took[plain], time.Since(began))
				}
			}
			with, without := quiet(took[0]), quiet(took[1])
			b.ReportMetric(float64(with.Microseconds()), "us/with")
			b.ReportMetric(float64(without.Microseconds()), "us/without")
			b.ReportMetric(100*(with.Seconds()/without.Seconds()-1), "%more")
		})
	}
}

// quiet is what a tenth of them stay below: a neighbour on the machine, or a table
// that is flushed, is in no group's price.
func quiet(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/10]
}

// writeGroup commits a group as the writer does, which has nothing else to do.
func writeGroup(db *DB, messages int, value []byte, counted bool) error {
	g := &batch{first: db.last + 1, seq: db.last, changes: make([]change, 2*messages)}
	feed, index := feedPrefix, "m/"
	if !counted {
		feed, index = "l!", "m!" // beside them
	}
	for range 2 * messages { // each and its conversation
		g.seq++
		num := string(feedKey(g.seq)[len(feedPrefix):])
		g.rows.set(feed+num, row{value: value})
		g.rows.set(index+num, row{value: value[:8]})
	}
	if err := g.commit(db.kv.NewTransaction(true), tally{db.last, db.rows}); err != nil {
		return err
	}
	if counted {
		db.last, db.rows = g.tally.seq, g.tally.rows
		db.remember("", false)
	}
	return nil
}

// What one note in the witness costs, without its sync.
func BenchmarkWitness(b *testing.B) {
	w := must(openWitness(filepath.Join(b.TempDir(), "store")))(b)
	w.synced = time.Now().Add(time.Hour)
	for n := Seq(0); b.Loop(); n++ {
		ok(b, w.note(Witness{Epoch: "epoch", Seq: n, Rows: uint64(n), At: time.Now()}, false))
	}
}
