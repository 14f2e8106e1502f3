package scheduler

import (
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"hark/store"
)

const (
	productID = "-//Hark//Reminders//EN"
	// Of a schedule that RFC 5545 has no rule for, the next times are written out.
	writtenDays, writtenTimes = 62, 100
	// zoneYears is how far ahead the rules of a zone are written.
	zoneYears = 10
	// shownAs is how long an entry looks in a calendar.
	shownAs = "PT15M"
)

// Export writes active reminders as iCalendar (RFC 5545): events with an alarm
// at their beginning, in their own zones. Import reads them back as they were.
func Export(w io.Writer, rs []*store.Reminder, now time.Time) error {
	cal := ics.NewCalendar()
	cal.SetProductId(productID)
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Hark")
	x := exporter{now: now, zones: map[string]time.Time{}}
	for _, r := range rs {
		if r.State == store.Active {
			x.reminder(r)
		}
	}
	for _, name := range slices.Sorted(keysOf(x.zones)) {
		cal.Components = append(cal.Components, x.zoneRules(name))
	}
	cal.Components = append(cal.Components, x.events...)
	if err := cal.SerializeTo(w, ics.WithNewLineWindows); err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	return nil
}

func keysOf(m map[string]time.Time) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// exporter collects events, and the zones they need from when on.
type exporter struct {
	now    time.Time
	events []ics.Component
	zones  map[string]time.Time
}

func (x *exporter) reminder(r *store.Reminder) {
	p, err := planOf(r)
	if err != nil {
		return
	}
	if r.Snoozed != nil {
		x.event(r, "-snoozed", r.Snoozed.Time, p.zone)
	}
	if r.Next == nil {
		return
	}
	start, rule, skip, ok := p.icsRule(r.Next.Time)
	if !ok {
		x.written(r, p)
		return
	}
	e := x.event(r, "", start, p.zone)
	if rule != "" {
		e.AddProperty(ics.ComponentPropertyRrule, rule)
	}
	for _, t := range skip {
		x.time(e, ics.ComponentPropertyExdate, t, p.zone)
	}
	own(e, r)
}

// own adds what Import needs to have the very same reminder again.
func own(e *ics.VEvent, r *store.Reminder) {
	e.AddProperty("X-HARK-SCHEDULE", r.Schedule)
	e.AddProperty("X-HARK-ZONE", r.Zone)
}

// written writes the next times of a schedule one by one.
func (x *exporter) written(r *store.Reminder, p plan) {
	at, n := r.Next.Time, 0
	for ok := true; ok && n < writtenTimes && at.Before(x.now.AddDate(0, 0, writtenDays)) || n == 0; n++ {
		if n == 0 {
			own(x.event(r, "", at, p.zone), r)
		} else {
			x.event(r, fmt.Sprintf("-%d", at.Unix()), at, p.zone)
		}
		at, ok = p.sched.Next(at, p.zone)
	}
}

func (x *exporter) event(r *store.Reminder, suffix string, at time.Time, zone *time.Location) *ics.VEvent {
	uid := r.UID
	if uid == "" {
		uid = r.ID + "@hark"
	}
	e := ics.NewEvent(uid + suffix)
	text := strings.ReplaceAll(r.Text, "\r", "")
	head, more, _ := strings.Cut(text, "\n")
	e.SetDtStampTime(r.Updated.Time)
	e.SetCreatedTime(r.Created.Time)
	e.SetModifiedAt(r.Updated.Time)
	e.SetSummary(head)
	if more != "" {
		e.SetDescription(text)
	}
	x.time(e, ics.ComponentPropertyDtStart, at, zone)
	e.AddProperty(ics.ComponentPropertyDuration, shownAs)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	if r.Priority > 0 {
		e.SetPriority(map[int]int{1: 9, 2: 7, 3: 5, 4: 3, 5: 1}[r.Priority])
	}
	if suffix != "" {
		e.AddProperty("X-HARK-OF", r.ID)
	}
	alarm := e.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetDescription(head)
	alarm.SetTrigger("PT0S")
	x.events = append(x.events, e)
	return e
}

// time adds a time to an event, as wall time of its zone.
func (x *exporter) time(e *ics.VEvent, name ics.ComponentProperty, t time.Time, zone *time.Location) {
	if zone == time.UTC || zone.String() == "UTC" {
		e.AddProperty(name, t.UTC().Format(icsUTC))
		return
	}
	if first, ok := x.zones[zone.String()]; !ok || t.Before(first) {
		x.zones[zone.String()] = t
	}
	e.AddProperty(name, t.In(zone).Format(icsLocal), ics.WithTZID(zone.String()))
}

