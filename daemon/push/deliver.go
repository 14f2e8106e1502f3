package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"hark/store"
)

const (
	testTTL    = time.Minute
	usualTTL   = 24 * time.Hour
	urgentTTL  = 72 * time.Hour
	topUrgency = 5
	// urgent is the priority from which on quiet hours hold nothing back.
	urgent = 4
)

// ttlOf is how long a push is worth delivering, from when it was queued.
func ttlOf(d *store.Delivery) time.Duration {
	switch {
	case d.Kind == store.PushTest:
		return testTTL
	case d.Priority >= topUrgency:
		return urgentTTL
	}
	return usualTTL
}

// deadline is when trying ends. What was held back for quiet hours has all of
// its time from their end on.
func deadline(d *store.Delivery) time.Time {
	from := d.Queued()
	if d.Due != nil && d.Due.After(from) {
		from = d.Due.Time
	}
	return from.Add(ttlOf(d))
}

// urgencyOf is RFC 8030 §5.3's. What is of usual priority is high: phones delay
// the rest until they are picked up.
func urgencyOf(d *store.Delivery) webpush.Urgency {
	switch d.Priority {
	case 1:
		return webpush.UrgencyLow
	case 2:
		return webpush.UrgencyNormal
	}
	return webpush.UrgencyHigh
}

// deliver sends one notification for ds, the last of which it is about, and
// writes what came of it. With a count the notification tells of so many
// messages. It returns an error only if that can't be written, or ctx is over.
func (s *Sender) deliver(ctx context.Context, sub *store.Subscription, ds []*store.Delivery, count int) (outcome, error) {
	if s.fault != nil {
		return refused, s.conclude(sub, ds, answer{err: fmt.Errorf("%w: %w", errRefused, s.fault)})
	}
	last := ds[len(ds)-1]
	note, err := s.compose(sub, ds, count)
	if err != nil {
		return hopeless, err
	}
	l := letter{record: recordSize, ttl: deadline(last).Sub(s.cfg.Now()), urgency: urgencyOf(last), topic: note.topic}
	if l.payload, err = note.encode(maxPayload); err != nil {
		return hopeless, err
	}
	a := s.post(ctx, sub, l)
	if judge(a) == tooLarge {
		l.record = smallRecord
		if l.payload, err = note.encode(smallPayload); err != nil {
			return hopeless, err
		}
		a = s.post(ctx, sub, l)
	}
	if ctx.Err() != nil && a.err != nil {
		return retry, ctx.Err() // we are stopping: it stays in the outbox
	}
	what, done := judge(a), &conclusion{sub, ds, a}
	err = s.conclude(sub, ds, a)
	if err != nil && what == accepted && last.Kind != store.PushTest {
		s.mu.Lock()
		s.taken[sub.Device] = done
		s.mu.Unlock()
	}
	if s.line.back(a, s.cfg.Now()) {
		err = errors.Join(err, s.forgive()) // every other device waits for the same line
	}
	return what, err
}

// conclusion is what is to be written about an answer.
type conclusion struct {
	sub *store.Subscription
	ds  []*store.Delivery
	a   answer
}

// catchUp writes what could not be written, because the disk was full, say: what
// a service has taken is not sent again.
func (s *Sender) catchUp(device string) error {
	s.mu.Lock()
	c := s.taken[device]
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	if err := s.conclude(c.sub, c.ds, c.a); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.taken, device)
	s.mu.Unlock()
	return nil
}

// conclude writes what an answer means for the pushes, the subscription and the
// device, in one transaction.
func (s *Sender) conclude(sub *store.Subscription, ds []*store.Delivery, a answer) error {
	what := judge(a)
	s.outcomes[what].Add(1)
	newest := ds[len(ds)-1].Message
	log := s.cfg.LogOf(newest).With("message", newest)
	log.Debug("push", "device", sub.Device, "status", a.status, "err", a.err, "for", len(ds))
	err := s.cfg.DB.Update(func(tx *store.Tx) error {
		now, err := tx.Subscription(sub.Device)
		if errors.Is(err, store.ErrNotFound) {
			return nil // removed meanwhile, and all that was to be sent to it
		} else if err != nil {
			return err
		}
		if now.Endpoint != sub.Endpoint {
			return nil // renewed meanwhile: it goes out again, to the new one
		}
		now.Status, now.Answer = a.status, a.say()
		return s.apply(tx, now, ds, a, what)
	})
	if err == nil && what != accepted {
		log.Info("push not accepted", "device", sub.Device, "status", a.status, "err", a.err, "answer", a.text)
	}
	return err
}

