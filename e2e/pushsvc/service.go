// Package pushsvc is a push service to test against: the endpoint that senders post to (RFC
// 8030) with the checks that real services make of VAPID (RFC 8292), and behind it the two
// protocols by which browsers are really reached, Mozilla's autopush and Google's GCM. It can be
// told to fail, to lose its database and to drop its lines, and it tells what happened, in order.
//
// It is a test double: no shipped package imports it.
package pushsvc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Kind says what happened.
type Kind string

// The kinds of events.
const (
	Subscribed   Kind = "subscribed"   // a browser registered; Token
	Unsubscribed Kind = "unsubscribed" // a browser took it back; Token, Detail is its reason
	Posted       Kind = "posted"       // a push was accepted; Token, Message, Status, Push
	Refused      Kind = "refused"      // a push was not; Token, Status, Detail
	Sent         Kind = "sent"         // handed to the browser's line; Token, Message
	Acked        Kind = "acked"        // the browser has it; Token, Message, Detail is autopush's code
	Failed       Kind = "failed"       // the browser's worker failed with it; Message, Detail is the code
	Opened       Kind = "opened"       // a browser's line is up
	Closed       Kind = "closed"       // a browser's line is down
)

// Event is one thing that happened.
type Event struct {
	At      time.Time
	Kind    Kind
	Token   string // of the subscription: the last part of its endpoint
	Message string // of the push: the last part of its Location
	Status  int    // what the sender was answered
	Detail  string
	Push    *Push // what was posted
}

// Push is one accepted request.
type Push struct {
	Body    []byte // as encrypted
	TTL     time.Duration
	Urgency string
	Topic   string
	Claims  Claims
}

// Service is one push service for any number of browsers. Its methods may be called from
// several goroutines.
type Service struct {
	// Strict refuses the VAPID subjects that Apple's service refuses. Set it before serving.
	Strict bool

	mu      sync.Mutex
	subs    map[string]*subscription // by token
	agents  map[string]*agent        // known Firefoxes by uaid; nil while not connected
	gcm     *mcsLine                 // the one Chromium that is connected
	fault   Fault
	events  []Event
	changed chan struct{} // closed at the next event
}

// subscription is one registered browser. Its line is where pushes go.
type subscription struct {
	token   string
	key     []byte // the VAPID key that it is bound to; nil: any
	line    line   // nil while the browser is not connected
	channel string // its name in the browser: autopush's channel, GCM's subtype
	owner   string // Firefox's uaid
	sender  string // Chromium: the key as it was registered
	app     string // Chromium
	queue   []*message
}

// line hands pushes to one browser.
type line interface {
	// send reports whether the browser is connected. The service is locked.
	send(sub *subscription, m *message) bool
}

type message struct {
	id, topic string
	body      []byte
	expires   time.Time
}

// New returns a service that knows nobody.
func New() *Service {
	return &Service{
		subs: map[string]*subscription{}, agents: map[string]*agent{}, changed: make(chan struct{}),
	}
}

// Handler serves the endpoint for senders (/wpush/v2/ and /fcm/send/), autopush's socket for
// Firefox (/ws), and what Chromium asks before it connects (/checkin, /register3).
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wpush/v2/{token}", s.post)
	mux.HandleFunc("POST /fcm/send/{token}", s.post)
	mux.HandleFunc("GET /ws", s.autopush)
	mux.HandleFunc("POST /checkin", checkin)
	mux.HandleFunc("POST /register3", s.register3)
	return mux
}

// Events is everything that happened, oldest first.
func (s *Service) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// Wait returns the first event, of those after the first skip ones, for which match is true. It
// waits until there is one or ctx is done.
func (s *Service) Wait(ctx context.Context, skip int, match func(Event) bool) (Event, error) {
	for {
		s.mu.Lock()
		events, changed := s.events[min(skip, len(s.events)):], s.changed
		s.mu.Unlock()
		if i := slices.IndexFunc(events, match); i >= 0 {
			return events[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("no such event among %s: %w", summary(events), ctx.Err())
		}
	}
}

func summary(events []Event) (words []string) {
	for _, e := range events {
		words = append(words, fmt.Sprintf("%s %d %s", e.Kind, e.Status, e.Detail))
	}
	return words
}

// Forget loses the database: every endpoint is unknown from now on, and every line is cut.
// Firefox learns of it when it connects again. Chromium does not.
func (s *Service) Forget() {
	s.Drop()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.subs)
	clear(s.agents)
}

// Drop cuts every browser's line. They connect again by themselves.
func (s *Service) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.agents {
		if a != nil {
			a.cut()
		}
	}
	if s.gcm != nil {
		s.gcm.conn.Close()
	}
}

// Ring hands every subscribed browser a push without any content, which no sender can be made
// to send.
func (s *Service) Ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		if sub.key == nil {
			continue // Chromium's throw-away
		}
		s.enqueue(sub, &message{id: random(8), expires: time.Now().Add(time.Minute)})
	}
}

// note tells those who wait; s is locked.
func (s *Service) note(e Event) {
	e.At = time.Now()
	s.events = append(s.events, e)
	close(s.changed)
	s.changed = make(chan struct{})
}

// enqueue keeps a push until its browser has it; s is locked.
func (s *Service) enqueue(sub *subscription, m *message) {
	if m.topic != "" {
		sub.queue = slices.DeleteFunc(sub.queue, func(old *message) bool { return old.topic == m.topic })
	}
	sub.queue = append(sub.queue, m)
	s.hand(sub, m)
}

// flush hands a browser that has just connected what waits for it; s is locked.
func (s *Service) flush(to line) {
	for _, sub := range s.subs {
		if sub.line != to {
			continue
		}
		now := time.Now()
		sub.queue = slices.DeleteFunc(sub.queue, func(m *message) bool { return now.After(m.expires) })
		for _, m := range sub.queue {
			s.hand(sub, m)
		}
	}
}

func (s *Service) hand(sub *subscription, m *message) {
	if sub.line != nil && sub.line.send(sub, m) {
		s.note(Event{Kind: Sent, Token: sub.token, Message: m.id})
	}
}

// acked forgets a push that its browser has; s is locked.
func (s *Service) acked(sub *subscription, id, detail string) {
	sub.queue = slices.DeleteFunc(sub.queue, func(m *message) bool { return m.id == id })
	s.note(Event{Kind: Acked, Token: sub.token, Message: id, Detail: detail})
}

// random is n bytes in hex.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
