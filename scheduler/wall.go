package scheduler

import (
	"time"
	_ "time/tzdata" // Windows and small containers have no zone database, and a reminder must not depend on one.
)

// A wall time is what a clock on the wall shows: a time.Time in UTC whose fields are to be read in some zone.

// wallLayout is the local form of RFC 3339 and RFC 5545: no offset, because the zone stands beside it.
const wallLayout = "2006-01-02T15:04:05"

func wallOf(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return wallAt(t, offset)
}

func wallAt(t time.Time, offset int) time.Time {
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func instantAt(wall time.Time, offset int) time.Time {
	return wall.Add(-time.Duration(offset) * time.Second)
}

// farthest is further than any zone's clock stands from UTC or ever jumped (Apia skipped 24 hours).
const farthest = 48 * time.Hour

// resolve maps a wall time to its instant: in a gap by the offset before it, in a fold to the first pass.
func resolve(wall time.Time, zone *time.Location) time.Time {
	cur := wall.Add(-farthest).In(zone)
	_, offset := cur.Zone()
	t := instantAt(wall, offset)
	for {
		_, end := bounds(cur)
		if end.IsZero() || t.Before(end) {
			return t.In(zone)
		}
		cur = end.In(zone)
		_, offset = cur.Zone()
		next := instantAt(wall, offset)
		if next.Before(end) { // the clock jumped over this wall time
			return t.In(zone)
		}
		t = next
	}
}

// A wallSeq yields the first wall time of a pattern strictly after another one.
type wallSeq func(after time.Time) (time.Time, bool)

// nextInstant finds the first instant strictly after `after` at which seq's wall times happen. A zone is a row of
// spans with one offset each; within a span wall time and instants run in step, so only the spans' edges are special.
// With elapsed set, both passes of a repeated hour count.
func nextInstant(after time.Time, zone *time.Location, seq wallSeq, elapsed bool) (time.Time, bool) {
	for cur := after.In(zone); ; {
		span := spanOf(cur, zone)
		floor := after
		if after.Before(span.start) {
			floor = span.start.Add(-1)
		}
		best := span.inGap(floor, seq)
		from := wallAt(floor, span.offset)
		if span.jump < 0 && !elapsed {
			from = later(from, wallAt(span.start, span.before()).Add(-1))
		}
		wall, ok := seq(from)
		if ok {
			t := instantAt(wall, span.offset)
			if (span.end.IsZero() || t.Before(span.end)) && (best.IsZero() || t.Before(best)) {
				best = t
			}
		}
		if !best.IsZero() {
			return best.In(zone), true
		}
		if !ok || span.end.IsZero() {
			return time.Time{}, false
		}
		cur = later(span.end, instantAt(wall, span.offset).Add(-farthest)).In(zone)
	}
}

// span is a stretch of time with one offset from UTC; start and end are zero where it has none.
type span struct {
	start, end   time.Time
	offset, jump int // seconds; jump is how far the clock was set forward at start
}

func spanOf(t time.Time, zone *time.Location) span {
	var s span
	_, s.offset = t.Zone()
	s.start, s.end = bounds(t)
	if !s.start.IsZero() {
		_, before := s.start.Add(-time.Second).In(zone).Zone()
		s.jump = s.offset - before
	}
	return s
}

// bounds are those of the standard library, which ends a span of the far future one day early in leap years: on
// 31 December 2040 it reports an end that has gone by, and whoever walks from end to end stands still. No zone changes
// on that day.
func bounds(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = t.Add(24 * time.Hour)
	}
	return start, end
}

func (s span) before() int { return s.offset - s.jump }

// inGap finds the first wall time that the jump at the span's start skipped, at the instant the old offset gives it.
func (s span) inGap(floor time.Time, seq wallSeq) time.Time {
	if s.jump <= 0 {
		return time.Time{}
	}
	from := later(wallAt(floor, s.before()), wallAt(s.start, s.before()).Add(-1))
	end := wallAt(s.start, s.offset)
	if !from.Before(end) {
		return time.Time{}
	}
	if wall, ok := seq(from); ok && wall.Before(end) {
		return instantAt(wall, s.before())
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
