//go:build unix

package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hark/store"
)

// What others may do in the data folder is found, and whose it is.
func TestDoctorOfRights(t *testing.T) {
	cfg := stoppedRig(t)
	if err := os.Chmod(cfg.Data, 0o777); err != nil {
		t.Fatal(err)
	}
	if c := find(t, ExamineStopped(cfg), "folder"); c.OK || c.Cure != "chmod 700 "+cfg.Data {
		t.Errorf("%+v", c)
	}
	if err := os.Chmod(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // who else may give files away
		if err := os.Chown(cfg.storeDir(), 12345, -1); err != nil {
			t.Fatal(err)
		}
		if c := find(t, ExamineStopped(cfg), "folder"); c.OK || !strings.Contains(c.Cure, "chown") {
			t.Errorf("%+v", c)
		}
		if err := os.Chown(cfg.Data, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if _, err := BackUp(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Error(err)
		}
	}
}

// What root restores into a service's folder, that service can open.
func TestRestoredBelongsToTheFoldersUser(t *testing.T) {
	cfg := stoppedRig(t)
	made, err := BackUp(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	user := os.Geteuid()
	if user == 0 {
		user = 12345
		if err := os.Chown(cfg.Data, user, user); err != nil {
			t.Fatal(err)
		}
	}
	_, aside, err := RestoreBackup(cfg, made.Path)
	if err != nil || aside == "" {
		t.Fatal(aside, err)
	}
	files, err := os.ReadDir(cfg.storeDir())
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if owner, err := ownerOf(filepath.Join(cfg.storeDir(), f.Name())); err != nil || owner != user {
			t.Errorf("%s is of user %d: %v", f.Name(), owner, err)
		}
	}
	for _, part := range []string{cfg.storeDir(), store.WitnessPath(cfg.storeDir())} {
		if owner, err := ownerOf(part); err != nil || owner != user {
			t.Errorf("%s is of user %d: %v", part, owner, err)
		}
	}
}
