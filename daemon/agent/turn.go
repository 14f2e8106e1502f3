package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/store"
)

const (
	// stopGrace is how long a provider may take to notice that it is no longer
	// wanted. Then its turn ends without it.
	stopGrace = 700 * time.Millisecond
	// A full disk may have room again: the end of a reply is worth some tries.
	closeTries = 30
	closePause = 2 * time.Second
)

// answer runs the turn of message id, or goes on with it.
func (a *Agent) answer(ctx context.Context, id string) error {
	q, j, err := a.question(id)
	if err != nil {
		return err
	}
	model := a.cfg.Model(q.choice)
	if len(j.lines) == 0 {
		switch r, ok := a.builtin(q, model.IsZero()); {
		case q.user.Source.Kind == sourceReminder && model.IsZero():
			return &Error{Code: CodeNoModel, Detail: "This reminder asks the assistant, and no model is connected. " + (&builtin{a: a, q: q, say: english()}).connect()}
		case q.user.Source.Kind == sourceFire && model.IsZero():
			return &Error{Code: CodeNoModel, Detail: "A program wants the assistant to look at this, and no model is connected. " + (&builtin{a: a, q: q, say: english()}).connect()}
		case ok:
			return a.reply(id, r)
		}
	} else if model.IsZero() {
		return &Error{
			Code: CodeNotFound, Retryable: true,
			Detail: "The model that was answering is not there any more. Connect one, then resume.",
		}
	}
	p, name, err := a.provider(ctx, model)
	if err != nil {
		return err
	}
	var before store.Message
	w, err := a.cfg.DB.Stream(id, func(tx *store.Tx, m *store.Message) error {
		before = *m
		if j.state.Active.IsZero() {
			j.state.Active = store.At(tx.Now())
		}
		j.state.Tainted = j.state.Tainted || q.outside()
		m.Outside = m.Outside || j.state.Tainted
		return j.save(tx, m)
	})
	if err != nil {
		return err
	}
	defer w.Abandon() // nothing left to do unless something below panics
	a.reached("begun")
	r := &run{a: a, q: q, j: j, w: w, p: p, model: name}
	r.reasoning, r.thoughtMs = before.Reasoning, before.ThoughtMs
	return r.loop(ctx)
}

// stream has the next answer streamed into the message. It returns soon after
// ctx ends, whatever the provider does.
func (r *run) stream(ctx context.Context) (*answer, error) {
	type outcome struct {
		ans answer
		err error
	}
	done := make(chan *outcome, 1)
	base, req, think := len(r.w.Text()), r.request(), &thinking{r: r}
	go func() {
		o := new(outcome)
		o.err = r.a.safely(r.q.id, func() (err error) {
			o.ans.Result, err = r.p.Stream(ctx, req, func(d Delta) error {
				if err := think.hear(d); err != nil {
					return err
				}
				return write(r.w, d.Text, base)
			})
			return err
		})
		think.end()
		o.ans.thinking = think
		done <- o
	}()
	select {
	case o := <-done:
		return &o.ans, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return &o.ans, o.err
	case <-time.After(stopGrace):
		return new(answer), context.Cause(ctx)
	}
}

// write adds to a reply, of which base bytes were there before this answer.
// Many models begin with white space: it is left out. What is said after a tool
// was used is a paragraph of its own.
func write(w *store.Writer, text string, base int) error {
	if len(w.Text()) == base {
		if text = strings.TrimLeft(text, " \t\r\n"); text != "" && base > 0 {
			text = "\n\n" + text
		}
	}
	if text == "" {
		return nil
	}
	_, err := w.WriteString(text)
	return err
}

// close writes how reply id ended.
func (a *Agent) close(ctx context.Context, id string, w *store.Writer, end func(*store.Tx, *store.Message) error) error {
	for try := 1; ; try++ {
		err := w.Close(end)
		if err == nil || isSettled(err) || errors.Is(err, store.ErrClosed) || try == closeTries {
			return err
		}
		a.log(id).Error("end of a reply can't be written", "try", try, "err", err)
		select {
		case <-a.ctx.Done():
			return err
		case <-ctx.Done(): // the owner has stopped it: no more waiting
			return err
		case <-time.After(closePause):
		}
	}
}

