package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hark/store"
)

// Errors of [Agent.Retry], for [errors.Is].
var (
	// ErrNotReply: the message is not an answer of the assistant's.
	ErrNotReply = errors.New("message is not a reply")
	// ErrRunning: the reply has not ended yet.
	ErrRunning = errors.New("reply is still being written")
)

// repairBatch bounds one transaction of the start-up repair.
const repairBatch = 64

// Start goes on with the turns that a dead process left open, ends those that
// can't go on, and has the turns run that had not begun. Call it once, before
// anybody can make new turns.
func (a *Agent) Start() error {
	var open []*store.Message
	if err := a.cfg.DB.View(func(tx *store.Tx) (err error) {
		open, err = tx.OpenTurns("")
		return err
	}); err != nil {
		return fmt.Errorf("read open turns: %w", err)
	}
	var cut []string
	waiting := map[string]bool{}
	for _, m := range open {
		switch {
		case m.Status == store.Streaming, m.Reason == store.Resuming:
			cut = append(cut, m.ID)
		case m.Reason == store.WaitApproval:
			if err := a.watchAgain(m.ID); err != nil {
				return err
			}
			continue
		}
		waiting[m.Conversation] = true
	}
	for rest := cut; len(rest) > 0; {
		n := min(len(rest), repairBatch)
		if err := a.cfg.DB.Update(func(tx *store.Tx) error {
			for _, id := range rest[:n] {
				if err := a.revive(tx, id); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("settle interrupted turns: %w", err)
		}
		rest = rest[n:]
	}
	if len(open) > 0 {
		a.cfg.Log.Info("turns left by the last run", "open", len(open), "cut_short", len(cut))
	}
	for conversation := range waiting {
		a.Kick(conversation)
	}
	return nil
}

// watchAgain watches over the approvals of a turn that the last process asked for.
func (a *Agent) watchAgain(id string) error {
	return a.cfg.DB.View(func(tx *store.Tx) error {
		j, err := readJournal(tx, id)
		if err == nil {
			a.watch(id, j.expires())
		}
		return err
	})
}

// Stop ends a reply, waiting or running, and keeps its text. It returns when
// the end is on disk, within a second; stopping what has ended does nothing.
// The error is store.ErrNotFound, ctx's, or the store's.
func (a *Agent) Stop(ctx context.Context, message string) error {
	if err := a.halt(ctx, message); err != nil {
		return err
	}
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if err != nil || !m.Status.Open() {
			return err
		}
		a.failed(m, errStopped)
		return tx.PutMessage(m)
	})
	if err != nil {
		return fmt.Errorf("stop %s: %w", message, err)
	}
	// It may have begun just before it was settled here: then nobody reads it.
	return a.halt(ctx, message)
}

// halt ends the turn that runs for a message, if there is one.
func (a *Agent) halt(ctx context.Context, message string) error {
	a.mu.Lock()
	t := a.running[message]
	a.mu.Unlock()
	if t == nil {
		return nil
	}
	t.cancel(errStopped)
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// StopAll stops every reply of a conversation that is waiting or running, the
// waiting ones first so that none of them begins. Call it before the
// conversation is deleted, so that no model goes on writing for nobody.
func (a *Agent) StopAll(ctx context.Context, conversation string) error {
	var open []*store.Message
	if err := a.cfg.DB.View(func(tx *store.Tx) (err error) {
		open, err = tx.OpenTurns(conversation)
		return err
	}); err != nil {
		return fmt.Errorf("read open turns: %w", err)
	}
	for i := len(open) - 1; i >= 0; i-- {
		if err := a.Stop(ctx, open[i].ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Retry has a reply that has ended written again, from the start: its text is
// emptied and its attempt counted up. What first do is part of the transaction,
// and comes before everything else; their error undoes it all. The error is
// theirs, [ErrNotReply], [ErrRunning], store.ErrNotFound, or the store's.
func (a *Agent) Retry(message string, first ...func(*store.Tx) error) error {
	conversation := ""
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		for _, fn := range first {
			if err := fn(tx); err != nil {
				return err
			}
		}
		m, err := tx.Message(message)
		switch {
		case err != nil:
			return err
		case !isReply(m):
			return ErrNotReply
		case m.Status.Open():
			return ErrRunning
		}
		open, err := tx.OpenTurns(m.Conversation)
		if err != nil {
			return err
		}
		m.Status, m.Reason, m.Text = store.Pending, "", ""
		if slices.ContainsFunc(open, func(o *store.Message) bool { return o.Reason != store.WaitApproval }) {
			m.Reason = store.Queued
		}
		m.Error, m.Steps, m.Reasoning, m.Note = nil, nil, "", ""
		m.ThoughtMs, m.Thinking = 0, nil
		m.Attempt++
		j, err := readJournal(tx, message)
		if err != nil {
			return err
		}
		if j.begun { // the numbers of its steps are not used again
			tx.DropJournal(message, 1)
			if err := tx.PutJournal(message, 0, turnState{Next: j.state.Next, Human: true}); err != nil {
				return err
			}
		}
		conversation = m.Conversation
		return tx.PutMessage(m)
	})
	if err != nil {
		return fmt.Errorf("retry %s: %w", message, err)
	}
	a.goNow(message)
	a.Kick(conversation)
	return nil
}
