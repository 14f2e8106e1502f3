package scheduler

import (
	"errors"
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

const (
	// maxCount bounds the work of a rule that must be counted from its beginning: about 10 ms.
	maxCount = 10_000
	// maxRuleInterval keeps a rule from passing the calendar's end while nothing matches.
	maxRuleInterval = 1000
)

// check holds what RFC 5545 §3.3.10 rules out and what would make the library search for seconds or for ever.
func (r recurrence) check() error {
	o := r.opt
	fast := o.Freq >= rrule.DAILY
	switch {
	case o.Freq > rrule.HOURLY:
		return errors.New("RRULE: the fastest FREQ is HOURLY: for minutes write \"every 10m\"")
	case o.Interval < 0 || o.Interval > maxRuleInterval:
		return fmt.Errorf("RRULE: INTERVAL is 1 to %d", maxRuleInterval)
	case o.Count < 0 || o.Count > maxCount:
		return fmt.Errorf("RRULE: COUNT is 1 to %d", maxCount)
	case o.Count > 0 && r.until != "":
		return errors.New("RRULE: give COUNT or UNTIL, not both")
	case len(o.Bysecond) > 1:
		return errors.New("RRULE: once a minute is the fastest: give one BYSECOND at most")
	case len(o.Byweekno) > 0 && o.Freq != rrule.YEARLY:
		return errors.New("RRULE: BYWEEKNO goes with FREQ=YEARLY only")
	case len(o.Byyearday) > 0 && o.Freq != rrule.YEARLY && o.Freq != rrule.HOURLY:
		return errors.New("RRULE: BYYEARDAY goes with FREQ=YEARLY only")
	case len(o.Byyearday) > 0 && o.Freq == rrule.HOURLY:
		return errors.New("RRULE: BYYEARDAY with FREQ=HOURLY: write FREQ=YEARLY with BYHOUR")
	case len(o.Bymonthday) > 0 && o.Freq == rrule.WEEKLY:
		return errors.New("RRULE: BYMONTHDAY does not go with FREQ=WEEKLY")
	case len(o.Bysetpos) > 0 && fast:
		return errors.New("RRULE: BYSETPOS goes with WEEKLY, MONTHLY or YEARLY")
	case o.Freq == rrule.HOURLY && len(o.Byhour) > 0:
		return errors.New("RRULE: BYHOUR with FREQ=HOURLY: write FREQ=DAILY with BYHOUR")
	case fast && !someDay(o):
		return errors.New("this rule never happens: there is no such date")
	}
	for _, d := range o.Byweekday {
		most := 53
		if o.Freq == rrule.MONTHLY || len(o.Bymonth) > 0 {
			most = 5
		}
		if n := max(d.N(), -d.N()); n > most || n > 0 && o.Freq > rrule.MONTHLY {
			return fmt.Errorf("RRULE: BYDAY=%s does not go with this FREQ", d)
		}
	}
	if _, err := rrule.NewRRule(o); err != nil {
		return fmt.Errorf("RRULE: %w", err)
	}
	return nil
}

// someDay says whether any month of BYMONTH is long enough for a day of BYMONTHDAY.
func someDay(o rrule.ROption) bool {
	if len(o.Bymonthday) == 0 || len(o.Bymonth) == 0 {
		return true
	}
	for _, m := range o.Bymonth {
		longest := time.Date(2000, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		for _, d := range o.Bymonthday {
			if max(d, -d) <= longest {
				return true
			}
		}
	}
	return false
}
