package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Import writes messages that were said elsewhere, or here before, under their
// own ids: nobody is notified, nothing counts as unread, and a message whose id
// is known is left as it is. Their conversations must exist. It returns how many
// were new.
func (tx *Tx) Import(ms []*Message) (n int, err error) {
	newest := map[string]*Message{}
	for _, m := range ms {
		if !ValidID(m.ID) || m.Status.Open() || m.Created.IsZero() {
			return n, fmt.Errorf("store: message %.40q is not one to import", m.ID)
		}
		seq, err := tx.seqOf(kindMessage, m.ID)
		if err != nil {
			return n, err
		}
		if seq != 0 {
			continue
		}
		if m.Updated.IsZero() {
			m.Updated = m.Created
		}
		m.Attempt = max(m.Attempt, 1)
		tx.set(threadPrefix+m.Conversation+"/"+m.ID, nil, 0)
		if err := tx.put(entry{kind: kindMessage, id: m.ID, conv: m.Conversation}, m, markOf(m)); err != nil {
			return n, err
		}
		if last := newest[m.Conversation]; last == nil || m.ID > last.ID {
			newest[m.Conversation] = m
		}
		n++
	}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		if err := tx.imported(newest[id]); err != nil {
			return n, err
		}
	}
	return n, nil
}

// imported keeps the preview of a conversation into which messages up to m came.
func (tx *Tx) imported(m *Message) error {
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	if m.ID < c.LastMessage {
		return nil
	}
	c.LastMessage, c.LastAt, c.Preview = m.ID, m.Created, preview(m)
	if c.Unread == 0 {
		c.ReadUpto = max(c.ReadUpto, m.ID)
	}
	return tx.PutConversation(c)
}

// Known reports whether there is a record with that id, of any kind that the feed
// has.
func (tx *Tx) Known(id string) (bool, error) {
	for _, k := range []kind{kindMessage, kindConversation, kindReminder, kindDevice} {
		seq, err := tx.seqOf(k, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return false, err
		}
		if seq != 0 {
			return true, nil
		}
	}
	return false, nil
}
