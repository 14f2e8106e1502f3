package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Search returns up to limit messages that contain every word of q in their
// text or title, without regard to case, newest change first, among those that
// changed before the position before (0: all). It stops after budget; more is
// then set, as when there are more matches, and next is where to go on.
func (db *DB) Search(q string, before Seq, limit int, budget time.Duration) (ms []*Message, next Seq, more bool, err error) {
	words := strings.Fields(strings.ToLower(q))
	if len(words) == 0 {
		return nil, 0, false, nil
	}
	until := time.Now().Add(budget)
	if before == 0 {
		before = Seq(db.head.Load()) + 1
	}
	err = db.snapshot(func(t *badger.Txn) error {
		it := t.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte(feedPrefix), PrefetchValues: true, PrefetchSize: 128})
		defer it.Close()
		n := 0
		for it.Seek(feedKey(before - 1)); it.Valid(); it.Next() {
			if n++; len(ms) == limit || (n%256 == 0 && time.Now().After(until)) {
				more = true
				return nil
			}
			next = feedSeq(it.Item().Key())
			err := it.Item().Value(func(v []byte) error {
				m, ok, err := match(v, words)
				if ok {
					ms = append(ms, m)
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("search: %w", err)
			}
		}
		return nil
	})
	return ms, next, more, err
}

// match decodes a message only if its bytes may contain the words.
func match(v []byte, words []string) (m *Message, ok bool, err error) {
	e, err := decodeEntry(v)
	if err != nil || e.kind != kindMessage || e.gone {
		return nil, false, err
	}
	for _, w := range words {
		if isPlain(w) && !containsFold(e.data, w) {
			return nil, false, nil
		}
	}
	m = new(Message)
	if err := json.Unmarshal(e.data, m); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	text := strings.ToLower(m.Title + "\n" + m.Text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return nil, false, nil
		}
	}
	return m, true, nil
}

// isPlain reports whether w is written in JSON just as it is.
func isPlain(w string) bool {
	for i := range len(w) {
		if c := w[i]; c >= 0x80 || c < 0x20 || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// containsFold looks for a lower-case ASCII word in b, whatever its case there.
func containsFold(b []byte, w string) bool {
	for len(b) >= len(w) {
		if equalFold(b[:len(w)], w) {
			return true
		}
		b = b[1:]
	}
	return false
}

func equalFold(b []byte, w string) bool {
	for i := range len(w) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 32
		}
		if c != w[i] {
			return false
		}
	}
	return true
}
