package scheduler

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What asks for a reminder is seen as one, in each language; talk about reminders and times is not.
func TestLooksLikeReminder(t *testing.T) {
	for _, s := range []string{
		"remind me to call mom", "Remind me tomorrow", "/remind 10m tea", "hey, can you remind me at 9?", "could you please remind me to go",
		"don't let me forget the keys", "wake me at 7", "wake me up tomorrow", "set a reminder for 5pm", "tomorrow at 9 remind me to call mom", "please remind me",
		"erinnere mich morgen", "Erinner mich bitte an Mama", "kannst du mich morgen erinnern", "weck mich um 7", "lass mich nicht vergessen, Milch zu kaufen",
		"recuérdame mañana", "recuerdame llamar", "despiértame a las 7", "no me dejes olvidar las llaves", "¿puedes recordarme mañana llamar?", "set a timer for 5 minutes",
	} {
		if !LooksLikeReminder(s) {
			t.Errorf("%q is not seen as a reminder", s)
		}
	}
	for _, s := range []string{
		"", "hello", "what's the weather tomorrow at 9?", "these photos remind me of Paris", "how do I set up reminders in Outlook?", "call mom tomorrow at 9",
		"I woke up at 7", "guten Morgen", "remindme.com is down", "recuerdo a mi abuela", strings.Repeat("x ", 5000),
	} {
		if LooksLikeReminder(s) {
			t.Errorf("%q is taken for a reminder", s)
		}
	}
}

