package agent

import (
	"regexp"
	"strings"
	"sync"
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
}

// rule is one line of the grammar.
type rule struct {
	pattern *regexp.Regexp // its last group is the intent's rest
	verb    verb
	sure    bool
}

// grammar returns the rules in the order in which they are tried. Their
// patterns see a message in one line, without a full stop at its end.
var grammar = sync.OnceValue(func() []rule {
	re := func(s string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(?:please )?(?:` + s + `)(?: please)?[?!]*$`)
	}
	return []rule{
		{re(`/(?:help|start)`), verbHelp, true},
		{re(`/(?:reminders|list)`), verbList, true},
		{re(`/(?:search|find) +(.+)`), verbSearch, true},
		{re(`/cancel +(.+)`), verbCancel, true},
		{re(`/remind(?: +(.+))?`), verbRemind, true},
		{re(`(?:list|show)(?: me)?(?: all)?(?: of)?(?: my| the)? reminders`), verbList, true},
		{re(`(?:what|which)(?: are)?(?: my| the)? reminders(?: do i have| are there| are set)?`), verbList, true},
		{re(`(?:my |all )?reminders`), verbList, true},
		{re(`(?:cancel|delete|remove|clear) (?:all|every)(?: of)?(?: my| the)? reminders?`), verbCancelAll, true},
		{re(`(?:cancel|delete|remove|stop)(?: the| my| a| that)? reminders?`), verbList, true}, // which one?
		{re(`(?:cancel|delete|remove|stop)(?: the| my| that)? reminder(?: (?:number|no\.?|nr\.?|#|to|about|for|of))? +(.+)`), verbCancel, true},
		{re(`(?:cancel|delete|remove|stop)(?: the| my) (.+?) reminder`), verbCancel, true},
		{re(`undo|cancel (?:it|that)|forget (?:it|that)`), verbUndo, false},
		{re(`(?:it'?s |all |i'?m )?done|did it|i did(?: it)?|ok,? done|erledigt|gemacht|hecho|listo`), verbDone, false},
		{re(`snooze(?: it| that)?(?: (?:for|until|till|to))?(?: +(.+))?`), verbSnooze, false},
		{re(`list|show`), verbList, false},
		{re(`(?:cancel|delete|remove) (.+)`), verbCancel, false},
		{re(`(?:search my messages|search|look|find)(?: for)? +(.+)`), verbSearch, false},
		{re(`help|\?|what can you do|who are you|what are you|how do you work|how does this work`), verbHelp, false},
		{re(`(?:hi|hello|hey|hallo|hola|moin|good (?:morning|afternoon|evening))(?: there)?(?:,? hark)?`), verbGreet, false},
		{re(`(?:thanks?|thank you|danke|gracias|cheers)(?: (?:you|a lot|very much|so much))?(?:,? hark)?`), verbThanks, false},
		{re(`(?:what(?:'|’)?s|what is|tell me)(?: the)? (?:time|date|day)(?: is it)?(?: now| today)?`), verbTime, false},
		{re(`what (?:time|day|date) is it(?: now| today)?`), verbTime, false},
	}
})

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
			in := intent{verb: g.verb, sure: g.sure}
			if len(m) > 1 {
				in.rest = strings.Trim(m[len(m)-1], ` "“”'?!`)
			}
			return in
		}
	}
	if looksLike != nil && looksLike(text) {
		return intent{verb: verbRemind, rest: strings.TrimSpace(text), sure: true}
	}
	return intent{}
}
