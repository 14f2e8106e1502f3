package scheduler

import (
	"cmp"
	"container/heap"
	"time"

	"hark/store"
)

// Item is one coming time of a reminder.
type Item struct {
	Reminder string     `json:"reminder"`
	At       store.Time `json:"at"`
	Text     string     `json:"text"`
	Priority int        `json:"priority,omitempty"`
	Paused   bool       `json:"paused,omitempty"`
}

// Agenda lists when reminders come by their schedules, and again after a snooze,
// from `from` on and before `to`: the earliest most of them, in order. Paused
// ones are listed as such. It costs as much as there are reminders and items
// listed, however many there would be.
func Agenda(rs []*store.Reminder, from, to time.Time, most int) (items []Item, more bool) {
	items = []Item{}
	var lanes lanes
	for _, r := range rs {
		if r.Snoozed != nil && r.State == store.Active {
			lanes.add(&lane{r: r, at: r.Snoozed.Time}, from, to)
		}
		if l := laneOf(r, from); l != nil {
			lanes.add(l, from, to)
		}
	}
	heap.Init(&lanes)
	for len(lanes) > 0 {
		if len(items) == most {
			return items, true
		}
		l := lanes[0]
		items = append(items, Item{
			Reminder: l.r.ID, At: store.At(l.at), Text: l.r.Text, Priority: l.r.Priority, Paused: l.r.State == store.Paused,
		})
		if l.step() && l.at.Before(to) {
			heap.Fix(&lanes, 0)
		} else {
			heap.Pop(&lanes)
		}
	}
	return items, false
}

// lane walks along the times of one reminder.
type lane struct {
	r    *store.Reminder
	at   time.Time
	plan *plan // nil: there is only the one
}

// laneOf stands at the reminder's first time at or after from.
func laneOf(r *store.Reminder, from time.Time) *lane {
	p, err := planOf(r)
	if err != nil || r.State == store.Finished || r.State == store.Active && r.Next == nil {
		return nil
	}
	l := &lane{r: r, plan: &p, at: from.Add(-time.Nanosecond)}
	if r.Next != nil {
		if l.at = r.Next.Time; !l.at.Before(from) {
			return l // what was skipped before it is not on the agenda
		}
		l.at = from.Add(-time.Nanosecond)
	}
	if !l.step() {
		return nil
	}
	return l
}

func (l *lane) step() (ok bool) {
	if l.plan == nil {
		return false
	}
	l.at, ok = l.plan.sched.Next(l.at, l.plan.zone)
	return ok
}

// lanes is a heap, the earliest time first.
type lanes []*lane

func (h *lanes) add(l *lane, from, to time.Time) {
	if !l.at.Before(from) && l.at.Before(to) {
		*h = append(*h, l)
	}
}

func (h lanes) Len() int { return len(h) }
func (h lanes) Less(i, j int) bool {
	return cmp.Or(h[i].at.Compare(h[j].at), cmp.Compare(h[i].r.ID, h[j].r.ID)) < 0
}
func (h lanes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for container/heap.
func (h *lanes) Push(x any) { *h = append(*h, x.(*lane)) }

// Pop is for container/heap.
func (h *lanes) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
