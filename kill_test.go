package main

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/store"
)

// The points at which a turn is killed: before and after everything it writes.
// A turn without a tool, and one whose tool is built in, do not come to all.
var killPoints = map[string][]string{
	"begun": {"model", "builtin", "read_only", "idempotent", "once"}, "answered": {"model", "builtin", "read_only", "idempotent", "once"},
	"kept": {"builtin", "read_only", "idempotent", "once"}, "started": {"read_only", "idempotent", "once"},
	"called": {"read_only", "idempotent", "once"}, "result": {"builtin", "read_only", "idempotent", "once"},
	"ending": {"model", "builtin", "read_only", "idempotent", "once"},
	"asking": {"ask"}, "asked": {"ask"},
}

// The program, killed at any point of a turn's journal and started again: every
// turn ends; a tool that must not be repeated is not, unless the owner says so;
// an idempotent one is repeated with its key; no answer that was kept is paid
// for twice; and the next message is answered.
func TestKillMatrix(t *testing.T) {
	bin := buildHark(t, "killpoints")
	for _, point := range slices.Sorted(maps.Keys(killPoints)) {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			var all sync.WaitGroup
			for _, class := range killPoints[point] {
				w := newWorld(t, bin, class, 0)
				all.Go(func() {
					if err := w.killedAt(point); err != nil {
						t.Errorf("%s: %v", class, err)
					}
				})
			}
			all.Wait()
		})
	}
}

// killedAt has a turn killed at point and looks at what becomes of it.
func (w *world) killedAt(point string) error {
	l, err := w.start(point)
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.ready(w.class != "ask"); err != nil {
		return err
	}
	_, _ = l.send("go", "") // it may die before it answers
	select {
	case <-l.gone:
	case <-time.After(time.Minute):
		return errors.New("it was not killed")
	}
	if l, err = w.start(""); err != nil {
		return err
	}
	defer l.kill()
	turn, err := l.send("go", "")
	if err != nil {
		return err
	}
	m, err := l.settled(turn.Reply)
	if err != nil {
		return err
	}
	want := "done Let me see.\n\nDone with go"
	switch {
	case w.class == "model", point == "begun", point == "answered": // nothing was finished: the owner decides
		want = "error interrupted"
	case w.class == "ask", w.class == "once" && (point == "started" || point == "called"):
		want = "pending waiting_approval Let me see."
	}
	if got := told(m); got != want {
		return fmt.Errorf("it ended as %q, want %q", got, want)
	}
	w.mu.Lock()
	paid := w.asked["user go"]
	w.mu.Unlock()
	if point != "begun" && point != "answered" && w.class != "model" && paid != 1 {
		return fmt.Errorf("an answer that was kept was asked for %d times", paid)
	}
	return w.after(l, turn, m)
}

// told is what a reply has come to. An unfinished answer's text may be there or
// not, as the clock had it.
func told(m store.Message) string {
	s := strings.TrimSpace(string(m.Status) + " " + m.Reason)
	if m.Status == store.Failed {
		return s
	}
	return s + " " + m.Text
}

// after checks what must hold of a turn that has settled, however it was
// killed, answers what it asks, and has the next message answered.
func (w *world) after(l *life, turn accepted, m store.Message) error {
	if err := w.counted(m, 0); err != nil {
		return err
	}
	next, err := l.send("next", turn.Conversation)
	if err != nil {
		return err
	}
	if n, err := l.settled(next.Reply); err != nil || told(n) != "done Done with next" {
		return fmt.Errorf("the next message: %q, %w", told(n), err)
	}
	if m.Reason != store.WaitApproval {
		return nil
	}
	w.mu.Lock()
	before := 0
	for _, n := range w.effects {
		before += n
	}
	w.mu.Unlock()
	step := m.Steps[len(m.Steps)-1]
	decision := map[string]string{store.StepUnknown: "retry", store.StepWaiting: "once"}[step.Status]
	if err := l.call("POST", "/api/messages/"+m.ID+"/approve", fmt.Sprintf(`{"step":%d,"decision":%q}`, step.N, decision), nil); err != nil {
		return err
	}
	if m, err = l.settled(turn.Reply); err != nil || told(m) != "done Let me see.\n\nDone with go" {
		return fmt.Errorf("after the owner's word: %q, %w", told(m), err)
	}
	return w.counted(m, before)
}

