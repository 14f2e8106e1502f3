package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hark/store"
)

const (
	defaultToolTime = time.Minute
	// approvalTime is how long an approval stays open.
	approvalTime = 24 * time.Hour
	// toolWait is how long a turn that goes on after a restart waits for the
	// server of its tool to be there again.
	toolWait  = 15 * time.Second
	toolAgain = 500 * time.Millisecond

	riskFirst   = "first_use"
	riskOutside = "outside"
	riskUnknown = "unknown"
)

// work runs the calls that have no result yet, in order; calls side by side
// where they only read. asking reports that the rest waits for the owner.
func (r *run) work(ctx context.Context) (asking bool, err error) {
	r.offer(ctx)
	allowed, err := r.a.allowed()
	if err != nil {
		return false, err
	}
	for todo := r.j.todo(); len(todo) > 0; todo = r.j.todo() {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		batch := r.ready(ctx, todo, allowed)
		if len(batch) == 0 {
			r.a.reached("asking")
			return true, nil
		}
		if err := r.call(ctx, batch); err != nil {
			return false, err
		}
	}
	return false, nil
}

// ready returns the calls at the head of todo that may run now: one, or several
// that only read.
func (r *run) ready(ctx context.Context, todo []*line, allowed []string) (batch []*line) {
	for _, l := range todo {
		t := r.tool(ctx, l)
		alone := l.Replay != ReadOnly || t.CallTx != nil
		if r.risk(l, allowed) != "" || alone && len(batch) > 0 {
			break
		}
		if batch = append(batch, l); alone {
			break
		}
	}
	return batch
}

// tool finds the tool of a call. Its server may be on its way back.
func (r *run) tool(ctx context.Context, l *line) Tool {
	until := time.Now().Add(toolWait)
	for r.tools[l.Step.Tool].Name == "" && time.Now().Before(until) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(toolAgain):
			r.offer(ctx)
		}
	}
	return r.tools[l.Step.Tool]
}

// risk says why the owner has to decide about a call before it is run, or "".
func (r *run) risk(l *line, allowed []string) string {
	switch {
	case l.Step.Status == store.StepUnknown:
		return riskUnknown
	case l.Allowed:
		return ""
	case r.j.state.Tainted && r.sends(l):
		return riskOutside
	case l.Replay == ReadOnly:
		return ""
	case r.j.state.Tainted:
		return riskOutside
	case slices.Contains(allowed, l.Step.Tool):
		return ""
	}
	return riskFirst
}

// setAside ends this run of a turn, and asks the owner about every call that
// needs it, all at once. The turn then blocks nobody.
func (r *run) setAside(ctx context.Context) error {
	err := r.a.close(ctx, r.q.id, r.w, func(tx *store.Tx, m *store.Message) error {
		s, err := tx.Settings()
		if err != nil {
			return err
		}
		todo := r.j.todo()
		for _, l := range todo {
			if risk := r.risk(l, s.Allowed); risk != "" {
				l.Step.Approval = &store.Approval{Risk: risk, Expires: store.At(tx.Now().Add(approvalTime))}
			}
		}
		m.Status, m.Reason = store.Pending, store.WaitApproval
		if !slices.ContainsFunc(todo, (*line).asks) {
			m.Reason = "" // allowed meanwhile
		}
		return r.j.save(tx, m, todo...)
	})
	if err == nil {
		r.a.reached("asked")
		r.a.watch(r.q.id, r.j.expires())
	}
	return err
}

