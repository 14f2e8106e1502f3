package agent

import (
	"errors"
	"strings"
	"time"

	"hark/store"
)

// Desk is what the built-in assistant needs from outside the agent. A nil func
// is a thing that can't be done here, and is said so.
type Desk struct {
	// LooksLikeReminder reports whether a text is clearly a wish to be reminded
	// of something. Such a text never goes to a model.
	LooksLikeReminder func(text string) bool
	// Remind reads a phrase, with or without "remind me", as it was written at that instant on a clock in
	// that IANA zone. The reminder it returns has Text, Schedule, Zone, Next,
	// State and Kind; say tells when it will come ("today at 16:05, in 2
	// minutes"). It changes nothing. The text of its error is shown to the
	// owner as the answer: a question, or what to write instead.
	Remind func(phrase, zone string, at time.Time) (r *store.Reminder, say string, err error)
	// Say tells when a reminder comes next, as Remind does.
	Say func(r *store.Reminder, now time.Time) string
	// Changed is called after reminders were made or cancelled.
	Changed func()
	// Status tells in a sentence what is known of a model, for the help text:
	// what was found, or how to connect one. It may be empty.
	Status func() string
}

// builtin answers q without a model, if it can. With a model connected (not
// alone) it answers only what is surely not meant for the model.
func (a *Agent) builtin(q *question, alone bool) (reply, bool) {
	in := understand(q.user.Text, a.cfg.Desk.LooksLikeReminder)
	if q.user.Source.Kind != sourceChat && q.user.Source.Kind != "" {
		in = intent{} // a script's words are no commands
	}
	b := &builtin{a: a, q: q}
	if !alone && !in.sure && (in.verb != verbUndo || !b.canUndo()) {
		return reply{}, false
	}
	switch in.verb {
	case verbRemind:
		return b.remind(in.rest), true
	case verbList:
		return b.list(), true
	case verbCancel:
		return b.cancel(in.rest), true
	case verbCancelAll:
		return b.cancelAll(), true
	case verbUndo:
		return b.undo(), true
	case verbSearch:
		return b.search(in.rest), true
	case verbHelp:
		return b.help(alone), true
	case verbGreet:
		return reply{text: "Hello! Write “remind me in 20 minutes to take the bread out”, or “help” to see what I can do."}, true
	case verbThanks:
		return reply{text: "You're welcome."}, true
	case verbTime:
		return reply{text: "It is " + q.now.In(q.zone).Format("15:04 on Monday, 2 January 2006") + " (" + q.zone.String() + ")."}, true
	default:
		return b.lost(), true
	}
}

// builtin is one answer in the making.
type builtin struct {
	a *Agent
	q *question
}

const noReminders = "Reminders are not available here."

func (b *builtin) remind(phrase string) reply {
	desk := b.a.cfg.Desk
	if desk.Remind == nil {
		return reply{text: noReminders}
	}
	if phrase == "" {
		return reply{text: "Of what, and when? For example: “remind me tomorrow at 9 to call Ana”."}
	}
	// The owner's “in two minutes” began when it was written, however long the
	// message had to wait for its turn.
	r, say, err := desk.Remind(phrase, b.q.zone.String(), b.q.user.Created.Time)
	if err != nil {
		return reply{text: sentence(err.Error())}
	}
	text := "I'll remind you **" + escape(say) + "**: " + escape(r.Text)
	if r.Next != nil && !r.Next.After(b.q.now) {
		text = "That time has just passed, so I remind you at once: " + escape(r.Text)
	}
	return reply{text: text, kept: desk.Changed, keep: func(tx *store.Tx, _ *string) error {
		// The reminder has the id of this answer: a turn that runs again after a
		// crash, or for a retry, finds what it has made before.
		r.ID, r.Conversation = b.q.id, b.q.user.Conversation
		if _, err := tx.Reminder(r.ID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.PutReminder(r)
	}}
}

func (b *builtin) search(words string) reply {
	const limit, budget = 40, 300 * time.Millisecond
	found, _, more, err := b.a.cfg.DB.Search(words, 0, limit, budget)
	if err != nil {
		b.a.cfg.Log.Error("search failed", "err", err)
		return reply{text: "I could not search just now. Please try again."}
	}
	var lines []string
	for _, m := range found {
		if m.ID == b.q.user.ID || m.Status.Open() || b.isSearch(m) {
			continue
		}
		if len(lines) == maxHits {
			more = true
			break
		}
		lines = append(lines, b.hit(m, words))
	}
	switch {
	case len(lines) == 0 && more:
		return reply{text: "I found nothing about “" + escape(words) + "” among the newest messages. The search screen looks through all of them."}
	case len(lines) == 0:
		return reply{text: "I found nothing about “" + escape(words) + "”."}
	}
	text := foundPrefix + escape(words) + "”, newest first:\n\n" + strings.Join(lines, "\n")
	if more {
		text += "\n\nThere may be more: the search screen looks through everything."
	}
	return reply{text: text}
}

const (
	foundPrefix = "Here is what I found about “"
	maxHits     = 8
)

// isSearch reports whether m is a search or its result: that a word was looked
// for is nothing to find.
func (b *builtin) isSearch(m *store.Message) bool {
	if m.Role == store.User {
		return understand(m.Text, nil).verb == verbSearch
	}
	return strings.HasPrefix(m.Text, foundPrefix) || strings.HasPrefix(m.Text, "I found nothing about “")
}

func (b *builtin) hit(m *store.Message, words string) string {
	who := "you"
	switch {
	case m.Source.Name != "":
		who = m.Source.Name
	case m.Role == store.Assistant:
		who = "Hark"
	}
	return "- **" + m.Created.In(b.q.zone).Format("2 Jan 2006, 15:04") + "**, " + escape(who) + ": " + escape(around(m.Text, words))
}

func (b *builtin) help(alone bool) reply {
	var s strings.Builder
	s.WriteString("I'm Hark. I live on this machine, and I can speak first. Without any model I can:\n\n" +
		"- **remind you**: “remind me in 20 minutes to take the bread out”, “remind me every weekday at 8 to take the pills”\n" +
		"- **list** your reminders: “my reminders”, and **cancel** one: “cancel reminder 2”, “undo”\n" +
		"- **search** our messages: “/search boiler”\n" +
		"- **pass on** what your scripts say: `hark fire \"Backup done\"`\n")
	if alone {
		s.WriteString("\n" + b.connect())
	}
	return reply{text: s.String()}
}

// lost is the answer to what needs a model. It does not pretend.
func (b *builtin) lost() reply {
	return reply{text: "I can't answer that by myself: no model is connected, so I only understand reminders, search and a few commands " +
		"(write “help” to see them).\n\n" + b.connect()}
}

func (b *builtin) connect() string {
	s := "To talk about anything, connect a model: start Ollama, LM Studio or llama.cpp on this machine and restart Hark, which finds it by itself. " +
		"For another address or a provider, set `HARK_MODEL_URL`, `HARK_MODEL` and, where one is needed, `HARK_MODEL_KEY`."
	if b.a.cfg.Desk.Status != nil {
		if now := b.a.cfg.Desk.Status(); now != "" {
			s += "\n\n" + now
		}
	}
	return s
}