// What a phrase means depends on when and where it is said.
func TestPhrasesAtOtherTimes(t *testing.T) {
	for _, c := range []struct{ now, zone, phrase, want string }{
		{"2026-11-21T20:00", "Europe/Berlin", "this weekend clean", "at 2026-11-22T09:00:00"},
		{"2026-11-21T08:00", "Europe/Berlin", "this weekend clean", "at 2026-11-21T09:00:00"},
		{"2026-11-21T08:00", "Europe/Berlin", "next weekend clean", "at 2026-11-28T09:00:00"},
		{"2026-11-22T12:00", "Europe/Berlin", "next friday clean", "at 2026-11-27T09:00:00"},
		{"2026-11-18T22:30", "Europe/Berlin", "today at 23 clean", "at 2026-11-18T23:00:00"},
		{"2026-11-18T22:30", "Europe/Berlin", "tonight clean", "!past"},
		{"2026-11-18T22:30", "Europe/Berlin", "in 2 hours clean", "at 2026-11-19T00:30:00"},
		{"2026-11-18T08:00", "Europe/Berlin", "at 9 clean", "at 2026-11-18T09:00:00"},
		{"2026-11-18T16:00", "Europe/Berlin", "every other day at 18:00 clean", "DTSTART:20261118T180000 RRULE:FREQ=DAILY;INTERVAL=2"},
		{"2026-12-31T12:00", "Europe/Berlin", "tomorrow at 9 clean", "at 2027-01-01T09:00:00"},
		{"2027-01-31T12:00", "Europe/Berlin", "in a month clean", "at 2027-02-28T12:00:00"},
		{"2027-01-31T12:00", "Europe/Berlin", "on the 30th clean", "at 2027-03-30T09:00:00"},
		{"2026-11-18T12:00", "Europe/Berlin", "Feb 29 clean", "at 2028-02-29T09:00:00"},
		{"2026-11-18T12:00", "Europe/Berlin", "Nov 18 at 9 clean", "!past"},
		{"2027-03-27T12:00", "Europe/Berlin", "tomorrow at 02:30 clean", "at 2027-03-28T03:30:00"},
		{"2027-03-28T01:30", "Europe/Berlin", "in an hour clean", "at 2027-03-28T03:30:00"},
		{"2026-10-25T00:30Z", "Europe/Berlin", "in 2 minutes clean", "at 2026-10-25T02:32:00"},
		{"2026-10-25T01:30Z", "Europe/Berlin", "in 2 minutes clean", "at 2026-10-25T02:32:00+01:00"},
		{"2026-11-18T10:00", "America/New_York", "tomorrow 5pm clean", "at 2026-11-19T17:00:00"},
		{"2026-11-18T10:00", "Asia/Kolkata", "in 90 minutes clean", "at 2026-11-18T11:30:00"},
		{"2026-11-18T10:00", "Europe/Berlin", "every day except sunday clean", "!unclear"},
		{"2026-11-18T10:00", "Europe/Berlin", "tomorrow between 9 and 10 clean", "!unclear"},
		{"2026-11-18T10:00", "Europe/Berlin", "tomorrow at 9 or 10 clean", "!unclear"},
		{"2026-11-18T10:00", "Europe/Berlin", "monday 23 nov 10:00 clean", "at 2026-11-23T10:00:00"},
		{"2026-11-18T10:00", "Europe/Berlin", "tuesday 23 nov 10:00 clean", "!unclear"},
		{"2026-11-18T10:00", "Europe/Berlin", "Monday the 23rd at 10 clean", "at 2026-11-23T10:00:00"},
		{"2026-11-18T10:00", "Europe/Berlin", "every day at 9:15 and 20:00 clean", "!unclear"},
	} {
		zone := mustZone(t, c.zone)
		now, err := time.ParseInLocation("2006-01-02T15:04", c.now, zone)
		if err != nil {
			now, err = time.Parse("2006-01-02T15:04Z07:00", c.now)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, got := outcome(Parse(c.phrase, now, zone)); got != c.want {
			t.Errorf("%s, %s: %q is %s, want %s", c.now, c.zone, c.phrase, got, c.want)
		}
	}
}

// A question comes with complete answers, the likeliest first.
func TestQuestionsHaveAnswers(t *testing.T) {
	now, zone := phraseNow(t)
	for phrase, want := range map[string]string{
		"at 5 call mom":                          "Morning or afternoon? at 2026-11-18T17:00:00 at 2026-11-19T05:00:00",
		"call mom tomorrow at 3":                 "Morning or afternoon? at 2026-11-19T15:00:00 at 2026-11-19T03:00:00",
		"every day at 6 run":                     "Morning or afternoon? 0 18 * * * 0 6 * * *",
		"next friday call mom":                   "Which Friday? at 2026-11-20T09:00:00 at 2026-11-27T09:00:00",
		"wednesday 18:00 call mom":               "Today or in a week? at 2026-11-18T18:00:00 at 2026-11-25T18:00:00",
		"on 3/4 pay":                             "Day first or month first? at 2027-04-03T09:00:00 at 2027-03-04T09:00:00",
		"today call mom":                         "What time today? at 2026-11-18T12:00:00 at 2026-11-18T15:00:00 at 2026-11-18T18:00:00 at 2026-11-18T20:00:00",
		"friday at midnight reboot":              "Midnight at the beginning or at the end of that day? at 2026-11-20T00:00:00 at 2026-11-21T00:00:00",
		"tomorrow at 9 meet Ann on friday at 10": "Which of the two times do you mean? at 2026-11-19T09:00:00 at 2026-11-20T10:00:00",
	} {
		_, err := Parse(phrase, now, zone)
		var ambiguous *AmbiguousError
		if !errors.As(err, &ambiguous) {
			t.Errorf("%q: %v", phrase, err)
			continue
		}
		got := ambiguous.Question
		for _, c := range ambiguous.Choices {
			got += " " + c.Schedule.String()
			if c.Text == "" || c.Say == "" || len(c.At) == 0 {
				t.Errorf("%q: the choice %+v is not complete", phrase, c)
			}
		}
		if got != want {
			t.Errorf("%q asks %s\n\twant %s", phrase, got, want)
		}
	}
	_, err := Parse("today at 9 call mom", now, zone)
	var past *PastError
	if !errors.As(err, &past) || len(past.Choices) != 2 || past.Choices[0].Schedule.String() != "at 2026-11-19T09:00:00" ||
		past.Choices[1].Schedule.String() != "at 2026-11-18T21:00:00" {
		t.Errorf("a time gone by offers %+v", past)
	}
}

// The echo repeats text, local time, zone and distance.
func TestEcho(t *testing.T) {
	now, zone := phraseNow(t)
	p, err := Parse("remind me tomorrow at 9 to call mom", now, zone)
	if want := "“call mom”: Thu 19 Nov 2026 at 09:00 (Europe/Berlin), in 23 hours"; err != nil || p.Say != want || p.Lang != "en" || len(p.At) != 1 {
		t.Errorf("%+v, %v; want %s", p, err, want)
	}
	p, err = Parse("jeden Werktag um halb neun Stand-up", now, zone)
	if want := "„Stand-up“: An Werktagen um 08:30 (Europe/Berlin), nächstes Mal Do 19. Nov. 08:30, in 23 Stunden"; err != nil || p.Say != want || p.Lang != "de" || len(p.At) != 5 {
		t.Errorf("%+v, %v; want %s", p, err, want)
	}
}

// Every table can be read; a mistake in one is reported with its line.
func TestPhraseTables(t *testing.T) {
	if _, err := loadedLanguages(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"number 1", "nonsense: x", "clock: at {nothing}", "clock: [at {hour}", "part noon: midday"} {
		if _, err := parseLanguage("xx", "# a comment\n"+bad); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A long text does not hide the time at its end, and one that is too long is refused, not cut.
func TestLongPhrases(t *testing.T) {
	now, zone := phraseNow(t)
	text := strings.TrimSpace(strings.Repeat("the quick brown fox ", 150))
	p, err := Parse(text+" tomorrow at 9", now, zone)
	if err != nil || p.Text != text || p.Schedule.String() != "at 2026-11-19T09:00:00" {
		t.Errorf("read %s, %v", p.Schedule, err)
	}
	if _, err := Parse(strings.Repeat(text, 2), now, zone); !errors.As(err, new(*UnclearError)) || !strings.Contains(err.Error(), "longer") {
		t.Errorf("a phrase that is too long: %v", err)
	}
}
