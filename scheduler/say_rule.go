package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

func (o once) say() string { return "Once" }

func (r interval) say() string {
	s := "Every " + sayEvery(r.every)
	if r.windowed() {
		s += " between " + clock(r.open) + " and " + clock(r.close)
	}
	switch {
	case r.days == workdays:
		s += " on weekdays"
	case r.days != 0:
		s += " on " + dayList(r.days)
	}
	return s
}

func sayEvery(d time.Duration) string {
	switch {
	case d == time.Hour:
		return "hour"
	case d == time.Minute:
		return "minute"
	case d%time.Hour == 0:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/time.Minute), "minute")
}

// say describes the lines that people and phrases write; of a rarer one it shows the line.
func (r cronRule) say() string {
	minutes, hours := set(r.spec.Minute, 60), set(r.spec.Hour, 24)
	doms, months := set(r.spec.Dom, 32), set(r.spec.Month, 13)
	days := int(r.spec.Dow & everyDay)
	anyDom, anyMonth, anyDay := len(doms) == 31, len(months) == 12, days == everyDay
	on := ""
	switch {
	case anyDom && anyMonth && anyDay:
		on = "Every day"
	case anyDom && anyMonth:
		on = sayDays(days)
	case anyDay && anyMonth && len(doms) == 1:
		on = "On the " + ordinal(doms[0]) + " of every month"
	case anyDay && len(doms) == 1 && len(months) == 1:
		on = "Every year on " + sayDate(doms[0], months[0])
	}
	switch {
	case on == "":
	case len(minutes) == 1 && len(hours) <= 6:
		var at []string
		for _, h := range hours {
			at = append(at, clock(h*60+minutes[0]))
		}
		return on + " at " + join(at)
	case len(hours) == 24 && on == "Every day" && len(minutes) == 1:
		return fmt.Sprintf("Every hour at :%02d", minutes[0])
	case len(hours) == 24 && on == "Every day" && len(minutes) == 60:
		return "Every minute"
	case len(hours) == 24 && on == "Every day" && strings.HasPrefix(r.fields[0], "*/") && 60%len(minutes) == 0:
		return "Every " + count(60/len(minutes), "minute")
	}
	return "By the cron line " + r.text
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

func sayDays(days int) string {
	switch days {
	case workdays:
		return "Weekdays"
	case weekend:
		return "Weekends"
	}
	return "Every " + dayList(days)
}

// dayList names weekdays, Monday first: "Monday and Thursday".
func dayList(days int) string {
	var names []string
	for i := 1; i <= 7; i++ {
		if days&(1<<(i%7)) != 0 {
			names = append(names, time.Weekday(i%7).String())
		}
	}
	return join(names)
}

func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
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

func sayDate(day, month int) string { return fmt.Sprintf("%d %s", day, time.Month(month)) }

// say describes the rules that phrases and most calendars make; of a rarer one it shows the rule.
func (r recurrence) say() string {
	o := r.opt
	if len(o.Bysetpos)+len(o.Byyearday)+len(o.Byweekno)+len(o.Bysecond) > 0 || len(o.Byhour) > 6 || len(o.Byminute) > 1 || o.Freq == rrule.HOURLY {
		return "By the rule " + o.RRuleString()
	}
	every := func(unit string) string {
		if o.Interval > 1 {
			return "Every " + count(o.Interval, unit)
		}
		return "Every " + unit
	}
	s := ""
	switch {
	case o.Freq == rrule.DAILY && len(o.Bymonth)+len(o.Bymonthday)+len(o.Byweekday) == 0:
		s = every("day")
	case o.Freq == rrule.WEEKLY && len(o.Bymonth) == 0:
		if s = sayDays(r.weekdays()); o.Interval > 1 {
			s = every("week") + " on " + dayList(r.weekdays())
		}
	case o.Freq == rrule.MONTHLY && len(o.Bymonth) == 0:
		if on, ok := r.sayMonthDay(); ok {
			if s = on + " of the month"; o.Interval > 1 {
				s = every("month") + " " + strings.ToLower(on[:1]) + on[1:]
			}
		}
	case o.Freq == rrule.YEARLY && len(o.Byweekday) == 0 && len(o.Bymonth) <= 1 && len(o.Bymonthday) <= 1 && !o.Dtstart.IsZero():
		e := explicit(o)
		s = every("year") + " on " + sayDate(e.Bymonthday[0], append(e.Bymonth, int(o.Dtstart.Month()))[0])
	}
	if s == "" {
		return "By the rule " + o.RRuleString()
	}
	return s + r.sayTimes() + r.sayEnd()
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
func (r recurrence) sayMonthDay() (string, bool) {
	o := r.opt
	switch {
	case len(o.Byweekday) == 1 && len(o.Bymonthday) == 0 && o.Byweekday[0].N() != 0 && o.Byweekday[0].N() >= -1:
		nth := "last"
		if n := o.Byweekday[0].N(); n > 0 {
			nth = [...]string{"first", "second", "third", "fourth", "fifth"}[n-1]
		}
		return "On the " + nth + " " + dayList(r.weekdays()), true
	case len(o.Byweekday) > 0 || len(o.Bymonthday) > 1:
	case len(o.Bymonthday) == 0 && !o.Dtstart.IsZero():
		return "On the " + ordinal(o.Dtstart.Day()), true
	case len(o.Bymonthday) == 1 && o.Bymonthday[0] == -1:
		return "On the last day", true
	case len(o.Bymonthday) == 1 && o.Bymonthday[0] > 0:
		return "On the " + ordinal(o.Bymonthday[0]), true
	}
	return "", false
}

func (r recurrence) sayTimes() string {
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
	return " at " + join(at)
}

func (r recurrence) sayEnd() string {
	if r.opt.Count > 0 {
		return ", " + count(r.opt.Count, "time") + " in all"
	}
	if t, err := parseUntil(r.until); err == nil {
		return ", until " + t.Format("Mon 2 Jan 2006")
	}
	return ""
}
