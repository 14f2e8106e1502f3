package push

import (
	"context"
	"errors"
	"net/url"
	"time"

	"hark/store"
)

// Doctor walks the way from this process to a device, link by link: key pair,
// subscription, subject, name, connection, TLS and clock of its push service,
// what that answered last, and whether the device shows what it gets. What lies
// behind a broken link is left out. Without a device it looks at what all of
// them need. It sends nothing to the device: see [Sender.Test]. The error is
// store.ErrNotFound if there is no such device, or the store's.
func (s *Sender) Doctor(ctx context.Context, device string) ([]Check, error) {
	checks := []Check{s.keyCheck()}
	if device == "" {
		more, err := s.houseChecks()
		return append(checks, more...), err
	}
	var dev *store.Device
	var sub *store.Subscription
	err := s.cfg.DB.View(func(tx *store.Tx) (err error) {
		if dev, err = tx.Device(device); err != nil {
			return err
		}
		if sub, err = tx.Subscription(device); errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if sub == nil {
		return append(checks, notSubscribed(dev)), nil
	}
	checks = append(checks, holds("subscription", "“%s” is subscribed, confirmed %s.", dev.Name, sub.Updated.Format("2 Jan 2006 15:04 MST")))
	if sub.Key != "" && sub.Key != s.keys.Public {
		return append(checks, fails("subscription", "Open Hark on the device: it subscribes anew by itself.",
			"The subscription was made with another key pair than the one in the data folder.")), nil
	}
	checks = append(checks, s.subjectCheck(sub))
	if err := s.policy.check(sub.Endpoint); err != nil {
		return append(checks, fails("endpoint", "Switch notifications off and on again on the device.", "%s", sentence(err.Error()))), nil
	}
	fresh := s.policy.client() // a line that is open already would hide what is wrong with the way there
	defer fresh.CloseIdleConnections()
	checks = append(checks, probe(ctx, fresh, sub.Endpoint)...)
	return append(checks, answerCheck(sub), showCheck(dev)), nil
}

func (s *Sender) keyCheck() Check {
	if err := s.keys.check(); err != nil {
		return fails("keys", "Restore the data folder from a backup.", "%s", sentence(err.Error()))
	}
	return holds("keys", "The key pair is whole.")
}

const noneCure = "Open Hark on the phone by its https address (on an iPhone or iPad from the Home Screen), and switch notifications on under Settings."

// houseChecks look at what does not depend on a device.
func (s *Sender) houseChecks() ([]Check, error) {
	var checks []Check
	if s.cfg.Subject != "" {
		if _, err := Subject(s.cfg.Subject); err != nil {
			checks = append(checks, fails("subject", "Set HARK_PUSH_SUBJECT to a mail address of yours and start Hark again.", "%s", sentence(err.Error())))
		} else {
			checks = append(checks, holds("subject", "Push services are told to ask %s.", s.cfg.Subject))
		}
	}
	n := 0
	err := s.cfg.DB.View(func(tx *store.Tx) error {
		subs, err := tx.Subscriptions()
		n = len(subs)
		return err
	})
	switch {
	case err != nil:
		return checks, err
	case n == 0:
		return append(checks, fails("subscription", noneCure, "No device has notifications switched on.")), nil
	case n == 1:
		return append(checks, holds("subscription", "One device has notifications switched on.")), nil
	}
	return append(checks, holds("subscription", "%d devices have notifications switched on.", n)), nil
}

func notSubscribed(dev *store.Device) Check {
	say := "“" + dev.Name + "” has no notifications switched on."
	if dev.Push != nil && dev.Push.Detail != "" {
		say += " " + sentence(dev.Push.Detail)
	}
	return fails("subscription", SubscribeCure(dev.Agent), "%s", say)
}

func (s *Sender) subjectCheck(sub *store.Subscription) Check {
	u, err := url.Parse(sub.Endpoint)
	if err != nil {
		return fails("subject", "Switch notifications off and on again on the device.", "The address of the push service can't be read.")
	}
	subject, err := s.subjectFor(u.Hostname(), sub.Origin)
	if err != nil {
		return fails("subject", "Set HARK_PUSH_SUBJECT to a mail address of yours and start Hark again.", "%s", sentence(err.Error()))
	}
	return holds("subject", "The push service is told to ask %s.", subject)
}

// answerCheck tells what the push service said the last time.
func answerCheck(sub *store.Subscription) Check {
	const name = "service"
	switch {
	case sub.Status == 0 && sub.Answer == "":
		return holds(name, "Nothing has been sent to it yet.")
	case sub.Status == 0:
		return fails(name, "Hark tries again by itself; if it stays so, look at this machine's network.", "The last try did not get through. %s", sub.Answer)
	case sub.Status < 300:
		return holds(name, "The push service took the last push.")
	case sub.Status == 401 || sub.Status == 403:
		return fails(name, "Look at the clock and the subject above; then switch notifications off and on again on the device.", "%s", sub.Answer)
	case sub.Status == 404 || sub.Status == 410:
		return fails(name, "Open Hark on the device: it subscribes anew by itself.", "%s", sub.Answer)
	case sub.Status == 429 || sub.Status >= 500:
		return fails(name, "Nothing is lost: Hark tries again by itself until the message is too old.", "%s", sub.Answer)
	}
	return fails(name, "Switch notifications off and on again on the device; if it stays so, it is a fault of Hark's worth reporting.", "%s", sub.Answer)
}

// showCheck tells whether the device shows what it gets.
func showCheck(dev *store.Device) Check {
	const name = "shown"
	p := dev.Push
	switch {
	case p == nil || p.LastAccepted == nil && p.LastShown == nil:
		return holds(name, "Nothing has been pushed to it yet: send a test.")
	case p.State == store.PushSilent:
		return fails(name, ShowCure(dev.Agent), "The push service takes the pushes, and the device shows none of them.")
	case p.LastShown == nil:
		return holds(name, "The push service took a push; the device has not said yet that it showed one.")
	}
	return holds(name, "The device last showed one %s.", p.LastShown.Format("2 Jan 2006 15:04 MST"))
}

// TestCheck says of a test push that was sent at some time how far it has come.
// A push that is on its way for longer than patience is taken for lost.
func TestCheck(d *store.Delivery, dev *store.Device, patience time.Duration, now time.Time) Check {
	const name = "test"
	switch d.State {
	case store.Shown, store.Seen, store.Acted:
		at, ok := d.Times[store.Shown]
		if !ok {
			at = d.At
		}
		return holds(name, "The test was shown within %.1f s.", at.Sub(d.Queued()).Seconds()+0.05) // rounded up
	case store.Undelivered:
		return fails(name, "The line above that does not hold says why.", "The test was not sent. %s", sentence(d.Detail))
	case store.Waiting:
		if now.Sub(d.Queued()) > patience {
			return fails(name, "Hark tries again by itself; the lines above say what is in the way.", "The test has not reached the push service.")
		}
		return Check{Name: name, Say: "The test is being sent."}
	}
	if now.Sub(d.At.Time) > patience {
		return fails(name, ShowCure(dev.Agent), "The push service took the test, and “%s” has not shown it.", dev.Name)
	}
	return Check{Name: name, Say: "The push service took the test; the device has not shown it yet."}
}
