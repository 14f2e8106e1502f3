package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hark/store"
)

const (
	// maxResumes ends the attempts to go on with a turn that takes the process
	// down with it.
	maxResumes = 3
	// maxResult bounds what a tool's result adds to a request, in bytes.
	maxResult = 64 << 10
	// shownResult is how much of a result, or of arguments, a message carries.
	shownResult = 2 << 10
)

// turnState is line 0 of a turn's journal. It is written in the transaction
// that begins the turn.
type turnState struct {
	Active  store.Time // when the turn was last set going other than by a restart
	Resumes int        // restarts since then that it was cut short by
	Next    int        // number of the next line; it goes on over retries, so that keys are never used again
	Tainted bool       // the turn has read what others wrote
	Human   bool       // a person set it going again and waits for it
}

// line is one finished answer of the model, or one tool call that it asked for.
// A model's line and its calls are written in one transaction, so that no
// answer that was paid for is asked for again.
type line struct {
	N    int
	Tool bool

	// Of a model's line. Upto is the length in bytes of the reply's text after
	// it, Reasoning that of its reasoning, and ThoughtMs how long that took.
	Text      string          `json:",omitempty"`
	Upto      int             `json:",omitempty"`
	Reasoning int             `json:",omitempty"`
	ThoughtMs int64           `json:",omitempty"`
	Raw       json.RawMessage `json:",omitempty"`

	// Of a tool's line. Step is as the owner sees it, but for its result.
	CallID  string `json:",omitempty"`
	Args    string `json:",omitempty"`
	Replay  Replay `json:",omitempty"`
	Allowed bool   `json:",omitempty"` // by the owner, this time
	Result  string `json:",omitempty"`
	Step    store.Step
}

// open reports whether a tool's line still waits for its result.
func (l *line) open() bool {
	return l.Tool && l.Step.Status != store.StepDone && l.Step.Status != store.StepError
}

// asks reports whether the owner is to decide about the line.
func (l *line) asks() bool { return l.open() && l.Step.Approval != nil }

// finish gives a tool's line its result.
func (l *line) finish(out Output) {
	l.Step.Status, l.Step.Approval = store.StepDone, nil
	if out.IsError {
		l.Step.Status = store.StepError
	}
	l.Result = clip(out.Text, maxResult)
	l.Step.Result, l.Step.Size = l.Result, 0
	if len(l.Result) > shownResult {
		l.Step.Result, l.Step.Size = clip(l.Result, shownResult), len(l.Result)
	}
}

// journal is what is on disk of a turn beside its message.
type journal struct {
	id    string
	state turnState
	begun bool // there is a line 0
	lines []*line
}

func readJournal(tx *store.Tx, id string) (*journal, error) {
	j := &journal{id: id}
	err := tx.Journal(id, func(n int, raw []byte) error {
		if n == 0 {
			j.begun = true
			return json.Unmarshal(raw, &j.state)
		}
		l := new(line)
		j.lines = append(j.lines, l)
		return json.Unmarshal(raw, l)
	})
	if err != nil {
		return nil, fmt.Errorf("journal of %s: %w", id, err)
	}
	return j, nil
}

// save writes the state and these lines, and shows the steps in m.
func (j *journal) save(tx *store.Tx, m *store.Message, lines ...*line) error {
	if err := tx.PutJournal(j.id, 0, j.state); err != nil {
		return err
	}
	for _, l := range lines {
		if err := tx.PutJournal(j.id, l.N, l); err != nil {
			return err
		}
	}
	j.show(m)
	return nil
}

// show puts the steps of the turn into its message.
func (j *journal) show(m *store.Message) {
	m.Steps = nil
	for _, l := range j.lines {
		if l.Tool {
			m.Steps = append(m.Steps, l.Step)
		}
	}
}

// number gives a new line its number.
func (j *journal) number() int {
	j.state.Next = max(j.state.Next, 1)
	j.state.Next++
	return j.state.Next - 1
}

// todo returns the calls that have no result yet, in order.
func (j *journal) todo() (open []*line) {
	for _, l := range j.lines {
		if l.open() {
			open = append(open, l)
		}
	}
	return open
}

// said is the last finished answer of the model; a turn that has none has an
// empty one.
func (j *journal) said() *line {
	for i := len(j.lines) - 1; i >= 0; i-- {
		if !j.lines[i].Tool {
			return j.lines[i]
		}
	}
	return new(line)
}

// hasCall reports whether an earlier call has this id.
func (j *journal) hasCall(id string) bool {
	return slices.ContainsFunc(j.lines, func(l *line) bool { return l.Tool && l.CallID == id })
}

func (j *journal) line(n int) *line {
	for _, l := range j.lines {
		if l.N == n && l.Tool {
			return l
		}
	}
	return nil
}

// restart readies a turn that was cut short for its next run: text and thoughts
// that belong to no finished answer go, and a call that had begun and must not be
// repeated becomes one that the owner is asked about.
func (j *journal) restart(m *store.Message) {
	said := j.said()
	m.Text = m.Text[:min(said.Upto, len(m.Text))]
	m.Reasoning = m.Reasoning[:min(said.Reasoning, len(m.Reasoning))]
	m.ThoughtMs, m.Thinking = said.ThoughtMs, nil
	for _, l := range j.lines {
		switch {
		case !l.open():
		case l.Step.Status == store.StepRunning && l.Replay == Once:
			l.Step.Status = store.StepUnknown
		case l.Step.Status == store.StepRunning:
			l.Step.Status, l.Step.Started, l.Allowed = store.StepWaiting, nil, true
		}
	}
	m.Status, m.Reason, m.Error = store.Pending, store.Resuming, nil
}

// resumable reports whether a turn may go on by itself after a restart.
func (j *journal) resumable(now time.Time, deadline time.Duration) bool {
	return j.begun && j.state.Resumes < maxResumes && now.Sub(j.state.Active.Time) < deadline
}

// revive settles one turn that a dead or stopped process left: it goes on from
// its last finished step, or ends as interrupted. A reply of which no step was
// finished has nothing to go on from: its owner may have read the beginning, and
// decides whether it is written, and paid for, once more.
func (a *Agent) revive(tx *store.Tx, id string) error {
	m, err := tx.Message(id)
	if err != nil {
		return err
	}
	j, err := readJournal(tx, id)
	if err != nil {
		return err
	}
	if first := len(j.lines) == 0 && m.Status == store.Streaming; first || !j.resumable(tx.Now(), a.cfg.Deadline) {
		a.failed(m, errCutShort)
		return tx.PutMessage(m)
	}
	if m.Status == store.Streaming {
		j.state.Resumes++
	}
	a.putOff(m, j.state.Resumes)
	j.restart(m)
	if err := j.save(tx, m, j.todo()...); err != nil {
		return err
	}
	return tx.PutMessage(m)
}

// errCutShort ends a turn that its process did not end.
var errCutShort = errors.New("the process ended")
