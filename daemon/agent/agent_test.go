package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// house is an agent over a real store, with a model that the test plays.
type house struct {
	t    *testing.T
	db   *store.DB
	a    *Agent
	end  context.CancelFunc
	conv string

	mu    sync.Mutex
	asked []Request
}

// play is what the model does in one turn.
type play func(ctx context.Context, req Request, emit func(Delta) error) (Result, error)

func (p play) Stream(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
	return p(ctx, req, emit)
}

// newHouse opens a store in dir (in memory, if empty) and starts an agent. The
// model plays p; without one, the built-in assistant answers.
func newHouse(t *testing.T, dir string, p play, change ...func(*Config)) *house {
	t.Helper()
	db, err := store.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db}
	cfg := Config{DB: db, Zone: "Europe/Berlin"}
	if p != nil {
		cfg.Model = func(string) Model { return Model{URL: "http://model.test", Name: "m"} }
		cfg.Open = func(Model) (Provider, error) {
			return play(func(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
				h.mu.Lock()
				h.asked = append(h.asked, req)
				h.mu.Unlock()
				return p(ctx, req, emit)
			}), nil
		}
	}
	for _, c := range change {
		c(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.end = cancel
	h.a = New(ctx, cfg)
	t.Cleanup(h.close)
	if err := h.a.Start(); err != nil {
		t.Fatal(err)
	}
	return h
}

// close stops the agent as a shutdown does; a second time it does nothing.
func (h *house) close() {
	h.t.Helper()
	h.end()
	h.a.Wait()
	if err := h.db.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
		h.t.Error(err)
	}
}

func (h *house) update(fn func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.db.Update(fn); err != nil {
		h.t.Fatal(err)
	}
}

// open makes a conversation.
func (h *house) open() string {
	var id string
	h.update(func(tx *store.Tx) error {
		id = tx.NewID()
		return tx.PutConversation(&store.Conversation{ID: id})
	})
	return id
}

// write puts the owner's text and a pending reply, as POST chat does, without
// a kick.
func (h *house) write(conv, text string) (reply string) {
	h.t.Helper()
	h.update(func(tx *store.Tx) error {
		chat := store.Source{Kind: sourceChat}
		u := &store.Message{ID: tx.NewID(), Conversation: conv, Role: store.User, Status: store.Done, Text: text, Source: chat, Zone: "Europe/Berlin"}
		if err := tx.PutMessage(u); err != nil {
			return err
		}
		reply = tx.NewID()
		return tx.PutMessage(&store.Message{ID: reply, Conversation: conv, Role: store.Assistant, Status: store.Pending, Source: chat})
	})
	return reply
}

// say writes in the house's conversation and has it answered.
func (h *house) say(text string) (reply string) {
	h.t.Helper()
	if h.conv == "" {
		h.conv = h.open()
	}
	reply = h.write(h.conv, text)
	h.a.Kick(h.conv)
	return reply
}

func (h *house) message(id string) (m *store.Message) {
	h.t.Helper()
	if err := h.db.View(func(tx *store.Tx) (err error) {
		m, err = tx.Message(id)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return m
}

// state is a message's status, reason, error code and text in one line.
func (h *house) state(id string) string {
	h.t.Helper()
	m := h.message(id)
	parts := []string{string(m.Status), m.Reason, "", m.Text}
	if m.Error != nil {
		parts[2] = m.Error.Code
		if m.Status != store.Failed || !m.Error.Retryable || m.Error.Detail == "" {
			h.t.Errorf("%s has %+v", m.Status, *m.Error)
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// settled waits until nothing goes on any more, and gives a message's state.
func (h *house) settled(id string) string {
	h.t.Helper()
	synctest.Wait()
	return h.state(id)
}

func (h *house) want(id, want string) {
	h.t.Helper()
	if got := h.settled(id); got != want {
		h.t.Errorf("got %q, want %q", got, want)
	}
}

// echo answers with the question.
func echo(_ context.Context, req Request, emit func(Delta) error) (Result, error) {
	last := req.Turns[len(req.Turns)-1].Text
	_, text, _ := strings.Cut(last, "] ")
	for _, word := range strings.SplitAfter("re: "+text, " ") {
		if err := emit(Delta{Text: word}); err != nil {
			return Result{}, err
		}
	}
	return Result{Finish: FinishStop}, nil
}

// hang says a word and then nothing until it is told to end.
func hang(ctx context.Context, _ Request, emit func(Delta) error) (Result, error) {
	if err := emit(Delta{Text: "Well"}); err != nil {
		return Result{}, err
	}
	<-ctx.Done()
	return Result{}, context.Cause(ctx)
}

// A turn becomes done with the model's text.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "", echo)
		h.want(h.say("hello there"), "done re: hello there")
	})
}

// Turns of one conversation run in order, one at a time, each knowing the
// answers before it; another conversation does not wait for them.
func TestQueueInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		h := newHouse(t, "", func(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
			if strings.Contains(req.Turns[len(req.Turns)-1].Text, "slow") {
				<-gate
			}
			return echo(ctx, req, emit)
		})
		one := h.say("slow one")
		two := h.say("two")
		three := h.say("three")
		other := h.write(h.open(), "elsewhere")
		h.a.Kick(h.message(other).Conversation)
		h.want(other, "done re: elsewhere")
		h.want(one, "streaming waiting_model")
		h.want(two, "pending")
		close(gate)
		h.want(one, "done re: slow one")
		h.want(two, "done re: two")
		h.want(three, "done re: three")
		last := h.asked[len(h.asked)-1].Turns
		var said []string
		for _, turn := range last[1:] {
			_, text, found := strings.Cut(turn.Text, "] ")
			if !found {
				text = turn.Text
			}
			said = append(said, string(turn.Role)+" "+text)
		}
		want := []string{"user slow one", "assistant re: slow one", "user two", "assistant re: two", "user three"}
		if !slices.Equal(said, want) {
			t.Errorf("the last turn was told %q, want %q", said, want)
		}
	})
}

