package agent

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// dead writes turns into the store of dir as processes leave them that died
// after the tool, so many times, and returns them with a message behind each.
func dead(t *testing.T, dir string, deaths []int, tools func(*Config)) (ids, behind []string) {
	t.Helper()
	h := newHouse(t, dir, acts("look", "{}"), tools)
	defer h.close()
	for _, n := range deaths {
		conv := h.open()
		id := h.write(conv, "go")
		ids, behind = append(ids, id), append(behind, h.write(conv, "next"))
		h.update(func(tx *store.Tx) error {
			m, err := tx.Message(id)
			if err != nil {
				return err
			}
			m.Status, m.Text = store.Streaming, "Let me see. And th"
			j := &journal{id: id, state: turnState{Active: store.At(tx.Now()), Next: 3, Resumes: n - 1}}
			model := &line{N: 1, Text: "Let me see.", Upto: len("Let me see.")}
			call := &line{N: 2, Tool: true, CallID: "c0", Args: "{}", Replay: ReadOnly, Step: store.Step{N: 2, Tool: "look", Args: "{}"}}
			call.finish(Output{Text: "seen"})
			j.lines = []*line{model, call}
			return errors.Join(j.save(tx, m, model, call), tx.PutMessage(m))
		})
	}
	return ids, behind
}

// A turn that takes the process down again and again goes on three times, later
// each time, and then ends; a person can have it go on: what is finished is not
// done again.
func TestResumesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		dir := t.TempDir()
		tools := with(counted("look", ReadOnly, &runs))
		ids, _ := dead(t, dir, []int{1, 2, 3, 4}, tools)
		h := newHouse(t, dir, acts("look", "{}"), tools)
		const waits, done = "pending resuming Let me see.", "done Let me see.\n\nseen"
		start := time.Now()
		for i, pause := range []time.Duration{2 * time.Second, 10 * time.Second, time.Minute} {
			time.Sleep(pause - time.Since(start) - time.Millisecond)
			h.want(ids[i], waits)
			time.Sleep(2 * time.Millisecond)
			h.want(ids[i], done)
		}
		over := ids[3]
		h.want(over, "error interrupted interrupted Let me see. And th")
		if m := h.message(over); !m.Error.Resumable {
			t.Error("it can't be resumed")
		}
		if err := h.a.Resume(over); err != nil {
			t.Fatal(err)
		}
		h.want(over, done)
		if runs.Load() != 4 { // of the messages behind them
			t.Errorf("the tool ran %d times", runs.Load())
		}
	})
}

// What is behind a turn that waits to go on keeps its place after one death, and
// is let through after two.
func TestResumeHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		dir := t.TempDir()
		tools := with(counted("look", ReadOnly, &runs))
		ids, behind := dead(t, dir, []int{1, 3}, tools)
		h := newHouse(t, dir, acts("look", "{}"), tools)
		h.want(behind[0], "pending")
		h.want(behind[1], "done Let me see.\n\nlook {}")
		time.Sleep(3 * time.Second)
		h.want(behind[0], "done Let me see.\n\nlook {}")
		if err := h.a.Stop(t.Context(), ids[1]); err != nil {
			t.Fatal(err)
		}
		h.want(ids[1], "done stopped Let me see.")
		if err := h.a.Retry(ids[1]); err != nil { // who asks for it does not wait
			t.Fatal(err)
		}
		h.want(ids[1], "done Let me see.\n\nlook {}")
	})
}

// A turn whose process has been dead for longer than a turn may take does not
// go on by itself.
func TestResumeTooLate(t *testing.T) {
	for after, want := range map[time.Duration]string{
		29 * time.Minute: "done Let me see.\n\nseen", 31 * time.Minute: "error interrupted interrupted Let me see. And th",
	} {
		synctest.Test(t, func(t *testing.T) {
			var runs atomic.Int32
			dir := t.TempDir()
			tools := with(counted("look", ReadOnly, &runs))
			ids, _ := dead(t, dir, []int{1}, tools)
			time.Sleep(after)
			h := newHouse(t, dir, acts("look", "{}"), tools)
			time.Sleep(3 * time.Second)
			h.want(ids[0], want)
		})
	}
}
