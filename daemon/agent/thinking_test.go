package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// ponders thinks for so many seconds, a word a second, then calls look, thinks
// again, and answers.
func ponders(seconds int) play {
	return func(ctx context.Context, req Request, emit func(Delta) error) (Result, error) {
		for range seconds {
			if err := emit(Delta{Reasoning: "hm "}); err != nil {
				return Result{}, err
			}
			select {
			case <-ctx.Done():
				return Result{}, context.Cause(ctx)
			case <-time.After(time.Second):
			}
		}
		if req.Turns[len(req.Turns)-1].Role != RoleTool {
			return calls("look", "{}"), emit(Delta{Text: "Let me see."})
		}
		return Result{Finish: FinishStop}, emit(Delta{Text: "So."})
	}
}

// A message tells since when the model thinks, and afterwards how long it has:
// all its answers together. What is read in the middle has the thoughts so far.
func TestThinkingTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := Tool{Name: "look", Replay: ReadOnly, Call: func(context.Context, Call) (Output, error) {
			time.Sleep(time.Minute) // is no thinking
			return Output{Text: "seen"}, nil
		}}
		h := newHouse(t, "", ponders(6), with(look))
		began := store.At(time.Now())
		id := h.say("go")
		time.Sleep(5500 * time.Millisecond)
		m := h.message(id)
		if m.Thinking == nil || !m.Thinking.Equal(began.Time) || m.Reasoning != "hm hm hm hm hm" {
			t.Errorf("in the middle: since %v, %q", m.Thinking, m.Reasoning)
		}
		time.Sleep(30 * time.Second)
		if m := h.message(id); m.Thinking != nil || m.ThoughtMs != 6000 {
			t.Errorf("while a tool runs: since %v, %d ms", m.Thinking, m.ThoughtMs)
		}
		time.Sleep(32 * time.Second)
		if m := h.message(id); m.Thinking == nil || m.ThoughtMs != 6000 {
			t.Errorf("thinking again: since %v, %d ms", m.Thinking, m.ThoughtMs)
		}
		time.Sleep(time.Minute)
		h.want(id, "done Let me see.\n\nSo.")
		if m := h.message(id); m.Thinking != nil || m.ThoughtMs != 12_000 {
			t.Errorf("at the end: since %v, %d ms", m.Thinking, m.ThoughtMs)
		}
	})
}

// A stop ends the clock; a restart goes back to what belongs to finished answers.
func TestThinkingCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := Tool{Name: "look", Replay: ReadOnly, Call: func(context.Context, Call) (Output, error) { return Output{Text: "seen"}, nil }}
		dir := t.TempDir()
		h := newHouse(t, dir, ponders(60), with(look))
		stopped := h.say("stop me")
		time.Sleep(10 * time.Second)
		if err := h.a.Stop(t.Context(), stopped); err != nil {
			t.Fatal(err)
		}
		if m := h.message(stopped); m.Thinking != nil || m.ThoughtMs != 10_000 || m.Reasoning == "" {
			t.Errorf("stopped: since %v, %d ms, %q", m.Thinking, m.ThoughtMs, m.Reasoning)
		}
		cut := h.say("cut me")
		time.Sleep(70 * time.Second) // into the second answer
		h.close()
		time.Sleep(time.Hour / 4)
		h = newHouse(t, dir, ponders(2), with(look))
		time.Sleep(3 * time.Second)
		h.want(cut, "done Let me see.\n\nSo.")
		if m := h.message(cut); m.Thinking != nil || m.ThoughtMs != 62_000 {
			t.Errorf("after a restart: since %v, %d ms", m.Thinking, m.ThoughtMs)
		}
	})
}
