package pushsvc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/coder/websocket"
)

// agent is one connection of a Firefox.
type agent struct {
	uaid string
	out  chan any
	cut  context.CancelFunc
}

// autopushMessage is any message of a browser.
type autopushMessage struct {
	MessageType, UAID, ChannelID, Key, Version string
	Code                                       int
	Updates                                    []struct {
		ChannelID, Version string
		Code               int
	}
}

// reply is any answer to one.
type reply struct {
	MessageType  string            `json:"messageType"`
	Status       int               `json:"status"`
	UAID         string            `json:"uaid,omitempty"`
	UseWebPush   bool              `json:"use_webpush,omitempty"`
	Broadcasts   map[string]string `json:"broadcasts,omitempty"`
	ChannelID    string            `json:"channelID,omitempty"`
	PushEndpoint string            `json:"pushEndpoint,omitempty"`
}

// autopush speaks Mozilla's autopush protocol with one browser until its line ends.
func (s *Service) autopush(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"push-notification"}, InsecureSkipVerify: true, // Firefox's push has no origin
	})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = c.CloseNow() }() // Close would wait for the browser
	c.SetReadLimit(1 << 20)
	ctx, cut := context.WithCancel(r.Context())
	defer cut()
	a := &agent{out: make(chan any, 256), cut: cut}
	go a.write(ctx, c)
	s.mu.Lock()
	s.note(Event{Kind: Opened})
	s.mu.Unlock()
	for {
		_, text, err := c.Read(ctx)
		if err != nil {
			s.hungUp(a)
			return
		}
		var m autopushMessage
		if err := json.Unmarshal(text, &m); err != nil {
			s.hungUp(a)
			return
		}
		s.mu.Lock()
		s.hear(a, m, origin(r))
		s.mu.Unlock()
	}
}

func (a *agent) write(ctx context.Context, c *websocket.Conn) {
	defer a.cut()
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-a.out:
			text, err := json.Marshal(m)
			if err != nil || c.Write(ctx, websocket.MessageText, text) != nil {
				return
			}
		}
	}
}

// tell hands the browser a message. One that has let 256 pile up is gone.
func (a *agent) tell(m any) {
	select {
	case a.out <- m:
	default:
		a.cut()
	}
}

func (s *Service) hungUp(a *agent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agents[a.uaid] == a {
		s.agents[a.uaid] = nil // known, but not connected
	}
	for _, sub := range s.subs {
		if sub.line == line(a) {
			sub.line = nil
		}
	}
	s.note(Event{Kind: Closed})
}

// hear does what a browser asks; s is locked.
func (s *Service) hear(a *agent, m autopushMessage, origin string) {
	switch m.MessageType {
	case "": // {} is a ping, and its own answer
		a.tell(struct{}{})
	case "hello":
		s.hello(a, m.UAID)
	case "register":
		a.tell(s.register(a, m, origin))
	case "unregister":
		if sub := s.channel(m.ChannelID); sub != nil {
			delete(s.subs, sub.token)
			s.note(Event{Kind: Unsubscribed, Token: sub.token, Detail: strconv.Itoa(m.Code)})
		}
		a.tell(reply{MessageType: "unregister", ChannelID: m.ChannelID, Status: http.StatusOK})
	case "ack":
		for _, u := range m.Updates {
			if sub := s.channel(u.ChannelID); sub != nil {
				s.acked(sub, u.Version, strconv.Itoa(u.Code))
			}
		}
	case "nack":
		s.note(Event{Kind: Failed, Message: m.Version, Detail: strconv.Itoa(m.Code)})
	}
}

// hello greets a browser. One that is not known any more gets another name, by which it learns
// that its subscriptions are gone; s is locked.
func (s *Service) hello(a *agent, uaid string) {
	if _, known := s.agents[uaid]; !known {
		uaid = random(16)
	}
	a.uaid = uaid
	s.agents[uaid] = a
	a.tell(reply{MessageType: "hello", UAID: uaid, Status: http.StatusOK, UseWebPush: true})
	for _, sub := range s.subs {
		if sub.owner == uaid {
			sub.line = a
		}
	}
	s.flush(a)
}

// register makes a subscription; s is locked.
func (s *Service) register(a *agent, m autopushMessage, origin string) reply {
	answer := reply{MessageType: "register", ChannelID: m.ChannelID, Status: http.StatusBadRequest}
	var key []byte
	if m.Key != "" {
		var err error
		key, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(m.Key, "="))
		if err != nil || len(key) != 65 {
			return answer
		}
	}
	sub := &subscription{token: random(24), key: key, owner: a.uaid, channel: m.ChannelID, line: a}
	s.subs[sub.token] = sub
	s.note(Event{Kind: Subscribed, Token: sub.token})
	answer.Status, answer.PushEndpoint = http.StatusOK, origin+"/wpush/v2/"+sub.token
	return answer
}

// channel is the subscription by its name in the browser; s is locked.
func (s *Service) channel(id string) *subscription {
	for _, sub := range s.subs {
		if sub.channel == id {
			return sub
		}
	}
	return nil
}

func (a *agent) send(sub *subscription, m *message) bool {
	n := map[string]any{"messageType": "notification", "channelID": sub.channel, "version": m.id}
	if len(m.body) > 0 {
		n["data"] = base64.RawURLEncoding.EncodeToString(m.body)
		n["headers"] = map[string]string{"encoding": "aes128gcm"}
	}
	a.tell(n)
	return true
}
