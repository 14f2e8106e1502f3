//go:build e2e

package e2e_test

import (
	"fmt"

	"hark/e2e/pushsvc"
)

const theSwitch = `//input[@role='switch' and @aria-label='Notifications on this device']`

func (w *world) subscribes() {
	// The questions that a new Hark asks have a test of their own.
	if err := w.hark.call("PUT", "/api/settings", map[string]any{"setup": map[string]any{"done": true}}, nil); err != nil {
		w.t.Fatal(err)
	}
	w.browser.open(w.hark.pairing)
	w.ready()
	w.browser.open(w.hark.URL + "/?view=settings")
	w.ready()
	w.browser.permit(w.hark.URL, true) // what a person answers when asked
	w.browser.click(theSwitch)
	w.occurs(0, pushsvc.Subscribed)
	eventually(w.t, "Hark to know the subscription", func() error {
		if state := w.device(); state != "on" {
			return fmt.Errorf("it says %q", state)
		}
		return nil
	})
}

// device is the state of the notifications of the one device that is paired.
func (w *world) device() string {
	w.t.Helper()
	var all struct {
		Devices []struct{ Push struct{ State string } }
	}
	if err := w.hark.call("GET", "/api/devices", nil, &all); err != nil {
		w.t.Fatal(err)
	}
	if len(all.Devices) != 1 {
		w.t.Fatalf("%d devices, want the one that was paired", len(all.Devices))
	}
	return all.Devices[0].Push.State
}

func (w *world) reachesClosed() {
	w.browser.leave()
	m, before := w.fire("Oven", "Take the bread out & <eat> it")
	n := w.noted(before, "Oven", "Take the bread out & <eat> it")
	w.becomes(m.Message, "shown")
	w.clicked(n, "default")
	w.browser.opened()
	w.inFront(m.Message)
	d := w.becomes(m.Message, "acted")
	for _, state := range []string{"queued", "accepted", "shown", "acted"} {
		if d.Times[state].IsZero() {
			w.t.Errorf("the ledger does not say when it was %s: %v", state, d.Times)
		}
	}
	w.once("Oven")
}

func (w *world) reachesHidden() {
	w.ready()
	w.browser.hide()
	m, before := w.fire("Laundry", "The machine is done")
	n := w.noted(before, "Laundry", "The machine is done")
	w.entry(m.Message)
	w.becomes(m.Message, "shown")
	w.clicked(n, "default")
	w.inFront(m.Message)
	w.becomes(m.Message, "acted")
	w.once("Laundry")
}

func (w *world) withholds() {
	posted := len(w.service.Events())
	m, before := w.fire("Door", "Somebody is at the door")
	w.entry(m.Message)
	w.becomes(m.Message, "withheld")
	if events := w.service.Events()[posted:]; len(events) > 0 {
		w.t.Errorf("it went to the push service all the same: %+v", events)
	}
	if shown := w.desk.Shown()[before:]; len(shown) > 0 {
		w.t.Errorf("and was shown: %+v", shown)
	}
}

func (w *world) reachesElsewhere() {
	w.browser.open(w.hark.URL + "/?view=settings")
	w.ready()
	m, before := w.fire("Bath", "The water is warm")
	n := w.noted(before, "Bath", "The water is warm")
	w.becomes(m.Message, "shown")
	w.clicked(n, "default")
	w.inFront(m.Message)
	w.once("Bath")
}

func (w *world) waitsForBrowser() {
	w.browser.quit()
	m, before := w.fire("Bins", "Put the bins out")
	w.becomes(m.Message, "accepted")
	w.browser.start()
	w.noted(before, "Bins", "Put the bins out")
	w.becomes(m.Message, "shown")
	w.once("Bins")
}
