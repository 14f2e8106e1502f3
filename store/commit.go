package store

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	maxGroup = 512       // transactions that share one fsync
	maxTx    = 1_200_000 // bytes of one transaction
	// groupBytes ends a group. With the largest transaction on top it stays
	// below 15 % of the memory table, the most that Badger commits at once.
	groupBytes = 1_000_000
)

// op is one Update on its way to the writer.
type op struct {
	fn   func(*Tx) error
	done chan error
}

// write is the only writer. Whatever waits while one group is being synced
// becomes the next group, so that a busy store pays one fsync for many
// transactions and an idle one has no added delay.
func (db *DB) write() {
	group := make([]*op, 0, maxGroup)
	for first := range db.ops {
		if err := db.recount(); err != nil {
			first.done <- err
			continue
		}
		txn := db.kv.NewTransaction(true)
		head := Seq(db.head.Load())
		b := &batch{convs: map[string]*Conversation{}, first: head + 1, seq: head}
		group = group[:0]
		for o := first; o != nil; o = db.take(len(group), b) {
			if err := db.apply(txn, b, o); err != nil {
				o.done <- err
				continue
			}
			group = append(group, o)
		}
		err := b.commit(txn, tally{db.last, db.rows})
		if err != nil {
			err = fmt.Errorf("commit: %w", err)
			db.log.Error("write failed", "err", err)
			db.ring.skip(b.seq) // the engine may have kept it after all: these numbers are spent
			db.head.Store(uint64(b.seq))
			db.subscribed.Store(true) // a deletion may not have happened
			db.unsure = true
			db.unread.forget()
		} else if len(b.changes) > 0 {
			db.ring.publish(b.changes, db.epoch)
			db.unread.committed(b.convs)
			db.head.Store(uint64(b.seq))
			db.bell.ring() // after the commit, never inside it
		}
		if err == nil && b.counted {
			db.last, db.rows = b.tally.seq, b.tally.rows
			db.remember("", false)
		}
		if b.pushes {
			db.pushBell.ring()
		}
		for _, o := range group {
			o.done <- err
		}
	}
}

// take returns the next waiting transaction, if it may join the group.
func (db *DB) take(n int, b *batch) *op {
	if n >= maxGroup || b.bytes > groupBytes {
		return nil
	}
	select {
	case o := <-db.ops: // nil when closed and drained
		return o
	default:
		return nil
	}
}

// apply runs one transaction over what its group has written so far. If it
// fails, the group is as it was before.
func (db *DB) apply(txn *badger.Txn, b *batch, o *op) (err error) {
	tx := &Tx{db: db, txn: txn, batch: b, seq: b.seq, now: time.Now(), writable: true}
	defer func() {
		if p := recover(); p != nil { // one faulty caller must not take the store with it
			err = fmt.Errorf("transaction panicked: %v", p)
		}
	}()
	if err := o.fn(tx); err != nil {
		return err
	}
	if tx.bytes > maxTx {
		return fmt.Errorf("%w: %d bytes", ErrTooBig, tx.bytes)
	}
	for k, r := range tx.rows.of {
		b.rows.set(k, r)
	}
	for id, c := range tx.convs {
		b.convs[id] = c
	}
	b.bytes += tx.bytes
	b.changes = append(b.changes, tx.changes...)
	b.seq = tx.seq
	b.pushes = b.pushes || tx.pushes
	return nil
}

// batch is what a group of transactions writes.
type batch struct {
	rows    rowSet
	bytes   int
	changes []change
	convs   map[string]*Conversation
	first   Seq // of this group
	seq     Seq
	pushes  bool
	tally   tally // after it
	counted bool  // it has changed the feed
}

// change is one new entry of the feed.
type change struct {
	seq, old Seq // old is the record's entry that this one replaces, or 0
	entry    entry
	text     textMark
}

// commit writes the batch to a feed with that tally.
func (b *batch) commit(txn *badger.Txn, before tally) error {
	defer txn.Discard()
	b.tally = before
	if len(b.changes) > 0 {
		b.tally.seq = b.seq
	}
	for k, r := range b.rows.of {
		var err error
		if r.value == nil {
			if b.neverWritten(k) {
				continue
			}
			err = txn.Delete([]byte(k))
		} else {
			e := badger.NewEntry([]byte(k), r.value)
			if r.ttl > 0 {
				e = e.WithTTL(r.ttl)
			}
			err = txn.SetEntry(e)
		}
		if err != nil {
			return err
		}
		if n := counted(k, r); n != 0 {
			b.tally.rows, b.counted = b.tally.rows+uint64(n), true
		}
	}
	if b.counted {
		if err := txn.Set([]byte(tallyKey), b.tally.encode()); err != nil {
			return err
		}
	}
	return txn.Commit()
}

// neverWritten reports whether key is a feed entry that came and went within
// this group: a conversation that 64 fires touched costs one entry, not 64.
func (b *batch) neverWritten(key string) bool {
	num, ok := strings.CutPrefix(key, feedPrefix)
	return ok && Seq(binary.BigEndian.Uint64([]byte(num))) >= b.first
}

// Update runs fn as one transaction and returns when it is on disk. If fn
// fails, nothing of it remains and its error is returned. After the commit
// every follower is woken. fn runs on the writer's goroutine: no I/O in it.
func (db *DB) Update(fn func(*Tx) error) error {
	o := &op{fn: fn, done: make(chan error, 1)}
	db.closing.RLock()
	if db.closed {
		db.closing.RUnlock()
		return ErrClosed
	}
	db.ops <- o
	db.closing.RUnlock()
	return <-o.done
}

// View runs fn over a snapshot that holds every change acknowledged so far. It
// fails with ErrClosed after Close; fn must not call View, Update or Close.
func (db *DB) View(fn func(*Tx) error) error {
	head := Seq(db.head.Load()) // before the snapshot, so that the cursor misses nothing
	return db.snapshot(func(txn *badger.Txn) error {
		return fn(&Tx{db: db, txn: txn, seq: head, now: time.Now()})
	})
}

// snapshot runs fn over what is on disk. Close waits for it: the engine panics
// when it is read while it closes.
func (db *DB) snapshot(fn func(*badger.Txn) error) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return ErrClosed
	}
	return db.kv.View(fn)
}
