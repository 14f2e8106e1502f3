package scheduler

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hark/store"
)

// source names the reminder in the messages it makes.
const source = "reminder"

// late says whether an occurrence fires later than at its time.
func (f *firing) late(due time.Time) bool { return f.now.Sub(due) >= onTime }

func (f *firing) stateAt(due time.Time) string {
	if f.late(due) {
		return store.Late
	}
	return store.Fired
}

func (f *firing) title(due time.Time) string {
	if f.late(due) {
		return "Reminder, was due " + f.short(due)
	}
	return "Reminder"
}

// short names an instant for people: "Mon 2 Nov 07:00".
func (f *firing) short(at time.Time) string { return englishSpeech().short(at.In(f.plan.zone), f.now) }

// speak says the reminder's text in its thread, or has the assistant answer it
// there, and returns the id of the message or the reply.
func (f *firing) speak(before, title string) (id string, err error) {
	if f.r.Kind == Prompt {
		return f.ask()
	}
	reason := ""
	if title != "Reminder" {
		reason = store.Late
	}
	return f.say(title, before+f.r.Text, f.r.Priority, reason)
}

func (f *firing) say(title, text string, priority int, reason string) (id string, err error) {
	m := &store.Message{
		Conversation: f.conversation(), Role: store.Assistant, Status: store.Done, Reason: reason,
		Title: title, Text: text, Format: "plain", Priority: priority, Zone: f.r.Zone,
		Source: store.Source{Kind: source, ID: f.r.ID},
	}
	_, err = f.tx.Deliver(m)
	return m.ID, err
}

// conversation is where the reminder speaks: the inbox, if its own was deleted.
func (f *firing) conversation() string {
	if f.r.Conversation != "" {
		if _, err := f.tx.Conversation(f.r.Conversation); errors.Is(err, store.ErrNotFound) {
			f.r.Conversation = ""
		}
	}
	return f.r.Conversation
}

// ask makes a turn: the prompt as the owner's message, and the reply that the
// agent is to write.
func (f *firing) ask() (reply string, err error) {
	conversation := f.conversation()
	if conversation == "" {
		inbox, _, err := f.tx.Inbox()
		if err != nil {
			return "", err
		}
		conversation = inbox.ID
	}
	q := &store.Message{
		ID: f.tx.NewID(), Conversation: conversation, Role: store.User, Status: store.Done,
		Text: f.r.Text, Zone: f.r.Zone, Source: store.Source{Kind: source, ID: f.r.ID},
	}
	a := &store.Message{
		ID: f.tx.NewID(), Conversation: conversation, Role: store.Assistant, Status: store.Pending,
		Zone: f.r.Zone, Priority: f.r.Priority, Source: store.Source{Kind: "chat"},
	}
	open, err := f.tx.OpenTurns(conversation)
	if err != nil {
		return "", err
	}
	if len(open) > 0 {
		a.Reason = store.Queued
	}
	f.turn = conversation
	return a.ID, cmp.Or(f.tx.PutMessage(q), f.tx.PutMessage(a))
}

// missed notes that an occurrence was not said.
func (f *firing) missed(due time.Time) error {
	wall := f.plan.sched.Occurrence(due, f.plan.zone)
	if done, err := settled(f.tx, f.r.ID, wall); done || err != nil {
		return err
	}
	o := &store.Occurrence{Due: store.At(due), At: store.At(f.now), State: store.Missed, Wall: wall}
	f.r.Last = o
	return f.tx.PutOccurrence(f.r.ID, o, f.keep())
}

// tellMissed leaves a quiet line in the thread: one, however many were missed.
func (f *firing) tellMissed(last time.Time, n int) (string, error) {
	text := f.r.Text + ": missed, was due " + f.short(last)
	if n > 1 {
		times := strconv.Itoa(n)
		if n >= maxCounted {
			times = fmt.Sprintf("more than %d", maxCounted-1)
		}
		text = f.r.Text + ": missed " + times + " times, last " + f.short(last)
	}
	return f.say("Missed", text, 1, "")
}

// runName names an occurrence that no schedule made, by its wall time to the
// millisecond, so that it is not taken for one that a schedule makes.
func (f *firing) runName(at time.Time) string {
	return at.In(f.plan.zone).Format(wallLayout + ".000")
}

// maxFailures is how many turns in a row may fail before a prompt is paused.
const maxFailures = 3

// settleTurns sees to prompts whose turns have ended since it last looked, and
// says whether there are some that have not.
func (s *Scheduler) settleTurns() (open bool, err error) {
	var ended []store.PromptTurn
	err = s.cfg.DB.View(func(tx *store.Tx) error {
		turns, err := tx.PromptTurns()
		if err != nil {
			return err
		}
		for _, t := range turns {
			m, err := tx.Message(t.Reply)
			if err == nil && m.Status.Open() {
				open = true
			} else {
				ended = append(ended, t)
			}
		}
		return nil
	})
	if err != nil || len(ended) == 0 {
		return open, err
	}
	return open, s.cfg.DB.Update(func(tx *store.Tx) error {
		for _, t := range ended {
			if err := s.settleTurn(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// settleTurn counts a turn that failed, or that the failures in a row are over.
// One that the owner stopped or deleted says nothing about the reminder.
func (s *Scheduler) settleTurn(tx *store.Tx, t store.PromptTurn) error {
	tx.DropPromptTurn(t.Reply)
	r, err := tx.Reminder(t.Reminder)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	m, err := tx.Message(t.Reply)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case m.Status == store.Failed:
		r.Failures++
	case m.Reason == store.Stopped || r.Failures == 0:
		return nil
	default:
		r.Failures = 0
		return tx.PutReminder(r)
	}
	f := &firing{tx: tx, r: r, now: s.cfg.Now().Round(0)}
	if f.plan, err = planOf(r); err != nil {
		return f.broken(err)
	}
	if o, err := tx.Occurrence(r.ID, t.Wall); err != nil {
		return err
	} else if o != nil {
		o.State, o.At = store.Broken, store.At(f.now)
		if r.Last != nil && r.Last.Wall == o.Wall {
			r.Last = o
		}
		if err := tx.PutOccurrence(r.ID, o, f.keep()); err != nil {
			return err
		}
	}
	if r.Failures >= maxFailures && r.State == store.Active {
		if err := f.giveUp(m); err != nil {
			return err
		}
	}
	return tx.PutReminder(r)
}

// giveUp pauses a prompt that keeps failing, and says so.
func (f *firing) giveUp(m *store.Message) error {
	pause(f.r)
	why := ""
	if m.Error != nil {
		why = " The last one said: " + m.Error.Detail
	}
	text := fmt.Sprintf("“%s” is paused, because it failed %d times in a row.%s Resume it under Reminders when the cause is gone.", f.r.Text, f.r.Failures, why)
	_, err := f.say("Reminder paused", text, usual, "")
	return err
}