// counted holds the tool's effects against what is told of the turn. Before it
// was repeated on the owner's word it had so many.
func (w *world) counted(m store.Message, before int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.effects) > 1 {
		return fmt.Errorf("the key changed: %v", w.effects)
	}
	n := 0
	for _, n = range w.effects {
	}
	switch {
	case w.class == "once" && n > before+1:
		return fmt.Errorf("it took effect %d times", n)
	case w.class == "ask" && m.Status.Open() && n > 0:
		return errors.New("it ran unasked")
	case m.Status == store.Done && w.class != "model" && w.class != "builtin" && n == 0:
		return fmt.Errorf("it is done, and has had no effect: %+v", m.Steps)
	}
	return nil
}

// soakTurns is how many turns are killed at random in a soak, twice each.
const soakTurns = 100

// The program, killed at any time and twice in the same turn, holds what
// TestKillMatrix promises. A soak kills it 200 times.
func TestKillAtRandom(t *testing.T) {
	bin, turns := buildHark(t, ""), 6
	if os.Getenv("HARK_SOAK") != "" {
		turns = soakTurns
	}
	classes := []string{"once", "idempotent", "read_only", "builtin", "model"}
	var mu sync.Mutex
	ended, kills, hits := map[string]int{}, 0, 0
	var all sync.WaitGroup
	lanes := make(chan struct{}, 8)
	for i := range turns {
		lanes <- struct{}{}
		w := newWorld(t, bin, classes[i%len(classes)], 20*time.Millisecond)
		all.Go(func() {
			defer func() { <-lanes }()
			m, n, hit, err := w.killedTwice()
			if err != nil {
				t.Errorf("%s: %v", w.class, err)
			}
			mu.Lock()
			defer mu.Unlock()
			ended[strings.TrimSpace(fmt.Sprintf("%s, %s %s", w.class, m.Status, m.Reason))]++
			kills, hits = kills+n, hits+hit
		})
	}
	all.Wait()
	t.Logf("%d turns, %d kills, %d of them in the middle of the turn", turns, kills, hits)
	for _, end := range slices.Sorted(maps.Keys(ended)) {
		t.Logf("%4d %s", ended[end], end)
	}
}

// killedTwice has a turn killed at two times of chance, and looks at what
// becomes of it. hits are the kills that came before the turn had ended.
func (w *world) killedTwice() (m store.Message, kills, hits int, err error) {
	paid := 0 // how often the first answer had been asked for when it was seen to be kept
	var turn accepted
	for life := 0; ; life++ {
		l, err := w.start("")
		if err != nil {
			return m, kills, hits, err
		}
		defer l.kill()
		if turn.Reply == "" { // the model is not to ask for a tool that is not there yet
			if err := l.ready(true); err != nil {
				return m, kills, hits, err
			}
		}
		if turn, err = l.send("go", ""); err != nil {
			return m, kills, hits, err
		}
		if m, err = l.message(turn.Reply); err != nil {
			return m, kills, hits, err
		}
		if life > 0 && (m.Reason == store.Resuming || m.Reason == store.Interrupted || m.Reason == store.WaitApproval) {
			hits++
		}
		w.mu.Lock()
		if paid == 0 && len(m.Steps) > 0 {
			paid = w.asked["user go"]
		}
		w.mu.Unlock()
		if life == 2 {
			if m, err = l.settled(turn.Reply); err != nil {
				return m, kills, hits, err
			}
			return m, kills, hits, errors.Join(w.fair(m, paid), w.after(l, turn, m))
		}
		// Not while it waits to go on: there is nothing to break.
		if err := eventually("a turn that runs", func() (bool, error) {
			m, err = l.message(turn.Reply)
			return m.Reason != store.Resuming && m.Reason != store.Queued, err
		}); err != nil {
			return m, kills, hits, err
		}
		<-time.After(time.Duration(rand.IntN(250)) * time.Millisecond)
		l.kill()
		kills++
	}
}

// fair checks how a turn has ended that was killed at some time.
func (w *world) fair(m store.Message, paid int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	effects := 0
	for _, n := range w.effects {
		effects += n
	}
	end := told(m)
	switch {
	case w.class == "model" && end == "done Done with go", end == "done Let me see.\n\nDone with go":
	case end == "pending waiting_approval Let me see." && w.class == "once":
	// Before its first step a turn may end; once a tool has run it must go on.
	case end == "error interrupted" && effects == 0 && len(m.Steps) == 0:
	default:
		return fmt.Errorf("it ended as %q after %d effects", end, effects)
	}
	if paid > 0 && w.asked["user go"] != paid {
		return fmt.Errorf("an answer that was kept was asked for again: %d times, then %d", paid, w.asked["user go"])
	}
	return nil
}
