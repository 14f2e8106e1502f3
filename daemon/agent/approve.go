package agent

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"hark/store"
)

// Decision is what the owner says about a step that waits for it.
type Decision string

// The decisions. The first three are about a step that has not run, the others
// about one of which nobody knows whether it took effect.
const (
	AllowOnce   Decision = "once"
	AllowAlways Decision = "always"
	Deny        Decision = "deny"
	Again       Decision = "retry"
	Skip        Decision = "skip"
	WasRun      Decision = "done"
)

// Errors of [Agent.Approve] and [Agent.Resume], for [errors.Is].
var (
	// ErrNotAsked: the step waits for no decision: it was decided about, it
	// ended, or it never was.
	ErrNotAsked = errors.New("no decision is asked about this step")
	// ErrDecision: the decision is none of those that this step takes.
	ErrDecision = errors.New("not a decision about this step")
	// ErrNotResumable: the reply has nothing to go on from.
	ErrNotResumable = errors.New("reply can't go on")
)

// Approve decides about a step, and lets the turn go on when it was the last
// one that waited. The error is [ErrNotAsked], [ErrDecision], store.ErrNotFound,
// or the store's.
func (a *Agent) Approve(message string, step int, d Decision) error {
	var m *store.Message
	err := a.cfg.DB.Update(func(tx *store.Tx) (err error) {
		if m, err = tx.Message(message); err != nil {
			return err
		}
		j, err := readJournal(tx, message)
		if err != nil {
			return err
		}
		l := j.line(step)
		if m.Status != store.Pending || m.Reason != store.WaitApproval || l == nil || !l.asks() {
			return ErrNotAsked
		}
		if err := decide(l, d); err != nil {
			return err
		}
		if d == AllowAlways {
			if err := allow(tx, l.Step.Tool); err != nil {
				return err
			}
		}
		if !slices.ContainsFunc(j.lines, (*line).asks) {
			m.Reason = ""
			j.state.Active, j.state.Resumes = store.At(tx.Now()), 0
		}
		if err := j.save(tx, m, l); err != nil {
			return err
		}
		return tx.PutMessage(m)
	})
	if err != nil {
		return fmt.Errorf("decide about step %d of %s: %w", step, message, err)
	}
	if m.Reason == "" {
		a.Kick(m.Conversation)
	}
	return nil
}

// decide puts the owner's word into a step.
func decide(l *line, d Decision) error {
	unknown := l.Step.Status == store.StepUnknown
	switch {
	case !unknown && (d == AllowOnce || d == AllowAlways), unknown && d == Again:
		l.Step.Status, l.Step.Approval, l.Step.Started, l.Step.Result = store.StepWaiting, nil, nil, ""
		l.Allowed = true
	case !unknown && d == Deny:
		l.Step.Denied = true
		l.finish(Output{Text: "The owner did not allow this. It was not run.", IsError: true})
	case unknown && d == Skip:
		l.finish(Output{Text: "The call was cut short, and it is not known whether it took effect. The owner chose not to repeat it.", IsError: true})
	case unknown && d == WasRun:
		l.finish(Output{Text: "The call was cut short before its result was known. The owner says that it took effect."})
	default:
		return ErrDecision
	}
	return nil
}

// allow remembers that a tool need not ask any more.
func allow(tx *store.Tx, tool string) error {
	s, err := tx.Settings()
	if err != nil || slices.Contains(s.Allowed, tool) {
		return err
	}
	s.Allowed = append(s.Allowed, tool)
	return tx.PutSettings(s)
}

// allowed are the tools that need not ask.
func (a *Agent) allowed() (names []string, err error) {
	err = a.cfg.DB.View(func(tx *store.Tx) error {
		s, err := tx.Settings()
		names = s.Allowed
		return err
	})
	return names, err
}

// Resume has a reply that ended in error go on from its last finished step. The
// error is [ErrNotResumable], store.ErrNotFound, or the store's.
func (a *Agent) Resume(message string) error {
	conversation := ""
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if err != nil {
			return err
		}
		j, err := readJournal(tx, message)
		if err != nil {
			return err
		}
		if m.Status != store.Failed || m.Error == nil || !m.Error.Resumable || len(j.lines) == 0 {
			return ErrNotResumable
		}
		j.state.Active, j.state.Resumes, j.state.Human = store.At(tx.Now()), 0, true
		j.restart(m)
		for _, l := range j.todo() {
			l.Step.Approval = nil
		}
		if err := j.save(tx, m, j.todo()...); err != nil {
			return err
		}
		conversation = m.Conversation
		return tx.PutMessage(m)
	})
	if err != nil {
		return fmt.Errorf("resume %s: %w", message, err)
	}
	a.goNow(message)
	a.Kick(conversation)
	return nil
}

// expires is when the first open approval of a turn ends.
func (j *journal) expires() (at time.Time) {
	for _, l := range j.lines {
		if l.asks() && (at.IsZero() || l.Step.Approval.Expires.Before(at)) {
			at = l.Step.Approval.Expires.Time
		}
	}
	return at
}

// watch ends a turn whose approval nobody has given by then.
func (a *Agent) watch(message string, expires time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.ctx.Err() != nil || expires.IsZero() {
		return
	}
	if old := a.timers[message]; old != nil {
		old.Stop()
	}
	a.timers[message] = time.AfterFunc(time.Until(expires), func() {
		a.mu.Lock()
		delete(a.timers, message)
		closed := a.closed || a.ctx.Err() != nil
		a.mu.Unlock()
		if closed {
			return
		}
		if err := a.expire(message); err != nil {
			a.log(message).Error("approval can't be ended", "err", err)
		}
	})
}

// expire ends a turn whose approval is over, visibly; the owner can have it
// asked again.
func (a *Agent) expire(message string) error {
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		m, err := tx.Message(message)
		if err != nil {
			return err
		}
		j, err := readJournal(tx, message)
		if err != nil {
			return err
		}
		at := j.expires()
		if m.Status != store.Pending || m.Reason != store.WaitApproval || at.IsZero() || tx.Now().Before(at) {
			return store.ErrSettled
		}
		a.failed(m, &Error{
			Code: CodeExpired, Retryable: true,
			Detail: "Nobody allowed this within 24 hours, so it was not done. Resume asks again.",
		})
		return tx.PutMessage(m)
	})
	if isSettled(err) {
		return nil
	}
	return err
}

// WholeStep returns a step with all of its arguments and result, of which the
// message may carry only the beginning, or store.ErrNotFound.
func WholeStep(tx *store.Tx, message string, step int) (store.Step, error) {
	m, err := tx.Message(message)
	if err != nil {
		return store.Step{}, err
	}
	j, err := readJournal(tx, message)
	if err != nil {
		return store.Step{}, err
	}
	for _, s := range m.Steps {
		if s.N != step {
			continue
		}
		if l := j.line(step); l != nil {
			s.Args = l.Args
			if s.Size > 0 {
				s.Result, s.Size = l.Result, 0
			}
		}
		return s, nil
	}
	return store.Step{}, fmt.Errorf("step %d of %.40q: %w", step, message, store.ErrNotFound)
}
