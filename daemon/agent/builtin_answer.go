package agent

import (
	"cmp"
	"errors"
	"fmt"

	"hark/store"
)

// snoozeFor is how long "snooze" alone means.
const snoozeFor = "10m"

// fired is the reminder that has just spoken: the message before this one, or
// the one that it replies to. It is empty where there is none, or it has been
// answered.
func (b *builtin) fired() string {
	m := b.q.replyTo
	if m == nil && len(b.q.earlier) > 0 {
		m = b.q.earlier[0]
	}
	if m == nil || m.Role != store.Assistant || m.Source.Kind != sourceReminder || m.Answer != nil {
		return ""
	}
	return m.Source.ID
}

// answer does what the owner says to a reminder that has just spoken: "done",
// "snooze 1h".
func (b *builtin) answer(in intent, reminder string) reply {
	desk := b.a.cfg.Desk
	if desk.Done == nil || desk.Snooze == nil {
		return reply{text: b.say.noReminders}
	}
	return b.change(func(tx *store.Tx) (string, error) {
		var say string
		var err error
		text := b.say.done
		if in.verb == verbDone {
			if say, err = desk.Done(tx, reminder, b.say.lang); say != "" {
				text = fmt.Sprintf(b.say.doneAgain, escape(say))
			}
		} else {
			say, err = desk.Snooze(tx, reminder, cmp.Or(in.rest, snoozeFor), b.q.zone.String(), b.say.lang, b.q.user.Created.Time)
			text = fmt.Sprintf(b.say.snoozed, escape(say))
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			return b.say.deleted, nil
		case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrTooBig), errors.Is(err, store.ErrCorrupt):
			return "", err
		case err != nil:
			return escape(sentence(err.Error())), nil
		}
		return text, nil
	})
}
