package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What is below a prefix, from a key on or down to it, is what looking at every
// key finds, however the keys came.
func TestRowSetBelow(t *testing.T) {
	var s rowSet
	for round := range 3000 {
		key := fmt.Sprintf("%c/%03d", 'a'+rand.IntN(3), rand.IntN(1000))
		s.set(key, row{value: []byte{byte(round)}})
		if rand.IntN(20) > 0 {
			continue
		}
		prefix, start, reverse := key[:2+rand.IntN(3)], "", rand.IntN(2) == 0
		if rand.IntN(3) > 0 {
			start = prefix + fmt.Sprint(rand.IntN(10))
		}
		var want []string
		for k := range s.of {
			if strings.HasPrefix(k, prefix) && (start == "" || reverse && k <= start || !reverse && k >= start) {
				want = append(want, k)
			}
		}
		got := s.below(prefix, start, reverse)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("below %s from %q (reverse %t): %v, want %v", prefix, start, reverse, got, want)
		}
	}
}
