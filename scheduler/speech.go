package scheduler

import (
	"fmt"
	"strings"
	"time"
)

// speech is how schedules are said in a language.
type speech struct {
	days, shortDays     [7]string // Sunday first
	months, shortMonths [12]string
	// date has a short weekday, the day and a short month; fullDate the day and the month.
	date, fullDate string
	units          map[string]unit

	at, and, on, between, upTo          string // with the spaces around them
	never, once, goneBy, noMore, next   string
	workdays, weekend, onWorkdays       string
	everyDays, ofMonth, yearly, perHour string // with a verb for what follows
	nthDay, nthWeekday, lastDay, inAll  string
	until, ofTheMonth, cron, rule       string
	nth                                 [6]string // last, first, second, …
	ordinal                             func(n int) string
}

// unit is a unit of time: "1 hour", "2 hours", "in 2 hours", "Every hour", "Every 2 hours".
type unit struct{ one, many, ahead, every, everyN string }

// speechOf is how a language, a tag of BCP 47, says schedules; English stands in for those there are no words of.
func speechOf(lang string) *speech {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "de":
		return germanSpeech()
	case "es":
		return spanishSpeech()
	}
	return englishSpeech()
}

// count is "1 minute", "2 minutes".
func (w *speech) count(n int, name string) string {
	if u := w.units[name]; n != 1 {
		return fmt.Sprintf("%d %s", n, u.many)
	}
	return "1 " + w.units[name].one
}

// ahead is "in 1 minute", "in 2 minutes".
func (w *speech) ahead(n int, name string) string {
	word := w.units[name].ahead
	if n == 1 {
		word = w.units[name].one
	}
	return fmt.Sprintf(w.units["ahead"].one, n, word)
}

// every is "Every day", "Every 2 days".
func (w *speech) every(n int, name string) string {
	if u := w.units[name]; n != 1 {
		return fmt.Sprintf("%s %d %s", u.everyN, n, u.many)
	}
	return w.units[name].every
}

// shortDate is "Mon 2 Jan", and with the year "Mon 2 Jan 2006".
func (w *speech) shortDate(t time.Time, year bool) string {
	s := fmt.Sprintf(w.date, w.shortDays[t.Weekday()], t.Day(), w.shortMonths[t.Month()-1])
	if year {
		s += t.Format(" 2006")
	}
	return s
}

// dayOfYear is "24 December".
func (w *speech) dayOfYear(day, month int) string {
	return fmt.Sprintf(w.fullDate, day, w.months[month-1])
}

// dayList names weekdays, Monday first: "Monday and Thursday".
func (w *speech) dayList(days int) string {
	var names []string
	for i := 1; i <= 7; i++ {
		if days&(1<<(i%7)) != 0 {
			names = append(names, w.days[i%7])
		}
	}
	return w.join(names)
}

func (w *speech) join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + w.and + words[last]
}
