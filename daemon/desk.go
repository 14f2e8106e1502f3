package daemon

import (
	"time"

	"hark/daemon/agent"
	"hark/scheduler"
	"hark/store"
)

// desk gives the built-in assistant what it needs of the other rooms.
func (d *Daemon) desk() agent.Desk {
	return agent.Desk{
		LooksLikeReminder: scheduler.LooksLikeReminder,
		Remind:            remind,
		Say:               sayReminder,
		Changed:           d.due.Kick,
		Status:            d.models.say,
	}
}

// untold is what a reminder says whose phrase was only a time.
const untold = "It is time."

func remind(phrase, zone string, at time.Time) (*store.Reminder, string, error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return nil, "", err
	}
	p, err := scheduler.Parse(phrase, at, where)
	if err != nil {
		return nil, "", err
	}
	r := &store.Reminder{Text: p.Text, Schedule: p.Schedule.String(), Zone: zone, State: store.Active, Kind: "message"}
	if r.Text == "" {
		r.Text = untold
	}
	if len(p.At) > 0 {
		next := store.At(p.At[0])
		r.Next = &next
	}
	return r, scheduler.Say(p.Schedule, where, at), scheduler.Check(r)
}

func sayReminder(r *store.Reminder, now time.Time) string {
	schedule, err := scheduler.ParseSchedule(r.Schedule)
	if err != nil {
		return r.Schedule
	}
	where, err := time.LoadLocation(r.Zone)
	if err != nil {
		where = time.UTC
	}
	return scheduler.Say(schedule, where, now)
}

// model is asked once for each turn.
func (d *Daemon) model() agent.Model {
	d.background(d.models.look)
	return d.models.current()
}
