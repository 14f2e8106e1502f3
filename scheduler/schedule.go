package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Schedule says when something happens, once or again and again. It holds no zone and does not change. The zero
// Schedule never happens.
type Schedule struct {
	rule rule
}

// rule is one kind of schedule: once, cron, interval or recurrence.
type rule interface {
	// next is the first instant strictly after `after`.
	next(after time.Time, zone *time.Location) (time.Time, bool)
	// from fixes a rule that counts from its beginning at now, and returns any other rule as it is.
	from(now time.Time, zone *time.Location) rule
	// say describes the rule, without its zone, as the beginning of a sentence.
	say(w *speech) string
	// String is the canonical text.
	String() string
}

const (
	maxScheduleText = 4096 // an imported rule with its exceptions is the longest there is
	lastYear        = 9000 // beyond it the libraries run out of calendar
)

// ParseSchedule reads the one-line form that the package comment lists. It also accepts @daily and its like,
// "@every 90m", an RRULE without its prefix and lines broken as in RFC 5545. It refuses what can never happen, what
// repeats faster than once a minute, and a zone inside the text. The error says what to write instead.
func ParseSchedule(s string) (Schedule, error) {
	if len(s) > maxScheduleText {
		return Schedule{}, fmt.Errorf("this schedule is longer than %d characters", maxScheduleText)
	}
	text := strings.Join(strings.Fields(s), " ")
	upper := strings.ToUpper(text)
	var r rule
	var err error
	switch {
	case text == "":
		return Schedule{}, errors.New("the schedule is empty: write for example \"at 2026-11-23T09:00\", \"30 8 * * 1-5\" or \"every 90m\"")
	case strings.Contains(upper, "TZ="), strings.Contains(upper, "TZID="):
		return Schedule{}, errors.New("a schedule holds no zone: remove TZ= and give the zone as a field of its own")
	case strings.HasPrefix(upper, "DTSTART"), strings.HasPrefix(upper, "RRULE:"), strings.HasPrefix(upper, "FREQ="):
		r, err = parseRecurrence(upper)
	case strings.HasPrefix(upper, "AT "):
		r, err = parseOnce(upper[3:])
	case strings.HasPrefix(upper, "@EVERY "):
		r, err = parseInterval(strings.ToLower(text[len("@every "):]))
	case strings.HasPrefix(upper, "EVERY "):
		r, err = parseInterval(strings.ToLower(text[len("every "):]))
	case len(text) > 8 && text[4] == '-' && text[7] == '-':
		r, err = parseOnce(upper)
	default:
		r, err = parseCron(upper)
	}
	if err != nil {
		return Schedule{}, err
	}
	return Schedule{rule: r}, nil
}

// String is the canonical text: parsing it gives the same schedule and the same text again.
func (s Schedule) String() string {
	if s.rule == nil {
		return ""
	}
	return s.rule.String()
}

// Next returns the first instant strictly after `after` at which the schedule happens in zone, in that zone; false
// when there is none left. It has whole seconds.
func (s Schedule) Next(after time.Time, zone *time.Location) (time.Time, bool) {
	if s.rule == nil || after.Year() > lastYear {
		return time.Time{}, false
	}
	return s.rule.next(after.Round(0), zone)
}

// Upcoming returns up to n instants strictly after `after`, in order.
func (s Schedule) Upcoming(n int, after time.Time, zone *time.Location) []time.Time {
	var at []time.Time
	for len(at) < n {
		t, ok := s.Next(after, zone)
		if !ok {
			break
		}
		at = append(at, t)
		after = t
	}
	return at
}

// Recurring says whether the schedule can happen more than once.
func (s Schedule) Recurring() bool {
	_, once := s.rule.(once)
	return s.rule != nil && !once
}

// From returns the schedule with its beginning fixed at now, if it needs one and has none: "every 90m" and an RRULE
// without DTSTART count from somewhere. Call it once, when a reminder is made; until then such a schedule counts from
// the argument of Next.
func (s Schedule) From(now time.Time, zone *time.Location) Schedule {
	if s.rule == nil {
		return s
	}
	return Schedule{rule: s.rule.from(now, zone)}
}

// Occurrence names the instant t by its wall time in zone, "2026-11-23T09:00:00". In the second pass of a repeated
// hour the offset is added, so that no two instants share a name.
func (s Schedule) Occurrence(t time.Time, zone *time.Location) string {
	wall := wallOf(t, zone)
	if resolve(wall, zone).Equal(t.Truncate(time.Second)) {
		return wall.Format(wallLayout)
	}
	return t.In(zone).Format(time.RFC3339)
}

// once is a single wall time, or a single instant where an offset was given.
type once struct {
	wall  time.Time
	exact time.Time // zero: wall decides
}

// at is a once for the instant t: as a wall time where that says it all, else with its offset.
func at(t time.Time, zone *time.Location) Schedule {
	t = t.Truncate(time.Second)
	wall := wallOf(t, zone)
	if resolve(wall, zone).Equal(t) {
		return Schedule{rule: once{wall: wall}}
	}
	return Schedule{rule: once{exact: t.In(zone)}}
}

func parseOnce(s string) (rule, error) {
	s = strings.Replace(strings.TrimSpace(s), " ", "T", 1)
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return once{exact: t.Truncate(time.Second)}, nil
		}
	}
	for _, layout := range []string{wallLayout, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return once{wall: t.Truncate(time.Second)}, nil
		}
	}
	return nil, fmt.Errorf("%q is not a date and time: write it as 2026-11-23T09:00", s)
}

func (o once) next(after time.Time, zone *time.Location) (time.Time, bool) {
	t := o.exact.In(zone)
	if o.exact.IsZero() {
		t = resolve(o.wall, zone)
	}
	return t, t.After(after)
}

func (o once) from(time.Time, *time.Location) rule { return o }

func (o once) String() string {
	if o.exact.IsZero() {
		return "at " + o.wall.Format(wallLayout)
	}
	return "at " + o.exact.Format(time.RFC3339)
}
