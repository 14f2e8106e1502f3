package store

import "sync"

// unread is how much of each conversation the owner has not read: counted once
// from the disk when it is first asked for, and kept by every commit from then on.
type unread struct {
	counting sync.Mutex // held by who counts

	mu    sync.Mutex
	of    map[string]int // by conversation, without those that have none; nil until counted
	total int
	since map[string]int // what commits have set while it is counted; nil at other times
}

// Unread is how many messages the owner has not read, in the conversations that
// are neither archived nor muted. It holds every change acknowledged so far. The
// first call reads all conversations, later ones cost nothing. Not inside
// [DB.View].
func (db *DB) Unread() (int, error) {
	u := &db.unread
	u.counting.Lock()
	defer u.counting.Unlock()
	u.mu.Lock()
	if u.of != nil {
		defer u.mu.Unlock()
		return u.total, nil
	}
	u.since = map[string]int{} // from before the snapshot: no commit is in neither
	u.mu.Unlock()
	var all []*Conversation
	err := db.View(func(tx *Tx) (err error) {
		all, err = tx.Conversations()
		return err
	})
	u.mu.Lock()
	defer u.mu.Unlock()
	late := u.since
	if u.since = nil; err != nil {
		return 0, err
	}
	u.of, u.total = map[string]int{}, 0
	for _, c := range all {
		u.set(c.ID, counting(c))
	}
	for id, n := range late {
		u.set(id, n)
	}
	if late == nil { // a commit went wrong meanwhile
		total := u.total
		u.of = nil
		return total, nil
	}
	return u.total, nil
}

// counting is how much a conversation adds to what is unread; nil is a deleted one.
func counting(c *Conversation) int {
	if c == nil || c.Archived || c.Muted {
		return 0
	}
	return c.Unread
}

func (u *unread) set(id string, n int) {
	u.total += n - u.of[id]
	if u.of[id] = n; n == 0 {
		delete(u.of, id)
	}
}

// committed notes how conversations are after a commit.
func (u *unread) committed(convs map[string]*Conversation) {
	if len(convs) == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, c := range convs {
		if u.of != nil {
			u.set(id, counting(c))
		} else if u.since != nil {
			u.since[id] = counting(c)
		}
	}
}

// forget has it counted anew: nobody knows what a refused commit has left.
func (u *unread) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.of, u.since = nil, nil
}
