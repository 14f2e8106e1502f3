package agent

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hark/store"
)

// upcoming returns the active reminders, the next one first: the order in
// which they are numbered for the owner. What programs have set for later is
// theirs, and their words are not told as ours.
func (b *builtin) upcoming(tx *store.Tx) ([]*store.Reminder, error) {
	all, err := tx.Reminders()
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r *store.Reminder) bool { return r.State != store.Active || r.Next == nil || r.Post != nil })
	slices.SortStableFunc(all, func(x, y *store.Reminder) int {
		return cmp.Or(x.Next.Compare(y.Next.Time), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

const maxListed = 50

// Lists and cancellations are made inside the transaction that ends the turn,
// so that the answer tells what is true at that moment.

func (b *builtin) list() reply {
	return reply{keep: func(tx *store.Tx, text *string) error {
		all, err := b.upcoming(tx)
		if err != nil {
			return err
		}
		if *text = b.say.none; len(all) > 0 {
			*text = b.say.list + b.lines(all) + b.say.listEnd
		}
		return nil
	}}
}

func (b *builtin) lines(rs []*store.Reminder) string {
	var lines []string
	for i, r := range rs {
		if i == maxListed {
			lines = append(lines, fmt.Sprintf(b.say.more, len(rs)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, b.line(r)))
	}
	return strings.Join(lines, "\n")
}

func (b *builtin) line(r *store.Reminder) string {
	when := ""
	switch {
	case b.a.cfg.Desk.Say != nil:
		when = b.a.cfg.Desk.Say(r, b.q.now, b.say.lang)
	case r.Next != nil:
		when = r.Next.In(b.q.zone).Format(b.say.date)
	}
	return "**" + escape(r.Text) + "**, " + escape(when)
}

func (b *builtin) cancel(what string) reply {
	return b.change(func(tx *store.Tx) (string, error) {
		all, err := b.upcoming(tx)
		if err != nil || len(all) == 0 {
			return b.say.none, err
		}
		hits := matching(all, what)
		switch len(hits) {
		case 0:
			return fmt.Sprintf(b.say.noFit, escape(what), b.lines(all)), nil
		case 1:
			return b.drop(tx, hits)
		}
		return fmt.Sprintf(b.say.several, escape(what), b.lines(all)), nil
	})
}

func (b *builtin) cancelAll() reply {
	return b.change(func(tx *store.Tx) (string, error) {
		all, err := b.upcoming(tx)
		if err != nil || len(all) == 0 {
			return b.say.none, err
		}
		return b.drop(tx, all)
	})
}

// undo takes back the reminder that the last answer has made.
func (b *builtin) undo() reply {
	return b.change(func(tx *store.Tx) (string, error) {
		r, err := b.lastMade(tx)
		if err != nil {
			return "", err
		}
		if r == nil {
			return b.say.nothingMade, nil
		}
		return b.drop(tx, []*store.Reminder{r})
	})
}

func (b *builtin) canUndo() bool {
	var r *store.Reminder
	err := b.a.cfg.DB.View(func(tx *store.Tx) (err error) {
		r, err = b.lastMade(tx)
		return err
	})
	return err == nil && r != nil
}

// lastMade returns the reminder that the last answer has made, or nil.
func (b *builtin) lastMade(tx *store.Tx) (*store.Reminder, error) {
	i := slices.IndexFunc(b.q.earlier, isReply)
	if i < 0 {
		return nil, nil
	}
	r, err := tx.Reminder(b.q.earlier[i].ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && r.State != store.Active {
		return nil, nil
	}
	return r, err
}

func (b *builtin) change(fn func(*store.Tx) (string, error)) reply {
	return reply{kept: b.a.cfg.Desk.Changed, keep: func(tx *store.Tx, text *string) (err error) {
		*text, err = fn(tx)
		return err
	}}
}

func (b *builtin) drop(tx *store.Tx, rs []*store.Reminder) (string, error) {
	for _, r := range rs {
		if err := tx.DeleteReminder(r.ID); err != nil {
			return "", err
		}
	}
	if len(rs) == 1 {
		return fmt.Sprintf(b.say.cancelled, b.line(rs[0])), nil
	}
	return fmt.Sprintf(b.say.cancelledAll, b.lines(rs)), nil
}

// matching finds reminders by their number in the list, or by words of their
// text.
func matching(all []*store.Reminder, what string) []*store.Reminder {
	if n, err := strconv.Atoi(strings.TrimLeft(what, "# ")); err == nil && n >= 1 && n <= len(all) {
		return all[n-1 : n]
	}
	words := strings.Fields(strings.ToLower(what))
	var hits []*store.Reminder
	for _, r := range all {
		text := strings.ToLower(r.Text)
		if text == strings.Join(words, " ") {
			return []*store.Reminder{r}
		}
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			hits = append(hits, r)
		}
	}
	return hits
}
