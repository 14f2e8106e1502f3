package scheduler

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// oddZones have every kind of change: hemispheres, midnight changes, half-hour and one-day jumps, moved and dropped
// rules, and none at all.
var oddZones = []string{
	"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Istanbul", "Europe/Moscow", "America/New_York",
	"America/St_Johns", "America/Sao_Paulo", "America/Havana", "America/Caracas", "America/Santiago", "Africa/Cairo",
	"Africa/Casablanca", "Asia/Beirut", "Asia/Tehran", "Asia/Gaza", "Asia/Kolkata", "Asia/Pyongyang",
	"Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll",
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// wallPattern is a schedule and, written independently of it, the wall times it means on one day.
type wallPattern struct {
	text    string
	on      func(day time.Time) []time.Duration
	elapsed bool
}

func daily(at time.Duration) func(time.Time) []time.Duration {
	return func(time.Time) []time.Duration { return []time.Duration{at} }
}

func wallPatterns() []wallPattern {
	var ps []wallPattern
	for _, m := range []int{0, 15, 60, 90, 120, 135, 150, 180, 540, 1439} {
		ps = append(ps, wallPattern{text: fmt.Sprintf("%d %d * * *", m%60, m/60), on: daily(time.Duration(m) * time.Minute)})
	}
	hourly := func(time.Time) (at []time.Duration) {
		for h := range 24 {
			at = append(at, time.Duration(h)*time.Hour+15*time.Minute)
		}
		return at
	}
	return append(ps,
		wallPattern{"15 * * * *", hourly, true},
		wallPattern{"30 2 * * SUN", func(d time.Time) []time.Duration {
			if d.Weekday() != time.Sunday {
				return nil
			}
			return []time.Duration{150 * time.Minute}
		}, false},
		wallPattern{"DTSTART:20000102T023000 RRULE:FREQ=WEEKLY;BYDAY=SU", func(d time.Time) []time.Duration {
			if d.Weekday() != time.Sunday {
				return nil
			}
			return []time.Duration{150 * time.Minute}
		}, false},
		wallPattern{"DTSTART:20000131T000000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", func(d time.Time) []time.Duration {
			if d.AddDate(0, 0, 1).Day() != 1 {
				return nil
			}
			return []time.Duration{0}
		}, false},
		wallPattern{"0 0 1 * *", func(d time.Time) []time.Duration {
			if d.Day() != 1 {
				return nil
			}
			return []time.Duration{0}
		}, false},
	)
}

// passes lists the instants at which a wall time happens, by trying every offset in use around it; for one that never
// happens, the instant that the earlier offset gives.
func passes(wall time.Time, zone *time.Location) []time.Time {
	var hits []time.Time
	offsets := map[int]bool{}
	for h := -48; h <= 48; h += 6 { // no zone changes twice within six hours
		_, o := wall.Add(time.Duration(h) * time.Hour).In(zone).Zone()
		offsets[o] = true
	}
	for o := range offsets {
		t := wall.Add(-time.Duration(o) * time.Second)
		if t.In(zone).Format(wallLayout) == wall.Format(wallLayout) {
			hits = append(hits, t)
		}
	}
	slices.SortFunc(hits, time.Time.Compare)
	if len(hits) == 0 { // skipped: of the two offsets around the jump, the smaller one is the earlier
		least := 1 << 30
		for o := range offsets {
			least = min(least, o)
		}
		hits = append(hits, wall.Add(-time.Duration(least)*time.Second))
	}
	return hits
}

// Every wall time of a schedule fires exactly once, in order, in every zone; HARK_LONG=1 checks twenty years.
func TestEachWallTimeFiresOnce(t *testing.T) {
	spans := [][2]int{{2011, 2011}, {2026, 2027}, {2040, 2040}}
	if os.Getenv("HARK_LONG") != "" {
		spans = [][2]int{{2010, 2030}, {2040, 2041}}
	}
	for _, name := range oddZones {
		zone := mustZone(t, name)
		for _, p := range wallPatterns() {
			for _, span := range spans {
				checkPattern(t, zone, p, span[0], span[1])
			}
		}
	}
}

func checkPattern(t *testing.T, zone *time.Location, p wallPattern, first, last int) {
	t.Helper()
	start := time.Date(first, 1, 3, 0, 0, 0, 0, time.UTC)
	end := time.Date(last+1, 1, 3, 0, 0, 0, 0, time.UTC)
	var want []time.Time
	for day := start.AddDate(0, 0, -3); day.Before(end.AddDate(0, 0, 3)); day = day.AddDate(0, 0, 1) {
		for _, at := range p.on(day) {
			hits := passes(day.Add(at), zone)
			if !p.elapsed {
				hits = hits[:1]
			}
			want = append(want, hits...)
		}
	}
	slices.SortFunc(want, time.Time.Compare)
	want = slices.CompactFunc(want, time.Time.Equal)
	want = slices.DeleteFunc(want, func(u time.Time) bool { return !u.After(start) || u.After(end) })

	s, err := ParseSchedule(p.text)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool, len(want))
	now := start
	for i, u := range want {
		got, ok := s.Next(now, zone)
		if !ok || !got.Equal(u) {
			t.Errorf("%s, %s: firing %d after %s is %s, want %s", zone, p.text, i, now.In(zone), got, u.In(zone))
			return
		}
		name := s.Occurrence(got, zone)
		if names[name] {
			t.Errorf("%s, %s: two occurrences are named %s", zone, p.text, name)
			return
		}
		names[name] = true
		now = got
	}
}
