package daemon

import (
	"net/http"
	"time"

	"hark/store"
)

// healthz says that the process is alive, whatever else it is doing.
func (d *Daemon) healthz(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// readyz says whether work should be sent here: the store is open, turns and
// reminders run, and Hark is not about to end.
func (d *Daemon) readyz(w http.ResponseWriter, _ *http.Request, _ caller) error {
	if d.draining.Load() {
		return &problem{code: "unavailable", detail: "Hark is stopping.", wait: stopWait}
	}
	if !d.running.Load() {
		return &problem{code: "unavailable", detail: "Hark is starting.", wait: time.Second}
	}
	if err := d.db.View(func(*store.Tx) error { return nil }); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

// status tells a person's page about this Hark.
func (d *Daemon) status(w http.ResponseWriter, _ *http.Request, _ caller) error {
	d.background(d.models.look)
	writeJSON(w, http.StatusOK, map[string]any{
		"version":  d.cfg.Version,
		"started":  store.At(d.started),
		"uptime_s": int(time.Since(d.started) / time.Second),
		"url":      d.base(),
		"model":    d.models.status(),
		"streams":  d.streams.number(),
		"storage":  map[string]any{"bytes": d.db.Size(), "nearly_full": d.full.Load()},
	})
	return nil
}