// Whatever a provider comes to, the turn ends, and no word is lost.
func TestEndings(t *testing.T) {
	said := func(text string, res Result, err error) play {
		return func(_ context.Context, _ Request, emit func(Delta) error) (Result, error) {
			if eerr := emit(Delta{Text: text}); eerr != nil {
				return Result{}, eerr
			}
			return res, err
		}
	}
	stop := Result{Finish: FinishStop}
	tests := map[string]struct {
		play play
		want string
	}{
		"whole":         {said("\n\n Yes", stop, nil), "done Yes"},
		"cut":           {said("Half", Result{}, errCut()), "error model_cut Half"},
		"unknown error": {said("Half", Result{}, errors.New("boom")), "error internal Half"},
		"nothing":       {said(" \n", stop, nil), "error model_empty"},
		"length":        {said("Half", Result{Finish: FinishLength}, nil), "error model_length Half"},
		"panic":         {func(context.Context, Request, func(Delta) error) (Result, error) { panic("boom") }, "error internal"},
		"never ends":    {hang, "error deadline Well"},
		"hears nothing": {deaf, "error deadline Well"},
		"only reasoning": {func(_ context.Context, _ Request, emit func(Delta) error) (Result, error) {
			return stop, emit(Delta{Reasoning: "hm"})
		}, "error model_empty"},
		"too long": {func(_ context.Context, _ Request, emit func(Delta) error) (Result, error) {
			for {
				if err := emit(Delta{Text: strings.Repeat("a", 1<<18)}); err != nil {
					return Result{}, err
				}
			}
		}, "error model_too_big " + strings.Repeat("a", store.MaxReply)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "", tt.play)
				id := h.say("hello")
				time.Sleep(defaultDeadline + time.Second)
				if got := h.settled(id); got != tt.want {
					t.Errorf("got %.100q, want %.100q", got, tt.want)
				}
				time.Sleep(time.Hour) // until the one that hears nothing comes back
			})
		})
	}
}

// deaf is a provider that does not notice that it is to end for an hour.
func deaf(_ context.Context, _ Request, emit func(Delta) error) (Result, error) {
	if err := emit(Delta{Text: "Well"}); err != nil {
		return Result{}, err
	}
	<-time.After(time.Hour)
	return Result{Finish: FinishStop}, emit(Delta{Text: "late"})
}

// A turn that is stuck ends at its deadline, and the next one runs.
func TestStuckTurnDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "", func(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
			if strings.HasSuffix(req.Turns[len(req.Turns)-1].Text, "stuck") {
				return deaf(ctx, req, emit)
			}
			return echo(ctx, req, emit)
		}, func(c *Config) { c.Deadline = time.Minute })
		one, two := h.say("stuck"), h.say("two")
		time.Sleep(time.Minute + stopGrace)
		h.want(one, "error deadline Well")
		h.want(two, "done re: two")
		time.Sleep(time.Hour)
		h.want(one, "error deadline Well")
	})
}
