package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hark/store"
)

// Config is what an [Agent] works with.
type Config struct {
	DB   *store.DB
	Desk Desk

	// Model tells the model to use, given the choice made for the conversation
	// (or ""); it is asked once for each run of a turn. Nil, or a zero Model, is
	// the built-in assistant.
	Model func(choice string) Model
	// Open makes a provider of a model that is not zero; nil is [Open].
	Open func(Model) (Provider, error)
	// Tools are what models may use, in the order in which they are told.
	Tools []Toolbox

	Zone     string        // IANA zone of who does not say; empty is UTC
	History  int           // bytes of history that a model is given; 0 is 32,000
	Deadline time.Duration // of one turn; 0 is 30 min
	Log      *slog.Logger  // nil is silence
	// LogOf is the log for what is about one message; nil is Log.
	LogOf func(message string) *slog.Logger
}

const (
	defaultHistory  = 32_000
	defaultDeadline = 30 * time.Minute
)

// Agent runs the turns of all conversations.
type Agent struct {
	ctx context.Context
	cfg Config
	wg  sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	workers   map[string]*bool       // conversation → whether it was kicked again
	running   map[string]*turn       // message id → its turn
	timers    map[string]*time.Timer // message id → the end of its approvals, or of its wait
	later     map[string]int         // message id → deaths of processes, of a turn that waits to go on
	providers map[Model]Provider
}

// turn is a reply that is being worked on.
type turn struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// Causes with which a turn's context ends.
var (
	errStopped  = errors.New("stopped by the owner")
	errDeadline = errors.New("turn took too long")
)

// New returns an agent whose turns run until ctx ends. Call [Agent.Start] once
// before the first [Agent.Kick], and [Agent.Wait] after ctx has ended and
// before the store is closed.
func New(ctx context.Context, c Config) *Agent {
	if c.Model == nil {
		c.Model = func(string) Model { return Model{} }
	}
	if c.Open == nil {
		c.Open = Open
	}
	if c.History <= 0 {
		c.History = defaultHistory
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.LogOf == nil {
		c.LogOf = func(string) *slog.Logger { return c.Log }
	}
	c.Deadline = orDefault(c.Deadline, defaultDeadline)
	return &Agent{
		ctx: ctx, cfg: c, workers: map[string]*bool{}, running: map[string]*turn{}, timers: map[string]*time.Timer{},
		later: map[string]int{}, providers: map[Model]Provider{},
	}
}

// Kick has the pending turns of a conversation run, oldest first. It returns
// at once. Call it after each commit that made a turn; once too often does no
// harm.
func (a *Agent) Kick(conversation string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.ctx.Err() != nil {
		return // what is pending runs at the next start
	}
	if again, ok := a.workers[conversation]; ok {
		*again = true
		return
	}
	again := new(bool)
	a.workers[conversation] = again
	a.wg.Go(func() { a.work(conversation, again) })
}

// Wait returns when no turn runs any more. Turns that its context cut short
// have their text on disk, and go on at the next start.
func (a *Agent) Wait() {
	a.mu.Lock()
	a.closed = true
	for _, t := range a.timers {
		t.Stop()
	}
	a.mu.Unlock()
	a.wg.Wait()
}

// Running is how many turns run now.
func (a *Agent) Running() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.running)
}

// work runs the turns of one conversation until none is left.
func (a *Agent) work(conversation string, again *bool) {
	unsettled := map[string]bool{} // the store refused them; don't spin
	for {
		if m := a.next(conversation, unsettled); m != nil {
			if err := a.turn(m.ID); err != nil {
				a.log(m.ID).Error("turn can't be settled", "err", err)
				unsettled[m.ID] = true
			}
			continue
		}
		a.mu.Lock()
		if !*again || a.ctx.Err() != nil {
			delete(a.workers, conversation)
			a.mu.Unlock()
			return
		}
		*again = false
		a.mu.Unlock()
	}
}

// next finds the oldest turn of a conversation that waits to be run, or nil.
func (a *Agent) next(conversation string, not map[string]bool) (m *store.Message) {
	if a.ctx.Err() != nil {
		return nil
	}
	err := a.cfg.DB.View(func(tx *store.Tx) error {
		open, err := tx.OpenTurns(conversation)
		m = a.first(open, not)
		return err
	})
	if err != nil {
		a.cfg.Log.Error("open turns can't be read", "conversation", conversation, "err", err)
	}
	return m
}

// turn runs one turn to its end. An error means that the end could not be
// written.
func (a *Agent) turn(id string) error {
	ctx, release := context.WithTimeoutCause(a.ctx, a.cfg.Deadline, errDeadline)
	defer release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &turn{cancel: cancel, done: make(chan struct{})}
	a.mu.Lock()
	a.running[id] = t
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.running, id)
		a.mu.Unlock()
		close(t.done)
	}()
	err := a.safely(id, func() error { return a.answer(ctx, id) })
	if err == nil || isSettled(err) {
		return nil
	}
	// Only what went wrong before or beside the writing of the reply comes here.
	return a.settle(id, func(m *store.Message) { a.failed(m, err) })
}

// log is for lines about a message.
func (a *Agent) log(message string) *slog.Logger {
	return a.cfg.LogOf(message).With("message", message)
}

// safely keeps a fault in one turn from ending the daemon and all the others.
func (a *Agent) safely(message string, fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.log(message).Error("turn panicked", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return fn()
}

// isSettled reports whether somebody else has ended or deleted the message.
func isSettled(err error) bool {
	return errors.Is(err, store.ErrSettled) || errors.Is(err, store.ErrNotFound)
}

// settle ends a message that is open, and leaves one that is not.
func (a *Agent) settle(id string, end func(*store.Message)) error {
	err := a.cfg.DB.Update(func(tx *store.Tx) error {
		m, err := tx.Message(id)
		if err != nil {
			return err
		}
		if !m.Status.Open() {
			return store.ErrSettled
		}
		m.Reason = ""
		end(m)
		return tx.PutMessage(m)
	})
	if isSettled(err) {
		return nil
	}
	return err
}
