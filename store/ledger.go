package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ledgerKept is how long it can be asked what became of a push.
const ledgerKept = 90 * 24 * time.Hour

// States of a [Delivery], in the order in which they may come.
const (
	Waiting     = "queued"   // to be sent
	Undelivered = "failed"   // Detail says why
	Accepted    = "accepted" // by the push service
	Shown       = "shown"    // by the device, as its receipt says
	Seen        = "seen"     // on a visible page of the device
	Withheld    = "withheld" // not sent, because a visible page had it already
	Acted       = "acted"    // the owner tapped it, or one of its buttons
)

// rankOf orders the states. A late receipt overtakes a failure: what the
// sender took for lost had arrived.
func rankOf(state string) int {
	for rank, s := range []string{Waiting, Undelivered, Accepted, Shown, Seen, Withheld, Acted} {
		if s == state {
			return rank
		}
	}
	return -1
}

// Kinds of a [Delivery].
const (
	PushNews     = ""         // the message is new, or says something new
	PushApproval = "approval" // a step of the message waits for the owner
	PushTest     = "test"     // there is no message
)

// Delivery is what became of the push of one message to one device.
type Delivery struct {
	Message string `json:"message"`
	Device  string `json:"device"`
	Kind    string `json:"kind,omitempty"`
	State   string `json:"state"`
	Detail  string `json:"detail,omitempty"`
	At      Time   `json:"at"` // when State became so
	// Times says when each state came.
	Times map[string]Time `json:"times"`
	// Priority is the message's, 1 to 5.
	Priority int `json:"priority"`
	// Round counts how often it was queued, from 1: for something new in the same
	// message, or because it was not shown.
	Round int `json:"round"`
	// News is the round that first told what the message says now. What is heard
	// about earlier rounds is of something else.
	News int `json:"news,omitempty"`
	// Topic: a push that was not delivered yet may be replaced by the next one.
	Topic bool `json:"topic,omitempty"`
	// Due is when it is to be sent, while it is in the outbox.
	Due *Time `json:"due,omitempty"`
	// Covers are further messages that the same notification stands for.
	Covers []string `json:"covers,omitempty"`
}

// Queued is when the push was queued for the last time.
func (d *Delivery) Queued() time.Time { return d.Times[Waiting].Time }

// Delivery returns what became of a push, or ErrNotFound.
func (tx *Tx) Delivery(message, device string) (*Delivery, error) {
	b, err := tx.get(ledgerPrefix + message + "/" + device)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("push of %.40q to %.40q: %w", message, device, ErrNotFound)
	}
	d := new(Delivery)
	if err := json.Unmarshal(b, d); err != nil {
		return nil, fmt.Errorf("push of %s to %s: %w: %w", message, device, ErrCorrupt, err)
	}
	return d, nil
}

// Deliveries returns what became of the pushes of a message, by device. There
// is none for a device that had no subscription when the message came. They are
// kept for 90 days.
func (tx *Tx) Deliveries(message string) (list []*Delivery, err error) {
	prefix := ledgerPrefix + message + "/"
	tx.keys(prefix, "", false, func(key string) bool {
		var d *Delivery
		if d, err = tx.Delivery(message, key[len(prefix):]); err == nil {
			list = append(list, d)
		}
		return err == nil
	})
	return list, err
}

// PutDelivery writes d as it is, without touching the outbox. Most callers want
// [Tx.Advance].
func (tx *Tx) PutDelivery(d *Delivery) error {
	b, err := marshal(d)
	if err != nil {
		return fmt.Errorf("encode delivery: %w", err)
	}
	tx.set(ledgerPrefix+d.Message+"/"+d.Device, b, ledgerKept)
	return nil
}

// Lacks reports whether [Tx.Advance] to state would change d.
func (d *Delivery) Lacks(state string) bool {
	_, known := d.Times[state]
	return rankOf(state) > rankOf(d.State) || !known && (state == Accepted || state == Shown || state == Seen)
}

// Advance moves a push on to a state, and reports whether that was news: states
// go forward only, and the time of each is kept, also of one that is heard of
// late. A push that was sent, failed or was withheld leaves the outbox. Messages
// that the same notification stands for move with it. A push that is not in the
// ledger moves nowhere, without an error.
func (tx *Tx) Advance(message, device, state, detail string) (moved bool, err error) {
	told, moved, err := tx.advance(message, device, state, detail)
	if err == nil && told && (state == Shown || state == Acted) {
		err = tx.noteShown(device)
	}
	return moved, err
}

// advance reports in told whether there was anything to write.
func (tx *Tx) advance(message, device, state, detail string) (told, moved bool, err error) {
	d, err := tx.Delivery(message, device)
	if errors.Is(err, ErrNotFound) {
		return false, false, nil
	} else if err != nil {
		return false, false, err
	}
	if !d.Lacks(state) {
		return false, false, nil
	}
	d.Times[state] = At(tx.now)
	if moved = rankOf(state) > rankOf(d.State); moved {
		d.State, d.Detail, d.At = state, detail, At(tx.now)
	}
	switch state {
	case Seen:
		tx.pushes = true // the sender may be waiting for it
	default:
		tx.unqueue(d)
	}
	if err := tx.PutDelivery(d); err != nil {
		return false, false, err
	}
	for _, other := range d.Covers {
		if _, _, err := tx.advance(other, device, state, detail); err != nil {
			return false, false, err
		}
	}
	return true, moved, nil
}

// dropDeliveries forgets the pushes of a message that is being deleted.
func (tx *Tx) dropDeliveries(message string) error {
	list, err := tx.Deliveries(message)
	for _, d := range list {
		tx.unqueue(d)
		tx.del(ledgerPrefix + message + "/" + d.Device)
	}
	return err
}
