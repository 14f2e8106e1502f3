package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"
)

// screen is what a client shows: the test's model of the PWA. Text is kept in
// UTF-16 units, as in a browser.
type screen struct {
	text   map[string][]uint16
	status map[string]Status
	last   Seq
}

func newScreen() *screen { return &screen{text: map[string][]uint16{}, status: map[string]Status{}} }

func (s *screen) apply(t testing.TB, evs []Event) {
	t.Helper()
	for _, e := range evs {
		if e.Seq != 0 {
			if e.Seq <= s.last {
				t.Errorf("change %d came after %d", e.Seq, s.last)
			}
			s.last = e.Seq
		}
		switch e.Kind {
		case "message":
			var m Message
			ok(t, json.Unmarshal(e.Data(), &m))
			s.text[m.ID], s.status[m.ID] = utf16.Encode([]rune(m.Text)), m.Status
		case "delta":
			var d struct {
				Message string
				At      int
				Text    string
			}
			ok(t, json.Unmarshal(e.Data(), &d))
			if have := s.text[d.Message]; d.At > len(have) {
				t.Errorf("delta at %d, have %d", d.At, len(have))
			} else {
				s.text[d.Message] = append(have[:d.At:d.At], utf16.Encode([]rune(d.Text))...)
			}
		case "gone":
			var g struct{ Kind, ID string }
			ok(t, json.Unmarshal(e.Data(), &g))
			delete(s.text, g.ID)
			delete(s.status, g.ID)
		}
	}
}

func (s *screen) show(id string) string { return string(utf16.Decode(s.text[id])) }

// A reply of 200 words, some outside the basic plane; one client reads all the
// time, one sleeps 3 s between reads, one joins in the middle, and all end
// with the same text, the slow one in far fewer reads.
func TestFollowersConverge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := must(Open("", nil))(t)
		ctx, cancel := context.WithCancel(t.Context())
		m := say(t, db, talk(t, db), "", Pending)
		screens, reads := make([]*screen, 3), make([]int, 3)
		var wg sync.WaitGroup
		for i, nap := range []time.Duration{0, 3 * time.Second, 0} {
			wg.Go(func() {
				if i == 2 {
					time.Sleep(2 * time.Second)
				}
				f := db.Follow(0, "")
				screens[i] = newScreen()
				for ctx.Err() == nil {
					evs := must(f.Read())(t)
					screens[i].apply(t, evs)
					if len(evs) > 0 {
						reads[i]++
						time.Sleep(nap)
						continue
					}
					select {
					case <-f.News():
					case <-ctx.Done():
					}
				}
			})
		}
		w := must(db.Stream(m.ID))(t)
		var want strings.Builder
		for i := range 200 {
			s := fmt.Sprintf("wörd%d😀 ", i)
			want.WriteString(s)
			must(w.WriteString(s))(t)
			time.Sleep(20 * time.Millisecond)
		}
		ok(t, w.Close(func(_ *Tx, m *Message) error { m.Status = Done; return nil }))
		time.Sleep(5 * time.Second)
		cancel()
		wg.Wait()
		for i, s := range screens {
			if s.show(m.ID) != want.String() || s.status[m.ID] != Done {
				t.Errorf("screen %d: %s %d units", i, s.status[m.ID], len(s.text[m.ID]))
			}
		}
		if reads[0] < 150 || reads[1] > 10 {
			t.Errorf("reads: fast %d, slow %d, late %d", reads[0], reads[1], reads[2])
		}
		ok(t, db.Close())
	})
}

// A phone sleeps in the middle of a reply and wakes while the model is silent:
// it shows all the text at once, though the last of it is not on disk, from an
// old cursor and from one at the very head.
func TestReconnectMidReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := must(Open("", nil))(t)
		conv := talk(t, db)
		m := say(t, db, conv, "", Pending)
		w := must(db.Stream(m.ID))(t)
		phone, f := newScreen(), db.Follow(0, "")
		must(w.WriteString("one "))(t)
		phone.apply(t, read(t, f))
		cursor := f.Cursor()
		time.Sleep(2 * time.Second) // a checkpoint is written
		must(w.WriteString("two "))(t)
		phone.apply(t, read(t, db.Follow(cursor.Seq, "")))
		if got := phone.show(m.ID); got != "one two " {
			t.Errorf("old cursor: %q", got)
		}
		for _, narrow := range []string{"", conv} {
			atHead := newScreen()
			atHead.text[m.ID] = phone.text[m.ID]
			must(w.WriteString("three "))(t)
			atHead.apply(t, read(t, db.Follow(db.Head().Seq, narrow)))
			if got := atHead.show(m.ID); got != w.Text() {
				t.Errorf("cursor at head: %q, want %q", got, w.Text())
			}
		}
		if evs := read(t, db.Follow(db.Head().Seq, "elsewhere")); len(evs) != 0 {
			t.Errorf("another conversation is told %d events", len(evs))
		}
		w.Abandon()
		ok(t, db.Close())
	})
}

