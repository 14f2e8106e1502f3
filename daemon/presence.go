package daemon

import "time"

const (
	// reconnectTime is how long what a page said outlives its stream: a line
	// that breaks comes back within seconds, and the page need not say again
	// that it is in sight.
	reconnectTime = time.Minute
	// maxPages is how many pages of one device are told apart.
	maxPages = 32
)

// sight is what the pages of one caller said of being in sight. It is a hint
// in memory: that a message was seen is said by the page, and kept in the store.
type sight struct {
	pages map[string]struct{} // those in sight
	left  time.Time           // when the last stream closed; zero while one is open
}

// look notes that a page is in sight, or is not any more. A device has several
// pages when Hark is open in several tabs; when one is left for another, the
// two may be heard in either order.
func (s *streams) look(key, page string, visible bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.sights[key]
	if at == nil {
		if !visible {
			return
		}
		at = &sight{pages: map[string]struct{}{}}
		if len(s.byKey[key]) == 0 {
			at.left = time.Now() // its stream is on the way
		}
		s.sights[key] = at
	}
	if !visible {
		if delete(at.pages, page); len(at.pages) == 0 {
			delete(s.sights, key)
		}
		return
	}
	if _, known := at.pages[page]; !known && len(at.pages) >= maxPages {
		clear(at.pages) // tabs that ended without a word
	}
	at.pages[page] = struct{}{}
}

// inSight reports whether a page of the caller is in sight and hears at once
// what happens.
func (s *streams) inSight(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.sights[key]
	return at != nil && at.left.IsZero()
}

// came and went follow the first and the last stream of a caller; mu is held.
func (s *streams) came(key string) {
	at := s.sights[key]
	if at == nil {
		return
	}
	if !at.left.IsZero() && time.Since(at.left) > reconnectTime {
		delete(s.sights, key)
		return
	}
	at.left = time.Time{}
}

func (s *streams) went(key string) {
	if at := s.sights[key]; at != nil {
		at.left = time.Now()
	}
}

// present reports whether a device shows Hark now, so that a message may well
// be seen without a notification.
func (d *Daemon) present(device string) bool {
	return d.streams.inSight(caller{kind: "device", id: device}.key())
}
