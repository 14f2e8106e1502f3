package store

import "sync"

const (
	ringSlots = 4096    // changes kept in memory as encoded frames
	ringBytes = 4 << 20 // and at most so many bytes of them
)

// textMark says what part of a reply's text a record carries, so that a
// follower who was told more by deltas need not be told again.
type textMark struct {
	open         bool
	attempt      int
	bytes, units int  // length of the text, and the same in UTF-16 units
	only         bool // nothing but text was added since the change before
}

// slot is one recent change.
type slot struct {
	event Event
	mark  textMark
	meta  Seq  // the record's latest change that was more than added text
	stale bool // the record has changed again since
}

// ring is the tail of the feed in memory: the frames that live followers
// share, so that a thousand of them cost one encoding and no disk read. It is
// a cache of the changes from low to the head.
type ring struct {
	mu    sync.RWMutex
	slots [ringSlots]slot // the change n is at n % ringSlots
	low   Seq             // the oldest change that is here
	next  Seq             // one after the newest
	bytes int
}

// publish adds changes that are on disk now.
func (r *ring) publish(changes []change, epoch string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range changes {
		c := &changes[i]
		if r.next != c.seq { // the first change since Open
			r.low = c.seq
		}
		meta := c.seq
		if old := r.at(c.old); old != nil {
			if c.text.only {
				meta = old.meta
			}
			r.bytes -= len(old.event.Frame)
			old.stale, old.event.Frame = true, nil
		}
		if c.seq-r.low >= ringSlots {
			r.evict()
		}
		e := c.entry.event(epoch, c.seq)
		r.slots[c.seq%ringSlots] = slot{event: e, mark: c.text, meta: meta}
		r.bytes += len(e.Frame)
		r.next = c.seq + 1
		for r.bytes > ringBytes && r.low < c.seq {
			r.evict()
		}
	}
}

// skip empties the ring; it goes on after n. Readers go to the disk.
func (r *ring) skip(n Seq) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.slots[:])
	r.low, r.next, r.bytes = n+1, n+1, 0
}

func (r *ring) evict() {
	s := &r.slots[r.low%ringSlots]
	r.bytes -= len(s.event.Frame)
	*s = slot{}
	r.low++
}

// at returns the slot of change n, or nil if it is not here any more.
func (r *ring) at(n Seq) *slot {
	if n == 0 || n < r.low || n >= r.next {
		return nil
	}
	return &r.slots[n%ringSlots]
}

// since calls fn with each change after cursor that still holds, up to head,
// and returns false if the ring does not reach back so far.
func (r *ring) since(cursor, head Seq, fn func(*slot) (more bool)) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if cursor+1 < r.low || (cursor < head && r.next <= head) {
		return false
	}
	for n := cursor + 1; n <= head; n++ {
		if s := &r.slots[n%ringSlots]; !s.stale && !fn(s) {
			break
		}
	}
	return true
}
