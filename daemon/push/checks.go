package push

import (
	"slices"
	"time"

	"hark/store"
)

const (
	checksAtOnce = 64
	// A device is silent that was sent silentAfter pushes within silentTime and has
	// shown none, although it was there. A receipt may take a while: what is
	// younger than receiptTime does not count.
	silentAfter = 3
	silentTime  = 24 * time.Hour
	receiptTime = 2 * time.Minute
)

// nextCheck is when the first planned look is due, or zero.
func nextCheck(tx *store.Tx) (time.Time, error) {
	list, err := tx.PushChecks(1)
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	return list[0].At.Time, nil
}

// checkAll takes the planned looks that are due.
func (s *Sender) checkAll() error {
	now := s.cfg.Now()
	return s.cfg.DB.Update(func(tx *store.Tx) error {
		list, err := tx.PushChecks(checksAtOnce)
		if err != nil {
			return err
		}
		for _, c := range list {
			if c.At.After(now) {
				break
			}
			tx.DropPushCheck(c)
			if err := s.check(tx, c); ignoreMissing(err) != nil {
				return err
			}
		}
		return nil
	})
}

// check pushes a message again that has not reached the owner.
func (s *Sender) check(tx *store.Tx, c store.PushCheck) error {
	m, err := tx.Message(c.Message)
	if err != nil {
		return err
	}
	list, err := tx.Deliveries(c.Message)
	if err != nil {
		return err
	}
	if c.Kind == store.PushApproval {
		if m.Status != store.Pending || m.Reason != store.WaitApproval {
			return nil
		}
		return s.again(tx, m, c.Kind, list, func(d *store.Delivery) bool { return d.Kind == c.Kind })
	}
	return s.escalate(tx, m, c, list)
}

// escalate has an urgent message that was not shown come again, first to the
// devices that have not shown it, and then to all the others.
func (s *Sender) escalate(tx *store.Tx, m *store.Message, c store.PushCheck, list []*store.Delivery) error {
	conv, err := tx.Conversation(m.Conversation)
	if err != nil {
		return err
	}
	set, err := tx.Settings()
	if err != nil || set.Escalate <= 0 || conv.Muted || m.ID <= conv.ReadUpto || m.Answer != nil {
		return err
	}
	missing := false
	for _, d := range list {
		switch d.State {
		case store.Seen, store.Acted:
			return nil // the owner knows
		case store.Waiting, store.Accepted, store.Undelivered:
			missing = true
		}
	}
	switch {
	case !missing:
		return nil
	case c.Step == 1:
		err := s.again(tx, m, c.Kind, list, func(d *store.Delivery) bool {
			return d.State == store.Accepted || d.State == store.Undelivered
		})
		if err != nil {
			return err
		}
		c.Step, c.At = 2, store.At(s.cfg.Now().Add(time.Duration(set.Escalate)*time.Minute))
		return tx.PutPushCheck(c)
	}
	return s.others(tx, m, list)
}

// again queues a message for those devices of the ledger that still take
// pushes and that want it.
func (s *Sender) again(tx *store.Tx, m *store.Message, kind string, list []*store.Delivery, want func(*store.Delivery) bool) error {
	for _, d := range list {
		if !want(d) {
			continue
		}
		if _, err := tx.Subscription(d.Device); err != nil {
			if ignoreMissing(err) != nil {
				return err
			}
			continue
		}
		if err := tx.PushAgain(m, d.Device, kind); err != nil {
			return err
		}
	}
	return nil
}

// others queues an urgent message for the devices that are not to blame: those
// that have shown it and those that mute its source.
func (s *Sender) others(tx *store.Tx, m *store.Message, list []*store.Delivery) error {
	had := map[string]bool{}
	for _, d := range list {
		had[d.Device] = d.State != store.Shown && d.State != store.Withheld
	}
	subs, err := tx.Subscriptions()
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if had[sub.Device] {
			continue
		}
		if err := tx.PushAgain(m, sub.Device, store.PushNews); err != nil {
			return err
		}
	}
	return nil
}

// unshown notes that a push was accepted and not shown yet.
func (s *Sender) unshown(sub *store.Subscription) {
	now := s.cfg.Now()
	var recent []store.Time
	for _, at := range sub.Unshown {
		if now.Sub(at.Time) < silentTime {
			recent = append(recent, at)
		}
	}
	if len(recent) > silentAfter { // the first ones are enough
		recent = recent[:silentAfter]
	}
	sub.Unshown = slices.Concat(recent, []store.Time{store.At(now)})
}

// listen finds devices that have fallen silent. It writes only about those.
func (s *Sender) listen(now time.Time) error {
	var silent []string
	err := s.cfg.DB.View(func(tx *store.Tx) error {
		subs, err := tx.Subscriptions()
		if err != nil {
			return err
		}
		for _, sub := range subs {
			if len(sub.Unshown) < silentAfter {
				continue
			}
			dev, err := tx.Device(sub.Device)
			if err != nil {
				return err
			}
			if s.isSilent(sub, dev, now) && dev.Push != nil && dev.Push.State == store.PushOn {
				silent = append(silent, sub.Device)
			}
		}
		return nil
	})
	if err != nil || len(silent) == 0 {
		return err
	}
	return s.cfg.DB.Update(func(tx *store.Tx) error {
		for _, device := range silent {
			err := tx.SetPushState(device, store.PushSilent, "Its push service takes notifications, and the device does not show them. Open Hark there and send a test from the settings.")
			if ignoreMissing(err) != nil {
				return err
			}
		}
		return nil
	})
}

// isSilent reports whether a device takes pushes and shows none. One that was
// not used since may be switched off, and one that just came back has its
// receipts still to send.
func (s *Sender) isSilent(sub *store.Subscription, dev *store.Device, now time.Time) bool {
	old := 0
	for _, at := range sub.Unshown {
		if age := now.Sub(at.Time); age >= receiptTime && age < silentTime {
			old++
		}
	}
	seen := dev.LastSeen.Time
	return old >= silentAfter && seen.After(sub.Unshown[0].Time) && now.Sub(seen) >= receiptTime
}
