package daemon

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A device is present while it has a stream and one of its pages is in sight,
// in whatever order two tabs say that the one was left for the other.
func TestPresence(t *testing.T) {
	s := newStreams(DefaultConfig(func(string) string { return "" }).Limits)
	const phone = "device/phone"
	want := func(present bool, when string) {
		t.Helper()
		if s.inSight(phone) != present {
			t.Errorf("%s: present is %t", when, !present)
		}
	}
	s.look(phone, "a", true)
	want(false, "in sight, but no stream yet")
	l, err := s.open(phone)
	if err != nil {
		t.Fatal(err)
	}
	want(true, "in sight with a stream")
	s.look(phone, "b", true)
	s.look(phone, "a", false)
	want(true, "one tab was left for another")
	s.look(phone, "b", false)
	want(false, "no tab is in sight")
	s.look(phone, "b", false)
	s.look(phone, "b", true)
	want(true, "back")
	second, err := s.open(phone)
	if err != nil {
		t.Fatal(err)
	}
	s.shut(l)
	want(true, "one stream of two closed")
	s.shut(second)
	want(false, "no stream")
	s.end(phone)
	if len(s.sights) != 0 || len(s.byKey) != 0 {
		t.Errorf("kept: %v %v", s.sights, s.byKey)
	}
}

// A line that breaks and comes back keeps what the page said; who comes back
// after long says it anew.
func TestPresenceReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreams(DefaultConfig(func(string) string { return "" }).Limits)
		s.look("device/phone", "", true)
		for _, c := range []struct {
			away time.Duration
			want bool
		}{{0, true}, {reconnectTime, true}, {reconnectTime + time.Second, false}} {
			time.Sleep(c.away)
			l, err := s.open("device/phone")
			if err != nil {
				t.Fatal(err)
			}
			if s.inSight("device/phone") != c.want {
				t.Errorf("after %v away: present is %t", c.away, !c.want)
			}
			s.shut(l)
		}
		s.look("device/tablet", "", true)
		for i := range 3 * maxPages {
			s.look("device/tablet", fmt.Sprint(i), true)
		}
		if n := len(s.sights["device/tablet"].pages); n > maxPages {
			t.Errorf("%d pages are kept", n)
		}
	})
}
