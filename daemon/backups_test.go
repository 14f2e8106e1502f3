package daemon

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/store"
)

// Of nightly backups over a year, the last of each of 7 days and of 4 weeks
// stay, and never fewer than one.
func TestRotation(t *testing.T) {
	var all []BackupFile
	day := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) // a Sunday
	for i := range 365 {
		for _, hour := range []int{0, -1} { // two a day
			all = append(all, BackupFile{Made: store.At(day.AddDate(0, 0, -i).Add(time.Duration(hour) * time.Hour))})
		}
	}
	kept := func(keep Backups) (days []string) {
		gone := map[time.Time]bool{}
		for _, b := range outdated(all, keep, time.UTC) {
			gone[b.Made.Time] = true
		}
		for _, b := range all {
			if !gone[b.Made.Time] {
				days = append(days, b.Made.Format("01-02T15"))
			}
		}
		return days
	}
	if got := strings.Join(kept(Backups{Daily: 7, Weekly: 4}), " "); got != "11-22T03 11-21T03 11-20T03 11-19T03 11-18T03 11-17T03 11-16T03 11-15T03 11-08T03 11-01T03" {
		t.Error(got)
	}
	if got := strings.Join(kept(Backups{}), " "); got != "11-22T03" {
		t.Error(got)
	}
}

// A backup is due at its wall time, also on the days on which the clocks
// change, and at once when the last such time went by without one.
func TestNextBackup(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	keep := Backups{At: "03:00", Daily: 7}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ now, newest, want string }{
		{"2026-11-22 02:00", "2026-11-21 03:00", "2026-11-22 03:00"},
		{"2026-11-22 03:01", "2026-11-22 03:00", "2026-11-23 03:00"},
		{"2026-11-22 12:00", "2026-11-21 03:00", "2026-11-22 12:00"},
		{"2026-10-24 12:00", "2026-10-24 03:00", "2026-10-25 03:00"},
		{"2026-03-28 12:00", "2026-03-28 03:00", "2026-03-29 03:00"},
	} {
		if got := nextBackup(at(c.now), at(c.newest), keep, berlin); !got.Equal(at(c.want)) {
			t.Errorf("at %s after %s: %s, want %s", c.now, c.newest, got, c.want)
		}
	}
	if got := nextBackup(at("2026-11-22 12:00"), time.Time{}, Backups{At: "03:00"}, berlin); !got.IsZero() {
		t.Error("none wanted, but at", got)
	}
}

// The app can make a backup, see it and fetch it; what it fetches is the file.
// Names that are not a backup's lead nowhere.
func TestBackupsOverHTTP(t *testing.T) {
	r := newRig(t, nil)
	r.token("fire")
	var made BackupFile
	resp := r.send("POST", "/api/backups", "")
	if err := json.Unmarshal(resp.Body, &made); err != nil || resp.StatusCode != http.StatusCreated || made.Bytes == 0 {
		t.Fatal(resp.StatusCode, string(resp.Body))
	}
	var list backupsView
	if err := json.Unmarshal(r.send("GET", "/api/backups", "").Body, &list); err != nil || len(list.Backups) != 1 || list.Backups[0] != made || list.Daily != 7 {
		t.Errorf("%+v", list)
	}
	file, err := os.ReadFile(filepath.Join(list.Folder, made.Name))
	if err != nil {
		t.Fatal(err)
	}
	got := r.send("GET", "/api/backups/"+made.Name, "")
	if string(got.Body) != string(file) || !strings.Contains(got.Header.Get("Content-Disposition"), made.Name) {
		t.Error(got.StatusCode, len(got.Body), got.Header)
	}
	for _, name := range []string{"..%2f..%2fhark.toml", "hark.toml", "hark-20260101T000000Z.hark"} {
		if got := r.send("GET", "/api/backups/"+name, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}
