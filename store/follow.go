package store

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// Follower reads the feed from a cursor on, for one client. It holds a
// position and no queue: a slow client is told less often and in larger
// pieces, never blocks anybody, never overflows and never loses a change.
// It belongs to one goroutine.
type Follower struct {
	db     *DB
	conv   string
	cursor Seq
	told   map[string]told
	news   <-chan struct{}
	caught bool
	out    []Event
}

// told is how much of a running reply the client has been told.
type told struct {
	textMark
	meta Seq
}

const (
	firstRead = 64   // records: the first event of a long replay is out at once
	fullRead  = 1024 // records of one later read
	readBytes = 512 << 10
)

// Follow returns a follower that has seen everything up to after, and nothing
// of the replies that are running now: their text is told from the start. If
// conversation is not empty, only that conversation and what belongs to it is
// told.
func (db *DB) Follow(after Seq, conversation string) *Follower {
	f := &Follower{db: db, conv: conversation, cursor: after, told: map[string]told{}}
	db.tailMu.RLock()
	defer db.tailMu.RUnlock()
	for id, w := range db.tails {
		if conversation == "" || w.conv == conversation {
			f.told[id] = told{textMark: textMark{attempt: w.attempt}}
		}
	}
	return f
}

// Cursor is the position up to which the client has been told.
func (f *Follower) Cursor() Cursor { return Cursor{f.db.epoch, f.cursor} }

// Caught reports whether a Read has come to the head of the feed and to the
// text of every running reply; everything after that is live.
func (f *Follower) Caught() bool { return f.caught }

// Read returns what the client lacks, at most one bite of it, without
// waiting: records in the order of their Seq, then text of running replies.
// It returns nothing if there is nothing. The slice is valid until the next
// Read.
func (f *Follower) Read() ([]Event, error) {
	f.news = f.db.bell.next() // armed before the read, so that no change slips between
	if f.caught && cap(f.out) > firstRead {
		f.out = nil // what a long replay needed is not kept by an idle follower
	}
	clear(f.out) // nor the frames, which may have left the ring
	f.out = f.out[:0]
	head := Seq(f.db.head.Load())
	for f.cursor < head && len(f.out) == 0 { // what a narrowed follower leaves out is no news
		if err := f.changes(head); err != nil {
			return nil, err
		}
	}
	if f.cursor < head {
		return f.out, nil // more to come: text would be out of order
	}
	f.texts()
	f.caught = true
	return f.out, nil
}

// News is closed when there may be something to Read that was not there
// before the last Read began.
func (f *Follower) News() <-chan struct{} { return f.news }

func (f *Follower) changes(head Seq) error {
	size := 0
	if f.db.ring.since(f.cursor, head, func(s *slot) bool {
		f.tell(s.event, s.mark, s.meta)
		f.cursor = s.event.Seq
		size += len(s.event.Frame)
		return len(f.out) < fullRead && size < readBytes
	}) {
		if len(f.out) < fullRead && size < readBytes {
			f.cursor = head // what came after is stale
		}
		return nil
	}
	most := fullRead
	if !f.caught && cap(f.out) == 0 {
		most = firstRead
	}
	return f.replay(head, most)
}

// replay reads from disk what is no longer in memory.
func (f *Follower) replay(head Seq, most int) error {
	return f.db.snapshot(func(t *badger.Txn) error {
		it := t.NewIterator(badger.IteratorOptions{Prefix: []byte(feedPrefix), PrefetchValues: true, PrefetchSize: min(most, 128)})
		defer it.Close()
		size, n := 0, 0
		for it.Seek(feedKey(f.cursor + 1)); it.Valid(); it.Next() {
			seq := feedSeq(it.Item().Key())
			if seq > head {
				break
			}
			if err := it.Item().Value(func(v []byte) error { return f.replayed(seq, v) }); err != nil {
				return fmt.Errorf("replay %d: %w", seq, err)
			}
			f.cursor = seq
			if size, n = size+int(it.Item().ValueSize()), n+1; n >= most || size >= readBytes {
				return nil
			}
		}
		f.cursor = head
		return nil
	})
}

func (f *Follower) replayed(seq Seq, v []byte) error {
	e, err := decodeEntry(v)
	if err != nil {
		return err
	}
	var mark textMark
	if e.open {
		var m Message
		if err := json.Unmarshal(e.data, &m); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		mark = markOf(&m)
	}
	f.tell(e.event(f.db.epoch, seq), mark, seq)
	return nil
}

// tell adds a record to what the client is told, unless it is another
// conversation's or a checkpoint of text that the client already has.
func (f *Follower) tell(e Event, mark textMark, meta Seq) {
	if f.conv != "" && e.Conversation != f.conv {
		return
	}
	if mark.open {
		if t, ok := f.told[e.ID]; ok && t.attempt == mark.attempt && t.meta >= meta && t.bytes >= mark.bytes {
			return
		}
		f.told[e.ID] = told{mark, meta}
	} else {
		delete(f.told, e.ID)
	}
	f.out = append(f.out, e)
}

// texts adds the text of running replies that the client has not seen.
func (f *Follower) texts() {
	for id, t := range f.told {
		w := f.db.tail(id)
		if w == nil {
			continue
		}
		if e, mark, ok := w.delta(t.textMark); ok {
			f.out = append(f.out, e)
			f.told[id] = told{mark, t.meta}
		}
	}
}

func (db *DB) tail(id string) *Writer {
	db.tailMu.RLock()
	defer db.tailMu.RUnlock()
	return db.tails[id]
}

// News is closed at the next change of anything, or of a running reply's text.
// Take it before reading what is waited for.
func (db *DB) News() <-chan struct{} { return db.bell.next() }

// bell wakes every waiter at once. It carries no data: who wakes reads the
// store. This is all that a second instance would have to share.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}
