package daemon

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/daemon/watch"
	"hark/store"
)

const (
	// lookTime is how long a person waits for a look; it goes on by itself.
	lookTime = 75 * time.Second
	// maxExcerpt is how much of an entry a message shows, in bytes; its link leads
	// to the rest.
	maxExcerpt = 700
	// maxSummed is how much of an entry the assistant is given.
	maxSummed = 16 << 10
)

// tellEntry delivers an entry of a source as a fire, bound as the source is.
func (d *Daemon) tellEntry(s *store.Watched, e watch.Entry, first func(*store.Tx) (bool, error)) error {
	if err := d.room(); err != nil {
		return err
	}
	bounds := &store.Token{} // of the source as it is when this is delivered
	who := caller{kind: "source", id: s.ID, name: s.Name, token: bounds}
	_, err := d.deliverIf(entryFire(s, e), who, func(tx *store.Tx) (bool, error) {
		now, err := tx.WatchedOf(s.ID) // it may have been muted since
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		*bounds = store.Token{ID: now.ID, Name: now.Name, TokenOptions: now.TokenOptions}
		return first(tx)
	})
	return err
}

// entryFire is the message that an entry becomes.
func entryFire(s *store.Watched, e watch.Entry) *fireInput {
	in := new(fireInput)
	text := in.clean("text", e.Text)
	in.Title = in.short("title", cmp.Or(e.Title, s.Name), maxTitle)
	in.click(e.Link)
	if in.Run = s.Run; s.Run {
		if e.Link != "" {
			text = "Address: " + e.Link + "\n\n" + text
		}
		in.Text = cmp.Or(excerpt(text, maxSummed), in.Title)
		return in
	}
	in.Text = cmp.Or(excerpt(text, maxExcerpt), in.Click, in.Title)
	return in
}

// excerpt is the beginning of a text, up to the end of a word.
func excerpt(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = cut(s, most)
	if i := strings.LastIndexAny(s, " \n"); i > most/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " \n.,;:") + " …"
}

// dialSource reaches what the owner has named, also in their own network, and
// what that leads to only on the public internet.
func (d *Daemon) dialSource(ctx context.Context, network, address, named string) (net.Conn, error) {
	guard := &agent.Fetcher{Lookup: d.lookup, Admit: admits(named)}
	c, err := guard.Dial(ctx, network, address)
	if errors.Is(err, agent.ErrNotPublic) {
		err = watch.ErrPrivate
	}
	return c, err
}
