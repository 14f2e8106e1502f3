package daemon

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// wrongPerMinute is how many wrong tokens or codes one address may send: a
	// person who mistypes never meets it, a guesser gets nowhere.
	wrongPerMinute = 20
	// manyKeys is from when on a limiter forgets those who were quiet.
	manyKeys = 1024
)

// limiter counts what each key does. A limiter of 0 per minute limits nothing.
type limiter struct {
	mu    sync.Mutex
	rate  rate.Limit
	burst int
	keys  map[string]*rate.Limiter
}

func newLimiter(perMinute, burst int) *limiter {
	return &limiter{rate: rate.Limit(float64(perMinute) / 60), burst: burst, keys: map[string]*rate.Limiter{}}
}

// take counts one event of key and returns 0, or how long to wait if there were
// too many.
func (l *limiter) take(key string) time.Duration {
	if l.rate == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.keys[key]
	if k == nil {
		if len(l.keys) >= manyKeys {
			l.forget()
		}
		k = rate.NewLimiter(l.rate, l.burst)
		l.keys[key] = k
	}
	if k.Allow() {
		return 0
	}
	return max(time.Duration(float64(time.Second)/float64(l.rate)), time.Second)
}

// forget drops the keys whose allowance is whole again, and all of them if
// that is not enough: better a guesser starts anew than memory grows.
func (l *limiter) forget() {
	for key, k := range l.keys {
		if k.Tokens() >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= manyKeys {
		clear(l.keys)
	}
}

// addressOf is who is calling, as far as the network tells. IPv6 callers count
// by their /64, which one household has whole.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}
