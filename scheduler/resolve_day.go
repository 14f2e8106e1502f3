package scheduler

import (
	"slices"
	"time"
)

// days lists the dates a named day may mean, with the question that decides, or says why it is none.
func (r resolver) days() (days []time.Time, question, unclear string) {
	today, d := r.today(), r.p.day
	week := today.AddDate(0, 0, -(int(today.Weekday())+6)%7) // Monday
	switch d.kind {
	case dayOffset:
		return []time.Time{today.AddDate(0, 0, d.offset)}, "", ""
	case dayWeekday:
		return r.thisWeekday(today, d.weekday)
	case dayNext:
		coming := today.AddDate(0, 0, 1+(int(d.weekday-today.Weekday())+6)%7)
		following := week.AddDate(0, 0, 7+(int(d.weekday)+6)%7)
		if coming.Equal(following) {
			return []time.Time{coming}, "", ""
		}
		return []time.Time{coming, following}, aboutDay(r.lang.code, "Which %s?", d.weekday), ""
	case dayNextWeek:
		return []time.Time{week.AddDate(0, 0, 7+(int(d.weekday)+6)%7)}, "", ""
	case dayLast:
		return []time.Time{today.AddDate(0, 0, -1-(int(today.Weekday()-d.weekday)+6)%7)}, "", ""
	case dayWeekend, dayNextEnd:
		return r.weekend(week, today)
	case dayStart:
		switch d.unit {
		case "week":
			return []time.Time{week.AddDate(0, 0, 7)}, "", ""
		case "month":
			return []time.Time{time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, time.UTC)}, "", ""
		}
		return []time.Time{time.Date(today.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)}, "", ""
	case dayMonthEnd:
		return []time.Time{time.Date(today.Year(), today.Month()+1, 0, 0, 0, 0, 0, time.UTC)}, "", ""
	case dayOfTheMonth:
		return r.nextDayOfMonth(today, d)
	default:
		return r.date(today, d)
	}
}

// thisWeekday is the coming one. On the very day it may be today as long as its time is ahead; then it is asked.
func (r resolver) thisWeekday(today time.Time, want time.Weekday) ([]time.Time, string, string) {
	ahead := (int(want-today.Weekday()) + 7) % 7
	if ahead > 0 {
		return []time.Time{today.AddDate(0, 0, ahead)}, "", ""
	}
	hours := r.hours(true)
	if r.ahead(today, hours[0]) {
		return []time.Time{today, today.AddDate(0, 0, 7)}, "Today or in a week?", ""
	}
	return []time.Time{today.AddDate(0, 0, 7)}, "", ""
}

func (r resolver) ahead(day time.Time, h hour) bool {
	return resolve(day.Add(h.since), r.zone).After(r.now)
}

func (r resolver) weekend(week, today time.Time) ([]time.Time, string, string) {
	this, next := week.AddDate(0, 0, 5), week.AddDate(0, 0, 12)
	if this.Before(today) || this.Equal(today) && !r.ahead(today, r.hours(true)[0]) {
		this = week.AddDate(0, 0, 6) // it is Sunday, or late on Saturday
	}
	switch {
	case r.p.day.kind == dayWeekend:
		return []time.Time{this}, "", ""
	case today.Weekday() == time.Saturday, today.Weekday() == time.Sunday:
		return []time.Time{next}, "", ""
	}
	return []time.Time{this, next}, "Which weekend?", ""
}

func (r resolver) nextDayOfMonth(today time.Time, d dayRef) ([]time.Time, string, string) {
	hours := r.hours(true)
	for m := range time.Month(12) {
		day := time.Date(today.Year(), today.Month()+m, d.dom, 0, 0, 0, 0, time.UTC)
		if day.Day() == d.dom && r.ahead(day, hours[0]) && (!d.checked || day.Weekday() == d.weekday) {
			return []time.Time{day}, "", ""
		}
	}
	return nil, "", "There is no such day in the coming months."
}

// noSuchDate is what a calendar does not have.
const noSuchDate = "There is no such date."

// date is a day and month, in this year or the next unless a year was said.
func (r resolver) date(today time.Time, d dayRef) ([]time.Time, string, string) {
	forms := []dayRef{d}
	if d.swapped {
		forms = append(forms, dayRef{year: d.year, month: d.dom, dom: d.month})
	}
	var days []time.Time
	for _, f := range forms {
		day, ok := r.onCalendar(today, f)
		if !ok {
			return nil, "", noSuchDate
		}
		days = append(days, day)
	}
	if d.checked {
		days = slices.DeleteFunc(days, func(day time.Time) bool { return day.Weekday() != d.weekday })
		if len(days) == 0 {
			return nil, "", aboutDay(r.lang.code, "That date is not a %s.", d.weekday)
		}
	}
	return days, "Day first or month first?", ""
}

func (r resolver) onCalendar(today time.Time, d dayRef) (time.Time, bool) {
	if d.year != 0 {
		day := time.Date(d.year, time.Month(d.month), d.dom, 0, 0, 0, 0, time.UTC)
		return day, day.Day() == d.dom && int(day.Month()) == d.month && d.year < lastYear
	}
	for y := range 9 { // 29 February may be eight years away
		day := time.Date(today.Year()+y, time.Month(d.month), d.dom, 0, 0, 0, 0, time.UTC)
		if day.Day() == d.dom && int(day.Month()) == d.month && !day.Before(today) {
			return day, true
		}
	}
	return time.Time{}, false
}
