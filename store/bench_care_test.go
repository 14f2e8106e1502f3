//go:build bench

package store

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// A million messages of 200 bytes: how long it takes to open them, to read all
// of them after a crash, to back them up, to verify and to restore that, with
// the memory that the Go runtime holds at the end of each.
func BenchmarkMillion(b *testing.B) {
	folder := b.TempDir()
	dir, file := filepath.Join(folder, "store"), filepath.Join(folder, "backup")
	db := must(Open(dir, nil))(b)
	fill(b, db, 1_000_000)
	ok(b, db.Close())
	step := func(name string, fn func()) {
		debug.FreeOSMemory() // what was before is not this step's
		start := time.Now()
		fn()
		b.ReportMetric(time.Since(start).Seconds(), name+"-s")
		held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(held)
		b.ReportMetric(float64(held[0].Value.Uint64()-held[1].Value.Uint64())/1e6, name+"-MB")
	}
	for range b.N {
		step("open", func() { db = must(Open(dir, nil))(b) })
		step("backup", func() {
			f := must(os.Create(file))(b)
			must(db.Backup(f))(b)
			ok(b, f.Close())
		})
		info := must(os.Stat(file))(b)
		b.ReportMetric(float64(info.Size())/1e6, "file-MB")
		step("verify", func() { ok(b, Verify(file)) })
		ok(b, db.Close())
		step("check", func() {
			if r := must(Check(dir))(b); len(r.Faults) > 0 || r.Messages != 1_000_000 {
				b.Fatalf("%+v", r)
			}
		})
		step("restore", func() { must(Restore(file, filepath.Join(folder, "restored"), nil))(b) })
		ok(b, os.RemoveAll(filepath.Join(folder, "restored")))
	}
}
