package store

import (
	"bytes"
	"testing"
	"time"
)

// Any string is a cursor or an error, and a cursor reads back as itself.
func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"", "abc-1", "abc-", "-1", "a-b-1", "abc-+1", "abc-01", "abc-18446744073709551616", "ABC-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q reads as %q", s, c)
		}
	})
}

// Damaged bytes are an error, never a panic, and never pass for a record.
func FuzzDecodeEntry(f *testing.F) {
	e := entry{kind: kindMessage, open: true, at: time.UnixMilli(1), id: "id", conv: "conv", data: []byte(`{"a":1}`)}
	f.Add(e.encode(), 7, byte(1))
	f.Add([]byte{1, 2, 3}, 0, byte(0))
	f.Fuzz(func(t *testing.T, b []byte, at int, flip byte) {
		got, err := decodeEntry(b)
		if err != nil || len(b) == 0 {
			return
		}
		if !bytes.Equal(got.encode(), b) && b[6] < 4 {
			t.Errorf("%x reads back as %x", b, got.encode())
		}
		if flip == 0 {
			return
		}
		bad := bytes.Clone(b)
		bad[((at%len(bad))+len(bad))%len(bad)] ^= flip
		if _, err := decodeEntry(bad); err == nil {
			t.Errorf("a flipped byte at %d went unnoticed", at)
		}
	})
}

// Ids grow, also within a millisecond and when the clock is set back, and are
// well formed.
func TestIDsGrow(t *testing.T) {
	var s idSource
	now, last := time.UnixMilli(1_790_000_000_000), ""
	for i := range 10_000 {
		if i == 5000 {
			now = now.Add(-time.Hour)
		}
		id := s.next(now)
		if id <= last || !ValidID(id) {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
		if i%100 == 0 {
			now = now.Add(time.Millisecond)
		}
	}
}
