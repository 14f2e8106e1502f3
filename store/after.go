package store

import "time"

// MessagesAfter returns up to limit messages of a conversation that come after
// the message id after (from the first, if that is empty), oldest first.
func (tx *Tx) MessagesAfter(conversation, after string, limit int) (ms []*Message, err error) {
	prefix := threadPrefix + conversation + "/"
	tx.keys(prefix, after, false, func(key string) bool {
		id := key[len(prefix):]
		if id == after {
			return true
		}
		var m *Message
		if m, err = tx.Message(id); err == nil {
			ms = append(ms, m)
		}
		return err == nil && len(ms) < limit
	})
	return ms, err
}

// FirstID sorts before the ids of all messages made at t or later, as far as the
// clock was not set back.
func FirstID(t time.Time) string { return encodeULID(uint64(max(t.UnixMilli(), 0)), 0, 0) }
