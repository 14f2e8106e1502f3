package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Subscription is where and how pushes to a device are sent (W3C Push API
// PushSubscription, RFC 8291 keys). It is a secret and not part of the feed;
// what others may know is the device's [PushState].
type Subscription struct {
	Device   string `json:"device"`
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`            // base64url, no padding
	Auth     string `json:"auth"`              // base64url, no padding
	Key      string `json:"key,omitempty"`     // the application server key it is bound to
	Origin   string `json:"origin,omitempty"`  // of the page that subscribed, such as https://hark.lan
	Display  string `json:"display,omitempty"` // display mode of the page, such as standalone
	Created  Time   `json:"created"`
	Updated  Time   `json:"updated"` // when the page last confirmed it

	// What the sender knows about it.
	NotBefore *Time  `json:"not_before,omitempty"` // nothing is sent to it until then
	Tries     int    `json:"tries,omitempty"`      // that failed in a row
	Status    int    `json:"status,omitempty"`     // the last answer of its push service (HTTP)
	Answer    string `json:"answer,omitempty"`     // and its text, or the error of the network
	Unshown   []Time `json:"unshown,omitempty"`    // when pushes were accepted since the last was shown
}

// PutSubscription sets where a device gets its pushes, in place of what it had.
// The same endpoint of another device goes: a browser that was paired again
// would be told everything twice. It sets Updated, and Created if zero. The
// device must exist; its state becomes on. A page that confirms an unchanged
// subscription leaves what the sender knows about it as it is.
func (tx *Tx) PutSubscription(s *Subscription) error {
	old, err := tx.Subscription(s.Device)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	s.Updated = At(tx.now)
	same := err == nil && old.Endpoint == s.Endpoint && old.P256dh == s.P256dh && old.Auth == s.Auth && old.Key == s.Key
	if same {
		s.Created = old.Created
		s.NotBefore, s.Tries, s.Status, s.Answer, s.Unshown = old.NotBefore, old.Tries, old.Status, old.Answer, old.Unshown
	} else if err := tx.evict(s); err != nil {
		return err
	}
	if s.Created.IsZero() {
		s.Created = s.Updated
	}
	tx.pushes = true
	if err := tx.KeepSubscription(s); err != nil || same {
		return err
	}
	return tx.SetPushState(s.Device, PushOn, "")
}

// evict drops the subscription of any other device at the same endpoint.
func (tx *Tx) evict(s *Subscription) error {
	all, err := tx.Subscriptions()
	for _, o := range all {
		if err == nil && o.Device != s.Device && o.Endpoint == s.Endpoint {
			err = tx.DeleteSubscription(o.Device, "The same browser was paired again as another device.")
		}
	}
	return err
}

// KeepSubscription writes what the sender has learnt about a subscription, and
// changes nothing else.
func (tx *Tx) KeepSubscription(s *Subscription) error {
	b, err := marshal(s)
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	tx.db.subscribed.Store(true) // before others can see it
	tx.set(subPrefix+s.Device, b, 0)
	return nil
}

// Subscription returns where a device gets its pushes, or ErrNotFound.
func (tx *Tx) Subscription(device string) (*Subscription, error) {
	b, err := tx.get(subPrefix + device)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("push subscription of %.40q: %w", device, ErrNotFound)
	}
	s := new(Subscription)
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("push subscription of %s: %w: %w", device, ErrCorrupt, err)
	}
	return s, nil
}

// Subscriptions returns all push subscriptions, by device.
func (tx *Tx) Subscriptions() (list []*Subscription, err error) {
	tx.keys(subPrefix, "", false, func(key string) bool {
		var s *Subscription
		if s, err = tx.Subscription(key[len(subPrefix):]); err == nil {
			list = append(list, s)
		}
		return err == nil
	})
	return list, err
}

// subscribed returns the devices that have a push subscription.
func (tx *Tx) subscribed() (devices []string) {
	tx.keys(subPrefix, "", false, func(key string) bool {
		devices = append(devices, key[len(subPrefix):])
		return true
	})
	return devices
}

// DeleteSubscription ends pushes to a device. What is still to be sent to it
// becomes failed, and its state off, with why as the detail. It returns
// ErrNotFound if there is no subscription. Of a very long outbox the rest stays:
// see [Tx.Stranded]. A device must be able to go whatever waits for it.
func (tx *Tx) DeleteSubscription(device, why string) error {
	if _, err := tx.Subscription(device); err != nil {
		return err
	}
	tx.del(subPrefix + device)
	if err := tx.Abandon(device, why); err != nil {
		return err
	}
	tx.pushes = true
	err := tx.SetPushState(device, PushOff, why)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// SetPushState changes what a device shows about its pushes. Saying the same
// again writes nothing.
func (tx *Tx) SetPushState(device, state, detail string) error {
	return tx.notePush(device, func(p *PushState) bool {
		if p.State == state && p.Detail == detail {
			return false
		}
		if p.State != state {
			p.Since = At(tx.now)
		}
		p.State, p.Detail = state, detail
		return true
	})
}

// notePush changes a device's PushState, if fn says that there is something new.
func (tx *Tx) notePush(device string, fn func(*PushState) (changed bool)) error {
	d, err := tx.Device(device)
	if err != nil {
		return err
	}
	if d.Push == nil {
		d.Push = new(PushState)
	}
	if !fn(d.Push) {
		return nil
	}
	return tx.PutDevice(d, "")
}

// acceptedEvery is how exact LastAccepted is: a device is not written anew for
// every push in a burst.
const acceptedEvery = time.Minute

// NoteAccepted notes on the device that its push service has taken a push.
func (tx *Tx) NoteAccepted(device string) error {
	return tx.notePush(device, func(p *PushState) bool {
		if p.LastAccepted != nil && tx.now.Sub(p.LastAccepted.Time) < acceptedEvery {
			return false
		}
		at := At(tx.now)
		p.LastAccepted = &at
		return true
	})
}

// noteShown notes that the device has shown a push: it is not silent.
func (tx *Tx) noteShown(device string) error {
	s, err := tx.Subscription(device)
	if errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if len(s.Unshown) > 0 {
		s.Unshown = nil
		if err := tx.KeepSubscription(s); err != nil {
			return err
		}
	}
	return tx.notePush(device, func(p *PushState) bool {
		at := At(tx.now)
		if p.LastShown = &at; p.State == PushSilent {
			p.State, p.Detail, p.Since = PushOn, "", at
		}
		return true
	})
}
