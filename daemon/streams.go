package daemon

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hark/store"
)

// streams knows who has which streams open, so that they can be ended: by the
// limit of a device, when it is revoked, when Hark stops.
type streams struct {
	mu     sync.Mutex
	limits Limits
	byKey  map[string][]*line // of a caller, oldest first
	sights map[string]*sight  // of the callers with a page in sight
	count  int
	ended  bool
}

// line is one open stream. Its handler alone writes to the connection; others
// only ask it to end.
type line struct {
	key    string
	since  time.Time
	beat   atomic.Int64  // when the last heartbeat went out, in ms since 1970; 0 is never
	ending bool          // under streams.mu
	end    chan struct{} // closed once, when reason is set
	reason string
}

func newStreams(l Limits) *streams {
	return &streams{limits: l, byKey: map[string][]*line{}, sights: map[string]*sight{}}
}

// open admits a stream. Beyond the limit of one caller the oldest makes room.
func (s *streams) open(key string) (*line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, &problem{code: "unavailable", detail: "Hark is stopping. Connect again in a moment.", wait: stopWait}
	}
	if s.count >= s.limits.Streams {
		return nil, &problem{code: "unavailable", detail: "Too many streams are open. Connect again in a while.", wait: 30 * time.Second}
	}
	live := 0
	for _, l := range s.byKey[key] {
		if !l.ending {
			live++
		}
	}
	for _, l := range s.byKey[key] {
		if live < s.limits.StreamsPerDevice {
			break
		}
		if !l.ending {
			l.finish("superseded")
			live--
		}
	}
	if len(s.byKey[key]) == 0 {
		s.came(key)
	}
	l := &line{key: key, since: time.Now(), end: make(chan struct{})}
	s.byKey[key] = append(s.byKey[key], l)
	s.count++
	return l, nil
}

func (l *line) finish(reason string) {
	if !l.ending {
		l.ending, l.reason = true, reason
		close(l.end)
	}
}

// shut forgets a stream whose handler is returning.
func (s *streams) shut(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.byKey[l.key]
	if i := slices.Index(rest, l); i >= 0 {
		s.count--
		if rest = slices.Delete(rest, i, i+1); len(rest) > 0 {
			s.byKey[l.key] = rest
		} else {
			delete(s.byKey, l.key)
			s.went(l.key)
		}
	}
}

// end asks all streams of a caller, who was revoked, to say bye.
func (s *streams) end(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sights, key)
	for _, l := range s.byKey[key] {
		l.finish("revoked")
	}
}

// endAll asks every stream to say bye, because Hark stops, and admits no more.
func (s *streams) endAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, lines := range s.byKey {
		for _, l := range lines {
			l.finish("stopping")
		}
	}
}

// number is how many streams are open.
func (s *streams) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// list is who has streams open, by the caller's key.
func (s *streams) list() map[string]connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]connection, len(s.byKey))
	for key, lines := range s.byKey {
		c := connection{Lines: len(lines), Since: store.At(lines[0].since)}
		var last int64
		for _, l := range lines {
			last = max(last, l.beat.Load())
		}
		if last > 0 {
			at := store.At(time.UnixMilli(last))
			c.Beat = &at
		}
		at := s.sights[key]
		c.Sight = at != nil && at.left.IsZero()
		all[key] = c
	}
	return all
}
