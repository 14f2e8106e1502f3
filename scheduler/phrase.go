package scheduler

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Phrase is a reminder as it was understood.
type Phrase struct {
	Text     string      // what to say when it is due; empty if the phrase is only a time
	Schedule Schedule    // in the zone given to Parse
	At       []time.Time // the next times, up to five, in that zone
	Say      string      // one sentence that repeats text, local time, zone and distance
	Lang     string      // language of the time: en, de, es; empty if it was written as a schedule
}

// UnclearError says that no time was found, or one that makes no sense.
type UnclearError struct {
	Hint string // a sentence that helps, in Lang
	Lang string // of the phrase, as in [Phrase]; empty if that is not known
}

func (e *UnclearError) Error() string { return e.Hint }

// AmbiguousError says that a phrase has several readings. Each choice is complete and can be taken as it is.
type AmbiguousError struct {
	Question string
	Choices  []Phrase
	Lang     string // of the question
}

func (e *AmbiguousError) Error() string {
	var says []string
	for _, c := range e.Choices {
		says = append(says, c.Say)
	}
	return e.Question + " " + strings.Join(says, phrased(e.Lang, " – or: "))
}

// PastError says that the time has gone by. Choices offer the same time of day ahead, if there is any.
type PastError struct {
	When    time.Time
	Choices []Phrase
	Lang    string // of the phrase
}

func (e *PastError) Error() string {
	return fmt.Sprintf(phrased(e.Lang, "That was %s, which has gone by. Which time do you mean?"), speechOf(e.Lang).time(e.When))
}

// maxPhrase is longer than any note; the time stands at its beginning or end.
const maxPhrase = 4000

// nextShown is how many coming times a Phrase lists.
const nextShown = 5

const whenHint = "When? Write for example \"tomorrow at 9\", \"in 20 minutes\" or \"every weekday at 8:30\", before or after the text."

// Parse reads "remind me tomorrow at 9 to call mom" and its like, in each language there is. now decides what is ahead,
// zone whose wall clock is meant. The time must be the beginning or the end of the phrase, or a day with a clock time
// inside it. It also reads a schedule (see ParseSchedule) at the beginning.
//
// Conventions: a day without a time means 09:00. A time without a day is its next one. Hours are read on the 24-hour
// clock; 1 to 6 without am, pm or a part of the day are asked about, as are "next friday" while this week's is ahead,
// a day of the week that is today, 3/4, and "today" alone. A date without a year is its next one. "every 2 weeks"
// counts from today.
//
// The error is an [UnclearError], an [AmbiguousError] or a [PastError]. Parse takes well under a millisecond and never
// more than a few.
func Parse(phrase string, now time.Time, zone *time.Location) (Phrase, error) {
	now = now.Round(0)
	if len(phrase) > maxPhrase {
		return Phrase{}, &UnclearError{Hint: fmt.Sprintf("This is longer than %d characters. Shorten the text.", maxPhrase)}
	}
	if !utf8.ValidString(phrase) {
		return Phrase{}, &UnclearError{Hint: "This is not readable text."}
	}
	if now.Year() < 1 || now.Year() > lastYear-100 {
		return Phrase{}, &UnclearError{Hint: "The clock of this computer is wrong."}
	}
	languages, err := loadedLanguages()
	if err != nil {
		return Phrase{}, fmt.Errorf("read the phrase tables: %w", err)
	}
	toks := tokens(phrase)
	var best []reading
	var command ask
	var of *matcher
	score := 0
	for _, l := range languages {
		m := &matcher{lang: l, all: languages, toks: toks}
		if of == nil {
			of = m
		}
		found, a := m.read()
		if a.strong && !command.strong && len(best) == 0 {
			of, command = m, a
		}
		if len(found) == 0 {
			continue
		}
		s := 2 * found[0].used
		if a.lang == l.code {
			s++
		}
		if s > score {
			best, command, of, score = found, a, m, s
		}
	}
	if p, ok := exact(phrase, toks, command, now, zone); ok {
		return p, nil
	}
	c := composer{phrase: phrase, m: of, ask: command, now: now, zone: zone, lang: command.lang}
	if len(best) > 0 {
		c.lang = of.lang.code
	}
	return c.compose(best)
}

// LooksLikeReminder says whether a message asks for a reminder in so many words: "remind me", "/remind", "erinnere
// mich", "recuérdame", "wake me". It need not be one that Parse can read.
func LooksLikeReminder(text string) bool {
	languages, err := loadedLanguages()
	if err != nil || len(text) > maxPhrase {
		return false
	}
	toks := tokens(text)
	for _, l := range languages {
		m := &matcher{lang: l, all: languages, toks: toks}
		if m.command(0).strong {
			return true
		}
		if end, _ := m.best(0, false, func(int, parts) bool { return true }); end > 0 && m.command(end).strong {
			return true
		}
	}
	return false
}
