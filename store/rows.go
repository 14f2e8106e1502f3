package store

import (
	"slices"
	"strings"
	"time"
)

// row is a key's new value; nil deletes it.
type row struct {
	value []byte
	ttl   time.Duration
}

// rowSet is what a transaction, or a group of them, has written so far: one row
// for each key, and the keys in order, so that looking below a prefix costs what
// is there and not what was written. The zero value is an empty set.
type rowSet struct {
	of     map[string]row
	sorted []string // keys in order
	fresh  []string // keys that are not in sorted yet, few
}

// maxFresh is how many keys are looked through one by one.
const maxFresh = 64

func (s *rowSet) set(key string, r row) {
	if s.of == nil {
		s.of = map[string]row{}
	}
	if _, known := s.of[key]; !known {
		s.fresh = append(s.fresh, key)
	}
	s.of[key] = r
}

// below returns the keys below prefix that are not before start or, in reverse,
// not after it; an empty start is no bound. They are in no order.
func (s *rowSet) below(prefix, start string, reverse bool) (keys []string) {
	if len(s.fresh) > max(maxFresh, len(s.sorted)/32) { // seldom, or sorting them costs more than it saves
		s.sort()
	}
	from := prefix
	if !reverse {
		from = max(prefix, start)
	}
	isOut := func(key string) bool { return reverse && start != "" && key > start }
	i, _ := slices.BinarySearch(s.sorted, from)
	for _, key := range s.sorted[i:] {
		if !strings.HasPrefix(key, prefix) || isOut(key) {
			break
		}
		keys = append(keys, key)
	}
	for _, key := range s.fresh {
		if key >= from && strings.HasPrefix(key, prefix) && !isOut(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// sort puts the fresh keys in their places.
func (s *rowSet) sort() {
	slices.Sort(s.fresh)
	at, n := len(s.sorted)-1, len(s.sorted)+len(s.fresh)
	s.sorted = slices.Grow(s.sorted, len(s.fresh))[:n]
	for f := len(s.fresh) - 1; f >= 0; n-- { // from the end, in place
		if at >= 0 && s.sorted[at] > s.fresh[f] {
			s.sorted[n-1] = s.sorted[at]
			at--
		} else {
			s.sorted[n-1] = s.fresh[f]
			f--
		}
	}
	s.fresh = s.fresh[:0]
}
