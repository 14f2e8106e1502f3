package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// shownWithin is how long a test push is waited for. A phone that lies on the
	// table with its screen off takes some seconds.
	shownWithin = 20 * time.Second
	askEvery    = 500 * time.Millisecond
	// serviceTime is how long Hark may take to hear from a push service.
	serviceTime = 40 * time.Second
)

// check is one link of the way to a device.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Say  string `json:"say"`
	Cure string `json:"cure,omitempty"`
	// Unknown: it could not be looked at.
	Unknown bool `json:"unknown,omitempty"`
}

// examined is what the doctor found about one device, or, without one, about
// what all devices need.
type examined struct {
	Device string  `json:"device,omitempty"`
	Name   string  `json:"name,omitempty"`
	OK     bool    `json:"ok"`
	Checks []check `json:"checks"`
}

// errUnwell ends with status 1, after everything has been said.
var errUnwell = errors.New("not all links hold; see above")

func doctorPushVerb() verb {
	return verb{
		name:  "doctor push",
		short: "find the broken link between Hark and a phone",
		intro: `  hark doctor push
  hark doctor push --device Pixel
  hark doctor push --no-test --json | jq -r '.devices[].checks[] | select(.ok|not).cure'

Every link of the way is tried: key pair, subscription, subject, name,
connection, encryption and clock of the push service, its last answer, and a
test push that waits for the device to say that it has shown it. The exit
status is 0 if all of them hold, and 1 if one does not.
`,
		setup: func(c *cli, fs *flag.FlagSet) action {
			var which string
			var noTest bool
			fs.StringVar(&which, "device", "", "only the device with this `NAME` or id")
			fs.BoolVar(&noTest, "no-test", false, "send no test push")
			return func(ctx context.Context, words []string) error {
				if len(words) > 0 {
					return usageError{msg: "it takes no words; --device NAME chooses one"}
				}
				return c.doctorPush(ctx, which, !noTest)
			}
		},
	}
}

func (c *cli) doctorPush(ctx context.Context, which string, test bool) error {
	h, err := c.connect()
	if err != nil {
		return err
	}
	h.patience = serviceTime
	house, err := h.examine(ctx, "")
	if err != nil {
		return err
	}
	house.Name = "Hark"
	all := []examined{house}
	devices, err := h.pushDevices(ctx, which)
	if err != nil {
		return err
	}
	for _, d := range devices {
		e, err := h.examineDevice(ctx, d, test && d.subscribed())
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	return c.report(all)
}

// examineDevice rings the device first, so that what its push service says now
// is among the links, and what became of the test comes last.
func (h *client) examineDevice(ctx context.Context, d pushDevice, test bool) (examined, error) {
	var tried []check
	if test {
		t, err := h.testPush(ctx, d.ID)
		if err != nil {
			return examined{}, err
		}
		tried = append(tried, t)
	}
	e, err := h.examine(ctx, d.ID)
	e.Name, e.Checks = d.Name, append(e.Checks, tried...)
	e.OK = !slices.ContainsFunc(e.Checks, func(k check) bool { return !k.OK })
	return e, err
}

// report prints what was found. It fails if a link is broken.
func (c *cli) report(all []examined) error {
	well := !slices.ContainsFunc(all, func(e examined) bool { return !e.OK })
	if c.json {
		err := c.printJSON(map[string]any{"ok": well, "checks": all[0].Checks, "devices": all[1:]})
		if err == nil && !well {
			err = errUnwell
		}
		return err
	}
	for i, e := range all {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		fmt.Fprintln(c.out, e.Name)
		for _, k := range e.Checks {
			mark := "ok   "
			if !k.OK {
				mark = "FAULT"
			}
			fmt.Fprintf(c.out, "  %s  %-12s  %s\n", mark, k.Name, k.Say)
			if k.Cure != "" {
				fmt.Fprintf(c.out, "         %-12s  → %s\n", "", k.Cure)
			}
		}
	}
	if !well {
		return errUnwell
	}
	return nil
}

// pushDevice is a paired device, as far as it matters here.
type pushDevice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Push *struct {
		State string `json:"state"`
	} `json:"push"`
}

func (d pushDevice) subscribed() bool { return d.Push != nil && d.Push.State != "off" }

// pushDevices lists the devices that have notifications, or lost them without
// their owner's wish, or the one that was named.
func (h *client) pushDevices(ctx context.Context, which string) ([]pushDevice, error) {
	var list struct{ Devices []pushDevice }
	if err := h.call(ctx, http.MethodGet, "/api/devices", nil, &list); err != nil {
		return nil, err
	}
	if which == "" {
		return h.withPush(ctx, list.Devices)
	}
	found := slices.DeleteFunc(list.Devices, func(d pushDevice) bool { return d.ID != which && !strings.EqualFold(d.Name, which) })
	if len(found) == 0 {
		return nil, &problem{Status: http.StatusNotFound, Title: fmt.Sprintf("There is no device %q", which), hint: "The app lists them under Settings, Devices.", Code: "not_found"}
	}
	return found, nil
}

func (h *client) withPush(ctx context.Context, all []pushDevice) ([]pushDevice, error) {
	var told struct {
		Problems []struct{ Device string }
	}
	if err := h.call(ctx, http.MethodGet, "/api/push", nil, &told); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d pushDevice) bool {
		return !d.subscribed() && !slices.ContainsFunc(told.Problems, func(p struct{ Device string }) bool { return p.Device == d.ID })
	}), nil
}

func (h *client) examine(ctx context.Context, device string) (examined, error) {
	path := "/api/push/doctor"
	if device != "" {
		path += "?" + url.Values{"device": {device}}.Encode()
	}
	var e examined
	return e, h.call(ctx, http.MethodGet, path, nil, &e)
}

// testPush rings the device and waits until it has said so, or long enough.
func (h *client) testPush(ctx context.Context, device string) (check, error) {
	var sent struct {
		ID string `json:"id"`
	}
	if err := h.call(ctx, http.MethodPost, "/api/devices/"+url.PathEscape(device)+"/test", nil, &sent); err != nil {
		if refused := (*problem)(nil); errors.As(err, &refused) && refused.Status < http.StatusInternalServerError {
			return check{Name: "test", Say: refused.Error()}, nil
		}
		return check{}, err
	}
	over := time.NewTimer(shownWithin)
	defer over.Stop()
	again := time.NewTicker(askEvery)
	defer again.Stop()
	for last := false; ; {
		var got struct{ Check check }
		if err := h.call(ctx, http.MethodGet, "/api/push/test/"+url.PathEscape(sent.ID), nil, &got); err != nil {
			return check{}, err
		}
		if got.Check.Name = cmp.Or(got.Check.Name, "test"); last || got.Check.OK || got.Check.Cure != "" {
			return got.Check, nil
		}
		select {
		case <-again.C:
		case <-over.C:
			last = true
		case <-ctx.Done():
			return check{}, context.Canceled
		}
	}
}
