package scheduler

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"hark/store"
)

const (
	// maxImported bounds what one calendar may bring.
	maxImported = 1000
	// maxLine and maxNested keep a hostile file from costing more than it weighs;
	// what is longer (attachments, minutes of a meeting) is not needed.
	maxLine, maxNested = 8 << 10, 8
	maxSummary         = 1000
	icsDate            = "20060102"
	icsLocal           = "20060102T150405"
	icsUTC             = "20060102T150405Z"
)

// Skipped is an entry of a calendar that did not become a reminder.
type Skipped struct {
	Summary string `json:"summary"`
	Why     string `json:"why"`
}

// Import reads reminders from iCalendar data (RFC 5545): events and to-dos, at
// their first alarm or else at their beginning; a whole day counts from 09:00.
// Times without a zone are meant in zone. The reminders are not yet written: they
// have Text, Schedule, Zone, Priority and UID. What can't be taken over is
// skipped, with the reason. The error says that data is no calendar at all.
func Import(data []byte, zone *time.Location, now time.Time) (rs []*store.Reminder, skipped []Skipped, err error) {
	defer func() {
		if p := recover(); p != nil { // a file from anywhere must not end the process
			err = errors.New("this calendar can't be read")
		}
	}()
	lines, err := slim(data)
	if err != nil {
		return nil, nil, err
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(lines))
	if err != nil {
		return nil, nil, fmt.Errorf("this is not a calendar in the iCalendar form (.ics): %w", err)
	}
	in := importer{zone: zone, now: now, zones: zonesOf(cal)}
	for _, c := range cal.Components {
		var e *icsEntry
		switch c := c.(type) {
		case *ics.VEvent:
			e = &icsEntry{&c.ComponentBase}
		case *ics.VTodo:
			e = &icsEntry{&c.ComponentBase}
		default:
			continue
		}
		if e.value("X-HARK-OF") != "" {
			continue // written beside a reminder of ours, which is there too
		}
		if len(rs) == maxImported {
			skipped = append(skipped, Skipped{e.summary(), fmt.Sprintf("one import takes %d entries: split the file", maxImported)})
			continue
		}
		r, err := in.reminder(e)
		if err != nil {
			skipped = append(skipped, Skipped{e.summary(), err.Error()})
			continue
		}
		rs = append(rs, r)
	}
	return rs, skipped, nil
}

var icsNeeded = regexp.MustCompile(`^(?:BEGIN|END|UID|SUMMARY|DTSTART|DTEND|DUE|RRULE|RDATE|EXDATE|RECURRENCE-ID|TRIGGER|STATUS|COMPLETED|TZID|PRIORITY|X-LIC-LOCATION|X-HARK-[A-Z]+)[;:]`)

// slim keeps the lines that are needed, unfolded, with their names in upper
// case. One line that some program wrote wrongly then does not spoil the rest.
func slim(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ToValidUTF8(data, []byte("\ufffd"))
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for _, fold := range []string{"\n ", "\n\t"} {
		data = bytes.ReplaceAll(data, []byte(fold), nil)
	}
	var out bytes.Buffer
	depth := 0
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\n ")
		end := bytes.IndexAny(line, ";:")
		if end <= 0 || len(line) > maxLine {
			continue
		}
		name := bytes.ToUpper(line[:end])
		line = append(name[:end:end], line[end:]...)
		if !icsNeeded.Match(line) {
			continue
		}
		switch string(name) {
		case "BEGIN":
			depth++
			line = bytes.ToUpper(line)
		case "END":
			depth--
			line = bytes.ToUpper(line)
		}
		if depth > maxNested {
			return nil, errors.New("this calendar is nested too deeply")
		}
		out.Write(line)
		out.WriteString("\r\n")
	}
	if depth != 0 {
		return nil, errors.New("this calendar is damaged: BEGIN and END do not match; perhaps it broke off")
	}
	if !bytes.HasPrefix(out.Bytes(), []byte("BEGIN:VCALENDAR")) {
		return nil, errors.New("this is not a calendar in the iCalendar form (.ics): it does not begin with BEGIN:VCALENDAR")
	}
	return out.Bytes(), nil
}

// icsEntry is an event or a to-do.
type icsEntry struct{ *ics.ComponentBase }

func (e *icsEntry) prop(name string) *ics.IANAProperty {
	return e.GetProperty(ics.ComponentProperty(name))
}

func (e *icsEntry) value(name string) string {
	if p := e.prop(name); p != nil {
		return strings.TrimSpace(p.Value)
	}
	return ""
}

func (e *icsEntry) summary() string {
	s := strings.Join(strings.Fields(e.value("SUMMARY")), " ")
	if len(s) > maxSummary {
		s = strings.ToValidUTF8(s[:maxSummary], "") + "…"
	}
	if s == "" {
		s = "Untitled"
	}
	return s
}

