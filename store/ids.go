package store

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
	"time"
)

// crockford is Crockford's base 32, the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// idSource makes ULIDs (github.com/ulid/spec) that always grow, also when the
// clock is set back: it then goes on counting from the last one. It belongs to
// the writer's goroutine.
type idSource struct {
	ms     uint64
	hi, lo uint64 // the 80 random bits: 16 and 64
}

func (s *idSource) next(now time.Time) string {
	ms := uint64(max(now.UnixMilli(), 0))
	if ms > s.ms {
		s.ms = ms
		var b [10]byte
		rand.Read(b[:]) // never fails: see crypto/rand
		s.hi, s.lo = uint64(binary.BigEndian.Uint16(b[:2])), binary.BigEndian.Uint64(b[2:])
		s.hi &= 0x7fff // room to count up
	} else {
		var carry uint64
		s.lo, carry = bits.Add64(s.lo, 1, 0)
		s.hi += carry
	}
	return encodeULID(s.ms, s.hi, s.lo)
}

func encodeULID(ms, hi, lo uint64) string {
	var out [26]byte
	for i := 9; i >= 0; i-- { // 48 bits of time in 10 digits
		out[i] = crockford[ms&31]
		ms >>= 5
	}
	for i := 25; i >= 10; i-- { // 80 bits in 16 digits
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// ValidID reports whether s has the form of an id: 26 digits of Crockford's
// base 32, upper case.
func ValidID(s string) bool {
	if len(s) != 26 || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z' || c == 'I' || c == 'L' || c == 'O' || c == 'U') {
			return false
		}
	}
	return true
}
