package store

import (
	"fmt"
	"strings"
)

// Message returns the message with that id, or ErrNotFound. The text of a
// running reply is that of its last checkpoint.
func (tx *Tx) Message(id string) (*Message, error) {
	m := new(Message)
	return m, tx.load(kindMessage, id, m)
}

// PutMessage writes m. The caller sets ID (from NewID), Conversation, Role and
// Status; PutMessage sets Updated, and where they are zero Created and
// Attempt. The conversation must exist; its preview and unread count follow.
// An open message is found by OpenTurns until it is settled. A message stays in
// its conversation, and takes no change when that is deleted: ErrNotFound.
func (tx *Tx) PutMessage(m *Message) error { return tx.putMessage(m, false) }

func (tx *Tx) putMessage(m *Message, textOnly bool) error {
	before := new(Message)
	old, err := tx.seqOf(kindMessage, m.ID)
	if err != nil {
		return err
	}
	if old != 0 {
		if err := tx.load(kindMessage, m.ID, before); err != nil {
			return err
		}
		if before.Conversation != m.Conversation {
			return fmt.Errorf("store: message %s belongs to another conversation", m.ID)
		}
	} else {
		tx.set(threadPrefix+m.Conversation+"/"+m.ID, nil, 0)
	}
	m.Updated = At(tx.now)
	if m.Created.IsZero() {
		m.Created = m.Updated
	}
	if m.Attempt == 0 {
		m.Attempt = 1
	}
	if open := openPrefix + m.Conversation + "/" + m.ID; m.Status.Open() && m.Role == Assistant {
		if old == 0 || !before.Status.Open() {
			tx.set(open, nil, 0)
		}
	} else if old != 0 && before.Status.Open() {
		tx.del(open)
	}
	tx.indexAsk(m, before)
	mark := markOf(m)
	mark.only = textOnly && old != 0
	if err := tx.put(entry{kind: kindMessage, open: mark.open, id: m.ID, conv: m.Conversation}, m, mark); err != nil {
		return err
	}
	if err := tx.noticed(m, before, old == 0); err != nil {
		return err
	}
	return tx.pushed(m, before, old == 0)
}

// noticed keeps the conversation's preview and unread count. A reply counts as
// unread when it has ended; what the owner writes marks all before it as read
// (a prompt of a reminder or a script does not: nobody was there).
func (tx *Tx) noticed(m, before *Message, created bool) error {
	ended := !m.Status.Open() && (created || before.Status.Open())
	if !created && !ended && (m.Status.Open() || before.Text == m.Text) {
		return tx.exists(m.Conversation)
	}
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	if m.ID >= c.LastMessage && (m.Role == User || !m.Status.Open()) {
		c.LastMessage, c.LastAt, c.Preview = m.ID, m.Created, preview(m)
	}
	switch {
	case m.Role == User && created && m.Source.Kind != "reminder" && m.Source.Kind != "fire" && m.ID > c.ReadUpto:
		c.ReadUpto, c.Unread = m.ID, 0
	case ended && m.isNews() && m.ID > c.ReadUpto:
		c.Unread++
	}
	return tx.PutConversation(c)
}

// exists returns ErrNotFound if there is no conversation with that id. The
// tombstone of one stands for its messages: nothing of them may come after it.
func (tx *Tx) exists(conversation string) error {
	seq, err := tx.seqOf(kindConversation, conversation)
	if err == nil && seq == 0 {
		err = fmt.Errorf("conversation %.40q: %w", conversation, ErrNotFound)
	}
	return err
}

// isNews reports whether m counts as unread until the owner has seen it: what
// the assistant has said to its end, and not what the owner cut short.
func (m *Message) isNews() bool {
	return m.Role == Assistant && !m.Status.Open() && m.Reason != Stopped
}

// Messages returns up to limit messages of a conversation, oldest first: the
// last ones before the message id before, or the newest if that is empty. more
// reports whether there are older ones.
func (tx *Tx) Messages(conversation, before string, limit int) (ms []*Message, more bool, err error) {
	prefix := threadPrefix + conversation + "/"
	tx.keys(prefix, before, true, func(key string) bool {
		id := key[len(prefix):]
		if before != "" && id >= before {
			return true
		}
		if len(ms) == limit {
			more = true
			return false
		}
		var m *Message
		if m, err = tx.Message(id); err != nil {
			return false
		}
		ms = append(ms, m)
		return true
	})
	for i, j := 0, len(ms)-1; i < j; i, j = i+1, j-1 {
		ms[i], ms[j] = ms[j], ms[i]
	}
	return ms, more, err
}

// OpenTurns returns the replies of a conversation (of all, if it is empty)
// that are pending or streaming, oldest first. It costs as much as there are
// open ones, however many messages there are.
func (tx *Tx) OpenTurns(conversation string) (ms []*Message, err error) {
	prefix := openPrefix
	if conversation != "" {
		prefix += conversation + "/"
	}
	tx.keys(prefix, "", false, func(key string) bool {
		var m *Message
		if m, err = tx.Message(key[strings.LastIndexByte(key, '/')+1:]); err == nil {
			ms = append(ms, m)
		}
		return err == nil
	})
	return ms, err
}

// DeleteMessage removes a message and leaves a tombstone. The conversation's
// preview and unread count follow. A Writer of it ends with ErrNotFound.
func (tx *Tx) DeleteMessage(id string) error {
	m, err := tx.Message(id)
	if err != nil {
		return err
	}
	tx.del(threadPrefix + m.Conversation + "/" + id)
	tx.del(openPrefix + m.Conversation + "/" + id)
	tx.DropJournal(id, 0)
	if err := tx.dropDeliveries(id); err != nil {
		return err
	}
	tx.DropHidden(id)
	if at, ok := m.askEnds(); ok {
		tx.del(askKey(at, id))
	}
	if err := tx.bury(kindMessage, id, m.Conversation); err != nil {
		return err
	}
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return fmt.Errorf("delete message: %w", err)
	}
	if m.isNews() && m.ID > c.ReadUpto && c.Unread > 0 {
		c.Unread--
	}
	if c.LastMessage == id {
		last, _, err := tx.Messages(c.ID, "", 1)
		if err != nil {
			return err
		}
		c.LastMessage, c.Preview = "", ""
		if len(last) > 0 {
			c.LastMessage, c.LastAt, c.Preview = last[0].ID, last[0].Created, preview(last[0])
		}
	}
	return tx.PutConversation(c)
}

// CountMessages counts the messages of a conversation up to and with id.
func (tx *Tx) CountMessages(conversation, id string) (n int) {
	prefix := threadPrefix + conversation + "/"
	tx.keys(prefix, "", false, func(key string) bool {
		if key[len(prefix):] <= id {
			n++
			return true
		}
		return false
	})
	return n
}
