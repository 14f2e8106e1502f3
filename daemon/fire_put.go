package daemon

import (
	"errors"
	"time"

	"hark/scheduler"
	"hark/store"
)

// put writes what a fire asks: a message now, or later, or one that the
// assistant is to answer, or a message that was there before said anew. due is
// zero for now.
func (out *firing) put(tx *store.Tx, in *fireInput, who caller, due time.Time, zone string) error {
	m, err := replaced(tx, in, who)
	if err != nil {
		return err
	}
	if in.Run || !due.IsZero() {
		m = nil // what was delivered stays as it is
	}
	again := m != nil
	if in, err = in.bound(tx, out, who, again); err != nil {
		return err
	}
	if in.Run {
		out.plain(in)
	}
	if !again {
		m = &store.Message{Role: store.Assistant, Conversation: in.Conversation}
		if in.Conversation != "" {
			if _, err := tx.Conversation(in.Conversation); errors.Is(err, store.ErrNotFound) {
				m.Conversation = ""
				out.Warnings = append(out.Warnings, "there is no such conversation: delivered to the inbox")
			}
		}
	}
	calls := out.fill(m, in, who, tx.Now())
	if in.Run {
		m.Role, m.Zone = store.User, zone
	}
	switch {
	case !due.IsZero():
		err = out.schedule(tx, m, due, zone)
	case in.Run:
		err = out.run(tx, m)
	default:
		err = out.say(tx, m, again)
	}
	if err != nil {
		return err
	}
	out.Message, out.Conversation = m.ID, m.Conversation
	if err := putCalls(tx, m.ID, calls, again); err != nil {
		return err
	}
	if in.Replace == "" {
		return nil
	}
	return errors.Join(tx.Replaceable(m.ID), tx.SetReplaces(who.id, in.Replace, m.ID, due))
}

// plain takes from a run what only a message can have.
func (out *firing) plain(in *fireInput) {
	if in.Ask != nil || len(in.Actions) > 0 || in.Replace != "" {
		out.Warnings = append(out.Warnings, "with run, the assistant speaks: ask, actions and replace were left out")
	}
	in.Ask, in.Actions, in.Replace = nil, nil, ""
}

// fill gives a message the content of a fire, and returns the calls of its
// buttons, which no reader may see.
func (out *firing) fill(m *store.Message, in *fireInput, who caller, now time.Time) (calls map[string]fireAction) {
	m.Status, m.Reason, m.Text, m.Title, m.Format = store.Done, "", in.Text, in.Title, "plain"
	if in.Markdown {
		m.Format = ""
	}
	m.Priority, m.Tags, m.Click, m.Silent = in.Priority, in.Tags, in.Click, in.Silent
	m.Source = store.Source{Kind: "fire", Name: who.name, ID: who.id}
	if who.token != nil {
		m.Source.Icon = who.token.Icon
	}
	m.Ask, m.Answer, m.Actions = nil, nil, nil
	if a := in.Ask; a != nil {
		m.Ask = &store.Ask{Choices: a.Choices, Text: a.Text, Default: a.Default, State: store.AskOpen}
		if a.Timeout > 0 {
			until := store.At(now.Add(a.Timeout))
			m.Ask.Expires, out.timed = &until, true
		}
	}
	m.Actions, calls = out.buttons(in.Actions, who)
	return calls
}

// say delivers a message, or says one anew.
func (out *firing) say(tx *store.Tx, m *store.Message, again bool) error {
	made, err := tx.Deliver(m)
	out.Created = out.Created || made
	if err != nil || !again {
		return err
	}
	if _, err := tx.QueuePush(m, store.PushNews); err != nil {
		return err
	}
	return tx.Renew(m)
}

// run has the assistant answer a message.
func (out *firing) run(tx *store.Tx, m *store.Message) error {
	reply, made, err := tx.DeliverTurn(m)
	if err != nil {
		return err
	}
	out.Created, out.Reply = out.Created || made, reply.ID
	return nil
}

// schedule keeps a message for later.
func (out *firing) schedule(tx *store.Tx, m *store.Message, due time.Time, zone string) error {
	if m.Conversation == "" {
		inbox, made, err := tx.Inbox()
		if err != nil {
			return err
		}
		m.Conversation, out.Created = inbox.ID, out.Created || made
	}
	r, err := scheduler.NewFire(tx, m, due, zone)
	if err != nil {
		return err
	}
	out.Scheduled, out.timed = r.Next, true
	return nil
}

// replaced returns the message to update in place, or nil. One that was still to
// come is taken back: the new one says what is true now.
func replaced(tx *store.Tx, in *fireInput, who caller) (*store.Message, error) {
	if in.Replace == "" {
		return nil, nil
	}
	id, err := tx.Replaces(who.id, in.Replace)
	if err != nil || id == "" {
		return nil, err
	}
	if _, err := tx.Reminder(id); err == nil {
		return nil, tx.DeleteReminder(id)
	}
	m, err := tx.Message(id)
	if err == nil {
		_, err = tx.Conversation(m.Conversation)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // deleted: the next one is new
	}
	return m, err
}
