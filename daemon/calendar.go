package daemon

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"time"

	"hark/scheduler"
	"hark/store"
)

const (
	calendarType = "text/calendar; charset=utf-8"
	calendarPath = "/cal/"
	// importAtOnce is how many imported reminders share one transaction.
	importAtOnce = 50
)

// importReminders takes a calendar file and makes reminders of its entries.
func (d *Daemon) importReminders(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := d.room(); err != nil {
		return err
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	where, err := time.LoadLocation(d.zone())
	if err != nil {
		where = time.UTC
	}
	read, skipped, err := scheduler.Import(body, where, time.Now())
	if err != nil {
		return fault("invalid", "%s.", capital(strings.TrimRight(err.Error(), ".")))
	}
	skipped = append([]scheduler.Skipped{}, skipped...)
	here, err := d.imported()
	if err != nil {
		return err
	}
	imported := []*store.Reminder{}
	for len(read) > 0 {
		n := min(len(read), importAtOnce)
		in, out, err := d.takeIn(read[:n], here)
		if err != nil {
			return err
		}
		imported, skipped, read = append(imported, in...), append(skipped, out...), read[n:]
	}
	d.due.Kick()
	writeJSON(w, http.StatusOK, map[string]any{"imported": imported, "skipped": skipped})
	return nil
}

// imported names the calendar entries that are reminders already.
func (d *Daemon) imported() (here map[string]bool, err error) {
	here = map[string]bool{}
	err = d.db.View(func(tx *store.Tx) error {
		all, err := tx.Reminders()
		for _, v := range all {
			here[v.UID+"\x00"+v.Schedule] = true
			here[v.ID+"@hark\x00"+v.Schedule] = true // one of ours that was exported
		}
		return err
	})
	return here, err
}

// takeIn writes imported reminders, but those that are here already.
func (d *Daemon) takeIn(rs []*store.Reminder, here map[string]bool) (in []*store.Reminder, out []scheduler.Skipped, err error) {
	err = d.db.Update(func(tx *store.Tx) error {
		for _, v := range rs {
			key := v.UID + "\x00" + v.Schedule
			if v.UID != "" && here[key] {
				out = append(out, scheduler.Skipped{Summary: v.Text, Why: "it is here already"})
				continue
			}
			here[key] = true
			v.ID = tx.NewID()
			if err := scheduler.Put(tx, v, localZone()); isStoreError(err) {
				return err
			} else if err != nil {
				out = append(out, scheduler.Skipped{Summary: v.Text, Why: err.Error()})
				continue
			}
			in = append(in, v)
		}
		return nil
	})
	return in, out, err
}

// exportReminders serves the active reminders as a calendar file.
func (d *Daemon) exportReminders(w http.ResponseWriter, _ *http.Request, _ caller) error {
	w.Header().Set("Content-Disposition", `attachment; filename="hark.ics"`)
	return d.writeCalendar(w)
}

func (d *Daemon) writeCalendar(w http.ResponseWriter) error {
	var rs []*store.Reminder
	err := d.db.View(func(tx *store.Tx) (err error) {
		rs, err = tx.Reminders()
		return err
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := scheduler.Export(&b, rs, time.Now()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", calendarType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // who does not read it needs no other one
	return nil
}

// makeFeed gives the caller an address at which a calendar program can read the
// reminders. An earlier address of the same caller ends.
func (d *Daemon) makeFeed(w http.ResponseWriter, _ *http.Request, who caller) error {
	secret := store.NewSecret("")
	err := d.db.Update(func(tx *store.Tx) error { return tx.SetCalendar(who.key(), secret) })
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"url": d.base() + calendarPath + secret + ".ics"})
	return nil
}

// dropFeed ends the caller's address.
func (d *Daemon) dropFeed(w http.ResponseWriter, _ *http.Request, who caller) error {
	if err := d.db.Update(func(tx *store.Tx) error { return tx.DropCalendar(who.key()) }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// calendar serves GET /cal/{secret}.ics, for programs that can send no header.
// The address lives as long as the device or token that asked for it.
func (d *Daemon) calendar(w http.ResponseWriter, r *http.Request, _ caller) error {
	secret, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	err := d.db.View(func(tx *store.Tx) error {
		owner, err := tx.CalendarOf(secret)
		if err != nil {
			return err
		}
		return ownerExists(tx, owner)
	})
	if !ok || errors.Is(err, store.ErrNotFound) {
		if wait := d.wrong.take(addressOf(r)); wait > 0 {
			return &problem{code: "too_many", detail: "Too many wrong addresses were asked for. Wait a little.", wait: wait}
		}
		return fault("not_found", "This calendar address is not known. It may have been replaced: make a new one in Hark, under Reminders.")
	} else if err != nil {
		return err
	}
	return d.writeCalendar(w)
}

// ownerExists is ErrNotFound where the device or token was revoked. The command
// line on this machine is always there.
func ownerExists(tx *store.Tx, owner string) error {
	kind, id, _ := strings.Cut(owner, "/")
	if owner == (caller{kind: "token", id: "local"}).key() {
		return nil
	}
	var err error
	if kind == "device" {
		_, err = tx.Device(id)
	} else {
		_, err = tx.Token(id)
	}
	return err
}
