//go:build e2e

package e2e_test

import (
	"fmt"
	"strings"

	"hark/e2e/desktop"
	"hark/e2e/pushsvc"
)

// silentPushes are more than Firefox forgives: after 16 pushes that showed nothing, while no page
// was open, it ends the subscription and tells nobody.
const silentPushes = 18

// Pushes without any content are the worst that can come: the worker has nothing to show and shows
// something all the same. What is on the screen counts for every push, so that each is wiped away;
// wiped away before Firefox has looked, they count as silent and this promise breaks.
func (w *world) alwaysShows() {
	for i := range silentPushes {
		if err := w.desk.DismissAll(); err != nil {
			w.t.Fatal(err)
		}
		before := len(w.desk.Shown())
		w.service.Ring()
		ctx, cancel := timeout(w.t)
		_, err := w.desk.Wait(ctx, before, func(desktop.Notification) bool { return true })
		cancel()
		if err != nil {
			w.t.Fatalf("push %d showed nothing: %v", i+1, err)
		}
		w.browser.judged()
	}
	m, before := w.fire("Alive", "Still here")
	w.noted(before, "Alive", "Still here")
	w.becomes(m.Message, "shown")
	for _, e := range w.service.Events() {
		if e.Kind == pushsvc.Unsubscribed {
			w.t.Errorf("the browser has ended a subscription: %+v", e)
		}
	}
}

// Firefox hears of it when it connects again, and its worker subscribes anew. Chromium does not;
// there the first push finds out, and the app sets it right the next time it is opened.
func (w *world) heals() {
	before := len(w.service.Events())
	w.service.Forget()
	w.fire("Lost", "Nobody knows where to")
	eventually(w.t, "the push to end", func() error {
		for _, e := range w.service.Events()[before:] {
			if e.Kind == pushsvc.Refused || e.Kind == pushsvc.Posted {
				return nil
			}
		}
		return errNotYet
	})
	w.browser.open(w.hark.URL)
	w.ready()
	w.occurs(before, pushsvc.Subscribed)
	eventually(w.t, "the device to be on again", func() error {
		if state := w.device(); state != "on" {
			return fmt.Errorf("it is %q", state)
		}
		return nil
	})
	w.browser.leave()
	m, shown := w.fire("Found", "Here again")
	w.noted(shown, "Found", "Here again")
	w.becomes(m.Message, "shown")
}

// Firefox ends the subscription at once; Chromium when the next push comes, so that the one after
// it is refused.
func (w *world) tellsOfRevoked() {
	before, shown := len(w.service.Events()), len(w.desk.Shown())
	w.browser.permit(w.hark.URL, false)
	var refused string
	eventually(w.t, "the subscription to be known as over", func() error {
		m, _ := w.fire("Never", "Not allowed")
		w.occurs(before, pushsvc.Unsubscribed)
		if refused == "" {
			refused = m.Message
		}
		if d, err := w.delivery(refused); err != nil || d.State == "accepted" {
			refused = "" // that was before the browser ended it
		}
		if state := w.device(); state != "off" {
			return fmt.Errorf("the device is %q", state)
		}
		return nil
	})
	if d := w.becomes(refused, "failed"); !strings.Contains(d.Detail, "410") {
		w.t.Errorf("the ledger does not say why: %+v", d)
	}
	var push struct {
		Problems []struct{ Code, Say, Cure string }
	}
	if err := w.hark.call("GET", "/api/push", nil, &push); err != nil {
		w.t.Fatal(err)
	}
	if len(push.Problems) != 1 || push.Problems[0].Code != "off" || push.Problems[0].Cure == "" {
		w.t.Errorf("the owner is told %+v", push.Problems)
	}
	if all := w.desk.Shown()[shown:]; len(all) > 0 {
		w.t.Errorf("shown although it is not allowed: %+v", all)
	}
}
