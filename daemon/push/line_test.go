package push

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hark/store"
)

// patchy is a network that is away at times, for some endpoints.
type patchy struct {
	to   http.RoundTripper
	away func(path string) bool
	busy string       // an endpoint with this in it asks for half an hour
	asks atomic.Int32 // that nobody answered
}

func (p *patchy) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.away(r.URL.Path) {
		p.asks.Add(1)
		return nil, errors.New("network is unreachable")
	}
	if p.busy != "" && strings.Contains(r.URL.Path, p.busy) {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", "1800")
		w.WriteHeader(http.StatusServiceUnavailable)
		return w.Result(), nil
	}
	return p.to.RoundTrip(r)
}

// waiting is how many of the devices have a push that was not taken.
func (r *rig) waiting(m *store.Message, devices ...string) (n int) {
	for _, d := range devices {
		if r.delivery(m, d).State == store.Waiting {
			n++
		}
	}
	return n
}

// When the network comes back, the first push that gets through has all others
// sent at once, whatever their devices' own pauses have grown to.
func TestNetworkComesBack(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		var off atomic.Bool
		off.Store(true)
		net := &patchy{to: r.s.client.Transport, away: func(string) bool { return off.Load() }}
		r.s.client.Transport = net
		devices := []string{"a", "b", "c", "d", "e"}
		for _, d := range devices {
			r.device(d)
		}
		m := r.say("hello", nil)
		pass(20 * time.Minute)
		if n := r.waiting(m, devices...); n != len(devices) {
			t.Fatalf("%d wait, want all", n)
		}
		off.Store(false)
		var first, last time.Duration
		for at := time.Duration(0); at < 3*time.Minute && last == 0; at += time.Second {
			pass(time.Second)
			n := r.waiting(m, devices...)
			if first == 0 && n < len(devices) {
				first = at
			}
			if n == 0 {
				last = at
			}
		}
		if first == 0 || last == 0 || last-first > time.Second {
			t.Errorf("the first was sent after %s, the last after %s", first, last)
		}
	})
}

// A machine that has slept tries at once: the pause of before is not what its
// network is like now.
func TestWakesUp(t *testing.T) {
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	inTime(t, func(c *Config) { c.Now = now }, func(r *rig) {
		var off atomic.Bool
		off.Store(true)
		r.s.client.Transport = &patchy{to: r.s.client.Transport, away: func(string) bool { return off.Load() }}
		r.device("phone")
		m := r.say("hello", nil)
		pass(20 * time.Minute)
		tries := r.tries("phone")
		ahead.Store(int64(30 * time.Second)) // slept for half a minute, of a pause of two
		pass(nap + time.Second)
		if got := r.tries("phone"); got >= tries {
			t.Errorf("%d tries before and %d after it woke up: its pauses are as long as before", tries, got)
		}
		off.Store(false)
		pass(30 * time.Second)
		if n := r.waiting(m, "phone"); n != 0 {
			t.Error("it still waits")
		}
	})
}

func (r *rig) tries(device string) (n int) {
	r.t.Helper()
	ok(r.t, r.db.View(func(tx *store.Tx) error {
		s, err := tx.Subscription(device)
		if err == nil {
			n = s.Tries
		}
		return err
	}))
	return n
}

// One service that is gone for good is not asked each time that another answers,
// and one that has asked for a pause gets it.
func TestOthersPausesHold(t *testing.T) {
	inTime(t, nil, func(r *rig) {
		alive, dead, busy := r.device("alive"), r.device("dead"), r.device("busy")
		net := &patchy{to: r.s.client.Transport, away: func(path string) bool { return strings.Contains(path, dead.Token) }}
		net.busy = busy.Token
		r.s.client.Transport = net
		for i := range 120 {
			r.say("hello", nil)
			pass(5 * time.Second)
			if i == 60 {
				net.busy = "" // it would take them now, but has not been asked yet
			}
		}
		if n := net.asks.Load(); n > 20 {
			t.Errorf("the dead service was asked %d times in ten minutes", n)
		}
		if len(r.bodies(alive)) == 0 || len(r.bodies(busy)) != 0 {
			t.Errorf("shown: %d, %d; the busy service had asked for half an hour", len(r.bodies(alive)), len(r.bodies(busy)))
		}
	})
}
