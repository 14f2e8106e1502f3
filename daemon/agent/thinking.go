package agent

import (
	"strings"
	"time"

	"hark/store"
)

const (
	// maxReasoning bounds what a message keeps of the model's thinking, in bytes.
	maxReasoning = 32 << 10
	// thoughtPause is how far apart the changes lie that a page is told of while
	// the model thinks: each is a record of the whole message.
	thoughtPause = 2 * time.Second
	// turnPause is the same for a change between thinking and speaking.
	turnPause = 250 * time.Millisecond
)

// thinking is what the model thinks aloud in one answer, and how long that
// takes. While it thinks, the message says since when, so that a page that is
// loaded in the middle shows the same clock. It is used by one goroutine.
type thinking struct {
	r     *run
	took  int64 // milliseconds
	text  strings.Builder
	since time.Time // zero: it does not think now
	saved time.Time
	stale bool // there is something that the message does not say
}

// hear takes the next piece of the answer.
func (t *thinking) hear(d Delta) error {
	now, pause := time.Now(), thoughtPause
	if d.Reasoning != "" {
		if t.since.IsZero() {
			t.since, pause = now, turnPause
		}
		if t.text.Len() < maxReasoning {
			t.text.WriteString(d.Reasoning)
		}
		t.stale = true
	}
	if d.Text != "" && !t.since.IsZero() {
		t.took += now.Sub(t.since).Milliseconds()
		t.since, t.stale = time.Time{}, true
	}
	if t.since.IsZero() {
		pause = turnPause
	}
	if !t.stale || now.Sub(t.saved) < pause {
		return nil
	}
	t.stale, t.saved = false, now
	return t.r.update(func(_ *store.Tx, m *store.Message) error {
		t.show(m)
		return nil
	})
}

// end closes the answer.
func (t *thinking) end() {
	if !t.since.IsZero() {
		t.took += time.Since(t.since).Milliseconds()
		t.since = time.Time{}
	}
}

// show puts the thinking so far into the message.
func (t *thinking) show(m *store.Message) {
	m.Reasoning = clip(strings.TrimSpace(t.r.reasoning+"\n\n"+t.text.String()), maxReasoning)
	m.ThoughtMs, m.Thinking = t.r.thoughtMs+t.took, nil
	if !t.since.IsZero() {
		at := store.At(t.since)
		m.Thinking = &at
	}
}

// thoughtOver ends the thinking of a message whose turn ends in the middle of
// it. After the death of a process nobody knows how long it was.
func thoughtOver(m *store.Message, now time.Time, died bool) {
	if m.Thinking != nil && !died {
		m.ThoughtMs += max(now.Sub(m.Thinking.Time).Milliseconds(), 0)
	}
	m.Thinking = nil
}
