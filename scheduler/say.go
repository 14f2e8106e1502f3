package scheduler

import (
	"fmt"
	"time"
)

// Say describes the schedule in a plain sentence with its zone, its next time and how far away that is: "Thu 19 Nov
// 2026 at 09:00 (Europe/Berlin), in 23 hours", "Weekdays at 08:30 (Europe/Berlin), next Thu 19 Nov 08:30, in 22 hours".
func Say(s Schedule, zone *time.Location, now time.Time) string {
	if s.rule == nil {
		return "Never"
	}
	next, ok := s.Next(now, zone)
	if !s.Recurring() {
		if !ok {
			next, _ = s.Next(time.Time{}, zone)
			return sayTime(next) + " (" + zone.String() + "), gone by"
		}
		return sayTime(next) + " (" + zone.String() + "), " + sayDistance(next.Sub(now))
	}
	text := s.rule.say() + " (" + zone.String() + ")"
	if !ok {
		return text + ", no more"
	}
	return text + ", next " + sayShort(next, now) + ", " + sayDistance(next.Sub(now))
}

func sayTime(t time.Time) string {
	if t.Second() != 0 {
		return t.Format("Mon 2 Jan 2006 at 15:04:05")
	}
	return t.Format("Mon 2 Jan 2006 at 15:04")
}

func sayShort(t, now time.Time) string {
	if t.Year() != now.In(t.Location()).Year() {
		return t.Format("Mon 2 Jan 2006 15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}

// sayDistance rounds to what people would say.
func sayDistance(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "in " + count(int(d.Round(time.Second)/time.Second), "second")
	case d < 100*time.Minute:
		return "in " + count(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 36*time.Hour:
		return "in " + count(int(d.Round(time.Hour)/time.Hour), "hour")
	case d < 60*day:
		return "in " + count(int(d.Round(day)/day), "day")
	case d < 2*365*day:
		return "in " + count(int(d/(30*day)), "month")
	}
	return "in " + count(int(d/(365*day)), "year")
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
