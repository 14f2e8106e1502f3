package agent

import (
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
	// State and Kind (an empty Text is asked for); say tells only when it will
	// come ("Mon 23 Nov 2026 at 16:05 (Europe/Berlin), in 2 minutes"). It changes nothing. The text of its error is shown to the
	// owner as the answer: what to write instead. When the phrase has several
	// readings, it is an [*AmbiguousError], and the next message may pick one.
	Remind func(phrase, zone string, at time.Time) (r *store.Reminder, say string, err error)
	// Done marks what came due of a reminder as done, and Snooze has it come
	// again after a time such as "10m" or a phrase, as it was written at that
	// instant in that zone. Both say what the reminder is then; the text of an
	// error is for the owner.
	Done   func(tx *store.Tx, reminder string) (say string, err error)
	Snooze func(tx *store.Tx, reminder, until, zone string, at time.Time) (say string, err error)
	// Say tells when a reminder comes next, as Remind does.
	Say func(r *store.Reminder, now time.Time) string
	// Changed is called after reminders were made or cancelled.
	Changed func()
	// Status tells in a sentence or two which model was found and, where none
	// was, how to connect one. Empty is general advice.
	Status func() string
}

// AmbiguousError is a phrase with several readings.
type AmbiguousError struct {
	Question string
	Choices  []Choice
}

// Choice is one reading: what Desk.Remind would have returned for it.
type Choice struct {
	Reminder *store.Reminder
	Say      string
}

// Error gives the question.
func (e *AmbiguousError) Error() string { return e.Question }

// builtin answers q without a model, if it can. With a model connected (not
// alone) it answers only what is surely not meant for the model.
func (a *Agent) builtin(q *question, alone bool) (reply, bool) {
	if q.user.Source.Kind == sourceReminder || q.user.Source.Kind == sourceFire {
		return reply{}, false // what is asked for every day, or by a program, is no command
	}
	in := understand(q.user.Text, a.cfg.Desk.LooksLikeReminder)
	if q.user.Source.Kind != sourceChat && q.user.Source.Kind != "" {
		in = intent{} // a script's words are no commands
	}
	b := &builtin{a: a, q: q}
	if in.verb == verbNone {
		if r, ok := b.followUp(); ok {
			return r, true
		}
	}
	if !alone && in.verb == verbRemind && b.isQuestion(in.rest) {
		return reply{}, false
	}
	fired := b.fired()
	switch {
	case (in.verb == verbDone || in.verb == verbSnooze) && fired == "":
		in.verb = verbNone
	case in.verb == verbDone, in.verb == verbSnooze:
		return b.answer(in, fired), true
	}
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

// connect says how to get a model, from who knows best.
func (b *builtin) connect() string {
	if b.a.cfg.Desk.Status != nil {
		if now := b.a.cfg.Desk.Status(); now != "" {
			return now
		}
	}
	return "To talk about anything, start Ollama, LM Studio or llama.cpp on this machine: Hark finds it by itself. " +
		"For another address or a provider, set `HARK_MODEL_URL`, `HARK_MODEL` and, where one is needed, `HARK_MODEL_KEY`."
}
