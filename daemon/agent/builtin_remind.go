package agent

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hark/store"
)

func (b *builtin) remind(phrase string) reply {
	desk := b.a.cfg.Desk
	if desk.Remind == nil {
		return reply{text: b.say.noReminders}
	}
	if phrase == "" {
		return reply{text: b.say.whatAndWhen}
	}
	r, say, err := b.read(b.q.user, phrase)
	if err != nil {
		return reply{text: b.asking(err)}
	}
	if r.Text == "" {
		return reply{text: fmt.Sprintf(b.say.ofWhat, escape(say))}
	}
	return b.promise(r, say)
}

// read has a phrase of message m read. The owner's "in two minutes" began when
// it was written, however long the message had to wait for its turn.
func (b *builtin) read(m *store.Message, phrase string) (*store.Reminder, string, error) {
	zone := location(m.Zone, b.a.cfg.Zone)
	return b.a.cfg.Desk.Remind(phrase, zone.String(), m.Created.Time)
}

// wondering finds "remind me why …", which asks for an answer and not for a
// reminder, although it may hold a time.
var wondering = regexp.MustCompile(`(?i)\bremind me,? (?:again,? )?(?:why|what|how|who|whose|where|which|when)\b`)

// isQuestion reports whether a phrase that no reminder can be made of is rather
// a question, for those who can answer one.
func (b *builtin) isQuestion(phrase string) bool {
	if b.a.cfg.Desk.Remind == nil || !wondering.MatchString(phrase) {
		return false
	}
	_, _, err := b.read(b.q.user, phrase)
	return err != nil
}

// asking puts the failure to read a phrase into an answer.
func (b *builtin) asking(err error) string {
	var choice *AmbiguousError
	if !errors.As(err, &choice) || len(choice.Choices) == 0 {
		return escape(sentence(err.Error()))
	}
	lines := []string{escape(sentence(choice.Question)), ""}
	for i, c := range choice.Choices {
		lines = append(lines, strconv.Itoa(i+1)+". "+escape(c.Say))
	}
	return strings.Join(append(lines, "", b.say.number), "\n")
}

// followUp takes a message for the answer to a question about a reminder that
// came just before: the number of a choice, or the time or text that was missing.
func (b *builtin) followUp() (reply, bool) {
	talk := slices.DeleteFunc(slices.Clone(b.q.earlier), func(m *store.Message) bool {
		return m.Role != store.User && !isReply(m)
	})
	if len(talk) < 2 || !isReply(talk[0]) || talk[1].Role != store.User || b.a.cfg.Desk.Remind == nil {
		return reply{}, false
	}
	if foreign(talk[0]) || foreign(talk[1]) {
		return reply{}, false // what a program has sent is no wish
	}
	before := understand(talk[1].Text, b.a.cfg.Desk.LooksLikeReminder)
	if before.verb != verbRemind {
		return reply{}, false
	}
	b.speakLike(before.rest)
	text := strings.TrimSpace(b.q.user.Text)
	r, say, err := b.read(talk[1], before.rest)
	if err == nil && r.Text == "" && len(text) <= maxCommand {
		r.Text = text
		return b.promise(r, say), true
	}
	if err == nil {
		return reply{}, false // that one was made
	}
	var choice *AmbiguousError
	if errors.As(err, &choice) {
		if c, ok := pick(choice.Choices, text); ok {
			return b.promise(c.Reminder, c.Say), true
		}
	}
	r, say, err = b.read(b.q.user, before.rest+" "+text)
	if err != nil || !strings.Contains(before.rest, r.Text) {
		return reply{}, false // it said more than a time: it is about something else
	}
	return b.promise(r, say), true
}

// pick finds the choice that a short answer means: its number, or words that
// only one of them has.
func pick(choices []Choice, text string) (found Choice, ok bool) {
	text = strings.ToLower(strings.Trim(text, " .!#"))
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(choices) {
		return choices[n-1], true
	}
	hits := 0
	for _, c := range choices {
		if text != "" && strings.Contains(strings.ToLower(c.Say), text) {
			found, hits = c, hits+1
		}
	}
	return found, hits == 1
}

// promise makes a reminder with the answer that tells of it.
func (b *builtin) promise(r *store.Reminder, say string) reply {
	text := fmt.Sprintf(b.say.promise, escape(r.Text), escape(say))
	if r.Next != nil && !r.Next.After(b.q.now) {
		text = fmt.Sprintf(b.say.atOnce, escape(r.Text))
	}
	return reply{text: text, kept: b.a.cfg.Desk.Changed, keep: func(tx *store.Tx, _ *string) error {
		// The reminder has the id of this answer: a turn that runs again after a
		// crash, or for a retry, finds what it has made before.
		r.ID, r.Conversation = b.q.id, b.q.user.Conversation
		if _, err := tx.Reminder(r.ID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.PutReminder(r)
	}}
}
