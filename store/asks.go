package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

const (
	askPrefix    = "a/" // a/<unix ms:8>/<msg> → nothing: when questions' times are up
	hiddenPrefix = "g/" // g/<msg>             → what no reader of the message may see
)

func askKey(at time.Time, message string) string {
	return askPrefix + string(binary.BigEndian.AppendUint64(nil, uint64(max(at.UnixMilli(), 0)))) + "/" + message
}

// askEnds is when the time of m's question is up; ok is false where it has none,
// or it is no longer open.
func (m *Message) askEnds() (at time.Time, ok bool) {
	if m.Ask == nil || m.Ask.State != AskOpen || m.Ask.Expires == nil {
		return at, false
	}
	return m.Ask.Expires.Time, true
}

// indexAsk keeps the index of questions over a change of a message.
func (tx *Tx) indexAsk(m, before *Message) {
	was, had := before.askEnds()
	is, has := m.askEnds()
	if had && (!has || !was.Equal(is)) {
		tx.del(askKey(was, m.ID))
	}
	if has && (!had || !was.Equal(is)) {
		tx.set(askKey(is, m.ID), nil, 0)
	}
}

// AsksDue returns the ids of up to limit messages whose question's time is up at
// now, earliest first. If there are fewer, next is when the first of the others
// ends, and ok is false if there is none. A message among them may be gone.
func (tx *Tx) AsksDue(now time.Time, limit int) (ids []string, next time.Time, ok bool) {
	tx.keys(askPrefix, "", false, func(key string) bool {
		at := time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(key[len(askPrefix):]))))
		if at.After(now) {
			next, ok = at, true
			return false
		}
		ids = append(ids, key[len(askPrefix)+9:])
		return len(ids) < limit
	})
	return ids, next, ok
}

// DropAsk forgets that a question's time would be up, if its message is gone.
func (tx *Tx) DropAsk(message string) {
	var key string
	tx.keys(askPrefix, "", false, func(k string) bool {
		if k[len(askPrefix)+9:] == message {
			key = k
		}
		return key == ""
	})
	if key != "" {
		tx.del(key)
	}
}

// PutHidden keeps v beside a message (or a reminder that is to become one), as
// JSON, in no feed and no answer. It goes with the message.
func (tx *Tx) PutHidden(message string, v any) error {
	b, err := marshal(v)
	if err != nil {
		return fmt.Errorf("encode hidden part: %w", err)
	}
	if len(b) > maxEntry {
		return fmt.Errorf("hidden part of %d bytes: %w", len(b), ErrTooBig)
	}
	tx.set(hiddenPrefix+message, b, 0)
	return nil
}

// Hidden reads what is kept beside a message into v and reports whether there
// is anything.
func (tx *Tx) Hidden(message string, v any) (bool, error) {
	b, err := tx.get(hiddenPrefix + message)
	if err != nil || b == nil {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("hidden part of %s: %w: %w", message, ErrCorrupt, err)
	}
	return true, nil
}

// DropHidden forgets what is kept beside a message.
func (tx *Tx) DropHidden(message string) { tx.del(hiddenPrefix + message) }

// DeliverTurn delivers what the assistant is to answer as [Tx.Deliver] does, as
// a user's message, with the pending reply to it. Call the agent after the
// transaction.
func (tx *Tx) DeliverTurn(q *Message) (reply *Message, created bool, err error) {
	q.Role, q.Status = User, Done
	if created, err = tx.Deliver(q); err != nil {
		return nil, false, err
	}
	open, err := tx.OpenTurns(q.Conversation)
	if err != nil {
		return nil, false, err
	}
	reply = &Message{
		ID: tx.NewID(), Conversation: q.Conversation, Role: Assistant, Status: Pending,
		Zone: q.Zone, Priority: q.Priority, Silent: q.Silent, ReplyTo: q.ID,
		Source: Source{Kind: "chat", Name: q.Source.Name, ID: q.Source.ID}, // whose words it may repeat
	}
	if len(open) > 0 {
		reply.Reason = Queued
	}
	return reply, created, tx.PutMessage(reply)
}

// NewIDAt returns a new id for what is to come at a later time: among the ids of
// messages it stands where one made then would stand. Only inside Update.
func (tx *Tx) NewIDAt(at time.Time) string {
	var later idSource
	return later.next(at)
}

// Renew makes the owner look again at a message that says something new, or that
// came later than its id tells.
func (tx *Tx) Renew(m *Message) error {
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	if m.ID <= c.ReadUpto && c.Unread == 0 {
		c.Unread = 1
	}
	c.LastAt = At(tx.now)
	return tx.PutConversation(c)
}
