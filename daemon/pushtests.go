package daemon

import (
	"errors"
	"net/http"
	"time"

	"hark/daemon/push"
	"hark/store"
)

const (
	// testsPerMinute is how many test pushes there may be: each rings a phone.
	testsPerMinute = 12
	// testPatience is from when on a test that was not shown is taken for lost.
	testPatience = 20 * time.Second
)

// testPush serves POST /api/push/test and POST /api/devices/{id}/test: a real
// push to this or that device. It answers when the push service has; whether it
// was shown is asked with [Daemon.getTest].
func (d *Daemon) testPush(w http.ResponseWriter, r *http.Request, who caller) error {
	device := who.id
	if r.PathValue("id") != "" {
		device = deviceID(r, who)
	} else if who.kind != "device" {
		return fault("invalid", "Say which device: POST /api/devices/{id}/test.")
	}
	if wait := d.tests.take(device); wait > 0 {
		return &problem{code: "too_many", detail: "So many tests ring nobody. Wait a little.", wait: wait}
	}
	if err := d.db.View(func(tx *store.Tx) error { _, err := tx.Device(device); return err }); err != nil {
		return err
	}
	sent, err := d.push.Test(r.Context(), device)
	if errors.Is(err, store.ErrNotFound) {
		return fault("conflict", "The device has no notifications switched on. Switch them on there, under Settings.")
	} else if err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, sent)
	return nil
}

// tested is how far a test push has come.
type tested struct {
	ID     string                `json:"id"`
	Device string                `json:"device"`
	State  string                `json:"state"`
	Detail string                `json:"detail,omitempty"`
	At     store.Time            `json:"at"`
	Times  map[string]store.Time `json:"times"`
	// Check says the same for people; it has a cure once the test is taken for
	// lost.
	Check push.Check `json:"check"`
}

// getTest serves GET /api/push/test/{id}.
func (d *Daemon) getTest(w http.ResponseWriter, r *http.Request, _ caller) error {
	var out tested
	err := d.db.View(func(tx *store.Tx) error {
		all, err := tx.Deliveries(r.PathValue("id"))
		if err != nil {
			return err
		}
		if len(all) != 1 || all[0].Kind != store.PushTest {
			return store.ErrNotFound
		}
		p := all[0]
		dev, err := tx.Device(p.Device)
		if err != nil {
			return err
		}
		out = tested{p.Message, p.Device, p.State, p.Detail, p.At, p.Times, push.TestCheck(p, dev, testPatience, tx.Now())}
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// pushDoctor serves GET /api/push/doctor: the server's side of the way to the
// device that asks, to ?device=, or, for a token that names none, what all
// devices need.
func (d *Daemon) pushDoctor(w http.ResponseWriter, r *http.Request, who caller) error {
	device := r.URL.Query().Get("device")
	if device == "" && who.kind == "device" {
		device = who.id
	}
	checks, err := d.push.Doctor(r.Context(), device)
	if err != nil {
		return err
	}
	ok := true
	for _, c := range checks {
		ok = ok && c.OK
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": ok, "device": device, "checks": checks})
	return nil
}
