package scheduler

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronRule is a five-field specification. The library's bit sets find wall times; its own idea of zones is not used,
// because it skips days when the clock jumps and fires twice when it goes back.
type cronRule struct {
	text   string
	fields [5]string
	spec   *cron.SpecSchedule
}

// allHours is the hour field when every hour is in it.
const allHours = 1<<24 - 1

var cronField = regexp.MustCompile(`^[0-9A-Z*?,/-]+$`)

func parseCron(upper string) (rule, error) {
	if long, ok := cronNames(upper); ok {
		upper = long
	}
	if strings.HasPrefix(upper, "@") {
		return nil, fmt.Errorf("%q is not known: write @hourly, @daily, @weekly, @monthly or @yearly", strings.ToLower(upper))
	}
	fields := strings.Fields(upper)
	if len(fields) != 5 {
		return nil, fmt.Errorf("%q is not a schedule: write \"at 2026-11-23T09:00\", five cron fields such as \"30 8 * * 1-5\", \"every 90m\" or an RRULE", strings.ToLower(upper))
	}
	for _, f := range fields {
		if !cronField.MatchString(f) || strings.HasPrefix(f, ",") || strings.HasSuffix(f, ",") || strings.Contains(f, ",,") {
			return nil, fmt.Errorf("cron field %q: use numbers, names, *, and lists or ranges of them", strings.ToLower(f))
		}
	}
	dow, err := sundays(fields[4])
	if err != nil {
		return nil, err
	}
	fields[4] = dow
	r := cronRule{text: strings.Join(fields, " "), fields: [5]string(fields)}
	if r.spec, err = parseSpec(r.text); err != nil {
		return nil, err
	}
	if _, ok := r.seq(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return nil, fmt.Errorf("%q never happens: there is no such date", strings.ToLower(r.text))
	}
	return r, nil
}

// parseSpec keeps a panic of the library from being ours: what people type goes straight into it.
func parseSpec(text string) (spec *cron.SpecSchedule, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("cron %q can't be read", text)
		}
	}()
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w", strings.ToLower(text), err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron %q can't be read", text)
	}
	spec.Location = time.UTC // wall times are kept in UTC
	return spec, nil
}

func cronNames(upper string) (string, bool) {
	switch upper {
	case "@YEARLY", "@ANNUALLY":
		return "0 0 1 1 *", true
	case "@MONTHLY":
		return "0 0 1 * *", true
	case "@WEEKLY":
		return "0 0 * * 0", true
	case "@DAILY", "@MIDNIGHT":
		return "0 0 * * *", true
	case "@HOURLY":
		return "0 * * * *", true
	}
	return "", false
}

const dayNames = "SUNMONTUEWEDTHUFRISAT"

// sundays rewrites a weekday field for the library, which counts 0 to 6: Sunday may be written 7, and a range may
// wrap around the week's end (MON-SUN, 5-1).
func sundays(field string) (string, error) {
	var out []string
	for part := range strings.SplitSeq(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		low, high, ranged := strings.Cut(span, "-")
		if low == "*" || low == "?" {
			out = append(out, part)
			continue
		}
		from, err := dayNumber(low)
		if err != nil {
			return "", err
		}
		to := from
		if ranged {
			if to, err = dayNumber(high); err != nil {
				return "", err
			}
		} else if stepped {
			to = 6
		}
		days, err := dayRange(from, to, step, ranged)
		if err != nil {
			return "", err
		}
		if ranged && !stepped && from%7 < to && to < 7 {
			days = []string{fmt.Sprintf("%d-%d", from%7, to)}
		}
		out = append(out, days...)
	}
	return strings.Join(out, ","), nil
}

func dayRange(from, to int, step string, ranged bool) ([]string, error) {
	n := 1
	if step != "" {
		var err error
		if n, err = strconv.Atoi(step); err != nil || n < 1 || n > 7 {
			return nil, fmt.Errorf("weekday step %q: write a number from 1 to 7", strings.ToLower(step))
		}
	}
	if ranged && to < from {
		to += 7
	}
	if ranged && to-from >= 6 && n == 1 {
		return []string{"0-6"}, nil // not *, which would change how the day field joins in
	}
	var days []string
	for d := from; d <= to; d += n {
		days = append(days, strconv.Itoa(d%7))
	}
	return days, nil
}

func dayNumber(s string) (int, error) {
	if len(s) == 3 {
		if i := strings.Index(dayNames, s); i >= 0 && i%3 == 0 {
			return i / 3, nil
		}
	}
	if len(s) == 1 && s[0] >= '0' && s[0] <= '7' {
		return int(s[0] - '0'), nil
	}
	return 0, fmt.Errorf("weekday %q: write 0 to 7 (0 and 7 are Sunday) or SUN to SAT", strings.ToLower(s))
}

// seq is the next wall time. The library gives up after five years; a leap day around 2100 needs eight.
func (r cronRule) seq(after time.Time) (time.Time, bool) {
	for range 3 {
		if t := r.spec.Next(after); !t.IsZero() {
			return t, true
		}
		after = time.Date(after.Year()+5, 1, 1, 0, 0, 0, -1, time.UTC)
	}
	return time.Time{}, false
}

func (r cronRule) next(after time.Time, zone *time.Location) (time.Time, bool) {
	return nextInstant(after, zone, r.seq, r.spec.Hour&allHours == allHours)
}

func (r cronRule) from(time.Time, *time.Location) rule { return r }

func (r cronRule) String() string { return r.text }
