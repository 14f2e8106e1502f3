package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/daemon/push"
	"hark/store"
)

// A backup that is older than this is a fault, and so is a clock that is so far
// behind the last change.
const (
	oldBackup = 49 * time.Hour
	clockLag  = 2 * time.Minute
)

// healthCheck is one line of the doctor: all is well with it, or Cure says what
// to do.
type healthCheck = push.Check

func well(name, format string, a ...any) healthCheck {
	return healthCheck{Name: name, OK: true, Say: fmt.Sprintf(format, a...)}
}

func unwell(name, cure, format string, a ...any) healthCheck {
	return healthCheck{Name: name, Cure: cure, Say: fmt.Sprintf(format, a...)}
}

// doctor serves GET /api/doctor: it looks at everything this Hark depends on.
// With ?model=no it does not ask the model, which costs.
func (d *Daemon) doctor(w http.ResponseWriter, r *http.Request, _ caller) error {
	patient(w)
	ctx := r.Context()
	checks := []healthCheck{d.storeCheck(), d.backupCheck(), d.diskCheck(), d.clockCheck()}
	if r.URL.Query().Get("model") != "no" {
		checks = append(checks, d.modelCheck(ctx))
	}
	checks = append(checks, d.pushCheck(ctx), d.tlsCheck())
	ok := true
	for _, c := range checks {
		ok = ok && c.OK
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": ok, "checks": checks})
	return nil
}

func (d *Daemon) storeCheck() healthCheck {
	err := d.db.View(func(tx *store.Tx) error {
		_, err := tx.Conversations()
		return err
	})
	if err != nil {
		return unwell("store", "Start Hark again: it then reads all of the store, and takes the newest backup if it is damaged.", "The store can't be read: %s.", trimmed(err))
	}
	return well("store", "The store can be read: %s changes, %.1f MB.", thousands(uint64(d.db.Head().Seq)), float64(d.db.Size())/1e6)
}

func (d *Daemon) backupCheck() healthCheck {
	const cure = "Make one with `hark backup`, and read what it says."
	state := d.keeper.change(func(*backupState) {})
	all := listBackups(d.cfg.backupDir(), d.log)
	manual := d.cfg.Backup.Daily+d.cfg.Backup.Weekly == 0
	switch {
	case state.problem != "":
		return unwell("backups", cure, "%s", state.problem)
	case len(all) == 0 && manual:
		return unwell("backups", "Make one with `hark backup`, or set backup.daily in hark.toml.", "There is no backup, and none is made by itself.")
	case len(all) == 0 && time.Since(d.started) < time.Hour:
		return well("backups", "There is no backup yet; the first is made within minutes of the start.")
	case len(all) == 0:
		return unwell("backups", cure, "There is no backup in %s.", d.cfg.backupDir())
	}
	age := time.Since(all[0].Made.Time).Round(time.Minute)
	if age > oldBackup && !manual && time.Since(d.started) > time.Hour {
		return unwell("backups", cure, "The newest backup is of %s.", all[0].Made.In(d.wall()).Format("2 January 15:04"))
	}
	return well("backups", "%s; the newest is of %s.", count(len(all), "backup"), all[0].Made.In(d.wall()).Format("2 January 15:04"))
}

func (d *Daemon) diskCheck() healthCheck {
	free, err := d.freeSpace(d.cfg.Data)
	return roomCheck(free, err, uint64(max(d.db.Size(), 0)))
}

// roomCheck says whether there is room for the store to live in.
func roomCheck(free uint64, unknown error, size uint64) healthCheck {
	if unknown != nil {
		return well("disk", "The system does not tell how much room there is.")
	}
	const cure = "Make room on the disk with the data folder, or move the folder to a larger one."
	say := fmt.Sprintf("%.1f GB are free.", float64(free)/1e9)
	switch need := uint64(leastFree); {
	case free < need:
		return unwell("disk", cure, "%s Hark refuses changes.", say)
	case free < need+2*size:
		return unwell("disk", cure, "%s That is too little to make a backup of the store and to verify it.", say)
	}
	return well("disk", "%s", say)
}

// clockCheck finds a clock that was set back: what is written then would sort
// before what is there, and reminders would come late.
func (d *Daemon) clockCheck() healthCheck {
	last := time.Time{}
	if err := d.db.View(func(tx *store.Tx) error {
		cs, err := tx.Conversations()
		for _, c := range cs {
			if c.Updated.After(last) {
				last = c.Updated.Time
			}
		}
		return err
	}); err != nil {
		return unwell("clock", "See store.", "Not known: the store can't be read.")
	}
	return clockAgainst(time.Now(), last, d.wall())
}

func clockAgainst(now, last time.Time, zone *time.Location) healthCheck {
	const cure = "Have the machine set its clock by the network (timedatectl set-ntp true)."
	if last.Sub(now) > clockLag {
		return unwell("clock", cure, "The clock says %s, and the last change was made at %s.", now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339))
	}
	return well("clock", "The clock says %s.", now.In(zone).Format("2 January 2006, 15:04 MST"))
}

