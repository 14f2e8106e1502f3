package scheduler

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hark/store"
)

var icsNow = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// calendar wraps the lines of one entry.
func calendar(lines string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

// What people's calendar programs write becomes the reminder that they mean, or
// is skipped with a reason.
func TestImport(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ lines, want string }{
		"an event": {
			"BEGIN:VEVENT\nUID:1\nSUMMARY:Dentist\nDTSTART;TZID=Europe/Berlin:20261123T090000\nEND:VEVENT",
			"Dentist | at 2026-11-23T09:00:00 | Europe/Berlin",
		},
		"with an alarm": {
			"BEGIN:VEVENT\nSUMMARY:Dentist\nDTSTART;TZID=Europe/London:20261123T090000\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT",
			"Dentist | at 2026-11-23T08:45:00 | Europe/London",
		},
		"with an alarm at an instant": {
			"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000\nBEGIN:VALARM\nTRIGGER;VALUE=DATE-TIME:20261123T060000Z\nEND:VALARM\nEND:VEVENT",
			"x | at 2026-11-23T07:00:00 | Europe/Berlin",
		},
		"in UTC":  {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000Z\nEND:VEVENT", "x | at 2026-11-23T10:00:00 | Europe/Berlin"},
		"a day":   {"BEGIN:VEVENT\nSUMMARY:Ana's birthday\nDTSTART;VALUE=DATE:20261124\nEND:VEVENT", "Ana's birthday | at 2026-11-24T09:00:00 | Europe/Berlin"},
		"a to-do": {"BEGIN:VTODO\nSUMMARY:Taxes\nDUE:20261231T180000\nPRIORITY:1\nEND:VTODO", "Taxes | at 2026-12-31T18:00:00 | Europe/Berlin"},
		"a birthday": {
			"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;VALUE=DATE:19800229\nRRULE:FREQ=YEARLY\nEND:VEVENT",
			"x | DTSTART:19800229T090000 RRULE:FREQ=YEARLY | Europe/Berlin",
		},
		"weekly, ahead of it": {
			"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=America/New_York:20260105T100000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20271231T150000Z\n" +
				"EXDATE;TZID=America/New_York:20261123T100000\nBEGIN:VALARM\nTRIGGER:-PT1H\nEND:VALARM\nEND:VEVENT",
			"x | DTSTART:20260105T090000 RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20271231T140000Z EXDATE:20261123T090000 | America/New_York",
		},
		"the evening before, with days that would be others": {
			"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20260105T060000\nRRULE:FREQ=WEEKLY;BYDAY=MO\nBEGIN:VALARM\nTRIGGER:-PT12H\nEND:VALARM\nEND:VEVENT",
			"x | DTSTART:20260105T060000 RRULE:FREQ=WEEKLY;BYDAY=MO | Europe/Berlin",
		},
		"a zone of Windows": {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=\"W. Europe Standard Time\":20261123T090000\nEND:VEVENT", "x | at 2026-11-23T09:00:00 | Europe/Berlin"},
		"a zone behind a path": {
			"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=/example.org/20240101_1/America/New_York:20261123T090000\nEND:VEVENT",
			"x | at 2026-11-23T09:00:00 | America/New_York",
		},
		"a zone that the file explains": {
			"BEGIN:VTIMEZONE\nTZID:home\nX-LIC-LOCATION:Asia/Tokyo\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=home:20261123T090000\nEND:VEVENT",
			"x | at 2026-11-23T09:00:00 | Asia/Tokyo",
		},
		"folded and in lower case":   {"begin:vevent\nsummary:A long\n  story\\, told\ndtstart:20261123T090000\nend:vevent", "A long story, told | at 2026-11-23T09:00:00 | Europe/Berlin"},
		"beside a line that is none": {"BEGIN:VEVENT\nSUMMARY:x\nTHIS IS NOT A LINE\nX-;;=\"\nDTSTART:20261123T090000\nEND:VEVENT", "x | at 2026-11-23T09:00:00 | Europe/Berlin"},

		"gone by":            {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20201123T090000Z\nEND:VEVENT", "skipped x: it is past"},
		"a series gone by":   {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20201123T090000Z\nRRULE:FREQ=DAILY;COUNT=5\nEND:VEVENT", "skipped x: it is past"},
		"done":               {"BEGIN:VTODO\nSUMMARY:x\nDUE:20271123T090000Z\nCOMPLETED:20260101T000000Z\nEND:VTODO", "skipped x: it is done already"},
		"cancelled":          {"BEGIN:VEVENT\nSUMMARY:x\nSTATUS:CANCELLED\nDTSTART:20271123T090000Z\nEND:VEVENT", "skipped x: it was cancelled"},
		"an unknown zone":    {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=Moon:20261123T090000\nEND:VEVENT", `skipped x: its time zone "Moon" is not known`},
		"without a date":     {"BEGIN:VTODO\nSUMMARY:some day\nEND:VTODO", "skipped some day: it has no date"},
		"each second":        {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT", "skipped x: RRULE: the fastest FREQ is HOURLY: for minutes write \"every 10m\""},
		"of an empty series": {"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261123T090000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT", "skipped x: this rule never happens"},
	} {
		rs, skipped, err := Import(calendar(c.lines), berlin, icsNow)
		got := ""
		switch {
		case err != nil:
			got = "error: " + err.Error()
		case len(rs) == 1:
			got = rs[0].Text + " | " + rs[0].Schedule + " | " + rs[0].Zone
		case len(skipped) == 1:
			got = "skipped " + skipped[0].Summary + ": " + skipped[0].Why
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
	for _, text := range []string{"", "hello", "BEGIN:VCALENDAR", "BEGIN:VEVENT\r\nEND:VEVENT", "<html>"} {
		if rs, _, err := Import([]byte(text), berlin, icsNow); err == nil || len(rs) > 0 {
			t.Errorf("%q was taken for a calendar", text)
		}
	}
}

// exported are schedules of all kinds, as reminders that are active.
func exported(t *testing.T) (rs []*store.Reminder) {
	t.Helper()
	db := openStore(t)
	defer db.Close()
	for _, c := range [][2]string{
		{"at 2026-12-24T18:00:00", "Europe/Berlin"},
		{"at 2026-12-24T18:00:00", "UTC"},
		{"30 8 * * 1-5", "Europe/Berlin"},
		{"0 9,21 * * *", "Asia/Tokyo"},
		{"15 10 1,15 * *", "America/New_York"},
		{"0 0 29 2 *", "Europe/Berlin"},
		{"0 12 13 * 5", "Europe/Berlin"}, // either day: no rule of RFC 5545
		{"*/20 * * * *", "Australia/Lord_Howe"},
		{"every 90m from 2026-11-18T10:00:00", "Europe/Berlin"},
		{"every 90m between 09:00 and 17:00 on MON-FRI", "Europe/Berlin"},
		{"DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20271231 EXDATE:20261204T180000", "Europe/Berlin"},
		{"DTSTART:20261130T200000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "America/Sao_Paulo"},
	} {
		r := &store.Reminder{Text: "Water; the, plants\\ – 水をやる and a title that is long enough to be folded\nand more", Schedule: c[0], Zone: c[1], Priority: 4}
		err := db.Update(func(tx *store.Tx) error {
			r.ID = tx.NewID()
			if err := Plan(tx, r, icsNow, "UTC"); err != nil {
				return err
			}
			return tx.PutReminder(r)
		})
		if err != nil {
			t.Fatalf("%s: %v", c[0], err)
		}
		rs = append(rs, r)
	}
	return rs
}

// What is exported and imported again is the same reminder; and a reader that
// knows RFC 5545 only, and nothing of Hark, gets the same times from it.
func TestExport(t *testing.T) {
	rs := exported(t)
	var b bytes.Buffer
	if err := Export(&b, rs, icsNow); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 77 || !strings.HasSuffix(line, "\r\n") {
			t.Errorf("not a line of RFC 5545: %q", line)
		}
	}
	back, skipped, err := Import(b.Bytes(), time.UTC, icsNow)
	if err != nil || len(skipped) > 0 || len(back) != len(rs) {
		t.Fatalf("%d of %d came back: %v %v", len(back), len(rs), skipped, err)
	}
	for i, r := range back {
		if r.Schedule != rs[i].Schedule || r.Zone != rs[i].Zone || r.Text != strings.Split(rs[i].Text, "\n")[0] || r.Priority != 4 {
			t.Errorf("%q in %s came back as %q %q in %s", rs[i].Schedule, rs[i].Zone, r.Text, r.Schedule, r.Zone)
		}
	}
	foreign := bytes.ReplaceAll(b.Bytes(), []byte("X-HARK-SCHEDULE"), []byte("X-OTHER"))
	back, _, err = Import(foreign, time.UTC, icsNow)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]*store.Reminder{}
	for _, r := range back {
		read[r.UID] = r
	}
	for _, r := range rs {
		p, err := planOf(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, ok := p.icsRule(r.Next.Time); !ok || strings.HasPrefix(r.Schedule, "every 90m from") {
			continue // written one by one; or in minutes, which Import does not take from others
		}
		f := read[r.ID+"@hark"]
		if f == nil {
			t.Errorf("%s is not in the file", r.Schedule)
			continue
		}
		q, err := planOf(f)
		if err != nil {
			t.Fatal(err)
		}
		want, got := p.sched.Upcoming(40, icsNow, p.zone), q.sched.Upcoming(40, icsNow, q.zone)
		if len(want) != len(got) {
			t.Errorf("%s as %s: %d times, not %d", r.Schedule, f.Schedule, len(got), len(want))
			continue
		}
		for i := range want {
			if !want[i].Equal(got[i]) {
				t.Errorf("%s as %s: time %d is %s, not %s", r.Schedule, f.Schedule, i, got[i], want[i])
				break
			}
		}
	}
}

// No file makes Import panic, hang, or give what could not be put.
func FuzzImport(f *testing.F) {
	for _, s := range []string{
		"BEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART;TZID=Europe/Berlin:20261123T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE:20261130T090000\nBEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT",
		"BEGIN:VTODO\nSUMMARY:x\nDUE;VALUE=DATE:20261123\nPRIORITY:9\nEND:VTODO",
		"BEGIN:VTIMEZONE\nTZID:home\nX-LIC-LOCATION:Asia/Tokyo\nEND:VTIMEZONE",
	} {
		f.Add(calendar(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rs, _, err := Import(data, time.UTC, icsNow)
		if err != nil {
			return
		}
		for _, r := range rs {
			if err := Check(r); err != nil {
				t.Errorf("%+v: %v", r, err)
			}
		}
	})
}
