package push

import (
	"time"

	"hark/store"
)

const (
	// ackTime is how long a push waits for the visible page of its device to say
	// that it has shown the message.
	ackTime = 3 * time.Second
	// A device that gets more than burst pushes within burstTime is told the rest
	// in one notification, which is brought up to date every stormEvery.
	burst      = 5
	burstTime  = time.Minute
	stormEvery = 10 * time.Second

	// longestHold is a day of quiet hours, with a clock that is set for winter.
	longestHold = 25 * time.Hour

	settled = 64   // pushes that are set aside at once
	covers  = 1000 // messages that one notification may stand for
)

// plan is what to do next about a device's outbox.
type plan struct {
	aside []aside           // to be settled or held first
	send  []*store.Delivery // to be sent as one notification
	count int               // of how many messages it tells; 0: of the one
	at    time.Time         // else: when to look again, if that is known
}

func (p plan) any() bool { return len(p.aside) > 0 || len(p.send) > 0 }

// aside is a push that is not sent now: it is held until then, or it is settled.
type aside struct {
	d             *store.Delivery
	until         time.Time
	state, detail string
}

// pace is what a device has been sent lately.
type pace struct {
	sent  []time.Time // notifications within burstTime
	count int         // messages that the one of the storm tells of
	last  time.Time   // when it was sent
}

// plan says what is to be done. It changes nothing.
func (s *Sender) plan(tx *store.Tx, sub *store.Subscription) (p plan, err error) {
	now := s.cfg.Now()
	if sub.NotBefore != nil && isAhead(sub.NotBefore.Time, now, maxWait) {
		p.at = sub.NotBefore.Time
		return p, nil
	}
	stormy, after, told := s.weather(sub.Device, now)
	limit := 1
	if stormy {
		limit = covers
	}
	ready, err := s.ready(tx, sub.Device, limit, &p)
	if err == nil && len(p.aside) > 0 && !stormy {
		p = plan{} // there may be more of these
		ready, err = s.ready(tx, sub.Device, settled, &p)
	}
	if err != nil || len(p.aside) > 0 || len(ready) == 0 {
		return p, err
	}
	if !stormy {
		p.send = ready[:1]
		return p, nil
	}
	var rest []*store.Delivery
	for _, d := range ready {
		if d.Priority >= topUrgency || d.Kind != store.PushNews {
			p.send = []*store.Delivery{d}
			return p, nil
		}
		rest = append(rest, d)
	}
	if after.After(now) {
		p.at = after
		return p, nil
	}
	p.send, p.count = rest, told+len(rest)
	return p, nil
}

// ready returns those of a device's first pushes that may be sent now, and puts
// those that may not into p.
func (s *Sender) ready(tx *store.Tx, device string, limit int, p *plan) (ready []*store.Delivery, err error) {
	now := s.cfg.Now()
	rows, err := tx.Outbox(device, limit)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	set, err := tx.Settings()
	if err != nil {
		return nil, err
	}
	dev, err := tx.Device(device)
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		if isHeld(d) && isAhead(d.Due.Time, now, longestHold) {
			p.at = d.Due.Time
			return ready, nil
		}
		m, err := tx.Message(d.Message)
		if ignoreMissing(err) != nil {
			return nil, err
		}
		if err != nil {
			m = &store.Message{}
		}
		if a, ok := s.judgeRow(d, m, now); ok {
			p.aside = append(p.aside, a)
			continue
		}
		if until := s.quietUntil(set, dev, m, d, now); until.After(now) {
			p.aside = append(p.aside, aside{d: d, until: until})
			continue
		}
		if wait := d.Queued().Add(ackTime); isAhead(wait, now, ackTime) && d.State == store.Waiting && s.cfg.Present(d.Device) {
			p.at = wait
			return ready, nil
		}
		ready = append(ready, d)
	}
	return ready, nil
}

// isAhead reports whether t is still to come, and no later than it can have been
// set: what lies further ahead was noted while the clock was wrong.
func isAhead(t, now time.Time, most time.Duration) bool {
	wait := t.Sub(now)
	return wait > 0 && wait <= most
}

// isHeld reports whether a push was put off. One that was not is due however far
// the clock was set back since.
func isHeld(d *store.Delivery) bool { return d.Due != nil && !d.Due.Equal(d.Queued()) }

// judgeRow settles a push that need not be sent any more.
func (s *Sender) judgeRow(d *store.Delivery, m *store.Message, now time.Time) (aside, bool) {
	waits := m.Status == store.Pending && m.Reason == store.WaitApproval
	switch {
	case d.State == store.Seen:
		return aside{d: d, state: store.Withheld, detail: "The page was open and had shown it."}, true
	case m.ID == "":
		return aside{d: d, state: store.Undelivered, detail: "The message was deleted."}, true
	case d.Kind == store.PushApproval && !waits:
		return aside{d: d, state: store.Withheld, detail: "It was decided before this could be sent."}, true
	case d.Kind == store.PushNews && m.Status.Open():
		return aside{d: d, state: store.Withheld, detail: "It is being written anew."}, true
	case !deadline(d).After(now):
		why := "It could not be delivered in time."
		if d.Detail != "" {
			why += " " + d.Detail
		}
		return aside{d: d, state: store.Undelivered, detail: why}, true
	}
	return aside{}, false
}

// setAside writes what became of pushes that are not sent now.
func (s *Sender) setAside(list []aside) error {
	return s.cfg.DB.Update(func(tx *store.Tx) error {
		for _, a := range list {
			now, err := tx.Delivery(a.d.Message, a.d.Device)
			if ignoreMissing(err) != nil {
				return err
			}
			if err != nil || now.Round != a.d.Round || now.Due == nil {
				continue
			}
			if a.state == "" {
				err = tx.Hold(now, a.until)
			} else {
				_, err = tx.Advance(a.d.Message, a.d.Device, a.state, a.detail)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// weather says whether a device is in a storm: it has been sent so much within
// the last minute that the rest is counted. Then after is when the
// counting notification may be sent again, and told of how many messages the
// device knows.
func (s *Sender) weather(device string, now time.Time) (stormy bool, after time.Time, told int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.sent[device]
	if p == nil {
		return false, after, 0
	}
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= burstTime {
		p.sent = p.sent[1:]
	}
	if p.count > 0 && now.Sub(p.last) < burstTime {
		return true, p.last.Add(stormEvery), p.count
	}
	p.count = 0
	return len(p.sent) >= burst, now, len(p.sent)
}

// sentTo notes that a device was sent what was planned.
func (s *Sender) sentTo(device string, done plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.sent[device]
	if p == nil {
		p = new(pace)
		s.sent[device] = p
	}
	now := s.cfg.Now()
	switch {
	case done.count > 0:
		p.count, p.last = done.count, now
	case done.send[0].Priority < topUrgency && done.send[0].Kind == store.PushNews:
		p.sent = append(p.sent, now)
	}
}