// trigger is the first alarm.
func (e *icsEntry) trigger() *ics.IANAProperty {
	for _, c := range e.Components {
		if alarm, ok := c.(*ics.VAlarm); ok {
			if p := alarm.GetProperty(ics.ComponentPropertyTrigger); p != nil {
				return p
			}
		}
	}
	return nil
}

func param(p *ics.IANAProperty, name string) string {
	for k, v := range p.ICalParameters {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// importer turns entries into reminders.
type importer struct {
	zone  *time.Location
	now   time.Time
	zones map[string]*time.Location // TZIDs that the file explains
}

func (in *importer) reminder(e *icsEntry) (*store.Reminder, error) {
	switch {
	case e.value("STATUS") == "CANCELLED":
		return nil, errors.New("it was cancelled")
	case e.value("STATUS") == "COMPLETED" || e.value("COMPLETED") != "":
		return nil, errors.New("it is done already")
	case e.value("RECURRENCE-ID") != "":
		return nil, errors.New("it changes one occurrence of a series, which Hark can't do")
	case e.value("RDATE") != "":
		return nil, errors.New("it has a list of dates (RDATE), which Hark can't read")
	}
	start := e.prop("DTSTART")
	if start == nil {
		start = e.prop("DUE")
	}
	if start == nil {
		return nil, errors.New("it has no date")
	}
	at, err := in.when(start)
	if err != nil {
		return nil, err
	}
	if zone := zoneNamed(e.value("X-HARK-ZONE")); zone != nil {
		at.zone = zone
	}
	sched, err := in.schedule(e, at)
	if err != nil {
		return nil, err
	}
	if _, ok := sched.Next(in.now, at.zone); !ok {
		return nil, errors.New("it is past")
	}
	uid := e.value("UID")
	if len(uid) > 255 {
		uid = ""
	}
	return &store.Reminder{
		Text: e.summary(), Schedule: sched.String(), Zone: at.zone.String(), UID: uid, Priority: priorityOf(e.value("PRIORITY")),
	}, nil
}

// priorityOf maps 1 (highest) to 9 onto ours; what is usual, or not said, is 0.
func priorityOf(s string) int {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil || n < 1 || n > 9 || n == 5:
		return 0
	case n == 1:
		return 5
	case n < 5:
		return 4
	}
	return 2
}

func (in *importer) schedule(e *icsEntry, start moment) (Schedule, error) {
	if own := e.value("X-HARK-SCHEDULE"); own != "" {
		if s, err := ParseSchedule(own); err == nil {
			return s, nil
		}
	}
	rrule := strings.ToUpper(e.value("RRULE"))
	ahead, absolute, err := in.alarm(e.trigger())
	if err != nil {
		return Schedule{}, err
	}
	if rrule == "" {
		if !absolute.IsZero() {
			return at(absolute, start.zone), nil
		}
		return at(resolve(start.wall, start.zone).Add(ahead), start.zone), nil
	}
	if !movable(rrule, start.wall, ahead) {
		ahead = 0 // the days of the rule would be others: at the beginning, then
	}
	var text strings.Builder
	text.WriteString("DTSTART:" + start.wall.Add(ahead).Format(icsLocal) + " RRULE:" + moveUntil(rrule, ahead))
	for _, p := range e.GetProperties(ics.ComponentPropertyExdate) {
		for v := range strings.SplitSeq(p.Value, ",") {
			one := *p
			one.Value = v
			skip, err := in.when(&one)
			if err != nil {
				return Schedule{}, err
			}
			wall := wallOf(resolve(skip.wall, skip.zone), start.zone)
			if skip.day {
				wall = skip.wall.Truncate(24 * time.Hour).Add(start.wall.Sub(start.wall.Truncate(24 * time.Hour)))
			}
			text.WriteString(" EXDATE:" + wall.Add(ahead).Format(icsLocal))
		}
	}
	return ParseSchedule(text.String())
}

// movable says whether a rule's beginning may be moved without changing its days.
func movable(rule string, wall time.Time, by time.Duration) bool {
	if by == 0 || !strings.Contains(rule, "BY") && wall.Add(by).Day() <= 28 && wall.Day() <= 28 {
		return true
	}
	return !strings.Contains(rule, "BYHOUR") && !strings.Contains(rule, "BYMINUTE") &&
		wall.Add(by).Truncate(24*time.Hour).Equal(wall.Truncate(24*time.Hour))
}

var untilPart = regexp.MustCompile(`UNTIL=(\d{8}T\d{6})(Z?)`)

// moveUntil moves the end of a rule with its beginning.
func moveUntil(rule string, by time.Duration) string {
	return untilPart.ReplaceAllStringFunc(rule, func(s string) string {
		m := untilPart.FindStringSubmatch(s)
		t, err := time.Parse(icsLocal, m[1])
		if err != nil {
			return s
		}
		return "UNTIL=" + t.Add(by).Format(icsLocal) + m[2]
	})
}
