package scheduler

import (
	"strings"
	"testing"
	"time"
)

// Every form has one canonical text, which reads back as itself.
func TestCanonicalText(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-23T09:00":                     "at 2026-11-23T09:00:00",
		"at 2026-11-23 09:00":                  "at 2026-11-23T09:00:00",
		"AT 2026-11-23T09:00:30":               "at 2026-11-23T09:00:30",
		"at 2026-11-23T09:00:00+01:00":         "at 2026-11-23T09:00:00+01:00",
		"2026-11-23T09:00Z":                    "at 2026-11-23T09:00:00Z",
		"  30   8 * *  mon-fri ":               "30 8 * * 1-5",
		"0 9 * * 7":                            "0 9 * * 0",
		"0 9 * * MON-SUN":                      "0 9 * * 0-6",
		"0 9 * * fri-mon":                      "0 9 * * 5,6,0,1",
		"0 9 * * 5-7":                          "0 9 * * 5,6,0",
		"0 9 * * sat,sun":                      "0 9 * * 6,0",
		"0 9 * jan-mar *":                      "0 9 * JAN-MAR *",
		"@daily":                               "0 0 * * *",
		"@midnight":                            "0 0 * * *",
		"@every 90m":                           "every 90m",
		"every 1h30m":                          "every 90m",
		"Every 2h":                             "every 2h",
		"every 90m between 9 and 17":           "every 90m between 09:00 and 17:00",
		"every 1h between 22:00 and 06:30":     "every 1h between 22:00 and 06:30",
		"every 1h between 9 and 24 on sat-sun": "every 1h between 09:00 and 23:59 on SAT,SUN",
		"every 7h from 2026-11-18T10:00":       "every 7h from 2026-11-18T10:00:00",
		"FREQ=DAILY;BYHOUR=9;BYMINUTE=0":       "RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
		"DTSTART:20261120T180000\r\nRRULE:FREQ=WEEKLY;BYDAY=FR;INTERVAL=2\r\nEXDATE:20261204T180000": "DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR EXDATE:20261204T180000",
		"DTSTART:20261120T180000 RRULE:FREQ=DAILY;UNTIL=20261201T170000Z":                            "DTSTART:20261120T180000 RRULE:FREQ=DAILY;UNTIL=20261201T170000Z",
	} {
		s, err := ParseSchedule(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		again, err := ParseSchedule(s.String())
		if s.String() != want || err != nil || again.String() != want {
			t.Errorf("%q is %q, want %q; read again %q, %v", in, s, want, again, err)
		}
	}
}

// What is no schedule, never happens, is too fast, or would hang or crash a library is refused with a reason.
func TestRefusedSchedules(t *testing.T) {
	for _, in := range []string{
		"", " ", "tomorrow", "9", "at noon", "at 2026-13-01T09:00", "at 2026-02-30T09:00", "at 2026-11-23",
		"TZ=", "TZ=Europe/Berlin", "CRON_TZ=UTC", "TZ=Europe/Berlin 0 9 * * *", "DTSTART;TZID=Europe/Berlin:20261120T180000 RRULE:FREQ=DAILY",
		"* * * *", "* * * * * *", "60 9 * * *", "0 24 * * *", "0 9 0 * *", "0 9 30 2 *", "0 9 31 4,6 *", "0 9 * * 8",
		"0 9 * * mon-xyz", "0 9 * * 1/0", "0 9 * * 1/9", ", , , , ,", "0 9 ,1 * *", "*/0 * * * *", "@reboot", "@", "0 9 L * *", "0 9 * * 1#2",
		"every", "every 0s", "every 30s", "every -5m", "@every -5s", "@every 1ms", "every 90s", "every 100000h", "every 2d",
		"every 1h between 9 and 9", "every 1h between 9 and 25", "every 1h on MON", "every 1h from yesterday", "every 1h from 2026-11-18T10:00 between 9 and 17",
		"RRULE:", "RRULE:FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=NEVER", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=99999",
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=53MO", "FREQ=MONTHLY;BYDAY=-53MO",
		"FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=HOURLY;INTERVAL=2;BYHOUR=3", "FREQ=DAILY;BYSETPOS=5",
		"FREQ=DAILY;COUNT=5", "DTSTART:20261120T180000 RRULE:FREQ=DAILY;COUNT=99999999", "DTSTART:20261120T180000 RRULE:FREQ=DAILY;COUNT=5;UNTIL=20270101",
		"FREQ=DAILY;UNTIL=soon", "FREQ=DAILY;BYHOUR=25", "FREQ=DAILY;BYSECOND=0,1,2", "FREQ=YEARLY;BYEASTER=1", "FREQ=DAILY FREQ=DAILY",
		"DTSTART:20261120T180000", "DTSTART:20261120T180000Z RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY RDATE:20261120", "FREQ=DAILY;INTERVAL=7;BYDAY=MO,",
		strings.Repeat("0", 5000),
	} {
		start := time.Now()
		if s, err := ParseSchedule(in); err == nil {
			t.Errorf("%q is taken as %q", in, s)
		} else if strings.Contains(err.Error(), "panic") || len(err.Error()) < 12 {
			t.Errorf("%q is refused with %q", in, err)
		}
		if d := time.Since(start); d > 20*time.Second { // a search that does not end
			t.Errorf("%q takes %s", in, d)
		}
	}
}

