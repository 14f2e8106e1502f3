package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

func (o once) say(w *speech) string { return w.once }

func (r interval) say(w *speech) string {
	s := w.lasting(r.every)
	if r.windowed() {
		s += w.between + clock(r.open) + w.upTo + clock(r.close)
	}
	switch {
	case r.days == workdays:
		s += w.onWorkdays
	case r.days != 0:
		s += w.on + w.dayList(r.days)
	}
	return s
}

// lasting is "Every 2 hours", "Every 90 minutes".
func (w *speech) lasting(d time.Duration) string {
	if d%time.Hour == 0 {
		return w.every(int(d/time.Hour), "hour")
	}
	return w.every(int(d/time.Minute), "minute")
}

// say describes the lines that people and phrases write; of a rarer one it shows the line.
func (r cronRule) say(w *speech) string {
	minutes, hours := set(r.spec.Minute, 60), set(r.spec.Hour, 24)
	doms, months := set(r.spec.Dom, 32), set(r.spec.Month, 13)
	days := int(r.spec.Dow & everyDay)
	anyDom, anyMonth, anyDay := len(doms) == 31, len(months) == 12, days == everyDay
	daily := anyDom && anyMonth && anyDay
	on := ""
	switch {
	case daily:
		on = w.every(1, "day")
	case anyDom && anyMonth:
		on = w.sayDays(days)
	case anyDay && anyMonth && len(doms) == 1:
		on = fmt.Sprintf(w.ofMonth, w.ordinal(doms[0]))
	case anyDay && len(doms) == 1 && len(months) == 1:
		on = fmt.Sprintf(w.yearly, w.every(1, "year"), w.dayOfYear(doms[0], months[0]))
	}
	switch {
	case on == "":
	case len(minutes) == 1 && len(hours) <= 6:
		var at []string
		for _, h := range hours {
			at = append(at, clock(h*60+minutes[0]))
		}
		return on + w.at + w.join(at)
	case len(hours) == 24 && daily && len(minutes) == 1:
		return fmt.Sprintf(w.perHour, minutes[0])
	case len(hours) == 24 && daily && len(minutes) == 60:
		return w.every(1, "minute")
	case len(hours) == 24 && daily && strings.HasPrefix(r.fields[0], "*/") && 60%len(minutes) == 0:
		return w.every(60/len(minutes), "minute")
	}
	return w.cron + r.text
}

const (
	everyDay = 1<<7 - 1
	workdays = 0b0111110
	weekend  = 0b1000001
)

// set lists the bits below n.
func set(mask uint64, n int) []int {
	var out []int
	for i := range n {
		if mask&(1<<i) != 0 {
			out = append(out, i)
		}
	}
	return out
}

func (w *speech) sayDays(days int) string {
	switch days {
	case workdays:
		return w.workdays
	case weekend:
		return w.weekend
	}
	return fmt.Sprintf(w.everyDays, w.dayList(days))
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// say describes the rules that phrases and most calendars make; of a rarer one it shows the rule.
func (r recurrence) say(w *speech) string {
	o := r.opt
	if len(o.Bysetpos)+len(o.Byyearday)+len(o.Byweekno)+len(o.Bysecond) > 0 || len(o.Byhour) > 6 || len(o.Byminute) > 1 || o.Freq == rrule.HOURLY {
		return w.rule + o.RRuleString()
	}
	every := func(name string) string { return w.every(max(1, o.Interval), name) }
	s := ""
	switch {
	case o.Freq == rrule.DAILY && len(o.Bymonth)+len(o.Bymonthday)+len(o.Byweekday) == 0:
		s = every("day")
	case o.Freq == rrule.WEEKLY && len(o.Bymonth) == 0:
		if s = w.sayDays(r.weekdays()); o.Interval > 1 {
			s = every("week") + w.on + w.dayList(r.weekdays())
		}
	case o.Freq == rrule.MONTHLY && len(o.Bymonth) == 0:
		if on, ok := r.sayMonthDay(w); ok {
			if s = on + w.ofTheMonth; o.Interval > 1 {
				s = every("month") + " " + strings.ToLower(on[:1]) + on[1:]
			}
		}
	case o.Freq == rrule.YEARLY && len(o.Byweekday) == 0 && len(o.Bymonth) <= 1 && len(o.Bymonthday) <= 1 && !o.Dtstart.IsZero():
		e := explicit(o)
		s = fmt.Sprintf(w.yearly, every("year"), w.dayOfYear(e.Bymonthday[0], append(e.Bymonth, int(o.Dtstart.Month()))[0]))
	}
	if s == "" {
		return w.rule + o.RRuleString()
	}
	return s + r.sayTimes(w) + r.sayEnd(w)
}

func (r recurrence) weekdays() (days int) {
	for _, d := range r.opt.Byweekday {
		days |= 1 << ((d.Day() + 1) % 7)
	}
	if days == 0 && !r.opt.Dtstart.IsZero() {
		days = 1 << r.opt.Dtstart.Weekday()
	}
	return days
}

// sayMonthDay names the one day of the month that the rule means.
func (r recurrence) sayMonthDay(w *speech) (string, bool) {
	o := r.opt
	switch {
	case len(o.Byweekday) == 1 && len(o.Bymonthday) == 0 && o.Byweekday[0].N() != 0 && o.Byweekday[0].N() >= -1:
		return fmt.Sprintf(w.nthWeekday, w.nth[max(0, o.Byweekday[0].N())], w.dayList(r.weekdays())), true
	case len(o.Byweekday) > 0 || len(o.Bymonthday) > 1:
	case len(o.Bymonthday) == 0 && !o.Dtstart.IsZero():
		return fmt.Sprintf(w.nthDay, w.ordinal(o.Dtstart.Day())), true
	case len(o.Bymonthday) == 1 && o.Bymonthday[0] == -1:
		return w.lastDay, true
	case len(o.Bymonthday) == 1 && o.Bymonthday[0] > 0:
		return fmt.Sprintf(w.nthDay, w.ordinal(o.Bymonthday[0])), true
	}
	return "", false
}

func (r recurrence) sayTimes(w *speech) string {
	start := r.opt.Dtstart
	hours, minute := slices.Clone(r.opt.Byhour), start.Minute()
	if len(r.opt.Byminute) == 1 {
		minute = r.opt.Byminute[0]
	}
	if len(hours) == 0 {
		if start.IsZero() {
			return ""
		}
		hours = []int{start.Hour()}
	}
	var at []string
	for _, h := range hours {
		at = append(at, clock(h*60+minute))
	}
	return w.at + w.join(at)
}

func (r recurrence) sayEnd(w *speech) string {
	if r.opt.Count > 0 {
		return fmt.Sprintf(w.inAll, w.count(r.opt.Count, "time"))
	}
	if t, err := parseUntil(r.until); err == nil {
		return fmt.Sprintf(w.until, w.shortDate(t, true))
	}
	return ""
}
