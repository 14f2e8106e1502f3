package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A turn's journal is read in the order of its numbers, and goes with its
// message, alone or with the whole conversation.
func TestJournal(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	var ids []string
	ok(t, db.Update(func(tx *Tx) error {
		for range 2 {
			m := &Message{ID: tx.NewID(), Conversation: conv, Role: Assistant, Status: Done}
			ids = append(ids, m.ID)
			if err := tx.PutMessage(m); err != nil {
				return err
			}
			for _, n := range []int{300, 0, 2, 1} {
				if err := tx.PutJournal(m.ID, n, fmt.Sprint("line ", n)); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	lines := func(id string) string {
		t.Helper()
		var out []string
		if err := db.View(func(tx *Tx) error {
			return tx.Journal(id, func(n int, line []byte) error {
				out = append(out, fmt.Sprint(n, " ", string(line)))
				return nil
			})
		}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(out, ", ")
	}
	if got, want := lines(ids[0]), `0 "line 0", 1 "line 1", 2 "line 2", 300 "line 300"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	ok(t, db.Update(func(tx *Tx) error {
		tx.DropJournal(ids[0], 2)
		tx.DropJournalLine(ids[0], 0)
		return nil
	}))
	if got, want := lines(ids[0]), `1 "line 1"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteMessage(ids[0]) }))
	if err := db.DeleteConversation(conv); err != nil {
		t.Fatal(err)
	}
	if got := lines(ids[0]) + lines(ids[1]); got != "" {
		t.Errorf("left: %s", got)
	}
}

// A reply that was set aside goes on with the text that it had.
func TestSetAside(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	id := ""
	ok(t, db.Update(func(tx *Tx) error {
		id = tx.NewID()
		return tx.PutMessage(&Message{ID: id, Conversation: conv, Role: Assistant, Status: Pending})
	}))
	for i, want := range []string{"one", "oneone🌙", "oneone🌙"} {
		w, err := db.Stream(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(strings.TrimPrefix(want, w.Text())); err != nil {
			t.Fatal(err)
		}
		if got := w.Units(); got != utf16Len(want) {
			t.Errorf("%d units of %q", got, want)
		}
		err = w.Close(func(_ *Tx, m *Message) error {
			if m.Status, m.Reason = Pending, WaitApproval; i == 2 {
				m.Status, m.Reason = Done, ""
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.View(func(tx *Tx) error {
			m, err := tx.Message(id)
			open, _ := tx.OpenTurns(conv)
			if m.Text != want || len(open) != map[bool]int{true: 0, false: 1}[i == 2] {
				t.Errorf("got %q, %d open", m.Text, len(open))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// Facts are kept until they are forgotten; usage adds up by day and source.
func TestFactsAndUsage(t *testing.T) {
	db := open(t, "")
	ok(t, db.Update(func(tx *Tx) error {
		for _, text := range []string{"a", "b"} {
			if err := tx.PutFact(&Fact{ID: tx.NewID(), Text: text}); err != nil {
				return err
			}
		}
		facts, err := tx.Facts()
		if err != nil || len(facts) != 2 || facts[0].Text != "a" || facts[0].Created.IsZero() {
			t.Errorf("got %v, %v", facts, err)
		}
		if err := tx.DeleteFact(facts[0].ID); err != nil {
			return err
		}
		if err := tx.DeleteFact(facts[0].ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
		for _, day := range []string{"2026-11-21", "2026-11-22", "2026-11-22"} {
			if err := tx.AddUsage(day, "chat", Usage{Calls: 1, Input: 10, Output: 2}); err != nil {
				return err
			}
		}
		return tx.AddUsage("2026-11-22", "reminder", Usage{Turns: 1})
	}))
	if err := db.View(func(tx *Tx) error {
		days, err := tx.UsageSince("2026-11-22")
		want := []DayUsage{
			{Day: "2026-11-22", Source: "chat", Usage: Usage{Calls: 2, Input: 20, Output: 4}},
			{Day: "2026-11-22", Source: "reminder", Usage: Usage{Turns: 1}},
		}
		if fmt.Sprint(days) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", days, want)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
