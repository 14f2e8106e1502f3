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

// statusView is what a person's page is told about this Hark.
type statusView struct {
	Version     string       `json:"version"`
	Started     store.Time   `json:"started"`
	UptimeS     int          `json:"uptime_s"`
	URL         string       `json:"url"`
	Language    string       `json:"language,omitempty"` // that the owner has chosen
	Model       modelStatus  `json:"model"`
	Streams     int          `json:"streams"`
	Storage     storageView  `json:"storage"`
	Phone       phoneStatus  `json:"phone"`
	Connections []connection `json:"connections,omitempty"` // for who may see the devices
	vitals
}

type storageView struct {
	Bytes      int64  `json:"bytes"`
	FreeBytes  uint64 `json:"free_bytes,omitempty"` // 0: the system does not tell
	NearlyFull bool   `json:"nearly_full"`
}

// status serves how this Hark does.
func (d *Daemon) status(w http.ResponseWriter, _ *http.Request, who caller) error {
	d.background(d.models.look)
	v, err := d.vitals()
	if err != nil {
		return err
	}
	set, err := d.loadSettings()
	if err != nil {
		return err
	}
	out := statusView{
		Version: d.cfg.Version, Started: store.At(d.started), UptimeS: int(time.Since(d.started) / time.Second), URL: d.base(),
		Language: set.Language, Model: d.using(set), Streams: d.streams.number(), vitals: v,
		Storage: storageView{Bytes: d.db.Size(), NearlyFull: d.full.Load()},
		Phone:   d.phone.status(),
	}
	if free, err := d.freeSpace(d.cfg.Data); err == nil {
		out.Storage.FreeBytes = free
	}
	if who.may(isOwner) {
		if out.Connections, err = d.connections(); err != nil {
			return err
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
