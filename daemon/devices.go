package daemon

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"hark/scheduler"
	"hark/store"
)

// shownDevice says of a device whether it is the one that asks.
type shownDevice struct {
	*store.Device
	Current bool `json:"current,omitempty"`
}

func (d *Daemon) listDevices(w http.ResponseWriter, _ *http.Request, who caller) error {
	out := []shownDevice{}
	err := d.db.View(func(tx *store.Tx) error {
		all, err := tx.Devices()
		for _, v := range all {
			out = append(out, shownDevice{v, who.kind == "device" && v.ID == who.id})
		}
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"devices": out})
	return nil
}

// getDevice takes "me" as the id of the device that asks.
func (d *Daemon) getDevice(w http.ResponseWriter, r *http.Request, who caller) error {
	var v *store.Device
	err := d.db.View(func(tx *store.Tx) (err error) {
		v, err = tx.Device(deviceID(r, who))
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, shownDevice{v, who.kind == "device" && v.ID == who.id})
	return nil
}

func deviceID(r *http.Request, who caller) string {
	if id := r.PathValue("id"); id != "me" || who.kind != "device" {
		return id
	}
	return who.id
}

// deviceInput is what may be changed about a device. What is not there stays.
type deviceInput struct {
	Name    *string         `json:"name"`
	Private *bool           `json:"private"`
	Mutes   *[]string       `json:"mutes"`
	Quiet   json.RawMessage `json:"quiet"` // null: none of its own
}

const maxMutes = 100

func (d *Daemon) patchDevice(w http.ResponseWriter, r *http.Request, who caller) error {
	var in deviceInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var v *store.Device
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if v, err = tx.Device(deviceID(r, who)); err != nil {
			return err
		}
		if changed, err := in.apply(v); err != nil || !changed {
			return err
		}
		return tx.PutDevice(v, "")
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, shownDevice{v, who.kind == "device" && v.ID == who.id})
	return nil
}

// apply puts the input into v, and reports whether there was any.
func (in deviceInput) apply(v *store.Device) (bool, error) {
	if in.Name != nil {
		name := strings.Join(strings.Fields(*in.Name), " ")
		if name == "" || len(name) > maxName {
			return false, fault("invalid", "A device's name has 1 to %d bytes.", maxName)
		}
		v.Name = name
	}
	set(&v.Private, in.Private)
	if in.Mutes != nil {
		if len(*in.Mutes) > maxMutes {
			return false, fault("invalid", "A device may mute %d sources.", maxMutes)
		}
		v.Mutes = nil
		for _, name := range *in.Mutes {
			if name == "" || len(name) > maxName {
				return false, fault("invalid", "mutes are names of sources, of 1 to %d bytes.", maxName)
			}
			v.Mutes = append(v.Mutes, name)
		}
		slices.Sort(v.Mutes)
		v.Mutes = slices.Compact(v.Mutes)
	}
	if in.Quiet != nil {
		var q *store.DeviceQuiet
		if json.Unmarshal(in.Quiet, &q) != nil {
			return false, fault("invalid", `quiet is {"from":"22:00","to":"07:00"}, with a "zone" if it is not the owner's, or null.`)
		}
		if err := checkDeviceQuiet(q); err != nil {
			return false, err
		}
		v.Quiet = q
	}
	return in.Name != nil || in.Private != nil || in.Mutes != nil || in.Quiet != nil, nil
}

func checkDeviceQuiet(q *store.DeviceQuiet) error {
	if q == nil {
		return nil
	}
	if err := scheduler.CheckQuiet(store.Quiet{On: true, From: q.From, To: q.To}); err != nil {
		return fault("invalid", "%s.", capital(err.Error()))
	}
	return checkZone(q.Zone)
}

// deleteDevice revokes a device. Its streams end, and so do its pushes, before
// the answer is given.
func (d *Daemon) deleteDevice(w http.ResponseWriter, r *http.Request, who caller) error {
	id := deviceID(r, who)
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteDevice(id) }); err != nil {
		return err
	}
	d.streams.end(caller{kind: "device", id: id}.key())
	w.WriteHeader(http.StatusNoContent)
	return nil
}