func (s *Sender) apply(tx *store.Tx, sub *store.Subscription, ds []*store.Delivery, a answer, what outcome) error {
	test := ds[0].Kind == store.PushTest
	switch what {
	case accepted:
		return s.accept(tx, sub, ds)
	case gone:
		if test { // it is in no outbox
			if err := advance(tx, ds, store.Undelivered, a.say()); err != nil {
				return err
			}
		}
		return tx.DeleteSubscription(sub.Device, EndedByService+" Open Hark on the device to subscribe again. "+a.say())
	case retry:
		sub.Tries++
		s.leaveAlone(sub, pause(a, sub.Tries))
	case refused:
		sub.Tries++
		s.leaveAlone(sub, refusedWait)
		if err := tx.SetPushState(sub.Device, store.PushMisconfigured, a.say()); err != nil {
			return err
		}
	case tooLarge, hopeless:
		if err := tx.SetPushState(sub.Device, store.PushMisconfigured, a.say()); err != nil {
			return err
		}
	}
	if err := tx.KeepSubscription(sub); err != nil {
		return err
	}
	if test || what == tooLarge || what == hopeless {
		return advance(tx, ds, store.Undelivered, a.say())
	}
	return explain(tx, ds, a.say())
}

// leaveAlone has nothing be sent to a device for a while.
func (s *Sender) leaveAlone(sub *store.Subscription, wait time.Duration) {
	at := store.At(s.cfg.Now().Add(wait))
	sub.NotBefore = &at
}

// accept notes that the push service has taken what stands for ds.
func (s *Sender) accept(tx *store.Tx, sub *store.Subscription, ds []*store.Delivery) error {
	last := ds[len(ds)-1]
	d, err := tx.Delivery(last.Message, last.Device)
	if ignoreMissing(err) != nil {
		return err
	}
	if err == nil && len(ds) > 1 { // else the message was deleted meanwhile
		d.Covers = nil
		for _, o := range ds[:len(ds)-1] {
			d.Covers = append(d.Covers, o.Message)
		}
		if err := tx.PutDelivery(d); err != nil {
			return err
		}
	}
	if err := advance(tx, ds, store.Accepted, ""); err != nil {
		return err
	}
	sub.Tries, sub.NotBefore = 0, nil
	s.unshown(sub)
	if err := tx.KeepSubscription(sub); err != nil {
		return err
	}
	dev, err := tx.Device(sub.Device)
	if err != nil {
		return err
	}
	if dev.Push == nil || dev.Push.State == store.PushMisconfigured || dev.Push.State == store.PushOff {
		if err := tx.SetPushState(sub.Device, store.PushOn, ""); err != nil {
			return err
		}
	}
	return tx.NoteAccepted(sub.Device)
}

// advance moves pushes on, the one that stands for the others last. A push that
// was queued anew meanwhile stays queued: it says something that was not sent.
func advance(tx *store.Tx, ds []*store.Delivery, state, detail string) error {
	for _, d := range ds {
		now, err := tx.Delivery(d.Message, d.Device)
		if errors.Is(err, store.ErrNotFound) || (err == nil && now.Round != d.Round) {
			continue
		} else if err != nil {
			return err
		}
		if _, err := tx.Advance(d.Message, d.Device, state, detail); err != nil {
			return err
		}
	}
	return nil
}

// explain notes why pushes are still waiting.
func explain(tx *store.Tx, ds []*store.Delivery, why string) error {
	for _, d := range ds {
		now, err := tx.Delivery(d.Message, d.Device)
		if err != nil || now.Round != d.Round || now.State != store.Waiting {
			if ignoreMissing(err) != nil {
				return err
			}
			continue
		}
		now.Detail = why
		if err := tx.PutDelivery(now); err != nil {
			return err
		}
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
