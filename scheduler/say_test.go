package scheduler

import "testing"

// A schedule describes itself in a sentence that a person checks at a glance.
func TestSay(t *testing.T) {
	now, zone := phraseNow(t)
	for text, want := range map[string]string{
		"at 2026-11-19T09:00:00":                "Thu 19 Nov 2026 at 09:00 (Europe/Berlin), in 23 hours",
		"at 2026-11-18T10:01:30":                "Wed 18 Nov 2026 at 10:01:30 (Europe/Berlin), in 2 minutes",
		"at 2026-11-18T09:00:00":                "Wed 18 Nov 2026 at 09:00 (Europe/Berlin), gone by",
		"30 8 * * 1-5":                          "Weekdays at 08:30 (Europe/Berlin), next Thu 19 Nov 08:30, in 23 hours",
		"0 8,20 * * *":                          "Every day at 08:00 and 20:00 (Europe/Berlin), next Wed 18 Nov 20:00, in 10 hours",
		"0 18 * * 1,4":                          "Every Monday and Thursday at 18:00 (Europe/Berlin), next Thu 19 Nov 18:00, in 32 hours",
		"0 10 * * 0,6":                          "Weekends at 10:00 (Europe/Berlin), next Sat 21 Nov 10:00, in 3 days",
		"0 9 22 * *":                            "On the 22nd of every month at 09:00 (Europe/Berlin), next Sun 22 Nov 09:00, in 4 days",
		"0 9 24 12 *":                           "Every year on 24 December at 09:00 (Europe/Berlin), next Thu 24 Dec 09:00, in 36 days",
		"@hourly":                               "Every hour at :00 (Europe/Berlin), next Wed 18 Nov 11:00, in 60 minutes",
		"*/15 * * * *":                          "Every 15 minutes (Europe/Berlin), next Wed 18 Nov 10:15, in 15 minutes",
		"0 9 1-7 * 1":                           "By the cron line 0 9 1-7 * 1 (Europe/Berlin), next Mon 23 Nov 09:00, in 5 days",
		"every 90m between 9 and 17 on mon-fri": "Every 90 minutes between 09:00 and 17:00 on weekdays (Europe/Berlin), next Wed 18 Nov 10:30, in 30 minutes",
		"every 2h from 2026-11-18T10:00":        "Every 2 hours (Europe/Berlin), next Wed 18 Nov 12:00, in 2 hours",
		"DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR":      "Every 2 weeks on Friday at 18:00 (Europe/Berlin), next Fri 20 Nov 18:00, in 2 days",
		"DTSTART:20261130T200000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1":           "On the last day of the month at 20:00 (Europe/Berlin), next Mon 30 Nov 20:00, in 12 days",
		"DTSTART:20261207T090000 RRULE:FREQ=MONTHLY;BYDAY=+1MO":              "On the first Monday of the month at 09:00 (Europe/Berlin), next Mon 7 Dec 09:00, in 19 days",
		"DTSTART:20261201T100000 RRULE:FREQ=MONTHLY;INTERVAL=3":              "Every 3 months on the 1st at 10:00 (Europe/Berlin), next Tue 1 Dec 10:00, in 13 days",
		"DTSTART:20270503T090000 RRULE:FREQ=YEARLY":                          "Every year on 3 May at 09:00 (Europe/Berlin), next Mon 3 May 2027 09:00, in 5 months",
		"DTSTART:20261118T180000 RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20270101": "Every 3 days at 18:00, until Fri 1 Jan 2027 (Europe/Berlin), next Wed 18 Nov 18:00, in 8 hours",
		"DTSTART:20201118T180000 RRULE:FREQ=DAILY;COUNT=3":                   "Every day at 18:00, 3 times in all (Europe/Berlin), no more",
		"DTSTART:20261130T200000 RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1": "By the rule FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU (Europe/Berlin), next Mon 30 Nov 20:00, in 12 days",
	} {
		s, err := ParseSchedule(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Say(s, zone, now, "en"); got != want {
			t.Errorf("%s\n\tsays %s\n\twant %s", text, got, want)
		}
	}
}
