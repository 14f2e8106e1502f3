package agent

import (
	"cmp"
	"fmt"
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
	Done   func(tx *store.Tx, reminder, lang string) (say string, err error)
	Snooze func(tx *store.Tx, reminder, until, zone, lang string, at time.Time) (say string, err error)
	// Say tells when a reminder comes next, as Remind does, in a language: a tag of BCP 47.
	Say func(r *store.Reminder, now time.Time, lang string) string
	// Language is the one that a phrase is written in, which is that of what Remind says of it; empty where that
	// can't be told.
	Language func(phrase, zone string, at time.Time) string
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
	b := &builtin{a: a, q: q, say: tongueOf(cmp.Or(in.lang, q.language))}
	if in.verb == verbRemind {
		b.speakLike(in.rest)
	}
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
		return reply{text: b.say.greet}, true
	case verbThanks:
		return reply{text: b.say.thanks}, true
	case verbTime:
		return reply{text: fmt.Sprintf(b.say.now, q.now.In(q.zone).Format(b.say.clock), q.zone)}, true
	default:
		return b.lost(), true
	}
}

// builtin is one answer in the making.
type builtin struct {
	a   *Agent
	q   *question
	say *tongue // that of the message, or else the owner's
}

// speakLike takes the language of a phrase, if it has one.
func (b *builtin) speakLike(phrase string) {
	if language := b.a.cfg.Desk.Language; language != nil {
		zone := location(b.q.user.Zone, b.a.cfg.Zone)
		if lang := language(phrase, zone.String(), b.q.user.Created.Time); lang != "" {
			b.say = tongueOf(lang)
		}
	}
}

func (b *builtin) help(alone bool) reply {
	text := b.say.help
	if alone {
		text += "\n" + b.connect()
	}
	return reply{text: text}
}

// lost is the answer to what needs a model. It does not pretend.
func (b *builtin) lost() reply { return reply{text: b.say.lost + b.connect()} }

// connect says how to get a model, from who knows best; they know it in English.
func (b *builtin) connect() string {
	if b.a.cfg.Desk.Status != nil && b.say.lang == english().lang {
		if now := b.a.cfg.Desk.Status(); now != "" {
			return now
		}
	}
	return b.say.connect
}
