package daemon

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hark/store"
)

// vitals is how this Hark does now: what its status page draws and what is told
// to a monitoring system.
type vitals struct {
	Turns     turnVitals     `json:"turns"`
	Push      pushVitals     `json:"push"`
	Reminders reminderVitals `json:"reminders"`
	Tools     map[string]int `json:"tools"` // servers that bring tools, by state
}

type turnVitals struct {
	Running int `json:"running"`
	Queued  int `json:"queued"`  // another reply comes first
	Waiting int `json:"waiting"` // the owner is to decide
}

type pushVitals struct {
	Devices int            `json:"devices"` // that have a subscription
	Queued  int            `json:"queued"`  // pushes still to be sent
	Day     map[string]int `json:"day"`     // those of the last 24 hours, by state
}

type reminderVitals struct {
	Next *store.Time `json:"next,omitempty"` // when the first one comes due
	// LagMS is for how long what is due has waited to be fired, in milliseconds.
	LagMS int64 `json:"lag_ms"`
}

const day = 24 * time.Hour

// vitals looks at the store once. Its costs grow with what is open and with the
// pushes of a day, not with what is kept.
func (d *Daemon) vitals() (v vitals, err error) {
	v.Tools = map[string]int{}
	for _, s := range d.mcp.Status() {
		v.Tools[s.State]++
	}
	if a := d.agent.Load(); a != nil {
		v.Turns.Running = a.Running()
	}
	err = d.db.View(func(tx *store.Tx) error {
		open, err := tx.OpenTurns("")
		if err != nil {
			return err
		}
		for _, m := range open {
			if m.Reason == store.WaitApproval {
				v.Turns.Waiting++
			}
		}
		v.Turns.Queued = max(len(open)-v.Turns.Running-v.Turns.Waiting, 0)
		subs, err := tx.Subscriptions()
		if err != nil {
			return err
		}
		v.Push.Devices, v.Push.Queued = len(subs), tx.OutboxLen()
		if at := tx.NextDue(); !at.IsZero() {
			due := store.At(at)
			v.Reminders.Next = &due
			v.Reminders.LagMS = max(tx.Now().Sub(at).Milliseconds(), 0)
		}
		v.Push.Day, err = tx.DeliveryTally(tx.Now().Add(-day))
		return err
	})
	return v, err
}

// connection is a device or token that listens.
type connection struct {
	Name  string      `json:"name"`
	Kind  string      `json:"kind"`           // device or token
	ID    string      `json:"id"`             // of either; "local" is the command line of this machine
	Lines int         `json:"lines"`          // open streams
	Since store.Time  `json:"since"`          // when the oldest was opened
	Beat  *store.Time `json:"beat,omitempty"` // the last heartbeat that could be sent
	Sight bool        `json:"sight"`          // a page of it is in sight
}

// connections are those who listen now, by name.
func (d *Daemon) connections() (list []connection, err error) {
	open := d.streams.list()
	err = d.db.View(func(tx *store.Tx) error {
		for _, key := range slices.Sorted(maps.Keys(open)) {
			c := open[key]
			c.Kind, c.ID, _ = strings.Cut(key, "/")
			c.Name = nameOf(tx, c.Kind, c.ID)
			list = append(list, c)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b connection) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

func nameOf(tx *store.Tx, kind, id string) string {
	if kind == "device" {
		if v, err := tx.Device(id); err == nil {
			return v.Name
		}
		return ""
	}
	if t, err := tx.Token(id); err == nil {
		return t.Name
	}
	return "this machine"
}
