package daemon

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

// subscription is what one client wants to hear.
type subscription struct {
	db     *store.DB
	topics []string
	since  since
	poll   bool
	wants  filter

	known map[string]string // conversation → topic; empty: none of these
	told  map[string]uint64 // the last messages told, and what they said
	order []string          // their ids, as a ring
	next  int
	seed  maphash.Seed
}

const (
	manyKnown = 1000 // conversations that are looked up anew from then on
	keptTold  = 512
	pastBite  = 100
)

func newSubscription(db *store.DB, names string, p ntfyParams) (*subscription, error) {
	s := &subscription{
		db: db, known: map[string]string{}, told: map[string]uint64{}, seed: maphash.MakeSeed(),
	}
	for name := range strings.SplitSeq(names, ",") {
		if !topicForm.MatchString(name) {
			return nil, fault("bad_request", "A topic has 1 to 64 letters, digits, - and _. This was %.80q.", name)
		}
		if !slices.Contains(s.topics, name) {
			s.topics = append(s.topics, name)
		}
	}
	if len(s.topics) > maxSubscribed {
		return nil, fault("bad_request", "A subscription has at most %d topics.", maxSubscribed)
	}
	poll := p.get("poll", "po")
	s.poll = poll == "1" || poll == "true" || poll == "yes"
	var err error
	if s.since, err = readSince(p.get("since", "si"), s.poll, time.Now()); err != nil {
		return nil, err
	}
	s.wants, err = readFilter(p)
	return s, err
}

// event is one that is no message.
func (s *subscription) event(name string) *ntfyMessage {
	return &ntfyMessage{ID: newEventID(), Time: time.Now().Unix(), Event: name, Topic: strings.Join(s.topics, ",")}
}

// past tells what was said before, in the order in which it was. ok is false when
// the client has gone, or the line is to end.
func (s *subscription) past(out outlet, l *line) (ok bool, err error) {
	if s.since.none {
		return out.flush() == nil, nil
	}
	after := s.since.after
	for more := true; more; {
		var page []*ntfyMessage
		err := s.db.View(func(tx *store.Tx) (err error) {
			page, after, more, err = s.page(tx, after)
			return err
		})
		if err != nil {
			return false, err
		}
		ok = !slices.ContainsFunc(page, func(m *ntfyMessage) bool { return out.put(m) != nil })
		if ok = ok && out.flush() == nil; !ok {
			return ok, nil
		}
		select {
		case <-l.end:
			return false, nil
		default:
		}
	}
	return true, nil
}

// page reads the next messages of all topics, and the id from which on there may
// be more.
func (s *subscription) page(tx *store.Tx, after string) (page []*ntfyMessage, next string, more bool, err error) {
	var found []*store.Message
	next = "~" // after every id
	for _, name := range s.topics {
		id, err := conversationOf(tx, name)
		if err != nil {
			return nil, "", false, err
		}
		if id == "" {
			continue
		}
		s.known[id] = name
		var ms []*store.Message
		if s.since.latest {
			if ms, err = latest(tx, id); err != nil {
				return nil, "", false, err
			}
		} else if ms, err = tx.MessagesAfter(id, after, pastBite); err != nil {
			return nil, "", false, err
		}
		if len(ms) == pastBite {
			next, more = min(next, ms[pastBite-1].ID), true
		}
		found = append(found, ms...)
	}
	slices.SortFunc(found, func(a, b *store.Message) int { return strings.Compare(a.ID, b.ID) })
	for _, m := range found {
		if m.ID > next {
			break
		}
		if isSaid(m) && s.wants.match(m) {
			s.remember(m)
			page = append(page, ntfyOf(m, s.known[m.Conversation]))
		}
	}
	return page, next, more, nil
}

// latest is the last that was said in a conversation.
func latest(tx *store.Tx, conversation string) ([]*store.Message, error) {
	ms, _, err := tx.Messages(conversation, "", pastBite)
	for _, m := range slices.Backward(ms) {
		if isSaid(m) {
			return []*store.Message{m}, err
		}
	}
	return nil, err
}

// isSaid reports whether m is something that Hark has said to its end.
func isSaid(m *store.Message) bool { return m.Role == store.Assistant && m.Status == store.Done }

// news is the message that an event tells of, if it is one for this client.
func (s *subscription) news(e *store.Event) (*ntfyMessage, error) {
	if e.Kind != "message" {
		return nil, nil
	}
	topic, err := s.topicOf(e.Conversation)
	if topic == "" || err != nil {
		return nil, err
	}
	m := new(store.Message)
	if err := json.Unmarshal(e.Data(), m); err != nil {
		return nil, err
	}
	if !isSaid(m) || !s.wants.match(m) || !s.isNew(m) {
		return nil, nil
	}
	s.remember(m)
	return ntfyOf(m, topic), nil
}

// topicOf is the topic that a conversation stands for here, or nothing.
func (s *subscription) topicOf(conversation string) (string, error) {
	if topic, ok := s.known[conversation]; ok {
		return topic, nil
	}
	if len(s.known) > manyKnown {
		clear(s.known)
	}
	s.known[conversation] = "" // one that is made a topic later is a new one
	err := s.db.View(func(tx *store.Tx) error {
		for _, name := range s.topics {
			id, err := conversationOf(tx, name)
			if err != nil {
				return err
			}
			if id != "" {
				s.known[id] = name
			}
		}
		return nil
	})
	return s.known[conversation], err
}

// isNew reports whether m says what the client has not heard. A record changes
// also when the owner answers it, which says nothing new.
func (s *subscription) isNew(m *store.Message) bool {
	if before, ok := s.told[m.ID]; ok {
		return before != s.sum(m)
	}
	return m.Answer == nil && !slices.ContainsFunc(m.Actions, func(a store.Action) bool { return a.State != "" })
}

func (s *subscription) remember(m *store.Message) {
	switch _, ok := s.told[m.ID]; {
	case ok:
	case len(s.order) < keptTold:
		s.order = append(s.order, m.ID)
	default:
		delete(s.told, s.order[s.next])
		s.order[s.next] = m.ID
		s.next = (s.next + 1) % keptTold
	}
	s.told[m.ID] = s.sum(m)
}

func (s *subscription) sum(m *store.Message) uint64 {
	return maphash.String(s.seed, m.Title+"\x00"+m.Text+"\x00"+strconv.Itoa(m.Attempt))
}

// ntfyOf is a message as ntfy's clients know it. Where a button calls is not told:
// it may hold a secret.
func ntfyOf(m *store.Message, topic string) *ntfyMessage {
	out := &ntfyMessage{
		ID: m.ID, Time: m.Created.Unix(), Event: "message", Topic: topic,
		Title: m.Title, Message: m.Text, Priority: m.Priority, Tags: m.Tags, Click: m.Click,
	}
	if m.Format == "" {
		out.Kind = "text/markdown"
	}
	for _, a := range m.Actions {
		if a.Kind == actionOpen {
			out.Actions = append(out.Actions, ntfyAction{ID: a.ID, Action: "view", Label: a.Label, URL: a.URL})
		}
	}
	return out
}
