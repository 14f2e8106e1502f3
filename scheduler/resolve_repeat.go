package scheduler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// repeats resolves what comes back. The plain cases become cron lines, which people can read and edit; what counts
// from a beginning or from a month's end becomes a recurrence rule.
func (r resolver) repeats() answer {
	times, question, unclear := r.times()
	if unclear != "" {
		return answer{unclear: unclear}
	}
	if question != "" { // an hour with two readings: offer both
		a := answer{question: question}
		for _, late := range []bool{true, false} {
			q := r
			for i, t := range q.p.clocks[:q.p.nclocks] {
				if !t.fixed && t.hour <= r.early(t, true) && late {
					q.p.clocks[i].hour += 12
				}
				q.p.clocks[i].fixed = true
			}
			a.schedules = append(a.schedules, q.repeats().schedules...)
		}
		return a
	}
	p := r.p.repeat
	d := r.p.day
	switch d.kind {
	case dayWeekday:
		p.days = 1 << d.weekday
	case dayOfTheMonth:
		p.dom = d.dom
	case dayDate:
		if d.swapped {
			return answer{unclear: "Which is the month? Write it as a word, for example \"every year on 3 May\"."}
		}
		p.dom, p.month = d.dom, d.month
	case dayMonthEnd:
		p.dom = -1
	default: // named by the repetition, if at all
	}
	if a, ok := r.plain(p, times); ok {
		return a
	}
	return r.counted(p, times)
}

// times lists the times of day. Cron and RRULE can hold several only if they share their minutes.
func (r resolver) times() (times []time.Duration, question, unclear string) {
	if r.p.nclocks == 0 {
		return []time.Duration{r.hours(true)[0].since}, "", ""
	}
	for i := range r.p.nclocks {
		q := r
		q.p.clocks[0], q.p.nclocks = r.p.clocks[i], 1
		hours := q.hours(true)
		if len(hours) > 1 {
			question = "Morning or afternoon?"
		}
		times = append(times, hours[0].since%(24*time.Hour))
	}
	for _, t := range times {
		if t%time.Hour != times[0]%time.Hour {
			return nil, "", "These times differ in their minutes: make a reminder for each."
		}
	}
	slices.Sort(times)
	return slices.Compact(times), question, ""
}

// plain writes a cron line, if the repetition has one.
func (r resolver) plain(p repeatRef, times []time.Duration) (answer, bool) {
	dom, month, dow := "*", "*", "*"
	switch {
	case p.every > 1 || p.nth != 0 || p.dom < 0:
		return answer{}, false
	case p.unit == "w":
		days := p.days
		if days == 0 {
			days = 1 << r.today().Weekday()
		}
		dow = cronDays(days)
	case p.unit == "mo":
		if p.dom == 0 {
			p.dom = r.today().Day()
		}
		dom = strconv.Itoa(p.dom)
	case p.unit == "y":
		if p.dom == 0 {
			p.dom, p.month = r.today().Day(), int(r.today().Month())
		}
		dom, month = strconv.Itoa(p.dom), strconv.Itoa(p.month)
	}
	var hours []string
	for _, t := range times {
		hours = append(hours, strconv.Itoa(int(t.Hours())))
	}
	minute := int(times[0]/time.Minute) % 60
	rule, err := parseCron(fmt.Sprintf("%d %s %s %s %s", minute, strings.Join(hours, ","), dom, month, dow))
	if err != nil {
		return answer{unclear: noSuchDate}, true
	}
	return answer{schedules: []Schedule{{rule: rule}}}, true
}

// cronDays writes a set of weekdays as cron has them: 1-5, or 0,6.
func cronDays(set int) string {
	if set == workdays {
		return "1-5"
	}
	var days []string
	for d := range 7 {
		if set&(1<<d) != 0 {
			days = append(days, strconv.Itoa(d))
		}
	}
	if len(days) == 7 {
		return "*"
	}
	return strings.Join(days, ",")
}

// counted builds a recurrence rule. Without a day of its own ("every 2 weeks") it counts from today: the first time is
// today's if that is still ahead, else one interval later.
func (r resolver) counted(p repeatRef, times []time.Duration) answer {
	opt := rrule.ROption{Freq: map[string]rrule.Frequency{"d": rrule.DAILY, "w": rrule.WEEKLY, "mo": rrule.MONTHLY, "y": rrule.YEARLY}[p.unit]}
	fromToday := false
	switch {
	case p.every > maxRuleInterval:
		return answer{unclear: "That is too far apart."}
	case p.nth != 0:
		for d := range 7 {
			if p.days&(1<<d) != 0 {
				opt.Byweekday = append(opt.Byweekday, ruleDays[d].Nth(p.nth))
			}
		}
	case p.unit == "w":
		fromToday = p.days == 0
		days := p.days
		if fromToday {
			days = 1 << r.today().Weekday()
		}
		for i := 1; i <= 7; i++ {
			if days&(1<<(i%7)) != 0 {
				opt.Byweekday = append(opt.Byweekday, ruleDays[i%7])
			}
		}
	case p.unit == "mo" && p.dom < 0:
		opt.Bymonthday = []int{-1}
	case p.unit == "mo" && p.dom > 0:
		opt.Bymonthday = []int{p.dom}
	case p.unit == "y" && p.dom > 0:
		opt.Bymonth, opt.Bymonthday = []int{p.month}, []int{p.dom}
	default:
		fromToday = true
	}
	if fromToday {
		opt.Interval = p.every
	}
	a := r.ruleFor(opt, p.every, times)
	for i, s := range a.schedules { // what DTSTART says need not be said twice
		if rec, ok := s.rule.(recurrence); ok && len(rec.opt.Bymonthday) == 1 && rec.opt.Bymonthday[0] > 0 {
			rec.opt.Bymonth, rec.opt.Bymonthday = nil, nil
			a.schedules[i] = Schedule{rule: rec}
		}
	}
	return a
}
