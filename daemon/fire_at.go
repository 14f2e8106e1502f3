package daemon

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hark/scheduler"
)

// justPast is how long ago a time may be for nobody to wonder why it came at
// once.
const justPast = time.Minute

// readTime reads when a fire is to be delivered: seconds since 1970, a length of
// time, a date and time, or a phrase as the owner would say it, on the clock of
// an IANA zone. The zero time is at once; what is wrong with text becomes a
// warning.
func readTime(text string, now time.Time, zone string) (due time.Time, warning string) {
	if text = strings.TrimSpace(text); text == "" {
		return due, ""
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		where = time.UTC
	}
	due, doubt, err := instant(text, now, where)
	var past *scheduler.PastError
	switch {
	case errors.As(err, &past):
		return time.Time{}, "at is past: delivered at once"
	case err != nil:
		return time.Time{}, fmt.Sprintf("at %.60q is no time such as 30m, 18:00 or tomorrow at 9: delivered at once", text)
	case due.Before(now.Add(-justPast)):
		return time.Time{}, "at is past: delivered at once"
	case !due.After(now):
		return time.Time{}, ""
	case due.After(now.Add(maxAhead)):
		return time.Time{}, "at is more than a year ahead: delivered at once"
	}
	return due, doubt
}

func instant(text string, now time.Time, where *time.Location) (at time.Time, doubt string, err error) {
	const since1970 = 1e9 // no length of time in seconds is as long
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= since1970 {
		if n >= since1970*1000 {
			return time.UnixMilli(n), "", nil
		}
		return time.Unix(n, 0), "", nil
	}
	if d, ok := readDuration(strings.TrimPrefix(text, "in ")); ok {
		return now.Add(d), "", nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, "", nil
	}
	at, err = scheduler.When(text, now, where)
	var several *scheduler.AmbiguousError
	if errors.As(err, &several) && len(several.Choices) > 0 && len(several.Choices[0].At) > 0 {
		first := several.Choices[0].At[0]
		return first, "at can be read in several ways: taken as " + first.Format("Mon 2 Jan 2006 15:04"), nil
	}
	return at, "", err
}
