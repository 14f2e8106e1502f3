//go:build e2e

package e2e_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/e2e/desktop"
	"hark/e2e/pushsvc"
)

var errNotYet = errors.New("not yet")

// promises are kept by every browser alike. A browser takes seconds to start, so it is started once
// and they are kept one after the other; each begins where the one before has ended.
func promises(p *place, b browser) {
	m := startModel(p.t)
	w := &world{place: p, model: m, hark: startHark(p.t, append(b.env(), m.env()...)...), browser: b}
	b.start()
	for _, promise := range []struct {
		name string
		keep func(*world)
	}{
		{"paired and subscribed by a click", (*world).subscribes},
		{"the app is closed: shown, and a click opens the message", (*world).reachesClosed},
		{"the app is hidden: shown once, one entry, and a click brings it to the front", (*world).reachesHidden},
		{"the message is in front of the owner: withheld", (*world).withholds},
		{"something else of the app is in front: shown", (*world).reachesElsewhere},
		{"the browser was closed: it still comes", (*world).waitsForBrowser},
		{"a reminder is done by its button, with the app closed", (*world).doesReminder},
		{"a question is answered by its button, with the app closed", (*world).answers},
		{"a tool is allowed by its button, with the app closed", (*world).allows},
		{"no push without a notification, and the subscription lives", (*world).alwaysShows},
		{"the push service loses its database: healed", (*world).heals},
		{"the permission is taken back: the owner is told", (*world).tellsOfRevoked},
	} {
		begun := time.Now()
		// Not a test of its own: each needs what the ones before have left.
		p.t.Log("promise:", promise.name)
		promise.keep(w)
		p.t.Logf("kept in %.1f s", time.Since(begun).Seconds())
	}
}

// world is the program, a browser and what is between them.
type world struct {
	*place
	hark    *hark
	model   *model
	browser browser
}

// fire fires a message that counts by itself: at the top priority it is no part of a storm.
func (w *world) fire(title, body string, flags ...string) (f fired, before int) {
	w.t.Helper()
	before = len(w.desk.Shown())
	return w.hark.fire(title, body, append(flags, "-p", "5")...), before
}

// noted waits for the notification with this title, of those after the first ones, and demands
// that it has this text.
func (w *world) noted(before int, title, body string) desktop.Notification {
	w.t.Helper()
	ctx, cancel := timeout(w.t)
	defer cancel()
	n, err := w.desk.Wait(ctx, before, func(n desktop.Notification) bool { return n.Title == title })
	if err != nil {
		w.t.Fatalf("%q is not on the screen: %v", title, err)
	}
	// Chromium says first where it comes from.
	if _, words, found := strings.Cut(n.Body, "\n\n"); n.Body != body && (!found || words != body) {
		w.t.Fatalf("the notification says %q, want %q", n.Body, body)
	}
	return n
}

// once demands that just one notification with this title has come.
func (w *world) once(title string) {
	w.t.Helper()
	var all []desktop.Notification
	for _, n := range w.desk.Shown() {
		if n.Title == title {
			all = append(all, n)
		}
	}
	if len(all) != 1 {
		w.t.Fatalf("%d notifications %q: %+v", len(all), title, all)
	}
}

// delivery is what the ledger says of a push.
type delivery struct {
	State, Detail string
	Times         map[string]time.Time
}

// becomes waits until the ledger says that the push of a message is in a state.
func (w *world) becomes(message, state string) (d delivery) {
	w.t.Helper()
	eventually(w.t, "the ledger to say "+state, func() (err error) {
		if d, err = w.delivery(message); err == nil && d.State != state {
			err = fmt.Errorf("it says %s %s", d.State, d.Detail)
		}
		return err
	})
	return d
}

// delivery is what the ledger says now of the push of a message to the one device.
func (w *world) delivery(message string) (delivery, error) {
	var all struct{ Devices []delivery }
	if err := w.hark.call("GET", "/api/messages/"+message+"/delivery", nil, &all); err != nil {
		return delivery{}, err
	}
	if len(all.Devices) != 1 {
		return delivery{}, fmt.Errorf("%d devices", len(all.Devices))
	}
	return all.Devices[0], nil
}

// entry waits until the thread on the page has the message, and demands that it has it once.
func (w *world) entry(message string) {
	w.t.Helper()
	eventually(w.t, "the message in the thread", func() error {
		var n int
		err := w.browser.eval("return document.querySelectorAll(`[data-message='${args[0]}']`).length", &n, message)
		if err != nil {
			return err
		}
		if n != 1 {
			return fmt.Errorf("it is there %d times", n)
		}
		return nil
	})
}

// inFront waits until the page is visible, at this message, which a click has led to.
func (w *world) inFront(message string) {
	w.t.Helper()
	w.entry(message)
	eventually(w.t, "the page in front", func() error {
		var at struct{ State, Address string }
		if err := w.browser.eval("return {State: document.visibilityState, Address: location.search}", &at); err != nil {
			return err
		}
		if at.State != "visible" || !strings.Contains(at.Address, "m="+message) {
			return fmt.Errorf("%+v", at)
		}
		return nil
	})
}

// ready waits until the page of the app has loaded and its worker runs.
func (w *world) ready() {
	w.t.Helper()
	eventually(w.t, "the app", func() error {
		var ready bool
		err := w.browser.eval(`return !!document.querySelector('textarea, [role=switch]')
			&& (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'`, &ready)
		if err == nil && !ready {
			return errNotYet
		}
		return err
	})
}

// occurs waits for an event of the push service, of those after the first ones.
func (w *world) occurs(before int, kind pushsvc.Kind) {
	w.t.Helper()
	ctx, cancel := timeout(w.t)
	defer cancel()
	_, err := w.service.Wait(ctx, before, func(e pushsvc.Event) bool { return e.Kind == kind })
	if err != nil {
		w.t.Fatal(err)
	}
}

// button is the key of the button with this label.
func (w *world) button(n desktop.Notification, label string) string {
	w.t.Helper()
	for key, words := range n.Actions {
		if words == label {
			return key
		}
	}
	w.t.Fatalf("no button %q among %v", label, n.Actions)
	return ""
}

func (w *world) clicked(n desktop.Notification, key string) {
	w.t.Helper()
	if err := w.desk.Click(n.ID, key); err != nil {
		w.t.Fatal(err)
	}
}