func (d *Daemon) modelCheck(ctx context.Context) healthCheck {
	set, err := d.loadSettings()
	if err != nil {
		return unwell("model", "See store.", "Not known: the settings can't be read.")
	}
	d.models.look(ctx)
	m := d.models.answering(set, "")
	if m.IsZero() {
		return well("model", "%s", d.models.say())
	}
	got, err := agent.Try(ctx, m)
	told := (*agent.Error)(nil)
	switch {
	case errors.As(err, &told):
		return unwell("model", "Look at the model server, or choose another model under Settings, Models.", "%s", told.Detail)
	case err != nil:
		return unwell("model", "Look at the model server, or choose another model under Settings, Models.", "%s.", trimmed(err))
	}
	return well("model", "%s answered within %s.", got.Model, got.Took.Round(100*time.Millisecond))
}

// pushCheck is the short form of what `hark doctor push` finds. That no device
// wants notifications is no fault.
func (d *Daemon) pushCheck(ctx context.Context) healthCheck {
	checks, err := d.push.Doctor(ctx, "")
	if err != nil {
		return unwell("push", "See store.", "Not known: %s.", trimmed(err))
	}
	say := "Notifications can be sent."
	for _, c := range checks {
		switch {
		case !c.OK && c.Name == "subscription":
			say = c.Say
		case !c.OK:
			return unwell("push", c.Cure, "%s", c.Say)
		case c.Name == "subscription":
			say = c.Say
		}
	}
	devices, err := d.unreached()
	if err != nil {
		return unwell("push", "See store.", "Not known: %s.", trimmed(err))
	}
	if len(devices) > 0 {
		return unwell("push", "Run `hark doctor push`, which finds the broken link.", "Notifications don't reach %s.", strings.Join(devices, ", "))
	}
	return well("push", "%s", say)
}

// unreached lists the devices whose notifications get lost, by name.
func (d *Daemon) unreached() (names []string, err error) {
	err = d.db.View(func(tx *store.Tx) error {
		all, err := tx.Devices()
		for _, v := range all {
			if v.Push != nil && (v.Push.State == store.PushSilent || v.Push.State == store.PushMisconfigured) {
				names = append(names, v.Name)
			}
		}
		return err
	})
	return names, err
}

func (d *Daemon) tlsCheck() healthCheck {
	for _, p := range d.phone.problems() {
		return unwell("tls", "Settings, On your phone, shows the way.", "%s", p.Error())
	}
	if origin := d.phone.origin(); origin != "" {
		return well("tls", "Other devices come in by %s.", origin)
	}
	return well("tls", "HTTPS for other devices is not set up; only this machine comes in.")
}

// trimmed is an error as part of a sentence.
func trimmed(err error) string { return strings.TrimRight(err.Error(), ". ") }

// thousands writes 1234567 as 1,234,567.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