// end says how a reply ended, given what its provider returned.
func (a *Agent) end(m *store.Message, res Result, err error) {
	blank := strings.TrimSpace(m.Text) == ""
	switch {
	case err != nil:
		a.failed(m, err)
	case res.Finish == FinishLength:
		a.failed(m, &Error{
			Code: CodeLength, Retryable: true,
			Detail: "The answer reached the model's length limit and stops here. Write “go on” for the rest.",
		})
	case res.Finish == FinishFiltered:
		a.failed(m, &Error{
			Code:   CodeFiltered,
			Detail: "The model's provider withheld the rest of this answer. Put the question another way.",
		})
	case blank:
		a.failed(m, &Error{
			Code: CodeEmpty, Retryable: true,
			Detail: "The model ended without an answer. Ask again, or choose another model.",
		})
	default:
		m.Status, m.Error = store.Done, nil
	}
}

// failed ends m, with the text that it has, in the way that err calls for.
func (a *Agent) failed(m *store.Message, err error) {
	var e *Error
	m.Status, m.Reason = store.Failed, ""
	closeSteps(m)
	thoughtOver(m, time.Now(), errors.Is(err, errCutShort))
	switch {
	case errors.Is(err, errStopped):
		m.Status, m.Reason, m.Error = store.Done, store.Stopped, nil
		return
	case errors.As(err, &e):
	case errors.Is(err, errDeadline):
		e = &Error{
			Code: CodeDeadline, Retryable: true,
			Detail: fmt.Sprintf("This answer took longer than %s, so Hark ended it. Ask again, or choose a faster model.", plainly(a.cfg.Deadline)),
		}
	case errors.Is(err, errCutShort), a.ending(err):
		m.Reason, e = store.Interrupted, errInterrupted()
	case errors.Is(err, store.ErrTooBig):
		e = errTooBig()
	default:
		a.log(m.ID).Error("turn failed", "err", err)
		e = &Error{
			Code: CodeInternal, Retryable: true,
			Detail: "Something went wrong inside Hark. Ask again; the log says more.",
		}
	}
	m.Error = &store.Failure{Code: e.Code, Detail: e.Detail, Retryable: e.Retryable, Resumable: len(m.Steps) > 0}
}

// ending reports whether err only says that the process is going down.
func (a *Agent) ending(err error) bool {
	return a.ctx.Err() != nil && !errors.Is(err, errStopped) &&
		(errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(a.ctx)))
}

// closeSteps says of the steps of a turn that ends what is true then.
func closeSteps(m *store.Message) {
	for i := range m.Steps {
		s := &m.Steps[i]
		s.Approval = nil
		switch {
		case s.Status == store.StepWaiting:
			s.Status, s.Result = store.StepError, "It was not run."
		case s.Status == store.StepRunning && s.Replay == ReadOnly.String():
			s.Status, s.Result = store.StepError, "It was ended before it had an answer."
		case s.Status == store.StepRunning:
			s.Status, s.Result = store.StepUnknown, "It was ended while it ran. Whether it took effect is not known."
		}
	}
}

func errInterrupted() *Error {
	return &Error{
		Code: CodeInterrupted, Retryable: true,
		Detail: "Hark was restarted while this was being written, and could not go on by itself. Retry to have it written again.",
	}
}

// reply is an answer that needs no model.
type reply struct {
	text string
	// keep makes the changes that the answer tells of, in the transaction that
	// ends the turn: both are there after a crash, or neither. It may replace
	// the text.
	keep func(tx *store.Tx, text *string) error
	// kept is called when they are on disk.
	kept func()
}

func (a *Agent) reply(id string, r reply) error {
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		m, err := tx.Message(id)
		if err != nil {
			return err
		}
		if m.Status != store.Pending {
			return store.ErrSettled
		}
		m.Text = r.text
		if r.keep != nil {
			if err := r.keep(tx, &m.Text); err != nil {
				return err
			}
		}
		m.Status, m.Reason, m.Error = store.Done, "", nil
		return tx.PutMessage(m)
	})
	if err == nil && r.kept != nil {
		r.kept()
	}
	return err
}

// plainly writes a duration for people: "30 minutes", not "30m0s".
func plainly(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		if d == time.Minute {
			return "a minute"
		}
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}
