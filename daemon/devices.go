package daemon

import (
	"net/http"
	"strings"

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

func (d *Daemon) patchDevice(w http.ResponseWriter, r *http.Request, who caller) error {
	var in struct {
		Name *string `json:"name"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var v *store.Device
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if v, err = tx.Device(deviceID(r, who)); err != nil || in.Name == nil {
			return err
		}
		name := strings.Join(strings.Fields(*in.Name), " ")
		if name == "" || len(name) > maxName {
			return fault("invalid", "A device's name has 1 to %d bytes.", maxName)
		}
		v.Name = name
		return tx.PutDevice(v, "")
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, shownDevice{v, who.kind == "device" && v.ID == who.id})
	return nil
}

// deleteDevice revokes a device. Its streams end before the answer is given.
func (d *Daemon) deleteDevice(w http.ResponseWriter, r *http.Request, who caller) error {
	id := deviceID(r, who)
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DeleteDevice(id) }); err != nil {
		return err
	}
	d.streams.end(caller{kind: "device", id: id}.key(), "revoked")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
