package agent

import "strings"

// tongue is what the built-in assistant says, in one language. Those with a verb are formats.
type tongue struct {
	lang string

	greet, thanks, now, help, lost, connect string
	clock, date                             string // layouts of times
	noReminders, whatAndWhen, ofWhat        string
	promise, atOnce, number                 string
	done, doneAgain, snoozed, deleted       string
	none, list, listEnd, more               string
	noFit, several, nothingMade             string
	cancelled, cancelledAll                 string
	searchFailed, nothingNew, nothing       string
	found, foundMore, you                   string
}

// tongueOf is that of a language, a tag of BCP 47; English stands in for those
// there are no words of.
func tongueOf(lang string) *tongue {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	for _, t := range tongues() {
		if t.lang == base {
			return t
		}
	}
	return english()
}

func tongues() []*tongue { return []*tongue{english(), german(), spanish()} }

// head is a format up to its first verb.
func head(format string) string {
	s, _, _ := strings.Cut(format, "%")
	return s
}

func english() *tongue {
	return &tongue{
		lang:   "en",
		greet:  "Hello! Write “remind me in 20 minutes to take the bread out”, or “help” to see what I can do.",
		thanks: "You're welcome.",
		now:    "It is %s (%s).", clock: "15:04 on Monday, 2 January 2006", date: "2 Jan 2006, 15:04",
		help: "I'm Hark. I live on this machine, and I can speak first. Without any model I can:\n\n" +
			"- **remind you**: “remind me in 20 minutes to take the bread out”, “remind me every weekday at 8 to take the pills”\n" +
			"- **list** your reminders: “my reminders”, and **cancel** one: “cancel reminder 2”, “undo”\n" +
			"- **search** our messages: “/search boiler”\n" +
			"- **pass on** what your scripts say: `hark fire \"Backup done\"`\n",
		lost: "I can't answer that by myself: no model is connected, so I only understand reminders, search and a few commands " +
			"(write “help” to see them).\n\n",
		connect: "To talk about anything, start Ollama, LM Studio or llama.cpp on this machine: Hark finds it by itself. " +
			"For another address or a provider, set `HARK_MODEL_URL`, `HARK_MODEL` and, where one is needed, `HARK_MODEL_KEY`.",
		noReminders: "Reminders are not available here.",
		whatAndWhen: "Of what, and when? For example: “remind me tomorrow at 9 to call Ana”.",
		ofWhat:      "Of what shall I remind you?\n\n%s",
		promise:     "I'll remind you: **%s**\n\n%s", atOnce: "That time has just passed, so I remind you at once: **%s**",
		number: "Answer with the number.",
		done:   "Done.", doneAgain: "Done. It comes again: %s", snoozed: "Snoozed until %s.", deleted: "This reminder was deleted meanwhile.",
		none: "You have no reminders. Make one with “remind me tomorrow at 9 to call Ana”.",
		list: "Your reminders, the next one first:\n\n", listEnd: "\n\n“Cancel reminder 1” takes the first one away.", more: "\nand %d more.",
		noFit:       "No reminder fits “%s”. These are set:\n\n%s",
		several:     "Several reminders fit “%s”. Which one? Write “cancel reminder” and its number.\n\n%s",
		nothingMade: "I don't know what to take back. “My reminders” shows what is set, and “cancel reminder 1” takes one away.",
		cancelled:   "Cancelled: %s.", cancelledAll: "Cancelled all of these:\n\n%s",
		searchFailed: "I could not search just now. Please try again.",
		nothingNew:   "I found nothing about “%s” among the newest messages. The search screen looks through all of them.",
		nothing:      "I found nothing about “%s”.",
		found:        "Here is what I found about “%s”, newest first:\n\n%s",
		foundMore:    "\n\nThere may be more: the search screen looks through everything.", you: "you",
	}
}