// A follower who was told text by deltas is not told again by a checkpoint,
// but is told a change of the record that is more than text.
func TestCheckpointIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := must(Open("", nil))(t)
		m := say(t, db, talk(t, db), "", Pending)
		w := must(db.Stream(m.ID))(t)
		f := db.Follow(0, "")
		read(t, f)
		must(w.WriteString("a"))(t)
		read(t, f)
		time.Sleep(1100 * time.Millisecond) // clears the reason: more than text
		if evs := read(t, f); kinds(evs, "message") != 1 {
			t.Errorf("first checkpoint: %d", kinds(evs, "message"))
		}
		must(w.WriteString("b"))(t)
		if evs := read(t, f); kinds(evs, "delta") != 1 {
			t.Errorf("text: %d deltas", kinds(evs, "delta"))
		}
		head := db.Head()
		time.Sleep(1100 * time.Millisecond)
		if db.Head() == head {
			t.Error("no checkpoint was written")
		}
		if evs := read(t, f); len(evs) != 0 {
			t.Errorf("checkpoint of known text: %d events", len(evs))
		}
		ok(t, w.Update(func(_ *Tx, m *Message) error { m.Steps = []Step{{N: 1}}; return nil }))
		must(w.WriteString("c"))(t)
		time.Sleep(1100 * time.Millisecond) // the checkpoint hides the step's entry
		if evs := read(t, f); kinds(evs, "message") != 1 {
			t.Errorf("step: %d records", kinds(evs, "message"))
		}
		w.Abandon()
		ok(t, db.Close())
	})
}

// A reader that drops its line at random for a thousand changes, and a store
// that is reopened meanwhile, see each state once, in order, and end with what
// the store holds. The ring is left behind, hit in the middle, and empty.
func TestReconnectAtRandom(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	conv := talk(t, db)
	rng := rand.New(rand.NewPCG(1, 2))
	s, cursor, want := newScreen(), Seq(0), map[string]string{}
	var ids []string
	for i := range 1000 {
		switch {
		case len(ids) > 0 && rng.IntN(3) == 0:
			id := ids[rng.IntN(len(ids))]
			ok(t, db.Update(func(tx *Tx) error {
				m, err := tx.Message(id)
				if err != nil {
					return err
				}
				m.Text = fmt.Sprint("changed ", i)
				want[id] = m.Text
				return tx.PutMessage(m)
			}))
		case len(ids) > 5 && rng.IntN(10) == 0:
			k := rng.IntN(len(ids))
			ok(t, db.Update(func(tx *Tx) error { return tx.DeleteMessage(ids[k]) }))
			delete(want, ids[k])
			ids = append(ids[:k], ids[k+1:]...)
		default:
			m := say(t, db, conv, fmt.Sprint("new ", i), Done)
			ids, want[m.ID] = append(ids, m.ID), m.Text
		}
		if i%300 == 299 {
			ok(t, db.Close())
			db = open(t, dir)
		}
		if rng.IntN(20) == 0 {
			f := db.Follow(cursor, "")
			for range rng.IntN(4) { // the line breaks anywhere, also in mid-replay
				evs := must(f.Read())(t)
				s.apply(t, evs)
			}
			cursor = s.last
		}
	}
	s.apply(t, read(t, db.Follow(cursor, "")))
	if len(s.text) != len(want) {
		t.Errorf("%d messages shown, %d stored", len(s.text), len(want))
	}
	for id, text := range want {
		if s.show(id) != text {
			t.Errorf("%s: %q, want %q", id, s.show(id), text)
		}
	}
}

// A follower that is further behind than the ring reads the disk and joins the
// live tail without gap or overlap.
func TestBehindTheRing(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	n := ringSlots + 500
	for i := 0; i < n; i += 250 {
		ok(t, db.Update(func(tx *Tx) error {
			for range 250 {
				if err := tx.PutReminder(&Reminder{ID: tx.NewID(), Conversation: conv, State: Paused}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	other := talk(t, db)
	if evs := must(db.Follow(0, other).Read())(t); len(evs) != 1 || evs[0].ID != other {
		t.Errorf("narrowed: %d events in the first read, want the one that is its own", len(evs))
	}
	s, f := newScreen(), db.Follow(0, "")
	evs := read(t, f)
	s.apply(t, evs)
	if kinds(evs, "reminder") < n {
		t.Errorf("%d of %d", kinds(evs, "reminder"), n)
	}
	say(t, db, conv, "live", Done)
	evs = read(t, f)
	s.apply(t, evs)
	if len(evs) != 2 {
		t.Errorf("live: %d events, want the message and its conversation", len(evs))
	}
}

// SeqAt finds where the feed stood at a time.
func TestSeqAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := must(Open("", nil))(t)
		conv := talk(t, db)
		var times []time.Time
		for range 20 {
			time.Sleep(time.Minute)
			times = append(times, time.Now())
			say(t, db, conv, "x", Done)
		}
		for i, at := range times {
			evs := read(t, db.Follow(must(db.SeqAt(at))(t), ""))
			if kinds(evs, "message") != 20-i {
				t.Errorf("since message %d: %d messages", i, kinds(evs, "message"))
			}
		}
		if got := must(db.SeqAt(time.Now().Add(time.Hour)))(t); got != db.Head().Seq {
			t.Errorf("from the future: %d, want the head %d", got, db.Head().Seq)
		}
		ok(t, db.Close())
	})
}

// A reply's text is on disk a second later, and what a kill leaves is an open
// turn with that text.
func TestCheckpointOnDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := must(Open("", nil))(t)
		m := say(t, db, talk(t, db), "", Pending)
		w := must(db.Stream(m.ID))(t)
		must(w.WriteString("kept"))(t)
		time.Sleep(checkpoint + 50*time.Millisecond)
		must(w.WriteString(" lost"))(t)
		w.Abandon()
		if _, err := w.WriteString("late"); err == nil {
			t.Error("an abandoned writer takes text")
		}
		ok(t, db.View(func(tx *Tx) error {
			open := must(tx.OpenTurns(""))(t)
			if len(open) != 1 || open[0].Text != "kept" || open[0].Status != Streaming {
				t.Errorf("open turns: %+v", open)
			}
			return nil
		}))
		ok(t, db.Close())
	})
}
