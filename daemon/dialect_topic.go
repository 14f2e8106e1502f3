package daemon

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"hark/store"
)

const (
	inboxTopic = "inbox"
	// maxTopics is how many conversations one token may make by naming topics: a
	// script that writes a date into its topic must not bury the owner.
	maxTopics = 200
	topicRow  = "topic/"  // topic/<name> → the id of its conversation
	topicsRow = "topics/" // topics/<token> → the names of those it has made
)

// topicForm is what names a topic (ntfy's own rule).
var topicForm = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

// topic is the conversation of a topic.
type topic struct {
	id      string // empty: the inbox
	created bool
	warning string
}

// topicConversation finds the conversation that a topic stands for, or makes it.
// All tokens share the topics. Renaming the conversation does not change what its
// topic is; when it was deleted, a new one is made.
func topicConversation(tx *store.Tx, name string, who caller) (topic, error) {
	id, err := conversationOf(tx, name)
	if err != nil || id != "" || name == inboxTopic {
		return topic{id: id}, err
	}
	var made []string
	if _, err := tx.Value(topicsRow+who.id, &made); err != nil {
		return topic{}, err
	}
	if len(made) >= maxTopics {
		if made, err = standing(tx, made); err != nil {
			return topic{}, err
		}
	}
	if len(made) >= maxTopics {
		return topic{warning: fmt.Sprintf("this token has made %d topics, the most it may: delivered to the inbox", maxTopics)}, nil
	}
	c := &store.Conversation{ID: tx.NewID(), Title: name}
	if err := tx.PutConversation(c); err != nil {
		return topic{}, err
	}
	if !slices.Contains(made, name) {
		made = append(made, name)
	}
	return topic{id: c.ID, created: true}, errors.Join(tx.SetValue(topicRow+name, c.ID), tx.SetValue(topicsRow+who.id, made))
}

// standing leaves out the topics whose conversation was deleted.
func standing(tx *store.Tx, names []string) (left []string, err error) {
	for _, name := range names {
		id, err := conversationOf(tx, name)
		if err != nil {
			return nil, err
		}
		if id != "" {
			left = append(left, name)
		}
	}
	return left, nil
}

// conversationOf is the conversation that a topic stands for, or nothing if
// there is none yet.
func conversationOf(tx *store.Tx, name string) (id string, err error) {
	if name == inboxTopic {
		return tx.InboxID()
	}
	if found, err := tx.Value(topicRow+name, &id); err != nil || !found {
		return "", err
	}
	if _, err := tx.Conversation(id); errors.Is(err, store.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return id, nil
}
