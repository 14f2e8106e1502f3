package scheduler

import (
	"strconv"
	"strings"
	"time"
)

// dayKind says how a day was named.
type dayKind int

const (
	noDay         dayKind = iota
	dayOffset             // today, tomorrow
	dayWeekday            // friday, on friday
	dayNext               // next friday: the coming one or the one of next week
	dayNextWeek           // friday next week
	dayLast               // last friday
	dayWeekend            // this weekend
	dayNextEnd            // next weekend
	dayStart              // next week, month, year: its first day
	dayMonthEnd           // the end of this month
	dayDate               // 24 December, with or without a year
	dayOfTheMonth         // the 24th
)

// dayRef is a named day. Only the fields of its kind are set.
type dayRef struct {
	kind             dayKind
	offset           int
	weekday          time.Weekday
	unit             string
	year, month, dom int
	swapped          bool
	checked          bool // a date with its weekday
}

// repeatRef is how often something comes back.
type repeatRef struct {
	unit  string // d, w, mo, y; "" does not repeat
	every int
	days  int // weekdays as bits
	dom   int // day of the month; -1 is the last
	nth   int // with one day of days: the nth of the month
	month int
}

// parts is what a row of sentences says about a time. Each thing is said once, but for clock times.
type parts struct {
	day     dayRef
	clocks  [6]clockTime
	nclocks int
	exact   time.Time
	part    int // 1 + index into language.parts
	in      length
	repeat  repeatRef
	step    time.Duration
	window  [2]clockTime
	windows bool
	strong  bool // says more than words that mean other things too
	morning bool // the command was to wake somebody
}

// sentenceKinds are the kinds of sentences that a table may hold.
func sentenceKinds() []string {
	return []string{
		"day", "dayname", "weekend", "start", "date", "dom", "monthend", "clock", "past", "to", "bare", "during",
		"window", "in", "repeat", "days", "monthly", "yearly",
	}
}

// add joins what a sentence says, and reports whether it fits with what has been said before.
func (p *parts) add(l *language, s *sentence, c capture) bool {
	arg := func(i int) string {
		if i < len(s.args) {
			return s.args[i]
		}
		return ""
	}
	if c.nclocks < 0 {
		return false
	}
	p.strong = p.strong || !c.weak && arg(0) != "weak"
	switch s.kind {
	case "in":
		if p.in != (length{}) || c.span == (length{}) {
			return false
		}
		p.in = c.span
		return true
	case "clock", "past", "to", "bare":
		return p.addClock(s.kind, arg(0), c)
	case "during":
		return p.addPart(max(c.part, l.partNamed(arg(0))))
	case "window":
		if p.windows {
			return false
		}
		p.window, p.windows = c.clocks, true
		return true
	case "repeat":
		return p.addRepeat(arg(0), arg(1), c)
	case "days":
		return p.addDays(arg(0), c)
	case "yearly":
		return p.setRepeat(repeatRef{unit: "y", every: 1, dom: c.dom, month: c.month})
	case "monthly":
		switch {
		case arg(0) == "nth":
			return p.setRepeat(repeatRef{unit: "mo", every: 1, days: 1 << c.weekday, nth: c.nth})
		case arg(0) == "day" && arg(1) != "":
			return p.setRepeat(repeatRef{unit: "mo", every: 1, dom: -1})
		case arg(0) == "day":
			return p.setRepeat(repeatRef{unit: "mo", every: 1, dom: c.dom})
		}
	}
	return p.addDay(l, s.kind, arg(0), arg(1), c)
}

