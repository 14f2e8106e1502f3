package scheduler

import (
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

// resolver turns what was said into schedules, as seen from now.
type resolver struct {
	now  time.Time
	zone *time.Location
	lang *language
	p    parts
}

// answer is what a reading means: one schedule, or several to choose from, or something gone by.
type answer struct {
	schedules []Schedule
	question  string // why there are several
	past      time.Time
	unclear   string
}

// usualMorning is the time of a day that was named without one.
const usualMorning = 9 * 60

func (r resolver) resolve() answer {
	p := r.p
	switch {
	case p.step > 0:
		return r.steps()
	case p.in.elapsed > 0:
		return r.one(r.now.Add(p.in.elapsed))
	case p.in != length{}:
		return r.inDays()
	case p.repeat.unit != "":
		return r.repeats()
	case !p.exact.IsZero():
		if !p.exact.After(r.now) {
			return answer{past: p.exact}
		}
		return answer{schedules: []Schedule{at(p.exact, r.zone)}}
	}
	return r.once()
}

func (r resolver) one(t time.Time) answer {
	if t.Year() > lastYear {
		return answer{unclear: "That is too far away."}
	}
	return answer{schedules: []Schedule{at(t, r.zone)}}
}

func (r resolver) steps() answer {
	s := interval{every: r.p.step}
	if s.every < time.Minute {
		return answer{unclear: "Once a minute is the fastest a reminder can repeat."}
	}
	if s.every%time.Minute != 0 || s.every > maxEvery {
		return answer{unclear: "Repeat in whole minutes, and at least once a year."}
	}
	if r.p.repeat.unit == "w" {
		s.days = r.p.repeat.days
	}
	switch {
	case r.p.windows:
		open, close := r.p.window[0], r.p.window[1]
		if !close.fixed && close.hour <= open.hour && open.hour < 12 {
			close.hour += 12 // "from 9 to 5"
		}
		s.open, s.close = open.minutes(), min(close.minutes(), 24*60-1)
		if s.open == s.close || s.open >= 24*60 {
			return answer{unclear: "The time between them is empty."}
		}
		if s.every > 24*time.Hour {
			return answer{unclear: "The step is longer than a day."}
		}
	case s.days != 0:
		s.open, s.close = 0, 24*60-1
	}
	return answer{schedules: []Schedule{{rule: s.from(r.now, r.zone)}}}
}

func (t clockTime) minutes() int { return t.hour*60 + t.minute }

// today is the date at r.now, as a wall time at midnight.
func (r resolver) today() time.Time {
	y, m, d := wallOf(r.now, r.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// inDays counts days and months on the calendar and keeps the time of day, unless another one was said.
func (r resolver) inDays() answer {
	today := r.today()
	span := r.p.in
	if span.days > 400_000 || span.months > 12_000 {
		return answer{unclear: "That is too far away."}
	}
	day := today.AddDate(0, 0, span.days)
	if span.months > 0 {
		day = time.Date(today.Year(), today.Month()+time.Month(span.months), 1, 0, 0, 0, 0, time.UTC)
		day = day.AddDate(0, 0, min(today.Day(), day.AddDate(0, 1, -1).Day())-1) // 31 January and a month: 28 February
	}
	if r.p.nclocks == 0 && r.p.part == 0 {
		return r.one(resolve(day.Add(wallOf(r.now, r.zone).Sub(today)), r.zone))
	}
	return r.choose([]time.Time{day}, r.hours(true))
}

// hour is one reading of a time of day, as time since midnight; it may be past the day's end.
type hour struct {
	since time.Duration
	late  bool // the evening reading of an ambiguous hour
}

// hours lists the readings of the time of day, the likelier first. dayKnown says that a day was named.
func (r resolver) hours(dayKnown bool) []hour {
	if r.p.nclocks == 0 {
		if r.p.part > 0 {
			return []hour{{since: time.Duration(r.lang.parts[r.p.part-1].at) * time.Minute}}
		}
		return []hour{{since: usualMorning * time.Minute}}
	}
	t := r.p.clocks[0]
	since := time.Duration(t.minutes())*time.Minute + time.Duration(t.second)*time.Second
	if r.p.part > 0 && !t.fixed {
		return []hour{{since: since + shift(r.lang.parts[r.p.part-1].clock, t.hour)}}
	}
	if t.fixed || t.hour > r.early(t, dayKnown) {
		return []hour{{since: since}}
	}
	return []hour{{since: since + 12*time.Hour, late: true}, {since: since}}
}

// early is the last hour that people say when they may mean the afternoon: "at 5". From 7 on, and where it was written
// as a clock shows it beside a day, the 24-hour reading is what they expect. German says "um 6" for the morning.
func (r resolver) early(t clockTime, dayKnown bool) int {
	switch {
	case r.p.morning, t.written && dayKnown:
		return 0
	case r.lang.code == "de" && dayKnown:
		return 4
	}
	return 6
}

// shift moves an hour of a 12-hour clock into its part of the day.
func shift(clock string, hour int) time.Duration {
	half := 12 * time.Hour
	switch {
	case clock == "pm" && hour < 12, clock == "noon" && hour < 10:
		return half
	case clock == "night" && hour == 12:
		return half
	case clock == "night" && hour < 5:
		return 2 * half // in the night of a day is after its midnight
	case clock == "night" && hour < 12:
		return half
	case clock == "am" && hour == 12:
		return -half
	}
	return 0
}

// once resolves a single time.
func (r resolver) once() answer {
	if r.p.day.kind == noDay {
		hours := r.hours(false)
		today := r.today()
		var a answer
		for _, h := range hours {
			t := resolve(today.Add(h.since), r.zone)
			if !t.After(r.now) {
				t = resolve(today.AddDate(0, 0, 1).Add(h.since), r.zone)
			}
			a.schedules = append(a.schedules, at(t, r.zone))
		}
		a.question = "Morning or afternoon?"
		return a
	}
	days, question, unclear := r.days()
	if unclear != "" {
		return answer{unclear: unclear}
	}
	if r.p.day.kind == dayOffset && r.p.day.offset == 0 && r.p.nclocks == 0 && r.p.part == 0 {
		return r.laterToday(days[0])
	}
	a := r.choose(days, r.hours(true))
	if len(days) > 1 {
		a.question = question
	}
	return a
}

// laterToday asks which time of today was meant.
func (r resolver) laterToday(day time.Time) answer {
	a := answer{question: "What time today?"}
	for _, h := range []time.Duration{12, 15, 18, 20} {
		if t := resolve(day.Add(h*time.Hour), r.zone); t.After(r.now) {
			a.schedules = append(a.schedules, at(t, r.zone))
		}
	}
	if len(a.schedules) < 2 {
		return answer{unclear: "What time today? Write for example \"today at 23:30\"."}
	}
	return a
}

// choose joins each day with each reading of the hour and leaves out what has gone by: "today at 5" said at ten is the
// afternoon.
func (r resolver) choose(days []time.Time, hours []hour) answer {
	a := answer{question: "Morning or afternoon?"}
	var past time.Time
	for _, day := range days {
		for _, h := range hours {
			today := r.p.day.kind == dayOffset && r.p.day.offset == 0
			if h.since == 24*time.Hour && !today {
				a.question = "Midnight at the beginning or at the end of that day?"
				a.schedules = append(a.schedules, at(resolve(day, r.zone), r.zone))
			}
			t := resolve(day.Add(h.since), r.zone)
			if t.After(r.now) {
				a.schedules = append(a.schedules, at(t, r.zone))
			} else if past.IsZero() || t.After(past) {
				past = t
			}
		}
	}
	if len(a.schedules) == 0 {
		return answer{past: past}
	}
	return a
}

// ruleFor builds the recurrence that begins at its first time after now.
func (r resolver) ruleFor(opt rrule.ROption, every int, times []time.Duration) answer {
	first := time.Time{}
	for _, since := range times {
		o := opt
		o.Dtstart = r.today().Add(since)
		t, ok := recurrence{opt: o}.next(r.now, r.zone)
		if ok && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if first.IsZero() {
		return answer{unclear: "That never happens."}
	}
	opt.Dtstart = wallOf(first, r.zone)
	if every > 1 {
		opt.Interval = every
	}
	if len(times) > 1 {
		for _, since := range times {
			opt.Byhour = append(opt.Byhour, int(since.Hours()))
		}
	}
	rec := recurrence{opt: opt}
	if err := rec.check(); err != nil {
		return answer{unclear: fmt.Sprintf("That can't be repeated so: %v.", err)}
	}
	return answer{schedules: []Schedule{{rule: rec}}}
}
