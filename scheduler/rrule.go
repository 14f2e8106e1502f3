package scheduler

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// recurrence is an RFC 5545 rule, as calendars write it. Its times are wall times.
type recurrence struct {
	opt   rrule.ROption // without Until; Dtstart is zero when there was none
	until string        // as written: a day, a wall time, or an instant ending in Z
	skip  []time.Time   // EXDATE, as wall times, in order
}

const localForm = rrule.LocalDateTimeFormat

func parseRecurrence(upper string) (rule, error) {
	var r recurrence
	var err error
	found := false
	for part := range strings.FieldsSeq(upper) {
		name, value, _ := strings.Cut(part, ":")
		if strings.HasPrefix(part, "FREQ=") {
			name, value = "RRULE", part
		}
		switch name {
		case "RRULE":
			if found {
				return nil, errors.New("a schedule holds one RRULE: make a reminder for each")
			}
			found = true
			err = r.parseRule(value)
		case "DTSTART", "DTSTART;VALUE=DATE":
			r.opt.Dtstart, err = parseLocal(name, value)
		case "EXDATE", "EXDATE;VALUE=DATE":
			err = r.parseSkips(name, value)
		default:
			return nil, fmt.Errorf("%q has no place in a schedule: write DTSTART, RRULE and EXDATE only", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, errors.New("there is no RRULE: write for example \"DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;BYDAY=FR\"")
	}
	if r.opt.Count > 0 && r.opt.Dtstart.IsZero() {
		return nil, errors.New("COUNT counts from a beginning: put DTSTART:20261120T180000 before the RRULE")
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	start := r.opt.Dtstart
	if start.IsZero() {
		start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if _, ok := r.started(start).seq(start.Add(-1)); !ok {
		return nil, errors.New("this rule never happens")
	}
	return r, nil
}

func (r *recurrence) parseRule(value string) error {
	var kept []string
	for part := range strings.SplitSeq(value, ";") {
		key, v, _ := strings.Cut(part, "=")
		switch key {
		case "UNTIL":
			if _, err := parseUntil(v); err != nil {
				return err
			}
			r.until = v
		case "DTSTART", "BYEASTER":
			return fmt.Errorf("RRULE: %s is not part of RFC 5545", key)
		case "":
		default:
			kept = append(kept, part)
		}
	}
	opt, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil {
		return fmt.Errorf("RRULE: %w", err)
	}
	opt.Dtstart = r.opt.Dtstart
	r.opt = *opt
	for _, list := range []*[]int{
		&r.opt.Bysetpos, &r.opt.Bymonth, &r.opt.Bymonthday, &r.opt.Byyearday,
		&r.opt.Byweekno, &r.opt.Byhour, &r.opt.Byminute, &r.opt.Bysecond,
	} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return nil
}

func (r *recurrence) parseSkips(name, value string) error {
	for v := range strings.SplitSeq(value, ",") {
		t, err := parseLocal(name, v)
		if err != nil {
			return err
		}
		r.skip = append(r.skip, t)
	}
	slices.SortFunc(r.skip, time.Time.Compare)
	return nil
}

func parseLocal(name, value string) (time.Time, error) {
	for _, layout := range []string{localForm, rrule.DateFormat} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s:%s: write a local time such as 20261120T180000, without Z", name, value)
}

// parseUntil accepts what RFC 5545 allows: a day (all of it belongs), a wall time, or an instant.
func parseUntil(v string) (time.Time, error) {
	if t, err := time.Parse(rrule.DateTimeFormat, v); err == nil {
		return t, nil
	}
	t, err := parseLocal("UNTIL", v)
	if err == nil && len(v) == len(rrule.DateFormat) {
		t = t.Add(24*time.Hour - time.Second)
	}
	return t, err
}

// started is the rule with its beginning at wall, if it had none.
func (r recurrence) started(wall time.Time) recurrence {
	if r.opt.Dtstart.IsZero() {
		r.opt.Dtstart = wall.Truncate(time.Minute)
	}
	return r
}

func (r recurrence) next(after time.Time, zone *time.Location) (time.Time, bool) {
	s := r.started(wallOf(after, zone))
	everyHour := s.opt.Freq == rrule.HOURLY && s.opt.Interval <= 1
	t, ok := nextInstant(after, zone, s.seq, everyHour)
	if !ok || r.until == "" {
		return t, ok
	}
	until, err := parseUntil(r.until)
	if err == nil && !strings.HasSuffix(r.until, "Z") {
		until = resolve(until, zone)
	}
	return t, err == nil && !t.After(until)
}

// seq is the next wall time. Without COUNT it starts close before `after`, because the library walks through every
// occurrence since the beginning.
func (r recurrence) seq(after time.Time) (t time.Time, ok bool) {
	defer func() {
		if recover() != nil { // a rule from somebody's calendar must not end the process
			t, ok = time.Time{}, false
		}
	}()
	opt := r.opt
	if opt.Count == 0 {
		opt = nearby(opt, after)
	}
	rr, err := rrule.NewRRule(opt)
	if err != nil {
		return time.Time{}, false
	}
	for each := rr.Iterator(); ; {
		if t, ok = each(); !ok {
			return time.Time{}, false
		}
		_, skipped := slices.BinarySearchFunc(r.skip, t, time.Time.Compare)
		if t.After(after) && !skipped {
			return t, true
		}
	}
}

// nearby moves a rule's beginning forward by whole intervals, to at least one interval before `after`. What the rule
// took from its old beginning is written out first.
func nearby(opt rrule.ROption, after time.Time) rrule.ROption {
	start := opt.Dtstart
	opt = explicit(opt)
	step := max(opt.Interval, 1)
	switch opt.Freq {
	case rrule.YEARLY:
		if n := (after.Year()-start.Year())/step - 1; n > 0 {
			opt.Dtstart = time.Date(start.Year()+n*step, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	case rrule.MONTHLY:
		months := (after.Year()-start.Year())*12 + int(after.Month()-start.Month())
		if n := months/step - 1; n > 0 {
			opt.Dtstart = time.Date(start.Year(), start.Month()+time.Month(n*step), 1, 0, 0, 0, 0, time.UTC)
		}
	default:
		unit := map[rrule.Frequency]int64{rrule.WEEKLY: 7 * 86400, rrule.DAILY: 86400, rrule.HOURLY: 3600}[opt.Freq]
		length := unit * int64(step)
		if n := (after.Unix()-start.Unix())/length - 1; n > 0 {
			opt.Dtstart = time.Unix(start.Unix()+n*length, 0).UTC()
		}
	}
	return opt
}

// explicit writes out the BY parts that RFC 5545 takes from DTSTART.
func explicit(o rrule.ROption) rrule.ROption {
	start := o.Dtstart
	if len(o.Byweekno)+len(o.Byyearday)+len(o.Bymonthday)+len(o.Byweekday) == 0 {
		switch o.Freq {
		case rrule.YEARLY:
			if len(o.Bymonth) == 0 {
				o.Bymonth = []int{int(start.Month())}
			}
			o.Bymonthday = []int{start.Day()}
		case rrule.MONTHLY:
			o.Bymonthday = []int{start.Day()}
		case rrule.WEEKLY:
			o.Byweekday = []rrule.Weekday{ruleDays[start.Weekday()]}
		default: // each day
		}
	}
	if len(o.Byhour) == 0 && o.Freq < rrule.HOURLY {
		o.Byhour = []int{start.Hour()}
	}
	if len(o.Byminute) == 0 {
		o.Byminute = []int{start.Minute()}
	}
	if len(o.Bysecond) == 0 {
		o.Bysecond = []int{start.Second()}
	}
	return o
}

// ruleDays is the library's weekdays by Go's, Sunday first.
var ruleDays = [7]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}

func (r recurrence) from(now time.Time, zone *time.Location) rule {
	return r.started(wallOf(now, zone))
}

func (r recurrence) String() string {
	opt := r.opt
	s := "RRULE:" + opt.RRuleString()
	if !opt.Dtstart.IsZero() {
		s = "DTSTART:" + opt.Dtstart.Format(localForm) + " " + s
	}
	if r.until != "" {
		s += ";UNTIL=" + r.until
	}
	var skips []string
	for _, t := range r.skip {
		skips = append(skips, t.Format(localForm))
	}
	if len(skips) > 0 {
		s += " EXDATE:" + strings.Join(skips, ",")
	}
	return s
}
