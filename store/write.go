package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// checkpoint is how much streamed text, in time, a crash may cost.
	checkpoint = time.Second
	// MaxReply is the longest text of a reply in bytes. JSON may need six
	// bytes for one; ordinary text stays far below the limit of a record.
	MaxReply = 512 << 10
)

// Writer grows the text of one running reply. Followers see what is written
// at once; the disk has it within a second. It is safe for concurrent use.
type Writer struct {
	db      *DB
	id      string
	conv    string
	attempt int

	mu     sync.Mutex
	text   strings.Builder
	units  int
	timer  *time.Timer
	closed bool
	shared Event // the last delta made, for the other followers at the same place
	from   int
	to     int
}

// Stream starts to write message id, which must be pending: it becomes
// streaming, and what is written is added to the text that it has. More may be
// changed in the same transaction by fns.
func (db *DB) Stream(id string, fns ...func(tx *Tx, m *Message) error) (*Writer, error) {
	w := &Writer{db: db, id: id}
	err := db.Update(func(tx *Tx) error {
		m, err := tx.Message(id)
		if err != nil {
			return err
		}
		if m.Status != Pending {
			return fmt.Errorf("stream %s: %w", id, ErrSettled)
		}
		m.Status, m.Reason = Streaming, WaitingModel
		for _, fn := range fns {
			if err := fn(tx, m); err != nil {
				return err
			}
		}
		w.conv, w.attempt = m.Conversation, m.Attempt
		w.units = utf16Len(m.Text)
		w.text.Reset()
		w.text.WriteString(m.Text)
		return tx.PutMessage(m)
	})
	if err != nil {
		return nil, err
	}
	db.tailMu.Lock()
	db.tails[id] = w
	db.tailMu.Unlock()
	return w, nil
}

// Units is the length of Text in UTF-16 units, in which browsers count.
func (w *Writer) Units() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.units
}

// Text is what has been written so far.
func (w *Writer) Text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// WriteString adds s. Bytes that are not UTF-8 become U+FFFD. It fails with
// ErrSettled after Close and with ErrTooBig beyond [MaxReply], adding nothing.
func (w *Writer) WriteString(s string) (int, error) {
	n := len(s)
	s = strings.ToValidUTF8(s, "\uFFFD")
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return 0, ErrSettled
	}
	if w.text.Len()+len(s) > MaxReply {
		w.mu.Unlock()
		return 0, fmt.Errorf("reply of more than %d bytes: %w", MaxReply, ErrTooBig)
	}
	w.text.WriteString(s)
	w.units += utf16Len(s)
	if w.timer == nil {
		w.timer = time.AfterFunc(checkpoint, w.save)
	}
	w.mu.Unlock()
	w.db.bell.ring()
	return n, nil
}

// save puts the text so far on disk.
func (w *Writer) save() {
	err := w.db.Update(func(tx *Tx) error {
		m, err := w.record(tx)
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.timer = nil // what is written from here on starts the next second
		only := m.Reason == ""
		w.mu.Unlock()
		m.Reason = ""
		return tx.putMessage(m, only)
	})
	if err == nil || errors.Is(err, ErrSettled) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrClosed) {
		return
	}
	w.db.log.Error("checkpoint failed", "message", w.id, "err", err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed { // a full disk may have room again in a second
		w.timer = time.AfterFunc(checkpoint, w.save)
	}
}

// record loads the message with the text written so far.
func (w *Writer) record(tx *Tx) (*Message, error) {
	m, err := tx.Message(w.id)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || m.Attempt != w.attempt || m.Status != Streaming {
		return nil, ErrSettled
	}
	m.Text = w.text.String()
	return m, nil
}

// Update changes the running message in a transaction of its own: its steps,
// its reason. The text written so far is saved with it.
func (w *Writer) Update(fn func(tx *Tx, m *Message) error) error {
	return w.db.Update(func(tx *Tx) error {
		m, err := w.record(tx)
		if err != nil {
			return err
		}
		if err := fn(tx, m); err != nil {
			return err
		}
		return tx.PutMessage(m)
	})
}

// Close settles the message: fn sets how it ended (Done or Failed, and why), or
// sets it aside (Pending, and what it waits for), and may write more in the same
// transaction. If the transaction fails the writer stays open. After Close the
// message is the caller's no more.
func (w *Writer) Close(fn func(tx *Tx, m *Message) error) error {
	err := w.db.Update(func(tx *Tx) error {
		m, err := w.record(tx)
		if err != nil {
			return err
		}
		m.Reason = ""
		if err := fn(tx, m); err != nil {
			return err
		}
		if m.Status == Streaming {
			return fmt.Errorf("close %s: status %s is not an end", w.id, m.Status)
		}
		return tx.PutMessage(m)
	})
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrSettled) {
		w.Abandon()
	}
	return err
}

// Abandon stops writing without settling the message, as a killed process
// would: it stays open, with the text of its last checkpoint.
func (w *Writer) Abandon() {
	w.mu.Lock()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Unlock()
	w.db.tailMu.Lock()
	if w.db.tails[w.id] == w {
		delete(w.db.tails, w.id)
	}
	w.db.tailMu.Unlock()
}

// delta returns the text that follows what a client has been told.
func (w *Writer) delta(t textMark) (Event, textMark, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.text.Len()
	if t.attempt != w.attempt || t.bytes >= n {
		return Event{}, t, false
	}
	if w.shared.Frame == nil || w.from != t.bytes || w.to != n {
		data, err := marshal(struct {
			Message string `json:"message"`
			Attempt int    `json:"attempt"`
			At      int    `json:"at"`
			Text    string `json:"text"`
		}{w.id, w.attempt, t.units, w.text.String()[t.bytes:]})
		if err != nil {
			return Event{}, t, false
		}
		w.from, w.to = t.bytes, n
		w.shared = deltaEvent(w.id, w.conv, data)
	}
	return w.shared, textMark{open: true, attempt: w.attempt, bytes: n, units: w.units}, true
}

func deltaEvent(id, conv string, data []byte) Event {
	const head = "event: delta\ndata: "
	f := make([]byte, 0, len(head)+len(data)+2)
	f = append(append(append(f, head...), data...), '\n', '\n')
	return Event{Kind: "delta", ID: id, Conversation: conv, Frame: f, data: len(head)}
}

// utf16Len is the length of s in UTF-16 units, in which browsers count text.
func utf16Len(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

func markOf(m *Message) textMark {
	return textMark{open: m.Status.Open(), attempt: m.Attempt, bytes: len(m.Text), units: utf16Len(m.Text)}
}
