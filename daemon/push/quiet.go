package push

import (
	"cmp"
	"time"

	"hark/store"
)

// quietUntil returns when a push may be sent that wants to be now: at once, or
// at the end of the quiet hours of its device or of the owner. The owner's do
// not hold back an answer in a chat, which was asked for.
func (s *Sender) quietUntil(set store.Settings, dev *store.Device, m *store.Message, d *store.Delivery, now time.Time) time.Time {
	if d.Priority >= urgent || d.Kind == store.PushTest {
		return now
	}
	until, zone := now, cmp.Or(set.Zone, s.cfg.Zone())
	if q := dev.Quiet; q != nil {
		until = quietEnd(q.From, q.To, cmp.Or(q.Zone, zone), now)
	}
	if q := set.Quiet; q.On && (m.Source.Kind != "chat" || d.Kind != store.PushNews) {
		if end := quietEnd(q.From, q.To, zone, now); end.After(until) {
			until = end
		}
	}
	return until
}

// quietEnd is the end of the quiet hours that t falls into, or t. What can't be
// read holds nothing back: better a sound at night than silence for ever.
func quietEnd(from, to, zone string, t time.Time) time.Time {
	begin, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	where, err3 := time.LoadLocation(zone)
	if err1 != nil || err2 != nil || err3 != nil {
		return t
	}
	wall := t.In(where)
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	at, a, b := minute(wall), minute(begin), minute(end)
	days := 0
	switch {
	case a == b:
		return t
	case a < b && (at < a || at >= b), a > b && at < a && at >= b:
		return t
	case a > b && at >= a:
		days = 1
	}
	y, m, d := wall.Date()
	return time.Date(y, m, d+days, end.Hour(), end.Minute(), 0, 0, where)
}
