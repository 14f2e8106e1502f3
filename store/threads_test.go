package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A deleted message leaves a tombstone; a deleted conversation leaves one for
// all its messages, and nothing of them on disk, also when the process died in
// the middle.
func TestDelete(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	conv, other := talk(t, db), talk(t, db)
	keep := say(t, db, other, "keep", Done)
	m := say(t, db, conv, "one", Done)
	for range 2*purgeBite + 10 {
		say(t, db, conv, "more", Pending)
	}
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteMessage(m.ID) }))
	evs := read(t, db.Follow(0, ""))
	if kinds(evs, "gone") != 1 {
		t.Errorf("%d tombstones, want 1", kinds(evs, "gone"))
	}
	ok(t, db.Update(func(tx *Tx) error { // as DeleteConversation begins
		tx.set(purgePrefix+conv, nil, 0)
		return tx.bury(kindConversation, conv, conv)
	}))
	ok(t, db.Close())
	db = open(t, dir)
	evs = read(t, db.Follow(0, ""))
	if kinds(evs, "gone") != 2 || kinds(evs, "message") != 1 {
		t.Errorf("after restart: %d tombstones, %d messages", kinds(evs, "gone"), kinds(evs, "message"))
	}
	ok(t, db.View(func(tx *Tx) error {
		if _, err := tx.Message(m.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("deleted message: %v", err)
		}
		if open := must(tx.OpenTurns(""))(t); len(open) != 0 {
			t.Errorf("%d open turns", len(open))
		}
		_, err := tx.Message(keep.ID)
		return err
	}))
	ok(t, db.DeleteConversation(other))
	if n := kinds(read(t, db.Follow(0, "")), "message"); n != 0 {
		t.Errorf("%d messages left", n)
	}
}

// The newest page comes first, pages join without gap or overlap, and a
// transaction sees its own writes in them.
func TestPages(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	var want []string
	for i := range 25 {
		want = append(want, say(t, db, conv, fmt.Sprint(i), Done).ID)
	}
	ok(t, db.Update(func(tx *Tx) error {
		want = append(want, tx.NewID())
		return tx.PutMessage(&Message{ID: want[25], Conversation: conv, Role: User, Status: Done})
	}))
	ok(t, db.Update(func(tx *Tx) error {
		want = append(want, tx.NewID())
		if err := tx.PutMessage(&Message{ID: want[26], Conversation: conv, Role: User, Status: Done}); err != nil {
			return err
		}
		var got []string
		for before, more := "", true; more; {
			var page []*Message
			var err error
			if page, more, err = tx.Messages(conv, before, 10); err != nil {
				return err
			}
			before = page[0].ID
			var ids []string
			for _, m := range page {
				ids = append(ids, m.ID)
			}
			got = append(ids, got...)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		return nil
	}))
}

// Unread counts what came since the owner last looked, and the preview is the
// latest message's.
func TestUnread(t *testing.T) {
	db := open(t, "")
	conv := talk(t, db)
	var ms []*Message
	for i := range 5 {
		ms = append(ms, say(t, db, conv, fmt.Sprintf("text\n  %d", i), Done))
	}
	unread := func() (c *Conversation) {
		ok(t, db.View(func(tx *Tx) (err error) { c, err = tx.Conversation(conv); return err }))
		return c
	}
	if c := unread(); c.Unread != 5 || c.Preview != "text 4" || c.LastMessage != ms[4].ID {
		t.Errorf("%+v", c)
	}
	for _, upto := range []string{ms[2].ID, ms[1].ID} { // reading never goes back
		ok(t, db.Update(func(tx *Tx) error { return tx.MarkRead(conv, upto) }))
		if c := unread(); c.Unread != 2 {
			t.Errorf("unread %d, want 2", c.Unread)
		}
	}
	ok(t, db.Update(func(tx *Tx) error { return tx.DeleteMessage(ms[4].ID) }))
	if c := unread(); c.Unread != 1 || c.Preview != "text 3" {
		t.Errorf("%+v", c)
	}
	say(t, db, conv, "", Pending)
	if c := unread(); c.Unread != 1 {
		t.Errorf("a reply that has not ended counts as unread: %+v", c)
	}
}

// A preview is one plain line of at most 160 characters, without marks.
func TestPreview(t *testing.T) {
	for text, want := range map[string]string{
		"**Bold** and `code`\n\n# Title": "Bold and code Title",
		"see [the page](https://x.y/z)!": "see the page!",
		`2 \* 3 = 6`:                     "2 * 3 = 6",
		"[x] done, [open":                "[x] done, [open",
		strings.Repeat("ä ", 200):        strings.Repeat("ä ", 79) + "ä…",
	} {
		if got := preview(&Message{Role: Assistant, Text: text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := preview(&Message{Role: Assistant, Format: "plain", Title: "Build", Text: "a*b"}); got != "Build: a*b" {
		t.Errorf("plain: %q", got)
	}
}
