package pushsvc

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxBody = 4096                // RFC 8030, section 7.2: services must take this much
	maxTTL  = 28 * 24 * time.Hour // what Mozilla's service keeps at most
)

// Fault makes the endpoint misbehave.
type Fault struct {
	// Times is how many requests it lasts.
	Times int
	// Status is the answer; 0 goes on as if nothing were wrong, after Delay.
	Status     int
	RetryAfter string
	Location   string
	Body       string
	// Delay is waited before the answer, or until the sender hangs up.
	Delay time.Duration
}

// SetFault makes the next requests go wrong, in place of an earlier fault.
func (s *Service) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// failing answers with the fault that is set. It reports whether that was all.
func (s *Service) failing(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	f := s.fault
	if f.Times > 0 {
		s.fault.Times--
	}
	s.mu.Unlock()
	if f.Times < 1 {
		return false
	}
	// A handler that has not read the body is not told that the sender hung up.
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	late := time.NewTimer(f.Delay)
	defer late.Stop()
	select {
	case <-late.C:
	case <-r.Context().Done():
		return true
	}
	if err != nil || f.Status == 0 {
		return err != nil
	}
	for name, value := range map[string]string{"Retry-After": f.RetryAfter, "Location": f.Location} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	s.refuse(w, r, f.Status, f.Body)
	return true
}

// post is where senders ask for a push to be delivered (RFC 8030, section 5).
func (s *Service) post(w http.ResponseWriter, r *http.Request) {
	if s.failing(w, r) {
		return
	}
	s.mu.Lock()
	sub := s.subs[r.PathValue("token")]
	s.mu.Unlock()
	if sub == nil {
		s.refuse(w, r, http.StatusGone, "push subscription has unsubscribed or expired.")
		return
	}
	push, status, why := s.read(r, sub)
	if why != "" {
		s.refuse(w, r, status, why)
		return
	}
	m := &message{id: random(8), topic: push.Topic, body: push.Body, expires: time.Now().Add(push.TTL)}
	s.mu.Lock()
	s.note(Event{Kind: Posted, Token: sub.token, Message: m.id, Status: http.StatusCreated, Push: push})
	s.enqueue(sub, m)
	s.mu.Unlock()
	w.Header().Set("Location", origin(r)+"/m/"+m.id)
	w.Header().Set("TTL", strconv.Itoa(int(push.TTL/time.Second)))
	w.WriteHeader(http.StatusCreated)
}

// read checks a request as real services do. Otherwise why is the answer's text.
func (s *Service) read(r *http.Request, sub *subscription) (push *Push, status int, why string) {
	claims, key, err := verify(r.Header.Get("Authorization"), origin(r), time.Now())
	switch {
	case err != nil:
		return nil, http.StatusForbidden, "BadJwtToken: " + err.Error()
	case s.Strict && subjectFault(claims.Sub) != "":
		return nil, http.StatusForbidden, "BadJwtToken: " + subjectFault(claims.Sub)
	case sub.key != nil && !bytes.Equal(key, sub.key):
		return nil, http.StatusForbidden, "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions."
	}
	ttl, err := strconv.Atoi(r.Header.Get("TTL"))
	if err != nil || ttl < 0 {
		return nil, http.StatusBadRequest, "a TTL header in seconds is required"
	}
	push = &Push{
		TTL: min(time.Duration(ttl)*time.Second, maxTTL), Claims: claims,
		Urgency: r.Header.Get("Urgency"), Topic: r.Header.Get("Topic"),
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(push.Topic) > 32 || strings.Trim(push.Topic, alphabet) != "" {
		return nil, http.StatusBadRequest, "BadWebPushTopic"
	}
	push.Body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, http.StatusBadRequest, err.Error()
	case len(push.Body) > maxBody:
		return nil, http.StatusRequestEntityTooLarge, "PayloadTooLarge"
	case len(push.Body) > 0 && r.Header.Get("Content-Encoding") != "aes128gcm":
		return nil, http.StatusUnsupportedMediaType, "BadContentEncoding"
	}
	return push, http.StatusCreated, ""
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.mu.Lock()
	s.note(Event{Kind: Refused, Token: r.PathValue("token"), Status: status, Detail: why})
	s.mu.Unlock()
	w.WriteHeader(status)
	fmt.Fprint(w, why)
}

// origin is the scheme and host that a request came to, which VAPID's audience must name.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
