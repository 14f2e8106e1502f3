package scheduler

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// interval repeats after the same elapsed time: from a beginning on, or within a window of each day. The window's
// steps count anew from its opening.
type interval struct {
	every time.Duration
	begin once // zero: counted from now
	open  int  // minutes after midnight; open == close: no window
	close int  // inclusive; before open: on the next day
	days  int  // bit 0 is Sunday; 0 means every day
}

// maxEvery is a leap year: whatever is rarer is a date.
const maxEvery = 366 * 24 * time.Hour

var intervalForm = regexp.MustCompile(`^(\S+)(?: from (\S+))?(?: between (\d\d?)(?::(\d\d))? and (\d\d?)(?::(\d\d))?)?(?: on (\S+))?$`)

func parseInterval(s string) (rule, error) {
	m := intervalForm.FindStringSubmatch(s)
	if m == nil {
		return nil, fmt.Errorf("\"every %s\" can't be read: write \"every 90m\" or \"every 90m between 09:00 and 17:00 on MON-FRI\"", s)
	}
	every, err := time.ParseDuration(m[1])
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is not a length of time: write 90m, 2h or 1h30m", m[1])
	case every < time.Minute:
		return nil, errors.New("the shortest interval is one minute: write \"every 1m\" or longer")
	case every > maxEvery:
		return nil, errors.New("the longest interval is 366 days: use a yearly date instead")
	case every%time.Minute != 0:
		return nil, errors.New("an interval is a whole number of minutes")
	}
	r := interval{every: every}
	if m[2] != "" {
		if m[3] != "" {
			return nil, errors.New("an interval counts from a beginning or within a window, not both: drop \"from\"")
		}
		begin, err := parseOnce(strings.ToUpper(m[2]))
		if err != nil {
			return nil, err
		}
		r.begin = begin.(once)
	}
	if m[3] != "" {
		if r.open, err = minutes(m[3], m[4]); err != nil {
			return nil, err
		}
		if r.close, err = minutes(m[5], m[6]); err != nil {
			return nil, err
		}
		if r.open == r.close {
			return nil, errors.New("the window is empty: it opens and closes at the same time")
		}
	}
	if m[7] != "" {
		if m[3] == "" {
			return nil, errors.New("\"on\" needs a window: write \"between 00:00 and 23:59 on MON-FRI\"")
		}
		if r.days, err = daySet(strings.ToUpper(m[7])); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func minutes(hour, minute string) (int, error) {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi("0" + minute)
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, fmt.Errorf("%s:%s is not a time of day", hour, minute)
	}
	if h == 24 {
		return 23*60 + 59, nil // "until midnight" ends with the day
	}
	return h*60 + m, nil
}

// daySet reads a cron weekday field as a set of bits.
func daySet(upper string) (int, error) {
	field, err := sundays(upper)
	if err != nil {
		return 0, err
	}
	spec, err := parseSpec("0 0 * * " + field)
	if err != nil {
		return 0, err
	}
	set := int(spec.Dow & (1<<7 - 1))
	if set == 1<<7-1 {
		set = 0
	}
	return set, nil
}

func (r interval) windowed() bool { return r.open != r.close }

func (r interval) next(after time.Time, zone *time.Location) (time.Time, bool) {
	if r.windowed() {
		return r.nextInWindow(after, zone)
	}
	begin := after.Truncate(time.Second)
	if r.begin != (once{}) {
		if begin, _ = r.begin.next(after, zone); begin.After(after) {
			return begin, true
		}
	}
	return r.step(begin, after).In(zone), true
}

// step is the first of begin, begin+every, … strictly after `after`.
func (r interval) step(begin, after time.Time) time.Time {
	if begin.After(after) {
		return begin
	}
	// In seconds: a Duration ends after 292 years, and a beginning may be any four-digit year.
	every := int64(r.every / time.Second)
	n := (after.Unix()-begin.Unix())/every + 1
	return time.Unix(begin.Unix()+n*every, 0)
}

func (r interval) nextInWindow(after time.Time, zone *time.Location) (time.Time, bool) {
	y, m, d := wallOf(after, zone).Date()
	length := r.close - r.open
	if length < 0 {
		length += 24 * 60
	}
	for i := -2; i < 10; i++ { // two days back: a window may cross midnight, and a zone may skip a day
		day := time.Date(y, m, d+i, 0, 0, 0, 0, time.UTC)
		if r.days != 0 && r.days&(1<<day.Weekday()) == 0 {
			continue
		}
		open := day.Add(time.Duration(r.open) * time.Minute)
		t := r.step(resolve(open, zone), after)
		if !t.After(resolve(open.Add(time.Duration(length)*time.Minute), zone)) {
			return t.In(zone), true
		}
	}
	return time.Time{}, false
}

func (r interval) from(now time.Time, zone *time.Location) rule {
	if !r.windowed() && r.begin == (once{}) {
		r.begin = at(now.Truncate(time.Minute), zone).rule.(once)
	}
	return r
}

func (r interval) String() string {
	s := "every " + shortDuration(r.every)
	if r.begin != (once{}) {
		s += " from " + strings.TrimPrefix(r.begin.String(), "at ")
	}
	if r.windowed() {
		s += " between " + clock(r.open) + " and " + clock(r.close)
	}
	if r.days != 0 {
		s += " on " + daysText(r.days)
	}
	return s
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func shortDuration(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// daysText writes a set of weekdays for cron and interval: a range where there is one, Monday first.
func daysText(days int) string {
	switch days {
	case workdays:
		return "MON-FRI"
	case weekend:
		return "SAT,SUN"
	}
	var names []string
	for i := 1; i <= 7; i++ {
		if days&(1<<(i%7)) != 0 {
			names = append(names, dayNames[i%7*3:i%7*3+3])
		}
	}
	return strings.Join(names, ",")
}