// The next times, at the edges that calendars and clocks have.
func TestNextTimes(t *testing.T) {
	for _, c := range []struct {
		zone, schedule, after string
		want                  []string
	}{
		{"Europe/Berlin", "30 2 * * *", "2027-03-27T12:00", []string{"2027-03-28T03:30:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"Europe/Berlin", "30 2 * * *", "2026-10-24T12:00", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"Europe/Berlin", "30 2,3 * * *", "2027-03-27T12:00", []string{"2027-03-28T03:30:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"Europe/Berlin", "0 * * * *", "2026-10-25T01:30", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"Europe/Berlin", "every 1h from 2027-03-28T00:30", "2027-03-28T01:00", []string{"2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"}},
		{"Europe/Berlin", "every 90m between 1 and 5", "2027-03-27T12:00", []string{"2027-03-28T01:00:00+01:00", "2027-03-28T03:30:00+02:00", "2027-03-28T05:00:00+02:00", "2027-03-29T01:00:00+02:00"}},
		{"Europe/Berlin", "at 2027-03-28T02:30", "2027-03-01T00:00", []string{"2027-03-28T03:30:00+02:00"}},
		{"Europe/Berlin", "at 2026-10-25T02:30", "2026-10-01T00:00", []string{"2026-10-25T02:30:00+02:00"}},
		{"Europe/Berlin", "at 2026-10-25T02:30+01:00", "2026-10-01T00:00", []string{"2026-10-25T02:30:00+01:00"}},
		{"Africa/Cairo", "0 0 * * *", "2026-04-23T12:00", []string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
		{"Pacific/Apia", "0 9 * * *", "2011-12-28T12:00", []string{"2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00"}},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00", []string{"2026-10-04T02:45:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"UTC", "0 9 29 2 *", "2096-03-01T00:00", []string{"2104-02-29T09:00:00Z"}},
		{"UTC", "0 9 31 * *", "2026-11-18T10:00", []string{"2026-12-31T09:00:00Z", "2027-01-31T09:00:00Z", "2027-03-31T09:00:00Z"}},
		{"UTC", "every 1h between 22:00 and 01:00 on FRI", "2026-11-20T23:30", []string{"2026-11-21T00:00:00Z", "2026-11-21T01:00:00Z", "2026-11-27T22:00:00Z"}},
		{"UTC", "DTSTART:20060102T090000 RRULE:FREQ=DAILY;INTERVAL=3", "2026-11-18T10:00", []string{"2026-11-19T09:00:00Z", "2026-11-22T09:00:00Z"}},
		{"UTC", "DTSTART:20060131T090000 RRULE:FREQ=MONTHLY;INTERVAL=2", "2026-11-18T10:00", []string{"2027-01-31T09:00:00Z", "2027-03-31T09:00:00Z"}},
		{"UTC", "DTSTART:20261120T180000 RRULE:FREQ=DAILY;COUNT=3 EXDATE:20261121T180000", "2026-11-18T10:00", []string{"2026-11-20T18:00:00Z", "2026-11-22T18:00:00Z"}},
		{"Europe/Berlin", "DTSTART:20261120T180000 RRULE:FREQ=DAILY;UNTIL=20261121T170000Z", "2026-11-18T10:00", []string{"2026-11-20T18:00:00+01:00", "2026-11-21T18:00:00+01:00"}},
		{"UTC", "DTSTART:20261120T180000 RRULE:FREQ=DAILY;UNTIL=20261121", "2026-11-18T10:00", []string{"2026-11-20T18:00:00Z", "2026-11-21T18:00:00Z"}},
		{"UTC", "DTSTART:20261101T090000 RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-18T10:00", []string{"2026-11-30T09:00:00Z", "2026-12-31T09:00:00Z", "2027-01-29T09:00:00Z"}},
	} {
		zone := mustZone(t, c.zone)
		after, err := time.ParseInLocation("2006-01-02T15:04", c.after, zone)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseSchedule(c.schedule)
		if err != nil {
			t.Errorf("%s: %v", c.schedule, err)
			continue
		}
		var got []string
		for _, at := range s.Upcoming(len(c.want), after, zone) {
			got = append(got, at.Format(time.RFC3339))
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s, %s\n\tgot  %v\n\twant %v", c.zone, c.schedule, got, c.want)
		}
	}
}

// A schedule that counts from its beginning keeps its steps once the beginning is fixed, wherever one asks from.
func TestFromFixesTheBeginning(t *testing.T) {
	now, zone := phraseNow(t)
	for text, want := range map[string]string{
		"every 25m":                         "every 25m from 2026-11-18T10:00:00",
		"FREQ=DAILY;INTERVAL=3":             "DTSTART:20261118T100000 RRULE:FREQ=DAILY;INTERVAL=3",
		"every 25m between 09:00 and 17:00": "every 25m between 09:00 and 17:00",
		"0 9 * * *":                         "0 9 * * *",
	} {
		s, err := ParseSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		s = s.From(now.Add(20*time.Second), zone)
		if s.String() != want {
			t.Errorf("%s from now is %s, want %s", text, s, want)
		}
		second := s.Upcoming(2, now, zone)[1]
		if again, _ := s.Next(second.Add(-time.Minute), zone); !again.Equal(second) {
			t.Errorf("%s: asked a minute before %s it says %s", text, second, again)
		}
	}
}

// An instant in the second pass of a repeated hour has a name of its own; every other one is named by its wall time.
func TestOccurrenceNames(t *testing.T) {
	zone := mustZone(t, "Europe/Berlin")
	s, err := ParseSchedule("0 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, at := range s.Upcoming(3, time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC), zone) {
		names = append(names, s.Occurrence(at, zone))
	}
	want := "2026-10-25T02:00:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
}

// The zero Schedule is harmless.
func TestZeroSchedule(t *testing.T) {
	var s Schedule
	if _, ok := s.Next(time.Now(), time.UTC); ok || s.String() != "" || s.Recurring() || s.From(time.Now(), time.UTC).String() != "" {
		t.Error("the zero schedule is not empty")
	}
}

// No string is a way to crash or hang: it is an error, or a schedule that moves forward and reads back.
func FuzzSchedule(f *testing.F) {
	for _, s := range []string{
		"at 2026-11-23T09:00", "30 8 * * 1-5", "@daily", "TZ=", "every 90m between 9 and 17 on MON-FRI",
		"DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR EXDATE:20261204T180000", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
		"FREQ=YEARLY;BYYEARDAY=-1,366;BYSETPOS=1", "FREQ=HOURLY;BYDAY=SU",
	} {
		f.Add(s, int64(1_790_000_000))
	}
	zones := []*time.Location{mustZone(f, "Europe/Berlin"), mustZone(f, "Pacific/Apia"), mustZone(f, "Australia/Lord_Howe")}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		began := time.Now()
		s, err := ParseSchedule(text)
		if err != nil {
			return
		}
		again, err := ParseSchedule(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q is %q, read again %q, %v", text, s, again, err)
		}
		now := time.Unix(unix%(1<<33), 0)
		for _, zone := range zones {
			last := now
			for _, at := range s.Upcoming(5, now, zone) {
				if !at.After(last) || at.Nanosecond() != 0 {
					t.Fatalf("%q in %s: %s after %s", s, zone, at, last)
				}
				last = at
			}
			Say(s, zone, now, "en")
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("%q takes %s", text, took)
		}
	})
}