// call runs a batch and writes each result when it is there.
func (r *run) call(ctx context.Context, batch []*line) error {
	if t := r.tools[batch[0].Step.Tool]; t.CallTx != nil {
		return r.callTx(t, batch[0])
	}
	err := r.update(func(tx *store.Tx, m *store.Message) error {
		now := store.At(tx.Now())
		for _, l := range batch {
			l.Step.Status, l.Step.Started = store.StepRunning, &now
		}
		m.Reason = ""
		return r.j.save(tx, m, batch...)
	})
	if err != nil {
		return err
	}
	r.a.reached("started")
	errs := make([]error, len(batch))
	var all sync.WaitGroup
	for i, l := range batch {
		all.Go(func() { errs[i] = r.callOne(ctx, l) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// callTx runs a built-in tool in the transaction that keeps its result.
func (r *run) callTx(t Tool, l *line) error {
	var failed error
	before := *l
	keep := func(out Output) error {
		return r.update(func(tx *store.Tx, m *store.Message) (err error) {
			*l = before
			if failed == nil {
				if out, err = t.CallTx(tx, r.use(l)); err != nil {
					failed = err
					return err
				}
			}
			r.taint(l, t.External || out.External)
			l.finish(out)
			r.next(m)
			return r.j.save(tx, m, l)
		})
	}
	err := keep(Output{})
	if err != nil && failed == nil {
		*l = before
		return err
	}
	if failed != nil { // what it wrote is undone; why it failed is written by itself
		r.a.log(r.q.id).Warn("tool failed", "tool", t.Name, "err", failed)
		return keep(Output{Text: sentence(failed.Error()), IsError: true})
	}
	r.a.reached("result")
	if t.Done != nil {
		t.Done()
	}
	return nil
}

// callOne runs one call and writes what came of it.
func (r *run) callOne(ctx context.Context, l *line) error {
	t := r.tools[l.Step.Tool]
	began := time.Now()
	out, err := r.reach(ctx, t, l)
	r.a.reached("called")
	ms := time.Since(began).Milliseconds()
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx) // as what the turn's end leaves it
	}
	werr := r.update(func(tx *store.Tx, m *store.Message) error {
		l.Step.Ms = ms
		switch {
		case err == nil:
			r.taint(l, t.External || out.External)
			l.finish(out)
		case l.Replay == Once && !errors.Is(err, ErrNotRun):
			l.Step.Status, l.Allowed = store.StepUnknown, false
			l.Step.Result = clip(sentence(err.Error()), shownResult)
		default:
			l.finish(Output{Text: sentence(err.Error()), IsError: true})
		}
		r.next(m)
		return r.j.save(tx, m, l)
	})
	r.a.reached("result")
	return werr
}

// reach calls a tool, and returns soon after its time is over or ctx ends,
// whatever the tool does.
func (r *run) reach(ctx context.Context, t Tool, l *line) (Output, error) {
	if t.Call == nil {
		return Output{}, fmt.Errorf("the tool %s is not there now: %w", l.Step.Tool, ErrNotRun)
	}
	limit := orDefault(t.Timeout, defaultToolTime)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the tool gave no answer within %s", plainly(limit)))
	defer cancel()
	type outcome struct {
		out Output
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = r.a.safely(r.q.id, func() (err error) {
			o.out, err = t.Call(ctx, r.use(l))
			return err
		})
		done <- o
	}()
	var o outcome
	select {
	case o = <-done:
	case <-ctx.Done():
		select {
		case o = <-done:
		case <-time.After(stopGrace):
			o.err = context.Cause(ctx)
		}
	}
	if o.err != nil && ctx.Err() != nil && !errors.Is(o.err, ErrNotRun) {
		o.err = context.Cause(ctx)
	}
	return o.out, o.err
}

// use is the call of a line.
func (r *run) use(l *line) Call {
	return Call{
		Turn: r.q.id, Step: l.N, Key: fmt.Sprintf("%s/%d", r.q.id, l.N), Args: json.RawMessage(l.Args),
		Conversation: r.q.user.Conversation, Zone: r.q.zone.String(),
	}
}

// taint notes that a result was written by others, if it was: from here on the
// turn has read it.
func (r *run) taint(l *line, external bool) {
	l.Step.External = external
	r.j.state.Tainted = r.j.state.Tainted || external
}

// next says what the turn waits for when its last call has a result.
func (r *run) next(m *store.Message) {
	if len(r.j.todo()) == 0 {
		m.Reason = store.WaitingModel
	}
}
