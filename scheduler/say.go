package scheduler

import "time"

// Say describes the schedule in a plain sentence with its zone, its next time and how far away that is: "Thu 19 Nov
// 2026 at 09:00 (Europe/Berlin), in 23 hours", "Weekdays at 08:30 (Europe/Berlin), next Thu 19 Nov 08:30, in 22 hours".
// lang is a tag of BCP 47: German and Spanish have words of their own, all others get English.
func Say(s Schedule, zone *time.Location, now time.Time, lang string) string {
	w := speechOf(lang)
	if s.rule == nil {
		return w.never
	}
	next, ok := s.Next(now, zone)
	if !s.Recurring() {
		if !ok {
			next, _ = s.Next(time.Time{}, zone)
			return w.time(next) + " (" + zone.String() + ")" + w.goneBy
		}
		return w.time(next) + " (" + zone.String() + "), " + w.distance(next.Sub(now))
	}
	text := s.rule.say(w) + " (" + zone.String() + ")"
	if !ok {
		return text + w.noMore
	}
	return text + w.next + w.short(next, now) + ", " + w.distance(next.Sub(now))
}

// SayTime is an instant in the zone of t, for people: "Mon 2 Nov 2026 15:04". Languages are those of [Say].
func SayTime(t time.Time, lang string) string {
	return speechOf(lang).shortDate(t, true) + t.Format(" 15:04")
}

func (w *speech) time(t time.Time) string {
	clock := "15:04"
	if t.Second() != 0 {
		clock = "15:04:05"
	}
	return w.shortDate(t, true) + w.at + t.Format(clock)
}

// short leaves out the year, if it is this one.
func (w *speech) short(t, now time.Time) string {
	return w.shortDate(t, t.Year() != now.In(t.Location()).Year()) + t.Format(" 15:04")
}

// distance rounds to what people would say.
func (w *speech) distance(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return w.ahead(int(d.Round(time.Second)/time.Second), "second")
	case d < 100*time.Minute:
		return w.ahead(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 36*time.Hour:
		return w.ahead(int(d.Round(time.Hour)/time.Hour), "hour")
	case d < 60*day:
		return w.ahead(int(d.Round(day)/day), "day")
	case d < 2*365*day:
		return w.ahead(int(d/(30*day)), "month")
	}
	return w.ahead(int(d/(365*day)), "year")
}