func (p *parts) addDay(l *language, kind, arg, more string, c capture) bool {
	named := p.day // "Friday, November 20": the weekday is checked when the date is known
	if named.kind != noDay && (named.kind != dayWeekday || kind != "date" || named.checked) {
		return false
	}
	if c.part > 0 && !p.addPart(c.part) {
		return false
	}
	switch kind {
	case "day":
		n, _ := strconv.Atoi(arg)
		p.day = dayRef{kind: dayOffset, offset: n}
		return more == "" || p.addPart(l.partNamed(more))
	case "dayname":
		k := map[string]dayKind{"plain": dayWeekday, "this": dayWeekday, "coming": dayWeekday, "next": dayNext, "week": dayNextWeek, "last": dayLast}[arg]
		p.day = dayRef{kind: k, weekday: c.weekday}
	case "weekend":
		p.day = dayRef{kind: dayWeekend}
		if arg == "next" {
			p.day.kind = dayNextEnd
		}
	case "start":
		p.day = dayRef{kind: dayStart, unit: arg}
	case "monthend":
		p.day = dayRef{kind: dayMonthEnd}
	case "date":
		p.day = dayRef{kind: dayDate, year: c.year, month: c.month, dom: c.dom, swapped: c.swapped}
		p.day.checked, p.day.weekday = named.kind == dayWeekday, named.weekday
		p.exact = c.exact
		if c.nclocks > 0 {
			return p.addClock("clock", "", c)
		}
	case "dom":
		if c.spelled { // "on the second" is not yet a date
			return false
		}
		p.day = dayRef{kind: dayOfTheMonth, dom: c.dom, checked: c.dated, weekday: c.weekday}
	default:
		return false
	}
	return true
}

// addClock takes a time of day. kind past and to move it by minutes; arg is the constant of "noon" or the minutes.
func (p *parts) addClock(kind, arg string, c capture) bool {
	if p.nclocks == len(p.clocks) {
		return false
	}
	t := c.clocks[0]
	n := int(c.n)
	if arg != "" {
		h, m, isClock := strings.Cut(arg, ":")
		n, _ = strconv.Atoi(h)
		if isClock {
			t = clockTime{hour: n, written: true, fixed: true}
			t.minute, _ = strconv.Atoi(m)
			n = 0
		}
	}
	if n < 0 || n > 59 || t.hour == 24 && kind != "clock" {
		return false
	}
	switch kind {
	case "past":
		t.minute += n
	case "to":
		t.minute -= n
	case "clock":
		t.minute += n
	}
	if t.minute < 0 {
		t.minute += 60
		t.hour = (t.hour + 23) % 24
		if t.hour == 0 && !t.fixed {
			t.hour = 12 // "quarter to one" is after noon before it is after midnight
		}
	}
	p.clocks[p.nclocks] = t
	p.nclocks++
	return true
}

func (p *parts) addPart(n int) bool {
	if p.part != 0 || n == 0 {
		return false
	}
	p.part = n
	return true
}

func (p *parts) setRepeat(r repeatRef) bool {
	if p.repeat.unit != "" {
		return false
	}
	p.repeat = r
	return true
}

// addRepeat takes "every {span}" or a constant such as 2w; a third argument adds the part of the day.
func (p *parts) addRepeat(arg, more string, c capture) bool {
	s := c.span
	if arg != "" {
		n, _ := strconv.Atoi(strings.TrimRight(arg, "dwmoyh"))
		s, _ = spanUnit(float64(n), strings.TrimLeft(arg, "0123456789"))
	}
	if more == "part" && !p.addPart(c.part) {
		return false
	}
	switch {
	case s.elapsed > 0:
		if p.step > 0 {
			return false
		}
		p.step = s.elapsed
		return true
	case s.months > 0 && s.months%12 == 0:
		return p.setRepeat(repeatRef{unit: "y", every: s.months / 12})
	case s.months > 0:
		return p.setRepeat(repeatRef{unit: "mo", every: s.months})
	case s.days > 0 && s.days%7 == 0:
		return p.setRepeat(repeatRef{unit: "w", every: s.days / 7})
	case s.days > 0:
		return p.setRepeat(repeatRef{unit: "d", every: s.days})
	}
	return false
}

// addDays takes weekdays that come back, each week or each second one.
func (p *parts) addDays(arg string, c capture) bool {
	days, every := c.days, 1
	if c.part > 0 { // "jeden Freitagabend"
		if !p.addPart(c.part) {
			return false
		}
		days = 1 << c.weekday
	}
	switch arg {
	case "2":
		every = 2
	case "many":
		if days&(days-1) == 0 {
			return false // a single weekday is a day, not a habit
		}
	case "mon-fri":
		days = workdays
	case "sat,sun":
		days = weekend
	}
	if p.repeat.unit == "w" && p.repeat.days == 0 && every == 1 {
		p.repeat.days = days
		return true
	}
	return p.setRepeat(repeatRef{unit: "w", every: every, days: days})
}
