package agent

import (
	"regexp"
	"strings"
)

// verb is what the built-in assistant is asked to do.
type verb int

const (
	verbNone verb = iota // not understood
	verbRemind
	verbList
	verbCancel
	verbCancelAll
	verbUndo
	verbDone
	verbSnooze
	verbSearch
	verbHelp
	verbGreet
	verbThanks
	verbTime
)

// intent is a message as the built-in assistant understands it.
type intent struct {
	verb verb
	rest string // what to look for, cancel, or be reminded of
	// sure means that the message can't well be meant for a model: it is a
	// command, or it is about reminders, which a model can't see.
	sure bool
	lang string // that it was said in, where that shows
}

// rule is one line of the grammar.
type rule struct {
	pattern *regexp.Regexp // its last group is the intent's rest
	verb    verb
	sure    bool
	lang    string
}

// maxCommand is the length, in bytes, beyond which a text is no command.
const maxCommand = 300

// understand reads a message. looksLike reports whether a text is clearly a
// wish to be reminded.
func understand(text string, looksLike func(string) bool) intent {
	line := strings.TrimRight(strings.Join(strings.Fields(text), " "), ".")
	if len(line) <= maxCommand {
		for _, g := range grammar() {
			m := g.pattern.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			in := intent{verb: g.verb, sure: g.sure, lang: g.lang}
			if len(m) > 1 {
				in.rest = strings.Trim(m[len(m)-1], ` "“”„«»'?!`)
			}
			return in
		}
	}
	if looksLike != nil && looksLike(text) {
		return intent{verb: verbRemind, rest: strings.TrimSpace(text), sure: true}
	}
	return intent{}
}
