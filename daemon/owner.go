package daemon

import (
	"net/http"

	"hark/scheduler"
	"hark/store"
)

// zone is where the owner is now, as the settings say, or the machine's zone.
func (d *Daemon) zone() string {
	if z := d.owner.Load(); z != nil && *z != "" {
		return *z
	}
	return localZone()
}

// getSettings serves the owner's choices.
func (d *Daemon) getSettings(w http.ResponseWriter, _ *http.Request, _ caller) error {
	s, err := d.loadSettings()
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, d.settingsAnswer(s))
	return nil
}

func (d *Daemon) loadSettings() (s store.Settings, err error) {
	err = d.db.View(func(tx *store.Tx) (err error) {
		s, err = tx.Settings()
		return err
	})
	return s, err
}

// maxEscalate is a day: what nobody has looked at by then is not urgent.
const maxEscalate = 24 * 60

// putSettings changes what the body names and keeps the rest, so that an older
// app does not undo what it does not know.
func (d *Daemon) putSettings(w http.ResponseWriter, r *http.Request, who caller) error {
	var in struct {
		Zone  *string `json:"zone"`
		Quiet *struct {
			On   *bool   `json:"on"`
			From *string `json:"from"`
			To   *string `json:"to"`
		} `json:"quiet"`
		Private  *bool `json:"private"`
		Escalate *int  `json:"escalate_min"`
		modelsInput
		ownerInput
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Zone != nil {
		if err := checkZone(*in.Zone); err != nil {
			return err
		}
	}
	if in.Escalate != nil && (*in.Escalate < 0 || *in.Escalate > maxEscalate) {
		return fault("invalid", "escalate_min is a number of minutes up to %d; 0 is never.", maxEscalate)
	}
	owners := in.Private != nil || in.Escalate != nil || in.modelsInput.any() || in.ownerInput.any()
	if owners && !who.may(isOwner) {
		return fault("forbidden", "Here a token of scope chat sets zone and quiet. All else, such as private and escalate_min, a paired device sets, or a token of scope admin.")
	}
	var s store.Settings
	err := d.db.Update(func(tx *store.Tx) (err error) {
		if s, err = tx.Settings(); err != nil {
			return err
		}
		set(&s.Zone, in.Zone)
		set(&s.Private, in.Private)
		set(&s.Escalate, in.Escalate)
		if q := in.Quiet; q != nil {
			set(&s.Quiet.On, q.On)
			set(&s.Quiet.From, q.From)
			set(&s.Quiet.To, q.To)
		}
		if err := scheduler.CheckQuiet(s.Quiet); err != nil {
			return fault("invalid", "%s.", capital(err.Error()))
		}
		if err := in.modelsInput.apply(tx, &s); err != nil {
			return err
		}
		if err := in.ownerInput.apply(&s); err != nil {
			return err
		}
		return tx.PutSettings(s)
	})
	if err != nil {
		return err
	}
	d.owner.Store(&s.Zone)
	d.due.Replan()
	writeJSON(w, http.StatusOK, d.settingsAnswer(s))
	return nil
}
