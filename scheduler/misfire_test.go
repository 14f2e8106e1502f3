package scheduler

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// After a week in which nothing ran: a one-shot fires late and says so; what
// recurs fires once if it is within its grace and is noted as missed if not,
// in one quiet line; nothing comes in a burst, and nothing is silent.
func TestMisfire(t *testing.T) {
	const day = 24 * time.Hour
	// Begins on Saturday 2000-01-01 00:00 UTC, 01:00 in Berlin.
	for _, c := range []struct {
		name string
		r    store.Reminder
		away time.Duration
		says []string
		next string // the wall time of the next occurrence, or done
		last string
	}{
		{
			"one-shot",
			store.Reminder{Schedule: "at 2000-01-02T07:00:00"},
			7 * day,
			[]string{"Reminder, was due Sun 2 Jan 07:00 | x | 0"},
			"done", "late",
		},
		{
			"one-shot with skip",
			store.Reminder{Schedule: "at 2000-01-02T07:00:00", Misfire: MisfireSkip},
			7 * day,
			[]string{"Reminder, was due Sun 2 Jan 07:00 | x | 0"},
			"done", "late",
		},
		{"daily, within its grace", store.Reminder{Schedule: "0 7 * * *"}, 7*day + 17*time.Hour, // 18:00 in Berlin
			[]string{"Reminder, was due Sat 8 Jan 07:00 | x | 0"}, "2000-01-09T07:00:00", "late"},
		{
			"daily, at the end of its grace",
			store.Reminder{Schedule: "0 7 * * *"},
			7*day + 18*time.Hour - time.Second,
			[]string{"Reminder, was due Sat 8 Jan 07:00 | x | 0"},
			"2000-01-09T07:00:00", "late",
		},
		{
			"daily, beyond its grace",
			store.Reminder{Schedule: "0 7 * * *"},
			7*day + 18*time.Hour + time.Second,
			[]string{"Missed | x: missed 8 times, last Sat 8 Jan 07:00 | 1"},
			"2000-01-09T07:00:00", "missed",
		},
		{
			"weekly, once missed",
			store.Reminder{Schedule: "0 7 * * 0"},
			3 * day,
			[]string{"Missed | x: missed, was due Sun 2 Jan 07:00 | 1"},
			"2000-01-09T07:00:00", "missed",
		},
		{
			"a grace of its own",
			store.Reminder{Schedule: "0 7 * * 0", Grace: 3 * 86400},
			3 * day,
			[]string{"Reminder, was due Sun 2 Jan 07:00 | x | 0"},
			"2000-01-09T07:00:00", "late",
		},
		{
			"late",
			store.Reminder{Schedule: "0 7 * * 0", Misfire: MisfireLate},
			3 * day,
			[]string{"Reminder, was due Sun 2 Jan 07:00 | x | 0"},
			"2000-01-09T07:00:00", "late",
		},
		{
			"skip",
			store.Reminder{Schedule: "0 7 * * *", Misfire: MisfireSkip},
			day + 6*time.Hour + 2*time.Minute,
			[]string{"Missed | x: missed 2 times, last Sun 2 Jan 07:00 | 1"},
			"2000-01-03T07:00:00", "missed",
		},
		{
			"skip, in time",
			store.Reminder{Schedule: "0 7 * * *", Misfire: MisfireSkip},
			6*time.Hour + 59*time.Second,
			[]string{"Reminder | x | 0"},
			"2000-01-02T07:00:00", "fired",
		},
		{
			"hourly, half an hour ago",
			store.Reminder{Schedule: "0 * * * *"},
			5*time.Hour + 29*time.Minute,
			[]string{"Reminder, was due Sat 1 Jan 06:00 | x | 0"},
			"2000-01-01T07:00:00", "late",
		},
		{
			"hourly, longer ago",
			store.Reminder{Schedule: "0 * * * *"},
			5*time.Hour + 31*time.Minute,
			[]string{"Missed | x: missed 5 times, last Sat 1 Jan 06:00 | 1"},
			"2000-01-01T07:00:00", "missed",
		},
		{
			"each minute for a year",
			store.Reminder{Schedule: "* * * * *", Misfire: MisfireSkip},
			365*day + 30*time.Second,
			[]string{"Reminder | x | 0"},
			"2000-12-31T01:01:00", "fired",
		},
		{
			"each minute in the mornings, for a year",
			store.Reminder{Schedule: "* 8 * * *"},
			365 * day,
			[]string{"Missed | x: missed more than 999 times, last Sat 30 Dec 08:59 | 1"},
			"2000-12-31T08:00:00", "missed",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, openStore(t))
				c.r.Text, c.r.Zone = "x", "Europe/Berlin"
				h.put(t, &c.r)
				h.down(c.away)
				expect(t, h.lines(t), c.says...)
				r := h.only(t)
				next := "done"
				if r.State == store.Active {
					next = Wall(r.Next.Time, r.Zone)
				}
				if next != c.next || r.Last == nil || r.Last.State != c.last {
					t.Errorf("next %s, last %+v; want %s, %s", next, r.Last, c.next, c.last)
				}
				time.Sleep(time.Minute / 2) // it does not fire once more
				if got := h.lines(t); len(got) != len(c.says) && !strings.HasPrefix(c.r.Schedule, "* *") {
					t.Errorf("half a minute later: %q", got)
				}
				h.close(t)
			})
		})
	}
}

// What was missed is in the history, beside what was said.
func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, openStore(t))
		h.put(t, &store.Reminder{Text: "x", Schedule: "0 7 * * *", Zone: "UTC"})
		time.Sleep(8 * time.Hour)
		h.down(48*time.Hour + 30*time.Minute)
		expect(t, h.history(t), "2000-01-01T07:00:00 fired", "2000-01-02T07:00:00 missed", "2000-01-03T07:00:00 late")
		h.close(t)
	})
}
