package store

import (
	"fmt"
	"strings"
)

// inboxKey holds the id of the conversation that fires go to by default.
const inboxKey = valuePrefix + "inbox"

// Conversation returns the conversation with that id, or ErrNotFound.
func (tx *Tx) Conversation(id string) (*Conversation, error) {
	known, ok := tx.convs[id]
	if !ok && tx.batch != nil {
		known, ok = tx.batch.convs[id]
	}
	c := new(Conversation)
	if !ok || known == nil {
		return c, tx.load(kindConversation, id, c)
	}
	*c = *known
	return c, nil
}

// PutConversation writes c and sets Updated, and Created and LastAt if zero. One
// that was deleted can come back when its messages are gone.
func (tx *Tx) PutConversation(c *Conversation) error {
	if err := tx.notBeingPurged(c.ID); err != nil {
		return err
	}
	c.Updated = At(tx.now)
	if c.Created.IsZero() {
		c.Created = c.Updated
	}
	if c.LastAt.IsZero() {
		c.LastAt = c.Created
	}
	if err := tx.put(entry{kind: kindConversation, id: c.ID, conv: c.ID}, c, textMark{}); err != nil {
		return err
	}
	keep := *c
	tx.knows(c.ID, &keep)
	return nil
}

// notBeingPurged refuses to make a conversation anew whose messages are still
// being removed: new ones would go with them.
func (tx *Tx) notBeingPurged(id string) error {
	if _, fresh := tx.minted[id]; fresh {
		return nil
	}
	if seq, err := tx.seqOf(kindConversation, id); err != nil || seq != 0 {
		return err
	}
	mark, err := tx.get(purgePrefix + id)
	if err == nil && mark != nil {
		err = fmt.Errorf("conversation %.40q is being deleted: %w", id, ErrNotFound)
	}
	return err
}

// knows keeps a conversation decoded for the rest of the group: fires that
// come together mostly go to the same one. nil forgets it.
func (tx *Tx) knows(id string, c *Conversation) {
	if tx.convs == nil {
		tx.convs = map[string]*Conversation{}
	}
	tx.convs[id] = c
}

// Conversations returns all conversations, in the order they were made.
func (tx *Tx) Conversations() ([]*Conversation, error) {
	return all[Conversation](tx, kindConversation)
}

// all loads every record of a kind, in the order of ids.
func all[T any](tx *Tx, k kind) (out []*T, err error) {
	tx.keys(recordKey(k, ""), "", false, func(key string) bool {
		v := new(T)
		if err = tx.load(k, key[2:], v); err == nil {
			out = append(out, v)
		}
		return err == nil
	})
	return out, err
}

// Inbox returns the conversation that fires and reminders go to by default,
// and makes it if there is none: once, however many ask at the same time.
func (tx *Tx) Inbox() (c *Conversation, created bool, err error) {
	id, err := tx.InboxID()
	if err != nil {
		return nil, false, err
	}
	if id != "" {
		c, err = tx.Conversation(id)
		return c, false, err
	}
	c = &Conversation{ID: tx.NewID(), Title: "Inbox", Inbox: true}
	tx.set(inboxKey, []byte(c.ID), 0)
	return c, true, tx.PutConversation(c)
}

// InboxID returns the id of the inbox, or nothing if there is none yet.
func (tx *Tx) InboxID() (string, error) {
	id, err := tx.get(inboxKey)
	return string(id), err
}

// Deliver puts a message that nobody asked for into its conversation, or into
// the inbox if m.Conversation is empty, and gives it an id if it has none.
// This is how fires and reminders speak.
func (tx *Tx) Deliver(m *Message) (created bool, err error) {
	if m.Conversation == "" {
		if m.Conversation, err = tx.InboxID(); err != nil {
			return false, err
		}
	}
	if m.Conversation == "" {
		var c *Conversation
		if c, created, err = tx.Inbox(); err != nil {
			return false, err
		}
		m.Conversation = c.ID
	}
	if m.ID == "" {
		m.ID = tx.NewID()
	}
	return created, tx.PutMessage(m)
}

// MarkRead sets the newest message that the owner has read, and counts anew
// what is unread. It never goes back; marking again changes nothing.
func (tx *Tx) MarkRead(conversation, upto string) error {
	c, err := tx.Conversation(conversation)
	if err != nil || (upto <= c.ReadUpto && c.Unread == 0) {
		return err
	}
	before := *c
	upto = max(upto, c.ReadUpto) // an older message may have become unread again
	c.ReadUpto, c.Unread = upto, 0
	prefix := threadPrefix + conversation + "/"
	tx.keys(prefix, upto, false, func(key string) bool {
		id := key[len(prefix):]
		if id <= upto {
			return true
		}
		var m *Message
		if m, err = tx.Message(id); err == nil && m.isNews() {
			c.Unread++
		}
		return err == nil
	})
	if err != nil || *c == before {
		return err
	}
	return tx.PutConversation(c)
}

// purgeBite is how many messages of a deleted conversation one transaction
// removes, so that others are not kept waiting.
const purgeBite = 500

// DeleteConversation removes a conversation with all its messages. The
// conversation is gone, and its tombstone in the feed, when this returns; the
// space of its messages is freed after that, if need be at the next Open. The
// tombstone stands for the messages too. A deleted inbox is made anew when it
// is needed.
func (db *DB) DeleteConversation(id string) error {
	if err := db.markDeleted(id); err != nil {
		return err
	}
	return db.purge(id)
}

// markDeleted removes a conversation, and notes that its messages are to go.
func (db *DB) markDeleted(id string) error {
	return db.Update(func(tx *Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		if c.Inbox {
			tx.del(inboxKey)
		}
		tx.set(purgePrefix+id, nil, 0)
		tx.knows(id, nil)
		return tx.bury(kindConversation, id, id)
	})
}

func (db *DB) purge(conversation string) error {
	for more := true; more; {
		err := db.Update(func(tx *Tx) error {
			var err error
			more, err = tx.purgeBite(conversation)
			return err
		})
		if err != nil {
			return fmt.Errorf("purge conversation: %w", err)
		}
	}
	return nil
}

func (tx *Tx) purgeBite(conversation string) (more bool, err error) {
	var keys []string
	tx.keys(threadPrefix+conversation+"/", "", false, func(key string) bool {
		keys = append(keys, key)
		return len(keys) < purgeBite
	})
	for _, key := range keys {
		if tx.bytes > maxTx/2 { // messages with many steps or pushes
			return true, nil
		}
		id := key[strings.LastIndexByte(key, '/')+1:]
		seq, err := tx.seqOf(kindMessage, id)
		if err != nil {
			return false, err
		}
		tx.del(string(feedKey(seq)))
		tx.del(recordKey(kindMessage, id))
		tx.del(openPrefix + conversation + "/" + id)
		tx.DropJournal(id, 0)
		if err := tx.dropDeliveries(id); err != nil {
			return false, err
		}
		tx.DropHidden(id)
		tx.del(key)
	}
	if len(keys) < purgeBite {
		tx.del(purgePrefix + conversation)
		return false, nil
	}
	return true, nil
}

// finishPurges goes on with deletions that a dead process left half done.
func (db *DB) finishPurges() error {
	var ids []string
	err := db.View(func(tx *Tx) error {
		tx.keys(purgePrefix, "", false, func(key string) bool {
			ids = append(ids, key[len(purgePrefix):])
			return true
		})
		return nil
	})
	for _, id := range ids {
		if err == nil {
			err = db.purge(id)
		}
	}
	return err
}