// icsRule is the schedule as a beginning, an RRULE (empty: once) and dates to
// leave out. ok is false where RFC 5545 has no rule for it.
func (p plan) icsRule(next time.Time) (start time.Time, rule string, skip []time.Time, ok bool) {
	switch r := p.sched.rule.(type) {
	case once:
		return next, "", nil, true
	case cronRule:
		rule, ok = r.icsRule()
		return next, rule, nil, ok
	case interval:
		if r.windowed() {
			return next, "", nil, false
		}
		if r.every%time.Hour == 0 {
			return next, fmt.Sprintf("FREQ=HOURLY;INTERVAL=%d", r.every/time.Hour), nil, true
		}
		return next, fmt.Sprintf("FREQ=MINUTELY;INTERVAL=%d", r.every/time.Minute), nil, true
	case recurrence:
		for _, t := range r.skip {
			skip = append(skip, resolve(t, p.zone))
		}
		return resolve(r.opt.Dtstart, p.zone), r.icsRule(p.zone), skip, true
	}
	return next, "", nil, false
}

// icsRule writes the end in UTC, as RFC 5545 wants it beside a time with a zone.
func (r recurrence) icsRule(zone *time.Location) string {
	s := r.opt.RRuleString()
	until, err := parseUntil(r.until)
	if r.until == "" || err != nil {
		return s
	}
	if !strings.HasSuffix(r.until, "Z") {
		until = resolve(until, zone)
	}
	return s + ";UNTIL=" + until.UTC().Format(icsUTC)
}

// starred is the mark of a cron field that was *.
const starred = 1 << 63

// icsRule is false for a line that names days both of the month and of the
// week: either will do for cron, and both are wanted by RFC 5545.
func (r cronRule) icsRule() (string, bool) {
	s := r.spec
	dom, dow := s.Dom&starred == 0, s.Dow&starred == 0
	if dom && dow {
		return "", false
	}
	var by []string
	freq := "DAILY"
	if dow && s.Dow&everyDay != everyDay {
		var days []string
		for d, day := range ruleDays {
			if s.Dow&(1<<d) != 0 {
				days = append(days, day.String())
			}
		}
		by, freq = append(by, "BYDAY="+strings.Join(days, ",")), "WEEKLY"
	}
	if dom {
		by, freq = append(by, "BYMONTHDAY="+numbers(s.Dom, 32)), "MONTHLY"
	}
	if s.Month&starred == 0 {
		by, freq = append(by, "BYMONTH="+numbers(s.Month, 13)), "DAILY"
	}
	switch {
	case s.Hour&allHours == allHours:
		freq = "HOURLY"
		if bits.OnesCount64(s.Minute&(1<<60-1)) > 1 {
			by = append(by, "BYMINUTE="+numbers(s.Minute, 60))
		}
	case bits.OnesCount64(s.Hour&allHours) > 1 || bits.OnesCount64(s.Minute&(1<<60-1)) > 1:
		by = append(by, "BYHOUR="+numbers(s.Hour, 24), "BYMINUTE="+numbers(s.Minute, 60))
	}
	return strings.Join(append([]string{"FREQ=" + freq}, by...), ";"), true
}

func numbers(set uint64, below int) string {
	var out []string
	for n := range below {
		if set&(1<<n) != 0 {
			out = append(out, strconv.Itoa(n))
		}
	}
	return strings.Join(out, ",")
}

// zoneRules writes when a zone's clocks change, from the first time that is
// needed until some years ahead.
func (x *exporter) zoneRules(name string) ics.Component {
	z := ics.NewTimezone(name)
	zone, err := time.LoadLocation(name)
	if err != nil {
		return z
	}
	from := x.zones[name].In(zone)
	_, before := from.Zone()
	start, _ := bounds(from)
	if start.IsZero() {
		start = from
	} else {
		_, before = start.Add(-time.Second).In(zone).Zone()
	}
	for at := start.In(zone); at.Before(x.now.AddDate(zoneYears, 0, 0)); {
		abbreviation, offset := at.Zone()
		c := &ics.Standard{}
		c.AddProperty(ics.ComponentPropertyDtStart, wallAt(at, before).Format(icsLocal))
		c.AddProperty("TZOFFSETFROM", offsetText(before))
		c.AddProperty("TZOFFSETTO", offsetText(offset))
		c.AddProperty("TZNAME", abbreviation)
		if at.IsDST() {
			z.Components = append(z.Components, &ics.Daylight{ComponentBase: c.ComponentBase})
		} else {
			z.Components = append(z.Components, c)
		}
		_, end := bounds(at)
		if end.IsZero() {
			break
		}
		at, before = end.In(zone), offset
	}
	return z
}

func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
