package store

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
)

// usualPriority is that of a message that has none.
const usualPriority = 3

func outboxKey(device string, due Time, message string) string {
	ms := uint64(max(due.UnixMilli(), 0))
	return outboxPrefix + device + "/" + string(binary.BigEndian.AppendUint64(nil, ms)) + "/" + message
}

// pushed queues pushes for what a change of a message tells the owner: it has
// come to its end, or it began to wait for a decision.
func (tx *Tx) pushed(m, before *Message, created bool) error {
	ended := !m.Status.Open() && (created || before.Status.Open())
	asks := m.Status == Pending && m.Reason == WaitApproval && (created || before.Reason != WaitApproval)
	switch {
	case !tx.db.subscribed.Load():
		return nil // costs a fire nothing
	case ended && m.isNews():
		_, err := tx.QueuePush(m, PushNews)
		return err
	case asks:
		_, err := tx.QueuePush(m, PushApproval)
		return err
	}
	return nil
}

// QueuePush queues a push of m, for the reason that kind gives, to every device
// that has a subscription and does not mute m's source, and returns how many
// those are. Nothing is queued for a silent message or in a muted conversation.
// What is still to be sent for the same message is replaced. [Tx.PutMessage] does
// this by itself for a message that ends or begins to wait for a decision; call
// it when a message says something new in its old place.
func (tx *Tx) QueuePush(m *Message, kind string) (devices int, err error) {
	if m.Silent || !tx.db.subscribed.Load() {
		return 0, nil
	}
	subs := tx.subscribed()
	if len(subs) == 0 {
		tx.db.subscribed.Store(false)
		return 0, nil
	}
	c, err := tx.Conversation(m.Conversation)
	if err != nil || c.Muted {
		return 0, err
	}
	for _, device := range subs {
		dev, err := tx.Device(device)
		if err != nil {
			return devices, err
		}
		if m.Source.Name != "" && slices.Contains(dev.Mutes, m.Source.Name) {
			continue
		}
		if err := tx.push(m, device, kind, true); err != nil {
			return devices, err
		}
		devices++
	}
	return devices, tx.planCheck(m, kind)
}

// PushCount is how many devices have a subscription, and to how many of them a
// message is still to be pushed.
func (tx *Tx) PushCount(message string) (devices, queued int, err error) {
	if !tx.db.subscribed.Load() {
		return 0, 0, nil
	}
	all, err := tx.Deliveries(message)
	for _, d := range all {
		if d.State == Waiting {
			queued++
		}
	}
	return len(tx.subscribed()), queued, err
}

// PushAgain queues a push of m to one device, whatever became of the last one,
// and begins a new round in the ledger, in which the same is told again.
func (tx *Tx) PushAgain(m *Message, device, kind string) error {
	return tx.push(m, device, kind, false)
}

func (tx *Tx) push(m *Message, device, kind string, news bool) error {
	d, err := tx.Delivery(m.ID, device)
	if errors.Is(err, ErrNotFound) {
		d = &Delivery{Message: m.ID, Device: device}
	} else if err != nil {
		return err
	}
	tx.unqueue(d)
	now := At(tx.now)
	d.Kind, d.Priority, d.Round = kind, priorityOf(m), d.Round+1
	if news {
		d.News = d.Round
	}
	d.State, d.Detail, d.At, d.Due = Waiting, "", now, &now
	d.Times, d.Covers = map[string]Time{Waiting: now}, nil
	tx.set(outboxKey(device, now, m.ID), nil, 0)
	tx.pushes = true
	return tx.PutDelivery(d)
}

func priorityOf(m *Message) int {
	if m.Priority == 0 {
		return usualPriority
	}
	return m.Priority
}

// unqueue takes a push out of the outbox, if it is there.
func (tx *Tx) unqueue(d *Delivery) {
	if d.Due != nil {
		tx.del(outboxKey(d.Device, *d.Due, d.Message))
		d.Due = nil
	}
}

// Replaceable says that the pushes of a message may be replaced by later ones
// of the same message while no device has them (RFC 8030 §5.4).
func (tx *Tx) Replaceable(message string) error {
	if !tx.db.subscribed.Load() {
		return nil
	}
	list, err := tx.Deliveries(message)
	for _, d := range list {
		if err == nil && !d.Topic {
			d.Topic = true
			err = tx.PutDelivery(d)
		}
	}
	return err
}

// Outbox returns up to limit pushes that are still to be sent to a device, in
// the order in which they come due.
func (tx *Tx) Outbox(device string, limit int) (list []*Delivery, err error) {
	prefix := outboxPrefix + device + "/"
	tx.keys(prefix, "", false, func(key string) bool {
		var d *Delivery
		if d, err = tx.Delivery(key[len(prefix)+9:], device); err == nil {
			list = append(list, d)
		} else if errors.Is(err, ErrNotFound) {
			err = nil // older than the ledger keeps: nobody waits for it
		}
		return err == nil && len(list) < limit
	})
	return list, err
}

// Abandon takes pushes to a device out of the outbox, so many as one transaction
// holds. Those that were not seen meanwhile become failed, with why as the detail.
func (tx *Tx) Abandon(device, why string) error {
	prefix := outboxPrefix + device + "/"
	var rows []string
	tx.keys(prefix, "", false, func(key string) bool {
		rows = append(rows, key)
		return len(rows) < purgeBite
	})
	for _, key := range rows {
		if tx.bytes > maxTx/2 {
			break
		}
		tx.del(key)
		d, err := tx.Delivery(key[len(prefix)+9:], device)
		if errors.Is(err, ErrNotFound) {
			continue // older than the ledger keeps
		} else if err != nil {
			return err
		}
		d.Due = nil
		if err := tx.PutDelivery(d); err != nil {
			return err
		}
		if _, err := tx.Advance(d.Message, device, Undelivered, why); err != nil {
			return err
		}
	}
	return nil
}

// Stranded returns the devices that pushes wait for and that have no
// subscription: each [Tx.Abandon] brings the end of their outbox nearer.
func (tx *Tx) Stranded() (devices []string, err error) {
	for from, more := "", true; more && err == nil; {
		more = false
		tx.keys(outboxPrefix, from, false, func(key string) bool {
			device, _, _ := strings.Cut(key[len(outboxPrefix):], "/")
			if _, err = tx.Subscription(device); errors.Is(err, ErrNotFound) {
				devices, err = append(devices, device), nil
			}
			from, more = device+"0", true // '0' follows '/': the next device
			return false
		})
	}
	return devices, err
}

// Hold puts a push in the outbox off until then.
func (tx *Tx) Hold(d *Delivery, until time.Time) error {
	tx.unqueue(d)
	due := At(until)
	d.Due = &due
	tx.set(outboxKey(d.Device, due, d.Message), nil, 0)
	return tx.PutDelivery(d)
}

// Pushes is closed when there may be a push to send, a device to send it to, or
// word of a message seen, that was not there when Pushes was called.
func (db *DB) Pushes() <-chan struct{} { return db.pushBell.next() }
