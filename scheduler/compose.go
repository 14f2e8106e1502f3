package scheduler

import (
	"fmt"
	"strings"
	"time"
)

// composer makes the answer of Parse from the readings of one language.
type composer struct {
	phrase string
	m      *matcher
	ask    ask
	now    time.Time
	zone   *time.Location
	lang   string // of what is said about it
}

func (c composer) compose(readings []reading) (Phrase, error) {
	var all []Phrase
	question := "Which of the two times do you mean?"
	for _, r := range readings {
		text := c.text(r)
		if text == "" {
			text = c.ask.reply
		}
		a := resolver{now: c.now, zone: c.zone, lang: c.m.lang, p: r.parts}.resolve()
		switch {
		case len(readings) > 1 && len(a.schedules) == 0:
			continue
		case a.unclear != "":
			return Phrase{}, c.unclear(a.unclear)
		case !a.past.IsZero():
			return Phrase{}, c.past(text, a.past)
		}
		if len(readings) == 1 {
			question = a.question
		}
		for _, s := range a.schedules {
			all = append(all, c.finish(text, s))
		}
	}
	switch len(all) {
	case 0:
		return Phrase{}, c.unclear(whenHint)
	case 1:
		if len(all[0].At) == 0 {
			return Phrase{}, c.unclear("That never happens.")
		}
		return all[0], nil
	}
	return Phrase{}, &AmbiguousError{Question: phrased(c.lang, question), Choices: all, Lang: c.lang}
}

func (c composer) unclear(hint string) error {
	return &UnclearError{Hint: phrased(c.lang, hint), Lang: c.lang}
}

func (c composer) finish(text string, s Schedule) Phrase {
	p := Phrase{Text: text, Schedule: s, At: s.Upcoming(nextShown, c.now, c.zone), Lang: c.m.lang.code}
	p.Say = echo(p, c.now, c.zone)
	return p
}

// past offers the same wall time on the next day it is ahead.
func (c composer) past(text string, when time.Time) error {
	e := &PastError{When: when.In(c.zone), Lang: c.lang}
	wall := wallOf(when, c.zone)
	y, m, d := wallOf(c.now, c.zone).Date()
	h, mi, s := wall.Clock()
	for i := range 2 {
		t := resolve(time.Date(y, m, d+i, h, mi, s, 0, time.UTC), c.zone)
		if t.After(c.now) {
			e.Choices = append(e.Choices, c.finish(text, at(t, c.zone)))
			break
		}
	}
	if h < 12 { // "today at 9" said in the morning's rest may have meant the evening
		if t := resolve(time.Date(y, m, d, h+12, mi, s, 0, time.UTC), c.zone); t.After(c.now) {
			e.Choices = append(e.Choices, c.finish(text, at(t, c.zone)))
		}
	}
	return e
}

// text cuts the words of the reminder out of the phrase, as they were written.
func (c composer) text(r reading) string {
	first := c.piece(r.text, r.text[0] > 0)
	second := c.piece(r.tail, false)
	if first == "" || second == "" {
		return first + second
	}
	return first + " " + second
}

// piece is the text of some tokens without the marks around it, and without the word that ties it to the command or
// the time before it ("to", "daran,").
func (c composer) piece(span [2]int, tied bool) string {
	from, to := span[0], span[1]
	if from >= to {
		return ""
	}
	toks := c.m.toks
	for from < to && strings.Contains(",;:-–—.!", toks[from].text) {
		from++
	}
	if end, _ := c.m.longest(c.m.lang.lead, from); tied && end > 0 && end < to {
		from = end
	}
	for from < to && strings.Contains(",;:-–—", toks[from].text) {
		from++
	}
	for to > from && strings.Contains(",;:-–—", toks[to-1].text) {
		to--
	}
	if from == to {
		return ""
	}
	return c.phrase[toks[from].start:toks[to-1].end]
}

// exact reads a schedule in its own notation at the beginning of the phrase, with the text behind it.
func exact(phrase string, toks []token, a ask, now time.Time, zone *time.Location) (Phrase, bool) {
	if a.end >= len(toks) {
		return Phrase{}, false
	}
	rest := strings.TrimSpace(phrase[toks[a.end].start:])
	fields := strings.Fields(rest)
	size := 0
	upper := strings.ToUpper(rest)
	switch {
	case strings.HasPrefix(upper, "@EVERY "):
		size = 2
	case rest[0] == '@' && len(fields[0]) > 4:
		size = 1
	case strings.HasPrefix(upper, "DTSTART"), strings.HasPrefix(upper, "RRULE:"):
		for size < len(fields) && strings.ContainsAny(fields[size], ":=") && strings.ToUpper(fields[size]) == fields[size] {
			size++
		}
	case len(fields) >= 5 && strings.Contains(strings.Join(fields[:5], ""), "*"):
		size = 5
	default:
		size = len(fields)
	}
	s, err := ParseSchedule(strings.Join(fields[:min(size, len(fields))], " "))
	if err != nil {
		return Phrase{}, false
	}
	s = s.From(now, zone)
	p := Phrase{Text: strings.Join(fields[size:], " "), Schedule: s, At: s.Upcoming(nextShown, now, zone)}
	if len(p.At) == 0 {
		return Phrase{}, false
	}
	p.Say = echo(p, now, zone)
	return p, true
}

// echo repeats what was understood: “call mom”: Thu 19 Nov 2026 at 09:00 (Europe/Berlin), in 23 hours.
func echo(p Phrase, now time.Time, zone *time.Location) string {
	s := Say(p.Schedule, zone, now, p.Lang)
	if p.Text == "" {
		return s
	}
	quoted := "“%s”: %s"
	switch p.Lang {
	case "de":
		quoted = "„%s“: %s"
	case "es":
		quoted = "«%s»: %s"
	}
	return fmt.Sprintf(quoted, p.Text, s)
}
